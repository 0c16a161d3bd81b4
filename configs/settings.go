package configs

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"
)

// Settings are what the program needs before it can read anything else. They
// are read once; a changed setting needs a restart. Relative paths are
// relative to the working directory.
//
// Every key can be given by a variable, which goes before the file: http.listen
// by WEIBAO_HTTP_LISTEN, and so on. Besides, WEIBAO_HTTP_PORT, WEIBAO_ARI_PORT
// and WEIBAO_REDIS_PORT move a port and leave the address.
type Settings struct {
	// Var is the folder of everything that the program writes. Default: var.
	Var string `yaml:"var" zh:"程序写的一切都在这个目录下"`
	// Node names this gateway among several. Default: node1.
	Node name         `yaml:"node" zh:"有几台网关时，这一台的名字"`
	HTTP HTTPSettings `yaml:"http" zh:"坐席桌面、接口和指标"`
	// Asterisk is the switch that this gateway drives.
	Asterisk AsteriskSettings `yaml:"asterisk" zh:"这台网关驱动的交换机"`
	Redis    RedisSettings    `yaml:"redis" zh:"坐席状态、排队和通话快照所在的 Redis"`
	Record   RecordSettings   `yaml:"record" zh:"通话记录存在哪里"`
	// Logins is the file of the passwords. Default: secrets/logins.json in var.
	Logins string      `yaml:"logins" zh:"登录密码（散列）的文件；不写就是 var 目录下的 secrets/logins.json"`
	Log    LogSettings `yaml:"log" zh:"程序日志"`
	// Recording says whether talks are recorded. Default: on.
	Recording Switch `yaml:"recording" zh:"通话是否录音"`
}

// HTTPSettings is where the desk, the API and the metrics are.
type HTTPSettings struct {
	// Listen is the address. Default: 127.0.0.1:8080.
	Listen string `yaml:"listen" zh:"监听地址，主机:端口"`
}

// AsteriskSettings say how to reach ARI.
type AsteriskSettings struct {
	// URL of ARI. Default: http://127.0.0.1:8088/ari.
	URL string `yaml:"url" zh:"ARI 的网址"`
	// App is the Stasis application. Default: weibao.
	App name `yaml:"app" zh:"Stasis 应用的名字"`
	// User of ARI. Default: weibao.
	User name `yaml:"user" zh:"ARI 的用户名"`
	// Password of ARI; or PasswordFile, a file that holds it, not both.
	// Default: the file secrets/ari-password in var.
	Password     Secret `yaml:"password" zh:"ARI 的密码；最好用 password_file，两个不能都写"`
	PasswordFile string `yaml:"password_file" zh:"ARI 密码所在的文件；不写就是 var 目录下的 secrets/ari-password"`
	// Recordings is the folder where Asterisk writes recordings. Default:
	// asterisk/spool/recording in var.
	Recordings string `yaml:"recordings" zh:"交换机写录音的目录；不写就是 var 目录下的 asterisk/spool/recording"`
	// Sounds is the folder of the prompts, one subfolder a language. Default:
	// sounds in var.
	Sounds string `yaml:"sounds" zh:"提示音的目录，每种语言一个子目录；不写就是 var 目录下的 sounds"`
	// TrunkChannels is how many calls each trunk carries that the gateway places:
	// call-backs, duty phones, 110; 0 is no limit. Default: 60.
	TrunkChannels int `yaml:"trunk_channels" min:"0" max:"10000" zh:"每条中继能同时打出多少路（回拨、值班电话、110）；0 不限"`
	// Reserved of these are for 110 alone. Default: 6.
	Reserved int `yaml:"reserved" min:"0" max:"10000" zh:"其中只留给 110 的路数，别的电话占不到"`
}

// Secret is the password of ARI, from wherever it is.
func (a AsteriskSettings) Secret() (Secret, error) { return secretFrom(a.Password, a.PasswordFile) }

