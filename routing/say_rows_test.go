package routing

type sayRow struct {
	check  Check
	zh, en string
}

// sayRows are a row and more for every fact, in both languages.
func sayRows() []sayRow {
	return append(append(matchRows(), stepRows()...), floorRows()...)
}

func matchRows() []sayRow {
	return []sayRow{
		{
			Check{"未成年人选项", FactKey, "6", "6", true},
			"“未成年人选项”只接按 6 的来电；来电人按了 6，符合",
			"“未成年人选项” takes calls with the key 6; the caller pressed 6: yes",
		},
		{
			Check{"选项", FactKey, "6 | 21", "", false},
			"“选项”只接按 6 或 2、1 的来电；来电人没有按键，不符合",
			"“选项” takes calls with the key 6 or 2, 1; the caller pressed no key: no",
		},
		{
			Check{"延边", FactRegion, "222400 | 220400", "220100", false},
			"“延边”只接延边朝鲜族自治州或辽源市的来电；这通是长春市的，不符合",
			"“延边” takes calls of 延边朝鲜族自治州 (222400) or 辽源市 (220400); this one is of 长春市 (220100): no",
		},
		{
			Check{"专线", FactDialled, "12345 | 12355", "12345", true},
			"“专线”只接拨打 12345 或 12355 的来电；这通拨的是 12345，符合",
			"“专线” takes calls to 12345 or 12355; this one is to 12345: yes",
		},
		{
			Check{"专线", FactTrunk, "yanbian-1", "", false},
			"“专线”只接从中继线 yanbian-1 进来的来电；这通没有说明从哪条中继线进来，不符合",
			"“专线” takes calls by the trunk yanbian-1; nothing says by which trunk this one came: no",
		},
		{
			Check{"朝鲜语", FactLanguage, "ko", "ko", true},
			"“朝鲜语”只接选了朝鲜语的来电；来电人选了朝鲜语，符合",
			"“朝鲜语” takes calls for which Korean was chosen; the caller chose Korean: yes",
		},
		{
			Check{"未成年人选项", FactIntent, "minors", "general", false},
			"“未成年人选项”只接来意是 minors 的来电；这通的来意是 general，不符合",
			"“未成年人选项” takes calls with the intent minors; the intent of this one is general: no",
		},
		{
			Check{"没有选择", FactMissed, "silence | wrong", "silence", true},
			"“没有选择”只接没有按键或按了菜单里没有的键的来电；来电人没有按键，符合",
			"“没有选择” takes calls with no key or a key that the menu has not; the caller came with no key: yes",
		},
		{
			Check{"没有选择", FactMissed, "silence", "", false},
			"“没有选择”只接没有按键的来电；来电人按了菜单里的键，不符合",
			"“没有选择” takes calls with no key; the caller pressed a key of the menu: no",
		},
		{
			Check{"夜里", FactHours, "夜间 | 春节", "夜间", true},
			"“夜里”只接“夜间”或“春节”时段的来电；现在是“夜间”，符合",
			"“夜里” takes calls in the hours “夜间” or “春节”; it is “夜间” now: yes",
		},
		{
			Check{"夜里", FactHours, "夜间", "", false},
			"“夜里”只接“夜间”时段的来电；现在不是，不符合",
			"“夜里” takes calls in the hours “夜间”; it is none of them now: no",
		},
		{
			Check{"再次来电", FactRepeat, "lost", "lost", true},
			"“再次来电”只接半小时内打来过、没等到人接的来电；这位半小时内打来过、没等到人接，符合",
			"“再次来电” takes calls of whoever was lost in line within the last half hour; this caller was lost in line within the last half hour: yes",
		},
		{
			Check{"再次来电", FactRepeat, "lost", "", false},
			"“再次来电”只接半小时内打来过、没等到人接的来电；这位半小时内没有打来过，或者已经有人接过，不符合",
			"“再次来电” takes calls of whoever was lost in line within the last half hour; this caller was not lost in line within the last half hour: no",
		},
		{
			Check{"要留心的", FactRisk, "flagged", "", false},
			"“要留心的”只接班长标记过的号码的来电；这个号码没有被标记，不符合",
			"“要留心的” takes calls from a number that a supervisor has marked; no supervisor has marked this number: no",
		},
		{
			Check{"全省", FactOthers, "10000", "9990", true},
			"“全省”下面的 10000 条例外里，有 9990 条不可能符合，没有逐条去问",
			"9990 of the 10000 exceptions below “全省” can not match and were not asked one by one",
		},
	}
}

