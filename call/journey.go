package call

// Words is what an entry's code says to people. The codes are queue_log's
// where they mean the same.
func (e Entry) Words() string {
	switch e.What {
	case "ARRIVE":
		return "来电"
	case "RESUME":
		return "网关重启后接管"
	case "KEY":
		return "按键"
	case "SILENCE":
		return "未按键"
	case "ROUTE":
		return "选定路由"
	case "STEP":
		return "开始寻找"
	case "DIAL":
		return "呼叫"
	case "RING":
		return "振铃"
	case "PICK":
		return "应答"
	case "CONNECT":
		return "与来电人接通"
	case "LEAVE":
		return "离开"
	case "ABANDON":
		return "来电人未等到人接听即挂断"
	case "PART":
		return "接听人结束通话，请来电人如需帮助不要挂断"
	case "HANGUP":
		return "坐席结束通话"
	case "END":
		return "结束"
	}
	return e.transferWords()
}

// transferWords are those of transfers and of what goes wrong.
func (e Entry) transferWords() string {
	switch e.What {
	case "TRANSFER":
		return "请求转接"
	case "FILED":
		return "报备已落盘"
	case "BRIEFING":
		return "坐席与对方私下沟通，有人陪伴来电人"
	case "INTRODUCED":
		return "三方通话"
	case "HANDED":
		return "已移交"
	case "TRANSFEROVER":
		return "转接结束"
	case "SUMMON":
		return "呼叫班长席"
	case "NOHELP":
		return "没有可用的班长席"
	case "TAKEOVER":
		return "接替坐席"
	case "RESCUE":
		return "为来电人另找接听人"
	case "CONTACT":
		return "登记待联系"
	case "CALLBACKASKED":
		return "登记回拨"
	case "OWED":
		return "准备呼出"
	case "CONFIRM":
		return "对方确认，与坐席接通"
	case "UNREACHED":
		return "呼出未接通"
	case "RECPAUSE":
		return "录音暂停（静音）"
	case "RECRESUME":
		return "录音恢复"
	case "RECMOVED":
		return "录音改存到另一个目录"
	case "UNSAFE":
		return "来电人说不能回拨"
	case "FAULT":
		return "故障"
	}
	return e.What
}
