package cti

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"weibao/routing"
)

func apiRegions() routing.Regions {
	return routing.NewRegions([]routing.Region{
		{Code: "220000", Name: "吉林省"},
		{Code: "220100", Name: "长春市", Parent: "220000"},
		{Code: "220104", Name: "朝阳区", Parent: "220100"},
		{Code: "222400", Name: "延边州", Parent: "220000"},
	})
}

// apiRotas are a post with one duty mobile and a post with people and shifts.
func apiRotas() routing.Rotas {
	return routing.NewRotas(routing.AllDay("220100", "长春值班", "13800000011"), routing.NewRota(routing.Post{
		Code: "222400", Name: "延边值班",
		Officers: []routing.Officer{
			{ID: "jin.yongzhe", Name: "金永哲", Numbers: []string{"13800000021"}},
			{ID: "piao.minghua", Name: "朴明花", Numbers: []string{"13800000022"}},
			{ID: "cui.xiang", Name: "崔香", Numbers: []string{"13800000023"}},
		},
		Shifts: []routing.Shift{
			{Name: "白班", From: 8 * 60, To: 20 * 60, Team: []routing.OfficerID{"jin.yongzhe"}},
			{Name: "夜班", From: 20 * 60, To: 8 * 60, Team: []routing.OfficerID{"piao.minghua"}},
		},
	}, routing.Calendar{}))
}

// shiftIn is the body of an override of a night so many days from now.
func shiftIn(days int, rest string) string {
	from := time.Now().In(routing.Beijing()).AddDate(0, 0, days)
	night := time.Date(from.Year(), from.Month(), from.Day(), 20, 0, 0, 0, routing.Beijing())
	return fmt.Sprintf(`{"from":%q,"to":%q,%s}`, night.Format("2006-01-02T15:04Z07:00"), night.Add(12*time.Hour).Format(time.RFC3339), rest)
}

// stood is what an answer says of its override.
func stood(reply map[string]any) string {
	o, _ := reply["override"].(map[string]any)
	words := fmt.Sprint(o["state"])
	steps, _ := o["steps"].([]any)
	for _, one := range steps {
		step := one.(map[string]any)
		words += fmt.Sprint(", ", step["state"], " by ", step["by"])
	}
	return words
}

func idOf(reply map[string]any) string {
	o, _ := reply["override"].(map[string]any)
	id, _ := o["id"].(string)
	return id
}

func TestSeatAsksAndASupervisorApprovesWhoeverIsOnDuty(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	body := shiftIn(1, `"out":"piao.minghua","in":{"id":"cui.xiang"},"why":"孩子发烧"`)
	asked := s.wants(http.StatusOK, "1002", "POST /api/v1/rota/222400/override", body)
	if got := stood(asked); got != "asked, asked by 1002 王芳" || asked["shared"] != true || asked["message"] != "" {
		t.Errorf("asked: %s, %v", got, asked)
	}
	id := idOf(asked)
	if again := s.wants(http.StatusOK, "1002", "POST /api/v1/rota/222400/override", body); idOf(again) != id {
		t.Errorf("the same wish again is another: %s and %s", id, idOf(again))
	}
	tomorrow := time.Now().In(routing.Beijing()).AddDate(0, 0, 1).Format(time.DateOnly) + "T23:00%2B08:00"
	on := func() map[string]any {
		return s.wants(http.StatusOK, "1001", "GET /api/v1/rota/222400/on?at="+tomorrow, "")
	}
	if duty := on(); duty["shift"] != "夜班" || duty["override"] != "" || duty["officers"].([]any)[0].(map[string]any)["name"] != "朴明花" {
		t.Errorf("before it is approved: %v", duty)
	}
	path := "POST /api/v1/rota/overrides/" + id
	s.wants(http.StatusForbidden, "1002", path+"/approve", "")
	s.wants(http.StatusForbidden, "1001", path+"/withdraw", "") // another's
	if got := stood(s.wants(http.StatusOK, "1001", path+"/accept", "")); !strings.HasSuffix(got, "accepted by 1001 李娜") {
		t.Errorf("accepted: %s", got)
	}
	s.wants(http.StatusOK, "1019", path+"/approve", "")
	duty := on()
	why := fmt.Sprint(duty["why"])
	if duty["override"] != id || duty["officers"].([]any)[0].(map[string]any)["name"] != "崔香" || duty["numbers"].([]any)[0] != "138****0023" {
		t.Errorf("after it is approved: %v", duty)
	}
	if !strings.Contains(why, "崔香替朴明花：孩子发烧") || !strings.Contains(why, id) {
		t.Errorf("why: %s", why)
	}
	s.wants(http.StatusOK, "1002", path+"/withdraw", "") // who asked
	if duty := on(); duty["override"] != "" {
		t.Errorf("after it is withdrawn: %v", duty)
	}
	late := s.wants(http.StatusConflict, "1019", path+"/approve", "")
	if want := id + "已撤回（1002 王芳），不能再批准"; late["type"] != "refused" || !strings.Contains(late["detail"].(string), want) {
		t.Errorf("too late: %v, want %s", late, want)
	}
	if got := s.duty.ledger.lines(id); got != "asked accepted approved withdrawn" {
		t.Errorf("journal: %s", got)
	}
}