func stepRows() []sayRow {
	return []sayRow{
		{
			Check{"222400", FactStep, "queue:region", "queue:yanbian", true},
			"找人的范围：本市（州）坐席，在延边朝鲜族自治州就是延边未保专席，一开始就找",
			"the search: the city's own seats, which in 延边朝鲜族自治州 (222400) is the seats of 延边未保专席; from the start",
		},
		{
			Check{"220400", FactStep, "queue:region", "", false},
			"找人的范围：本市（州）坐席，辽源市没有，跳过",
			"the search: the city's own seats; 辽源市 (220400) has none, left out",
		},
		{
			Check{"222400", FactStep, "queue:neighbours after 10s or 1.5 a seat", "queue:neighbours after 10s or 1.5 a seat", true},
			"找人的范围：邻市坐席，延边朝鲜族自治州的邻市是长春未保专席，10 秒后还没有人接就找；前面的坐席平均每人有超过 1.5 人在等时提前",
			"the search: the seats of the cities beside it, which beside 延边朝鲜族自治州 (222400) are those of 长春未保专席; after 10 s without an answer, earlier when more than 1.5 wait for each seat before",
		},
		{
			Check{"222400", FactStep, "pool:east [ko] [psychology] after 1m20s", "pool:east [ko] [psychology] after 1m20s", true},
			"找人的范围：“east”的坐席（延边未保专席、长春未保专席）（会说朝鲜语、有 psychology 技能的），1 分钟 20 秒后还没有人接就找",
			"the search: the seats of “east” (延边未保专席, 长春未保专席) (who speak Korean, with the skill psychology); after 1 min 20 s without an answer",
		},
		{
			Check{"222400", FactStep, "duty:region after 40s", "duty:222400 after 40s", true},
			"找人的范围：本地值班员，在延边朝鲜族自治州就是延边朝鲜族自治州值班员，40 秒后还没有人接就找",
			"the search: the duty officer of the place, which in 延边朝鲜族自治州 (222400) is the duty officer of 延边朝鲜族自治州 (222400); after 40 s without an answer",
		},
		{
			Check{"222400", FactStep, "number:13900000433", "number:13900000433", true},
			"找人的范围：电话 139****0433，一开始就找",
			"the search: telephone 139****0433; from the start",
		},
		{
			Check{"222400", FactStep, "what is this", "", false},
			"找人的范围：what is this",
			"the search: what is this",
		},
		{
			Check{"queue:untitled", FactAfter, "0s", "0s", true},
			"马上找untitled",
			"at once: the seats of untitled",
		},
		{
			Check{"agent:1001", FactAfter, "20s", "20s", true},
			"等了 20 秒还没有人接，再找坐席 1001",
			"nobody has answered for 20 s: now also seat 1001",
		},
		{
			Check{"110", FactAfter, "40s", "20s", false},
			"等到 40 秒才找孩子所在地的 110，现在等了 20 秒",
			"110 of the place where the child is only after 40 s, and it has been 20 s",
		},
		{
			Check{"queue:province", FactLoad, "0", "1/0", true},
			"前面没有坐席在岗，不用等，马上找省级未保坐席",
			"no seat is there before, so nothing is waited for: the seats of 省级未保坐席 at once",
		},
		{
			Check{"queue:province", FactLoad, "2", "5/2", true},
			"连同这位共有 5 人在等前面的 2 个坐席，平均每人超过 2 人，提前找省级未保坐席",
			"5 callers, this one too, wait for the 2 seat(s) before, more than 2 for each: the seats of 省级未保坐席 before its time",
		},
	}
}

