package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"weibao/call"
	"weibao/configs"
	"weibao/cti"
	"weibao/record"
	"weibao/routing"
)

// dutyDesk is the API of a gateway with a real duty book on a real journal, and
// a working directory of its own for the commands that ask it.
type dutyDesk struct {
	t      *testing.T
	at     *where
	server *httptest.Server
	folder string
}

const deskPassword = "a-long-enough-password"

func newDutyDesk(t *testing.T) *dutyDesk {
	t.Helper()
	folder := t.TempDir()
	store, err := record.Open(t.Context(), "sqlite:"+filepath.Join(folder, "var", "weibao.db"))
	if err != nil {
		t.Fatal(err)
	}
	registry, err := record.New(record.Options{Journal: record.JournalOptions{Dir: filepath.Join(folder, "var", "journal")}, Store: store})
	if err != nil {
		t.Fatal(err)
	}
	book, err := cti.NewDutyBook(cti.DutyOptions{Journal: registry})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ran := make(chan error, 1)
	go func() { ran <- book.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		closing, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		if err := errors.Join(<-ran, registry.Close(closing), store.Close()); err != nil {
			t.Error(err)
		}
	})
	d := &dutyDesk{t: t, folder: folder, at: &where{config: filepath.Join(folder, "gateway.yaml")}, server: httptest.NewServer(newDutyServer(t, folder, book))}
	t.Cleanup(d.server.Close)
	d.write("gateway.yaml", "var: "+filepath.Join(folder, "var")+"\nhttp: {listen: "+`"`+strings.TrimPrefix(d.server.URL, "http://")+`"}`+"\n")
	d.write("password", deskPassword+"\n")
	demo, _ := json.Marshal(map[string]any{"supervisor": map[string]string{"id": "1019", "password": deskPassword}})
	d.write("var/demo-logins.json", string(demo))
	return d
}