func TestSupervisorApprovesAtOnceUnlessAsked(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	for i, row := range []struct {
		id   routing.AgentID
		rest string
		want string
	}{
		{"1001", `"in":{"name":"李雪","numbers":["13800000099"]}`, "asked"},
		{"1001", `"in":{"id":"cui.xiang"},"out":""`, "asked"},
		{"1019", `"in":{"name":"李雪","numbers":["13800000099"]}`, "approved"},
		{"prov", `"in":{"name":"李雪","numbers":["13800000099"]}`, "approved"},
		{"admin", `"in":{"name":"李雪","numbers":["13800000099"]}`, "approved"},
		{"1019", `"in":{"name":"李雪","numbers":["13800000099"]},"ask":true`, "asked"},
	} {
		got := s.wants(http.StatusOK, row.id, "POST /api/v1/rota/222400/override", shiftIn(1+i, row.rest))
		if state := got["override"].(map[string]any)["state"]; state != row.want {
			t.Errorf("%s %s: %v, want %s", row.id, row.rest, state, row.want)
		}
	}
}

func TestTimeWithoutAZoneIsOnTheClocksOfThePost(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	day := time.Now().In(routing.Beijing()).AddDate(0, 0, 2)
	from := time.Date(day.Year(), day.Month(), day.Day(), 20, 0, 0, 0, routing.Beijing())
	body := fmt.Sprintf(`{"from":%q,"to":%q,"in":{"id":"cui.xiang"}}`, from.Format("2006-01-02 15:04"), from.Add(time.Hour).Format("2006-01-02T15:04"))
	got := s.wants(http.StatusOK, "1019", "POST /api/v1/rota/222400/override", body)
	if change := got["override"].(map[string]any)["changes"].([]any)[0].(map[string]any); change["from"] != from.UTC().Format("2006-01-02T15:04:05.000Z") {
		t.Errorf("it begins %v, want %v", change["from"], from.UTC())
	}
}

func TestSwapIsTwoChangesThatCountTogether(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	night := func(days, hour int) string {
		at := time.Now().In(routing.Beijing()).AddDate(0, 0, days)
		return time.Date(at.Year(), at.Month(), at.Day(), hour, 0, 0, 0, routing.Beijing()).Format(time.RFC3339)
	}
	body := fmt.Sprintf(`{"changes":[
		{"from":%q,"to":%q,"out":"jin.yongzhe","in":{"id":"piao.minghua"}},
		{"from":%q,"to":%q,"out":"piao.minghua","in":{"id":"jin.yongzhe"}}],"why":"换班"}`, night(1, 8), night(1, 20), night(2, 20), night(3, 8))
	got := s.wants(http.StatusOK, "1019", "POST /api/v1/rota/222400/override", body)
	for at, want := range map[string]string{night(1, 12): "朴明花", night(2, 23): "金永哲", night(1, 23): "朴明花", night(4, 12): "金永哲"} {
		duty, _ := s.opts.Rotas().On(apiRegions(), "222400", mustTime(t, at))
		if duty.Officers[0].Name != want {
			t.Errorf("%s: %s is on duty, want %s", at, duty.Officers[0].Name, want)
		}
	}
	if changes := got["override"].(map[string]any)["changes"].([]any); len(changes) != 2 || changes[0].(map[string]any)["out_name"] != "金永哲" {
		t.Errorf("changes: %v", changes)
	}
}