func floorRows() []sayRow {
	return []sayRow{
		{
			Check{"changchun, province", FactLoad, "0", "1/0", false},
			"长春未保专席、省级未保坐席没有能接的坐席",
			"there is no seat that could serve 长春未保专席, 省级未保坐席",
		},
		{
			Check{"", FactLoad, "0", "1/0", false},
			"要找的那位坐席不在",
			"the one seat that is wanted is not there",
		},
		{
			Check{"trunk", FactOrigin, "yanbian-1", "222400", true},
			"从中继线 yanbian-1 进来，这条线只走延边朝鲜族自治州的来电",
			"it came by the trunk yanbian-1, which carries calls of 延边朝鲜族自治州 (222400) only",
		},
		{
			Check{"header", FactOrigin, "222400", "222400", true},
			"来话的线路说明是延边朝鲜族自治州的来电",
			"the line that brought it says that it is of 延边朝鲜族自治州 (222400)",
		},
		{
			Check{"header", FactOrigin, "222404", "222400", true},
			"来话的线路说明是珲春市的来电，属于延边朝鲜族自治州",
			"the line that brought it says that it is of 珲春市 (222404), which belongs to 延边朝鲜族自治州 (222400)",
		},
		{
			Check{"dialled", FactOrigin, "043112345", "220100", true},
			"拨的是 043112345，这个区号是长春市的",
			"043112345 was dialled, whose area code is that of 长春市 (220100)",
		},
		{
			Check{"home", FactOrigin, "", "220100", true},
			"没有说明从哪里来，按长春市处理",
			"nothing says from where it came, so it counts as one of 长春市 (220100)",
		},
		{
			Check{"T1", FactPlace, "", "3", true},
			"这位来电人排在第 3 位",
			"this caller is number 3 in line",
		},
		{
			Check{"T1", FactPlace, "", "0", false},
			"这位来电人不在排队",
			"this caller is not in line",
		},
		{
			Check{"T1", FactOrder, "40", "1m20s", true},
			"按顺序轮到这位来电人：优先级 40，已经等了 1 分钟 20 秒",
			"it is this caller's turn: priority 40, waiting for 1 min 20 s",
		},
		{
			Check{"seat 1001", FactIdle, "yanbian", "3m0s", true},
			"坐席 1001 在“延边未保专席”里空闲最久：3 分钟",
			"seat 1001 has been free longest in “延边未保专席”: 3 min",
		},
		{
			Check{"seat 1001", FactPrefer, "yanbian", "", true},
			"坐席 1001 上次和这位来电人谈过",
			"seat 1001 talked with this caller the last time",
		},
		{
			Check{"seat 1001", FactOnly, "", "", true},
			"只有坐席 1001 能接这位来电人",
			"this caller waits for seat 1001 only",
		},
		{
			Check{"seat 1001", FactCalls, "yanbian", "2", true},
			"坐席 1001 在“延边未保专席”里这一班接得最少：2 通",
			"seat 1001 has had the fewest talks of its shift in “延边未保专席”: 2",
		},
		{
			Check{"seat 1001", FactFirst, "yanbian", "1001", true},
			"坐席 1001 在“延边未保专席”空闲的坐席里编号最小",
			"seat 1001 has the smallest number of those that are free in “延边未保专席”",
		},
		{
			Check{"seat 1001", FactRound, "yanbian", "2m0s", true},
			"坐席 1001 在“延边未保专席”里轮到了：上次响铃是 2 分钟前",
			"it is the turn of seat 1001 in “延边未保专席”: last rung 2 min ago",
		},
		{
			Check{"全省", FactUrgent, "", "75", true},
			"按键要马上找人：排到前面（75），有坐席的各步同时开始",
			"the key for a person now: to the front (75), all steps with seats at once",
		},
		{
			Check{"seat 1001", FactSeat, "", "", true},
			"坐席 1001 现在可以接",
			"seat 1001 can take a call now",
		},
		{
			Check{"seat 1001", FactSeat, "", SeatUnreachable, false},
			"坐席 1001 的话机没有连上",
			"seat 1001 has no telephone that can be reached",
		},
		{
			Check{"seat 1001", FactSeat, "", SeatNoDesk, false},
			"坐席 1001 的坐席桌面没有响应",
			"seat 1001 has a desk that does not answer",
		},
		{
			Check{"seat 1001", FactSeat, "", "wrapping", false},
			"坐席 1001 正在做话后整理",
			"seat 1001 is wrapping up after a talk",
		},
		{
			Check{"seat 1001", FactSeat, "8s", "wrapping", false},
			"坐席 1001 正在做话后整理，约 8 秒后空闲",
			"seat 1001 is wrapping up after a talk and is free again in about 8 s",
		},
		{
			Check{"seat 1001", FactSeat, "", "on the moon", false},
			"坐席 1001 现在不能接：on the moon",
			"seat 1001 can not take a call now: on the moon",
		},
	}
}