// RedisSettings say how to reach Redis.
type RedisSettings struct {
	// Address is host:port. Default: 127.0.0.1:16379.
	Address string `yaml:"address" zh:"地址，主机:端口"`
	// Password of Redis; or PasswordFile, not both. Default: none.
	Password     Secret `yaml:"password" zh:"密码；最好用 password_file，两个不能都写"`
	PasswordFile string `yaml:"password_file" zh:"密码所在的文件；没有密码就不写"`
	// Prefix begins every key. Default: "weibao:".
	Prefix string `yaml:"prefix" zh:"每个键的开头"`
}

// Secret is the password of Redis, from wherever it is; empty when it has none.
func (r RedisSettings) Secret() (Secret, error) { return secretFrom(r.Password, r.PasswordFile) }

// RecordSettings say where records are kept.
type RecordSettings struct {
	// DSN is sqlite:FILE or postgres://…; a password in it is never printed.
	// Default: sqlite: and weibao.db in var.
	DSN Secret `yaml:"dsn" zh:"数据库：sqlite:文件 或 postgres://用户@主机/库；不写就是 var 目录下的 sqlite 文件 weibao.db"`
	// Journal is the folder of the journal. Default: journal in var.
	Journal string `yaml:"journal" zh:"流水日志的目录；不写就是 var 目录下的 journal"`
	// Archive is the folder of the encrypted recordings. Default: recordings in
	// var.
	Archive string `yaml:"archive" zh:"加密录音的目录；不写就是 var 目录下的 recordings"`
	// ArchiveSecond is used when Archive takes nothing; it should be on another
	// disk. Default: recordings-second in var.
	ArchiveSecond string `yaml:"archive_second" zh:"加密录音的第二目录，最好在另一块盘上；不写就是 var 目录下的 recordings-second"`
	// ArchiveKey is the key file of the recordings, made at the first start; keep
	// a copy apart. Default: secrets/recordings.key in var.
	ArchiveKey string `yaml:"archive_key" zh:"录音密钥的文件，第一次启动时生成，务必另存一份；不写就是 var 目录下的 secrets/recordings.key"`
	// Cipher is age or sm4. Default: age.
	Cipher Cipher `yaml:"cipher" zh:"录音用什么加密：age，或国密 sm4"`
	// PurgeKey signs the records of purged recordings. Default:
	// secrets/purge.key in var.
	PurgeKey string `yaml:"purge_key" zh:"给销毁记录签名的密钥文件；不写就是 var 目录下的 secrets/purge.key"`
}

// LogSettings say what is logged.
type LogSettings struct {
	// Level is debug, info, warn or error. Default: info.
	Level LogLevel `yaml:"level" zh:"记多细"`
	// Format is text or json. Default: text.
	Format LogFormat `yaml:"format" zh:"一行一条的文字，或 JSON"`
}

// DefaultSettings are the settings without file and variables.
func DefaultSettings() Settings {
	return baseSettings().derived()
}

// baseSettings are the defaults that depend on nothing.
func baseSettings() Settings {
	return Settings{
		Var: "var", Node: "node1", Recording: "on",
		HTTP:     HTTPSettings{Listen: "127.0.0.1:8080"},
		Asterisk: AsteriskSettings{URL: "http://127.0.0.1:8088/ari", App: "weibao", User: "weibao", TrunkChannels: 60, Reserved: 6},
		Redis:    RedisSettings{Address: "127.0.0.1:16379", Prefix: "weibao:"},
		Record:   RecordSettings{Cipher: "age"},
		Log:      LogSettings{Level: "info", Format: "text"},
	}
}

// derived fills what is below the var folder unless it is said otherwise.
func (s Settings) derived() Settings {
	in := func(parts ...string) string { return filepath.Join(append([]string{s.Var}, parts...)...) }
	for _, d := range []struct {
		field *string
		value string
	}{
		{&s.Logins, in("secrets", "logins.json")},
		{&s.Asterisk.Recordings, in("asterisk", "spool", "recording")},
		{&s.Asterisk.Sounds, in("sounds")},
		{&s.Record.Journal, in("journal")},
		{&s.Record.Archive, in("recordings")},
		{&s.Record.ArchiveSecond, in("recordings-second")},
		{&s.Record.ArchiveKey, in("secrets", "recordings.key")},
		{&s.Record.PurgeKey, in("secrets", "purge.key")},
	} {
		if *d.field == "" {
			*d.field = d.value
		}
	}
	if s.Record.DSN == "" {
		s.Record.DSN = Secret("sqlite:" + in("weibao.db"))
	}
	if s.Asterisk.Password == "" && s.Asterisk.PasswordFile == "" {
		s.Asterisk.PasswordFile = in("secrets", "ari-password")
	}
	return s
}