func mustTime(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestOverrideThatCanNotBeMeantIsRefusedWithTheNearestRightName(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	for _, row := range []struct {
		post, body string
		status     int
		words      string
	}{
		{"22240", shiftIn(1, `"in":{"id":"cui.xiang"}`), 404, "没有值班岗位 22240 (there is no duty post 22240)，是否想写 222400"},
		{"220104", shiftIn(1, `"in":{"id":"cui.xiang"}`), 404, "220104 没有自己的值班岗位，由 220100（长春值班）负责"},
		{"999999", shiftIn(1, `"in":{"id":"cui.xiang"}`), 404, "没有值班岗位 999999"},
		{"222400", shiftIn(1, `"in":{"id":"cui.xian"}`), 400, "延边值班（222400）没有值班员 cui.xian (no such officer)，是否想写 [did you mean] cui.xiang"},
		{"222400", shiftIn(1, `"in":{"id":"崔香"}`), 400, "是否想写 [did you mean] cui.xiang"},
		{"222400", shiftIn(1, `"in":{"id":"zzzzzzzz"}`), 400, "这个岗位有 [there are] jin.yongzhe, piao.minghua, cui.xiang"},
		{"220100", shiftIn(1, `"in":{"id":"cui.xiang"}`), 400, "长春值班（220100）的值班表没有列值班员"},
		{"222400", shiftIn(1, `"out":"pioa.minghua","in":{"id":"cui.xiang"}`), 400, "是否想写 [did you mean] piao.minghua"},
		{"222400", shiftIn(1, `"out":"jin.yongzhe","in":{"id":"cui.xiang"}`), 400, "jin.yongzhe 在这段时间不值班；值班的是 朴明花"},
		{"222400", shiftIn(1, `"out":"cui.xiang","in":{"id":"cui.xiang"}`), 400, "cui.xiang 不能替自己"},
		{"222400", shiftIn(1, `"in":{"name":"李雪"}`), 400, "李雪 没有号码，接不到孩子的电话"},
		{"222400", shiftIn(1, `"in":{}`), 400, "谁来值班？"},
		{"222400", shiftIn(1, `"in":{"id":"cui.xiang","numbers":["13800000099"]}`), 400, "不能都写"},
		{"222400", shiftIn(1, `"in":{"name":"李雪","numbers":["110"]}`), 400, `"110" 不是个人的电话号码`},
		{"222400", shiftIn(1, `"in":{"name":"李雪","numbers":["0433110"]}`), 400, `"0433110" 不是个人的电话号码`},
		{"222400", shiftIn(1, `"in":{"name":"李雪","numbers":["1380000009X"]}`), 400, "不是个人的电话号码"},
		{"222400", shiftIn(1, `"in":{"name":"李\n雪","numbers":["13800000099"]}`), 400, "no control characters"},
		{"222400", shiftIn(1, `"in":{"id":"cui.xiang"},"wy":"x"`), 400, `unknown field "wy": did you mean "why"?`},
		{"222400", shiftIn(1, `"in":{"id":"cui.xiang"},"changes":[{}]`), 400, "只能写一种"},
		{"222400", shiftIn(-3, `"in":{"id":"cui.xiang"}`), 400, "已经过去"},
		{"222400", shiftIn(400, `"in":{"id":"cui.xiang"}`), 400, "在一年以后"},
		{"222400", `{"from":"2030-01-02T00:00+08:00","to":"2030-01-01T00:00+08:00","in":{"id":"cui.xiang"}}`, 400, "不晚于开始"},
		{"222400", `{"from":"2030-01-02T00:00+08:00","to":"2030-05-01T00:00+08:00","in":{"id":"cui.xiang"}}`, 400, "一次最多 92 天"},
		{"222400", `{"from":"tonight","to":"2030-05-01T00:00+08:00","in":{"id":"cui.xiang"}}`, 400, `from 写成 2026-10-01T18:00+08:00，或岗位当地的 2026-10-01 18:00，现在是 "tonight"`},
		{"222400", `{"in":{"id":"cui.xiang"}}`, 400, "from 写成"},
		{"222400", `{"changes":[` + strings.Repeat(`{},`, 8) + `{}]}`, 400, "最多 8 处"},
	} {
		got := s.wants(row.status, "1019", "POST /api/v1/rota/"+row.post+"/override", row.body)
		if detail, _ := got["detail"].(string); !strings.Contains(detail, row.words) {
			t.Errorf("%s %s: %q, want %q in it", row.post, row.body, detail, row.words)
		}
	}
	for _, verb := range []string{"accept", "approve", "refuse", "withdraw"} {
		got := s.wants(http.StatusNotFound, "1019", "POST /api/v1/rota/overrides/20261123-aaaaaa/"+verb, "")
		if detail, _ := got["detail"].(string); !strings.Contains(detail, "没有值班调整 20261123-aaaaaa") {
			t.Errorf("%s: %s", verb, detail)
		}
	}
	if got, _ := s.duty.ledger.read(); len(got) != 0 {
		t.Errorf("something came through: %+v", got)
	}
}

func TestWholeNumbersOfAnOverrideAreForSupervisors(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	body := shiftIn(1, `"in":{"name":"李雪","numbers":["13800000099"]},"why":"见 13812340000"`)
	agents := s.as("1001", "POST /api/v1/rota/222400/override", body).Body.String()
	s.wants(http.StatusOK, "1001", "POST /api/v1/rota/222400/handover", `{"text":"等家长 13812341111 回电"}`)
	for _, line := range []string{"rota/222400/overrides", "rota/222400/on"} {
		agents += s.as("1001", "GET /api/v1/"+line, "").Body.String()
	}
	for _, number := range []string{"13800000099", "13812340000", "13812341111", "1380000002"} {
		if strings.Contains(agents, number) {
			t.Errorf("a seat sees %s in %s", number, agents)
		}
	}
	list := s.as("1019", "GET /api/v1/rota/222400/overrides", "").Body.String()
	if !strings.Contains(list, "13800000099") || !strings.Contains(list, "13812340000") {
		t.Errorf("a supervisor does not see the numbers to be approved: %s", list)
	}
	if strings.Contains(s.logs.String(), "13800000099") || strings.Contains(s.logs.String(), "1381234") {
		t.Error("a number stands in the log")
	}
}

func TestOverridesOfAPostAreListedTheLastSettledFirst(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	list := func() string {
		got := s.wants(http.StatusOK, "1001", "GET /api/v1/rota/222400/overrides", "")
		var ids []string
		for _, one := range got["overrides"].([]any) {
			ids = append(ids, one.(map[string]any)["id"].(string))
		}
		return fmt.Sprint(got["name"], " ", strings.Join(ids, " "))
	}
	if got := list(); got != "延边值班 " {
		t.Errorf("an empty list: %q", got)
	}
	for _, id := range []string{"a", "b"} {
		s.duty.asks(id, routing.Asked)
	}
	for time.Since(s.duty.last("b")) < 2*time.Millisecond { // the times of steps have milliseconds
		_ = list()
	}
	s.duty.moves("a", routing.Refused)
	if got := list(); got != "延边值班 a b" {
		t.Errorf("listed %q", got)
	}
	s.wants(http.StatusNotFound, "1001", "GET /api/v1/rota/220104/overrides", "")
}

// last is when an override came to its state.
func (s *dutyStage) last(id string) time.Time {
	o, _ := s.Find(id)
	return o.Settled()
}

func TestHandOverNoteIsShownToWhoeverAsksNext(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	got := s.wants(http.StatusOK, "1002", "POST /api/v1/rota/222400/handover", `{"text":" 延吉一名走失儿童，\r\n等派出所回电 "}`)
	note := got["note"].(map[string]any)
	if note["text"] != "延吉一名走失儿童，\n等派出所回电" || note["by"] != "1002 王芳" || got["shared"] != true {
		t.Errorf("got %v", got)
	}
	duty := s.wants(http.StatusOK, "1001", "GET /api/v1/rota/222400/on", "")
	if seen, _ := duty["note"].(map[string]any); seen["text"] != note["text"] {
		t.Errorf("on duty: %v", duty["note"])
	}
	for body, words := range map[string]string{
		`{"text":" \n "}`:    "是空的",
		`{"text":"a\u0007"}`: "控制字符",
		`{"txt":"a"}`:        `did you mean "text"`,
		`{"text":"` + strings.Repeat("字", maxNote+1) + `"}`: "最多 2000 字",
	} {
		got := s.wants(http.StatusBadRequest, "1002", "POST /api/v1/rota/222400/handover", body)
		if detail, _ := got["detail"].(string); !strings.Contains(detail, words) {
			t.Errorf("%.40s: %s", body, detail)
		}
	}
	s.wants(http.StatusNotFound, "1002", "POST /api/v1/rota/999999/handover", `{"text":"a"}`)
}

func TestStepThatIsNotOnTheDiskIsNotAnsweredWithYes(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	s.duty.ledger.refuses(errors.New("no space left on device"))
	got := s.wants(http.StatusServiceUnavailable, "1019", "POST /api/v1/rota/222400/override", shiftIn(1, `"in":{"id":"cui.xiang"}`))
	if detail, _ := got["detail"].(string); got["type"] != "not_kept" || !strings.Contains(detail, "已经生效") {
		t.Errorf("got %v", got)
	}
	s.wants(http.StatusServiceUnavailable, "1019", "POST /api/v1/rota/222400/handover", `{"text":"a"}`)
	s.duty.ledger.refuses(nil)
	again := s.wants(http.StatusOK, "1019", "POST /api/v1/rota/222400/override", shiftIn(1, `"in":{"id":"cui.xiang"}`))
	if got := s.duty.ledger.lines(idOf(again)); got != "approved approved" {
		t.Errorf("journal: %s", got)
	}
}

func TestAnswerSaysThatOtherGatewaysSeeItLater(t *testing.T) {
	t.Parallel()
	store := newDutyMemory()
	store.set(true)
	far := newDutyStage(t, DutyOptions{Store: store})
	s := newAPIStage(t, func(o *ServerOptions) { o.Duty = far.DutyBook })
	got := s.wants(http.StatusOK, "1019", "POST /api/v1/rota/222400/override", shiftIn(1, `"in":{"id":"cui.xiang"}`))
	if got["shared"] != false || !strings.Contains(got["message"].(string), "其他网关要等 Redis 恢复后才能看到") {
		t.Errorf("got %v", got)
	}
}

func TestGatewayWithoutABookSaysSo(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t, func(o *ServerOptions) { o.Duty, o.Rotas = nil, nil })
	for _, line := range []string{"POST /api/v1/rota/222400/override", "POST /api/v1/rota/222400/handover", "GET /api/v1/rota/222400/overrides", "POST /api/v1/rota/overrides/a/accept"} {
		s.wants(http.StatusNotImplemented, "1019", line, "")
	}
	s.wants(http.StatusNotFound, "1019", "GET /api/v1/rota/222400/on", "")
}

func TestOverridesAndNotesArePushedToEveryScreen(t *testing.T) {
	t.Parallel()
	s := newAPIStage(t)
	base := s.serve()
	seat, supervisor := s.desk(base, "1001"), s.desk(base, "1019")
	seat.hears("snapshot")
	supervisor.hears("snapshot")
	s.wants(http.StatusOK, "1002", "POST /api/v1/rota/222400/override", shiftIn(1, `"in":{"name":"李雪","numbers":["13800000099"]}`))
	s.wants(http.StatusOK, "1002", "POST /api/v1/rota/222400/handover", `{"text":"无事"}`)
	for desk, want := range map[*desk]string{seat: "138****0099", supervisor: "13800000099"} {
		pushed := desk.hears("override")
		in := pushed["changes"].([]any)[0].(map[string]any)["in"].(map[string]any)
		if number := in["numbers"].([]any)[0]; number != want || pushed["state"] != "asked" {
			t.Errorf("pushed %v, want the number %s", pushed, want)
		}
		if note := desk.hears("handover"); note["text"] != "无事" {
			t.Errorf("pushed %v", note)
		}
	}
}
