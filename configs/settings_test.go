package configs

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// settingsFile writes a gateway.yaml.
func settingsFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "gateway.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestShippedSettingsAreTheDefaults(t *testing.T) {
	got, err := ReadSettings("gateway.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if changed := got.Changed(DefaultSettings()); len(changed) > 0 {
		t.Errorf("gateway.yaml differs from the defaults in %v", changed)
	}
	bare, err := ReadSettings("")
	if err != nil || len(bare.Changed(DefaultSettings())) > 0 {
		t.Errorf("without a file: %v, %v", bare.Changed(DefaultSettings()), err)
	}
	if faults := DefaultSettings().Validate(); len(faults) > 0 {
		t.Errorf("the defaults: %s", faults)
	}
}

func TestEverySettingHasAVariableThatGoesBeforeTheFile(t *testing.T) {
	file := settingsFile(t, "var: a\nnode: b\nlog: {level: warn}\nasterisk: {password: in-the-file, app: x}\n")
	given := map[string]string{
		"recording": "off", "record.cipher": "sm4", "log.level": "debug", "log.format": "json", "node": "node7",
		"http.listen": "127.0.0.1:1", "redis.address": "127.0.0.1:2", "asterisk.url": "http://127.0.0.1:3/ari",
		"asterisk.trunk_channels": "30", "asterisk.reserved": "4",
		"record.dsn": "postgres://a@b/c", "asterisk.password_file": "", "redis.password_file": "",
	}
	defaults := DefaultSettings()
	for _, s := range defaults.Keys() {
		value, special := given[s.Key]
		if !special {
			value = strings.ReplaceAll(s.Key, ".", "-")
			given[s.Key] = value
		}
		if value != "" {
			t.Setenv(s.Variable, value)
		}
	}
	got, err := ReadSettings(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range got.Keys() {
		value := s.value.String()
		if s.value.CanInt() {
			value = s.Value()
		}
		if value != given[s.Key] {
			t.Errorf("%s is %q, want %q from %s", s.Key, value, given[s.Key], s.Variable)
		}
	}
}

func TestEverySettingIsDocumented(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	defaults := DefaultSettings()
	for _, s := range defaults.Keys() {
		if text := string(doc); !strings.Contains(text, "//\t"+s.Key+" ") || !strings.Contains(text, s.Variable+" ") {
			t.Errorf("doc.go does not say %s and %s", s.Key, s.Variable)
		}
	}
}

func TestShortFormsMoveThePortAlone(t *testing.T) {
	t.Setenv("WEIBAO_HTTP_PORT", "9080")
	t.Setenv("WEIBAO_ARI_PORT", "9088")
	t.Setenv("WEIBAO_REDIS_PORT", "9379")
	t.Setenv("WEIBAO_VAR", "/srv/x")
	got, err := ReadSettings(settingsFile(t, "http: {listen: \"0.0.0.0:80\"}\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := DefaultSettings()
	want.HTTP.Listen, want.Asterisk.URL, want.Redis.Address = "0.0.0.0:9080", "http://127.0.0.1:9088/ari", "127.0.0.1:9379"
	want.Var, want.Logins, want.Record = "/srv/x", "/srv/x/secrets/logins.json", RecordSettings{
		DSN: "sqlite:/srv/x/weibao.db", Journal: "/srv/x/journal", Cipher: "age",
		Archive: "/srv/x/recordings", ArchiveSecond: "/srv/x/recordings-second",
		ArchiveKey: "/srv/x/secrets/recordings.key", PurgeKey: "/srv/x/secrets/purge.key",
	}
	want.Asterisk.Recordings, want.Asterisk.Sounds = "/srv/x/asterisk/spool/recording", "/srv/x/sounds"
	want.Asterisk.PasswordFile = "/srv/x/secrets/ari-password"
	if got != want {
		t.Errorf("differs in %v:\n%+v", got.Changed(want), got)
	}
	t.Setenv("WEIBAO_HTTP_LISTEN", "127.0.0.1:7")
	if got, err := ReadSettings(""); err != nil || got.HTTP.Listen != "127.0.0.1:7" {
		t.Errorf("the long variable: %s, %v", got.HTTP.Listen, err)
	}
	t.Setenv("WEIBAO_ARI_PORT", "high")
	if _, err := ReadSettings(""); err == nil || !strings.Contains(err.Error(), "WEIBAO_ARI_PORT") {
		t.Errorf("a port that is none: %v", err)
	}
}

func TestBadSettingsAreNamed(t *testing.T) {
	for _, row := range []struct{ text, want string }{
		{"htp: {listen: x}\n", "gateway.yaml:1:1: 没有这个键 htp [unknown key htp]"},
		{"http: {lisen: x}\n", "是否想写 [did you mean]: listen"},
		{"http: {listen: 8080}\n", `8080 没有加引号`},
		{"http: {listen: \"8080\"}\n", `gateway.yaml:1:16: "8080" 不是地址`},
		{"asterisk: {url: \"ftp://x\"}\n", "gateway.yaml:1:17: 不是 ARI 的网址"},
		{"asterisk: {password: a, password_file: b}\n", "asterisk.password 和 asterisk.password_file 只能写一个"},
		{"redis: {password: a, password_file: b}\n", "redis.password 和 redis.password_file 只能写一个"},
		{"redis: {address: here}\n", "gateway.yaml:1:18: \"here\" 不是地址"},
		{"record: {dsn: \"mysql:x\"}\n", "gateway.yaml:1:15: 不是数据库地址"},
		{"log: {level: loud}\n", "应为 [want]: debug, info, warn, error"},
		{"log: {format: jsn}\n", "是否想写 [did you mean]: json"},
		{"recording: true\n", "true 没有加引号"},
		{"recording: yes\n", "应为 [want]: on, off"},
		{"node: \"a b\"\n", `"a b" 不对`},
		{"var: \"\"\n", "不能是空的"},
		{"a: [\n", "YAML 语法错误"},
		{"var: x\nvar: y\n", "键 var 重复"},
		{"", "文件是空的"},
	} {
		_, err := ReadSettings(settingsFile(t, row.text))
		var told *FaultsError
		if !errors.As(err, &told) || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%q gives:\n%v\nwant %s", row.text, err, row.want)
		}
	}
	if _, err := ReadSettings(filepath.Join(t.TempDir(), "none.yaml")); err == nil || !strings.Contains(err.Error(), "没有这个文件") {
		t.Errorf("a file that is missing: %v", err)
	}
	t.Setenv("WEIBAO_LOG_LEVEL", "loud")
	if _, err := ReadSettings(""); err == nil || !strings.HasPrefix(err.Error(), "WEIBAO_LOG_LEVEL: ") {
		t.Errorf("a bad variable: %v", err)
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	s := DefaultSettings()
	s.Asterisk.Password, s.Redis.Password, s.Record.DSN = "hidden", "hidden", "postgres://a:hidden@b/c"
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "password", s.Asterisk.Password, "all", s)
	coded, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range append([]string{log.String(), string(coded)}, fmt.Sprint(s), fmt.Sprintf("%+v %#v %q", s, s, s.Redis.Password), fmt.Sprint(s.Changed(DefaultSettings()))) {
		if strings.Contains(text, "hidden") {
			t.Errorf("printed: %s", text)
		}
	}
	for _, text := range []string{"redis: {password: [hidden]}\n", "redis: {password: 12345hidden, x: 1}\n", "asterisk:\n  password: 0815\n"} {
		if _, err := ReadSettings(settingsFile(t, text)); err == nil || strings.Contains(err.Error(), "hidden") || strings.Contains(err.Error(), "0815") {
			t.Errorf("printed: %v", err)
		}
	}
	if s.Redis.Password.Reveal() != "hidden" || Secret("").String() != "" {
		t.Error("a secret can not be had, or an empty one looks like one")
	}
}

func TestPasswordsFromFiles(t *testing.T) {
	t.Parallel()
	file := settingsFile(t, "from-the-file\n")
	if got, err := (AsteriskSettings{PasswordFile: file}).Secret(); err != nil || got.Reveal() != "from-the-file" {
		t.Errorf("got %q, %v", got.Reveal(), err)
	}
	if got, err := (RedisSettings{}).Secret(); err != nil || got != "" {
		t.Errorf("got %q, %v", got.Reveal(), err)
	}
	if _, err := (RedisSettings{PasswordFile: file + "x"}).Secret(); err == nil {
		t.Error("a missing file gave a password")
	}
	if _, err := (RedisSettings{PasswordFile: settingsFile(t, "\n")}).Secret(); err == nil {
		t.Error("an empty file gave a password")
	}
}

func TestChangedNamesTheKeys(t *testing.T) {
	t.Parallel()
	a, b := DefaultSettings(), DefaultSettings()
	b.Log.Level, b.Redis.Prefix = "debug", "x:"
	if got := a.Changed(b); !slices.Equal(got, []string{"redis.prefix", "log.level"}) {
		t.Errorf("changed: %v", got)
	}
}