// Setting is one key of the settings.
type Setting struct {
	Key      string // "http.listen"
	Variable string // "WEIBAO_HTTP_LISTEN"
	value    reflect.Value
}

// Value is the setting's value as it may be printed.
func (s Setting) Value() string { return fmt.Sprint(s.value.Interface()) }

// Keys are all keys with their variables and values.
func (s *Settings) Keys() []Setting { return keysOf(reflect.ValueOf(s).Elem(), "") }

func keysOf(v reflect.Value, prefix string) []Setting {
	var keys []Setting
	for field, value := range v.Fields() {
		key := prefix + field.Tag.Get("yaml")
		if value.Kind() == reflect.Struct {
			keys = append(keys, keysOf(value, key+".")...)
			continue
		}
		variable := "WEIBAO_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
		keys = append(keys, Setting{Key: key, Variable: variable, value: value})
	}
	return keys
}

// Changed names the keys in which other differs: they need a restart.
func (s Settings) Changed(other Settings) []string {
	var changed []string
	theirs := other.Keys()
	for i, mine := range s.Keys() {
		if mine.value.Interface() != theirs[i].value.Interface() {
			changed = append(changed, mine.Key)
		}
	}
	return changed
}

// ReadSettings reads the settings from a file and from the environment; an
// empty name means the environment alone. The error holds every fault.
func ReadSettings(file string) (Settings, error) {
	src := &source{name: file, broken: true}
	v := viper.New()
	if file != "" {
		src = load(os.DirFS(filepath.Dir(file)), filepath.Base(file))
		src.name = file
		var strict Settings // viper knows neither lines nor what is near
		src.decode(&strict)
		if err := src.named(file).Err(); err != nil {
			return Settings{}, err
		}
		v.SetConfigFile(file)
		v.SetConfigType("yaml")
		if err := v.ReadInConfig(); err != nil {
			return Settings{}, fmt.Errorf("read settings: %w", err)
		}
	}
	s := baseSettings()
	for _, setting := range s.Keys() {
		v.SetDefault(setting.Key, setting.value.Interface())
		if err := v.BindEnv(setting.Key, setting.Variable); err != nil {
			return Settings{}, fmt.Errorf("read settings: %w", err)
		}
	}
	byTag := func(c *mapstructure.DecoderConfig) { c.TagName = "yaml" }
	if err := v.UnmarshalExact(&s, byTag); err != nil {
		return Settings{}, fmt.Errorf("read settings: %w", err)
	}
	faults := s.shortForms()
	s = s.derived()
	return s, s.placed(append(faults, s.Validate()...), src).Err()
}

// named is the source's faults under the name that the user gave.
func (s *source) named(file string) Faults {
	for i := range s.faults {
		s.faults[i].File = file
	}
	s.faults.sort()
	return s.faults
}

// shortForms applies the variables that move only a port.
func (s *Settings) shortForms() Faults {
	var faults Faults
	move := func(variable, long string, to func(port string)) {
		port, given := os.LookupEnv(variable)
		if given = given && port != ""; !given || os.Getenv(long) != "" {
			return
		}
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			faults = append(faults, Fault{File: variable, What: say("%s 不是端口", "%s is not a port", quote(port)), Want: say("1 到 65535", "1 to 65535")})
			return
		}
		to(port)
	}
	withPort := func(address, port string) string {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return address // a fault of its own
		}
		return net.JoinHostPort(host, port)
	}
	move("WEIBAO_HTTP_PORT", "WEIBAO_HTTP_LISTEN", func(port string) { s.HTTP.Listen = withPort(s.HTTP.Listen, port) })
	move("WEIBAO_REDIS_PORT", "WEIBAO_REDIS_ADDRESS", func(port string) { s.Redis.Address = withPort(s.Redis.Address, port) })
	move("WEIBAO_ARI_PORT", "WEIBAO_ASTERISK_URL", func(port string) {
		if u, err := url.Parse(s.Asterisk.URL); err == nil && u.Host != "" {
			u.Host = net.JoinHostPort(u.Hostname(), port)
			s.Asterisk.URL = u.String()
		}
	})
	return faults
}