func newDutyServer(t *testing.T, folder string, book *cti.DutyBook) *cti.Server {
	t.Helper()
	logins, err := cti.OpenLogins(cti.LoginOptions{Path: filepath.Join(folder, "var", "logins.json")})
	if err == nil {
		err = logins.Set(cti.NewSecret{ID: "1001", Password: deskPassword}, cti.NewSecret{ID: "1019", Password: deskPassword})
	}
	if err != nil {
		t.Fatal(err)
	}
	floor, err := cti.NewDispatcher(cti.FloorOptions{Deliver: func(call.ID, call.Event) {}, Live: func(call.ID) bool { return false }})
	if err != nil {
		t.Fatal(err)
	}
	roster := cti.NewRoster([]cti.Seat{
		{ID: "1001", Name: "李娜", Role: cti.RoleAgent}, {ID: "1019", Name: "赵敏", Role: cti.RoleSupervisor},
	})
	server, err := cti.NewServer(cti.ServerOptions{
		Calls: call.NewExchange(call.Options{}), Floor: floor, Logins: logins, Roster: func() *cti.Roster { return roster }, Duty: book,
		Regions: func() routing.Regions {
			return routing.NewRegions([]routing.Region{{Code: "222400", Name: "延边州"}})
		},
		Rotas: func() routing.Rotas { return deskRotas().With(*book.Now()) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

func deskRotas() routing.Rotas {
	return routing.NewRotas(routing.NewRota(routing.Post{
		Code: "222400", Name: "延边值班",
		Officers: []routing.Officer{
			{ID: "jin", Name: "金永哲", Numbers: []string{"13800000021"}}, {ID: "piao", Name: "朴明花", Numbers: []string{"13800000022"}},
		},
		Shifts: []routing.Shift{
			{Name: "白班", From: 8 * 60, To: 20 * 60, Team: []routing.OfficerID{"jin"}},
			{Name: "夜班", From: 20 * 60, To: 8 * 60, Team: []routing.OfficerID{"piao"}},
		},
	}, routing.Calendar{}))
}

func (d *dutyDesk) write(name, text string) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(d.folder, name), []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// says runs a command and returns what it prints and its exit code. Ids and
// the times of steps differ from run to run.
func (d *dutyDesk) says(args ...string) (out, faults string, code int) {
	d.t.Helper()
	var o, e bytes.Buffer
	io := streams{in: strings.NewReader(""), out: &o, err: &e}
	args = append([]string{"rota", "override", "--config", d.at.config}, args...)
	code = run(args, io)
	return varying(o.String()), varying(e.String()), code
}

func varying(text string) string {
	text = regexp.MustCompile(`\d{8}-[a-z0-9]{6}`).ReplaceAllString(text, "ID")
	return regexp.MustCompile(`(?m)(asked|accepted|approved|refused|withdrawn) +\d{4}-\d\d-\d\d \d\d:\d\d\+08:00`).ReplaceAllString(text, "$1 NOW")
}

// night is the night of so many days from now, as flags.
func night(days int) []string {
	at := time.Now().In(routing.Beijing()).AddDate(0, 0, days)
	from := time.Date(at.Year(), at.Month(), at.Day(), 20, 0, 0, 0, routing.Beijing())
	return []string{"--from", from.Format(time.RFC3339), "--to", from.Add(12 * time.Hour).Format(time.RFC3339)}
}

func span(days int) string {
	flags := night(days)
	from, _ := time.Parse(time.RFC3339, flags[1])
	return clock(from) + " – " + clock(from.Add(12*time.Hour))
}

func TestOverrideByCommandIsWhatTheGatewaySays(t *testing.T) {
	t.Parallel()
	d := newDutyDesk(t)
	wants := func(want string, args ...string) {
		t.Helper()
		if out, faults, code := d.says(args...); out != want || faults != "" || code != exitGood {
			t.Errorf("%v: exit %d\n%s%s\nwant\n%s", args, code, out, faults, want)
		}
	}
	wants("延边值班（222400）没有值班调整 (no overrides)\n", "list", "222400")
	shipped := filepath.Join(d.folder, "shipped")
	if err := os.CopyFS(shipped, configs.Shipped()); err != nil {
		t.Fatal(err)
	}
	wants("延边值班（222400）没有值班调整 (no overrides)\n", "list", "延边", "--configs", shipped)
	asked := "ID  已申请 asked  岗位 post 222400\n  " + span(1) + "  金永哲 [138****0021] 替 for 朴明花（piao）\n  原因 why: 发烧\n  已申请 asked NOW  1001 李娜\n"
	as1001 := []string{"--user", "1001", "--password-file", filepath.Join(d.folder, "password")}
	wants(asked, append(append([]string{"222400", "--out", "piao", "--in", "jin", "--why", "发烧"}, night(1)...), as1001...)...)
	wants("ID  已批准 approved  岗位 post 222400\n  "+span(2)+"  李雪 [13800000099 043188912345] 先接 goes first\n  已批准 approved NOW  1019 赵敏\n",
		append([]string{"222400", "--name", "李雪", "--number", "13800000099", "--number", "043188912345"}, night(2)...)...)

	id := d.first(routing.Asked)
	approved := strings.Replace(strings.Replace(asked, "已申请 asked  岗位", "已批准 approved  岗位", 1), "138****0021", "13800000021", 1)
	approved += "  已同意 accepted NOW  1001 李娜\n  已批准 approved NOW  1019 赵敏\n"
	accepted := strings.Replace(asked, "已申请 asked  岗位", "已同意 accepted  岗位", 1) + "  已同意 accepted NOW  1001 李娜\n"
	wants(accepted, append([]string{"accept", id}, as1001...)...)
	wants(approved, "approve", id)
	wants(approved, "approve", id) // the same again
	if out, _, _ := d.says("list", "222400"); !strings.HasPrefix(out, approved) {
		t.Errorf("the list does not begin with the one settled last:\n%s", out)
	}
	wants(strings.Replace(approved, "已批准 approved  岗位", "已撤回 withdrawn  岗位", 1)+"  已撤回 withdrawn NOW  1019 赵敏\n", "withdraw", id)
}

// first is the id of an override in that state, from the journal alone, as the
// commands without a gateway read it.
func (d *dutyDesk) first(state routing.OverrideState) string {
	d.t.Helper()
	overrides, err := loadOverrides(streams{err: os.Stderr}, d.at)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, o := range overrides.Of("222400") {
		if o.State == state {
			return o.ID
		}
	}
	d.t.Fatalf("no override is %s", state)
	return ""
}

func TestSwapByCommandIsOneOverride(t *testing.T) {
	t.Parallel()
	d := newDutyDesk(t)
	back := night(3)
	day, _ := time.Parse(time.RFC3339, back[1])
	args := append([]string{"222400", "--out", "piao", "--in", "jin"}, night(1)...)
	args = append(args, "--back-from", day.Add(-12*time.Hour).Format(time.RFC3339), "--back-to", day.Format(time.RFC3339))
	out, faults, code := d.says(args...)
	want := "  " + clock(day.Add(-12*time.Hour)) + " – " + clock(day) + "  朴明花 [13800000022] 替 for 金永哲（jin）\n"
	if code != exitGood || !strings.Contains(out, want) || strings.Count(out, "ID") != 1 {
		t.Errorf("exit %d\n%s%s\nwant in it\n%s", code, out, faults, want)
	}
	overrides, err := loadOverrides(streams{err: os.Stderr}, d.at)
	if err != nil {
		t.Fatal(err)
	}
	regions := routing.NewRegions([]routing.Region{{Code: "222400", Name: "延边州"}})
	duty, on := deskRotas().With(overrides).On(regions, "222400", day.Add(-time.Hour))
	if !on || duty.Officers[0].Name != "朴明花" || duty.Override == "" {
		t.Errorf("without the gateway: %+v", duty)
	}
}

func TestOverrideThatIsRefusedSaysWhyAndExitsByTheKind(t *testing.T) {
	t.Parallel()
	d := newDutyDesk(t)
	good := append([]string{"222400", "--in", "jin"}, night(1)...)
	withFile := func(user, file string) []string {
		return append([]string{"--user", user, "--password-file", filepath.Join(d.folder, file)}, good...)
	}
	d.write("wrong-password", "something else")
	for _, row := range []struct {
		args []string
		code int
		said string
	}{
		{append([]string{"22240", "--in", "jin"}, night(1)...), exitNo, "weibao: 没有值班岗位 22240 (there is no duty post 22240)，是否想写 222400 [did you mean 222400]\n"},
		{append([]string{"222400", "--in", "jim"}, night(1)...), exitNo, "weibao: 延边值班（222400）没有值班员 jim (no such officer)，是否想写 [did you mean] jin\n"},
		{[]string{"approve", "20261001-nobody"}, exitNo, "weibao: 没有值班调整 ID (there is no override ID)\n"},
		{append([]string{"approve", "20261001-nobody"}, withFile("1001", "password")[:4]...), exitNo, "weibao: this needs the role supervisor\n"},
		{withFile("1001", "wrong-password"), exitNo, "weibao: wrong id or password\n"},
		{[]string{"222400", "--in", "jin"}, exitWrong, "weibao: 要写 --from 和 --to (both are needed)\n"},
		{append([]string{"222400"}, night(1)...), exitWrong, "weibao: 谁来？写 --in，或者 --name 和 --number (who comes? --in, or --name and --number)\n"},
		{append([]string{"222400", "--in", "jin", "--back-from", "x"}, night(1)...), exitWrong, "weibao: --back-from 和 --back-to 要一起写 (give both)\n"},
		{append([]string{"222400", "--in", "jin", "--back-from", "x", "--back-to", "y"}, night(1)...), exitWrong, "weibao: 换班要写 --out 和 --in (a swap needs both)\n"},
		{append([]string{"--user", "1001"}, good...), exitWrong, "weibao: --user 和 --password-file 要一起写 (give both, or WEIBAO_USER and WEIBAO_PASSWORD_FILE)\n"},
		{withFile("1001", "missing"), exitWrong, "weibao: 密码文件 (password file): open " + filepath.Join(d.folder, "missing") + ": no such file or directory\n"},
		{nil, exitWrong, "weibao: 要写一个岗位，或者 list、accept、approve、refuse、withdraw (want a POST or one of these)\n"},
		{append([]string{"--frm", "x"}, good...), exitWrong, "weibao: unknown flag: --frm\n"},
	} {
		out, faults, code := d.says(row.args...)
		if code != row.code || faults != row.said || out != "" {
			t.Errorf("%v: exit %d, want %d\n%s%s\nwant\n%s", row.args, code, row.code, out, faults, row.said)
		}
	}
}

func TestOverrideWithoutAGatewaySaysWhatToDo(t *testing.T) {
	t.Parallel()
	d := newDutyDesk(t)
	d.server.Close()
	_, faults, code := d.says(append([]string{"222400", "--in", "jin"}, night(1)...)...)
	want := "weibao: 网关没有应答：" + d.server.URL + " (the gateway does not answer)\n" +
		"  请先启动：weibao serve 或 make up；在别处就写 --gateway http://地址:端口 (start it, or say where it is): "
	if code != exitNotDone || !strings.HasPrefix(faults, want) || !strings.Contains(faults, "connection refused") {
		t.Errorf("exit %d: %s", code, faults)
	}
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	if _, faults, code := d.says("list", "222400", "--gateway", other.URL); code != exitNotDone || faults != "weibao: "+other.URL+" 不是 weibao 网关的接口 (not the API of a gateway): 404 Not Found\n" {
		t.Errorf("another server: exit %d: %s", code, faults)
	}
	if err := os.Remove(filepath.Join(d.folder, "var", "demo-logins.json")); err != nil {
		t.Fatal(err)
	}
	if _, faults, code := d.says("list", "222400"); code != exitWrong || !strings.HasPrefix(faults, "weibao: 谁在操作？") {
		t.Errorf("without a login: exit %d: %s", code, faults)
	}
}

func TestAddressThatListensEverywhereIsDialledOnLoopback(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]string{
		"0.0.0.0:80": "127.0.0.1:80", "[::]:80": "127.0.0.1:80", ":80": "127.0.0.1:80", "10.0.0.1:80": "10.0.0.1:80", "odd": "odd",
	} {
		if got := dialable(listen); got != want {
			t.Errorf("%s: %s, want %s", listen, got, want)
		}
	}
}