// placed adds to each fault where the value comes from: the file's line, or
// the variable.
func (s *Settings) placed(faults Faults, src *source) Faults {
	for i := range faults {
		f := &faults[i]
		for _, setting := range s.Keys() {
			if setting.Key != f.Path {
				continue
			}
			p := place{}
			for step := range strings.SplitSeq(f.Path, ".") {
				p = p.with(step)
			}
			if f.File = setting.Variable; os.Getenv(setting.Variable) == "" && src.has(p) {
				src.wrong(p, *f)
				*f = src.faults[len(src.faults)-1]
			}
		}
	}
	return faults
}

// has reports whether a place is in the file.
func (s *source) has(p place) bool {
	node := s.body
	for _, step := range p {
		node = child(node, step)
	}
	return node != nil
}

// Validate returns every setting that can not be right; Path is the key.
func (s Settings) Validate() Faults {
	var faults Faults
	bad := func(ok bool, key string, what, want Words) {
		if !ok {
			faults = append(faults, Fault{Path: key, What: what, Want: want})
		}
	}
	address := Words{"主机:端口，如 127.0.0.1:8080", "host:port such as 127.0.0.1:8080"}
	for key, value := range map[string]string{"http.listen": s.HTTP.Listen, "redis.address": s.Redis.Address} {
		bad(isAddress(value), key, say("%s 不是地址", "%s is not an address", quote(value)), address)
	}
	bad(s.Asterisk.TrunkChannels >= 0, "asterisk.trunk_channels", say("不能小于 0", "this must not be less than 0"), Words{})
	bad(s.Asterisk.Reserved >= 0 && (s.Asterisk.TrunkChannels == 0 || s.Asterisk.Reserved < s.Asterisk.TrunkChannels), "asterisk.reserved",
		say("留给 110 的 %d 路要比 trunk_channels 的 %d 路少", "the %d that are kept for 110 must be fewer than the %d of trunk_channels", s.Asterisk.Reserved, s.Asterisk.TrunkChannels),
		say("0 到 trunk_channels 减 1", "0 to one less than trunk_channels"))
	u, err := url.Parse(s.Asterisk.URL)
	bad(err == nil && u.Host != "" && u.User == nil && (u.Scheme == "http" || u.Scheme == "https"), "asterisk.url",
		say("不是 ARI 的网址", "this is not an address of ARI"), Words{"如 http://127.0.0.1:8088/ari", "such as http://127.0.0.1:8088/ari"})
	for _, both := range []struct {
		key      string
		password Secret
		file     string
	}{{"asterisk.password", s.Asterisk.Password, s.Asterisk.PasswordFile}, {"redis.password", s.Redis.Password, s.Redis.PasswordFile}} {
		bad(both.password == "" || both.file == "", both.key,
			say("%s 和 %s_file 只能写一个", "%s and %s_file are both given", both.key, both.key), say("只写其中一个", "one of them"))
	}
	scheme, rest, _ := strings.Cut(s.Record.DSN.Reveal(), ":")
	bad(slices.Contains([]string{"sqlite", "postgres", "postgresql"}, scheme) && rest != "", "record.dsn",
		say("不是数据库地址", "this is not the address of a database"), say("sqlite:文件 或 postgres://用户@主机/库", "sqlite:FILE or postgres://user@host/database"))
	for _, setting := range s.Keys() {
		if c, is := reflect.TypeAssert[checked](setting.value); is {
			want, ok := c.check()
			bad(ok, setting.Key, say("%s 不对", "%s is not right", quote(setting.Value())), want)
		}
	}
	bad(s.Var != "", "var", say("不能是空的", "this must not be empty"), Words{})
	return faults
}

func isAddress(s string) bool {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}
