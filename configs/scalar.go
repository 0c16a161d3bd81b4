package configs

import (
	"regexp"
	"slices"
	"strings"

	"weibao/routing"
)

// digits is a telephone number as it is dialled: 3 to 20 digits in quotes.
type digits string

func (d digits) check() (Words, bool) {
	return Words{"带引号的电话号码，只有数字，如 \"043155550110\"", "a telephone number in quotes, digits only"},
		routing.Digits(string(d)) && len(d) >= 3 && len(d) <= 20
}

func (digits) form() form { return form{pattern: "^[0-9]{3,20}$"} }

// areaCode is a telephone area code with its leading zero: "0433".
type areaCode string

func (a areaCode) check() (Words, bool) {
	return Words{"带引号的区号，如 \"0433\"", "an area code in quotes, such as \"0433\""},
		routing.Digits(string(a)) && strings.HasPrefix(string(a), "0") && (len(a) == 3 || len(a) == 4)
}

func (areaCode) form() form { return form{pattern: "^0[0-9]{2,3}$", examples: []string{"0431"}} }

// code names a region: six digits of GB/T 2260, or an own name where the
// standard has none.
type code string

func (c code) check() (Words, bool) {
	return Words{"带引号的六位代码，如 \"222404\"，国标没有的用小写字母的名字", "a six-digit code in quotes such as \"222404\", or a name of small letters where the standard has none"},
		isName(string(c)) && (!routing.Digits(string(c)) || len(c) == 6)
}

// form is that of six digits, or of a name that has something else than digits.
func (code) form() form {
	const more = `(?:\.?[a-z0-9_-])*\.?`
	return form{pattern: `^(?:[0-9]{6}|[a-z_]` + more + `|[0-9]+(?:\.?[a-z_-]|\.[0-9])` + more + `|[0-9]+\.)$`, longest: 40}
}

// name is a name that may stand in file names, SIP users and metrics.
type name string

func (n name) check() (Words, bool) {
	return Words{"名字：小写字母、数字和 . _ -，最多 40 个", "a name: small letters, digits and . _ -, at most 40"}, isName(string(n))
}

func (name) form() form { return form{pattern: `^[a-z0-9_](?:\.?[a-z0-9_-])*\.?$`, longest: 40} }

func isName(s string) bool {
	if s == "" || len(s) > 40 || strings.Contains(s, "..") || strings.HasPrefix(s, ".") || strings.HasPrefix(s, "-") {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789._-") == ""
}

// press is a key of a telephone.
type press string

func (press) choices() []string { return strings.Split("0123456789*#", "") }

func (p press) check() (Words, bool) {
	return Words{"带引号的电话按键：0 到 9、* 或 #", "a telephone key in quotes: 0 to 9, * or #"}, slices.Contains(p.choices(), string(p))
}

// language is a language that prompts are spoken in.
type language string

func (language) choices() []string { return []string{"zh", "ko", "en"} }

func (l language) check() (Words, bool) {
	return Words{"zh（汉语）、ko（朝鲜语）或 en（英语）", "zh, ko or en"}, slices.Contains(l.choices(), string(l))
}

// Role is what an account may do.
type Role string

// The roles.
const (
	// RoleAgent takes calls.
	RoleAgent Role = "agent"
	// RoleSupervisor takes calls of the supervisors' queue, listens and helps.
	RoleSupervisor Role = "supervisor"
	// RoleProvince sees the whole province and receives filings.
	RoleProvince Role = "province"
	// RoleAdmin changes the configuration.
	RoleAdmin Role = "admin"
)

func (Role) choices() []string {
	return []string{string(RoleAgent), string(RoleSupervisor), string(RoleProvince), string(RoleAdmin)}
}

func (r Role) check() (Words, bool) {
	return Words{"agent（坐席）、supervisor（班长）、province（省级）或 admin（管理员）", "agent, supervisor, province or admin"}, slices.Contains(r.choices(), string(r))
}

// some is a list that may be written as a single value.
type some []string

func (some) mayBeSingle() {}

// pinyin is how a Chinese text is spoken, as espeak-ng's cmn-latn-pinyin
// reads it: syllables with a tone number, "nin2 hao3". Digits are written
// out, because 110 is not a hundred and ten: "yao1 yao1 ling2".
type pinyin string

// syllables are the syllables without marks between them.
func (p pinyin) syllables() []string {
	return strings.FieldsFunc(string(p), func(r rune) bool { return strings.ContainsRune(" ,.;:?!", r) })
}

// bad returns the first part that is no syllable.
func (p pinyin) bad(syllable *regexp.Regexp) string {
	for _, s := range p.syllables() {
		if !syllable.MatchString(s) {
			return s
		}
	}
	return ""
}

func (pinyin) form() form {
	const marks = "[ ,.;:?!]"
	syllable := strings.Trim(newSyllable().String(), "^$")
	return form{
		pattern:  "^" + marks + "*(?:" + syllable + "(?:" + marks + "+|$))*$",
		examples: []string{"nin2 hao3"},
		want:     "带声调数字的拼音，如 nin2 hao3，轻声用 5，ü 写成 v",
	}
}

// newSyllable matches one syllable of pinyin with its tone: 1 to 4, 5 for the
// neutral one; ü is written v.
func newSyllable() *regexp.Regexp {
	return regexp.MustCompile(`^(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?(?:a|o|e|ai|ei|ao|ou|an|en|ang|eng|er|ong|i|ia|iao|ie|iu|ian|in|iang|ing|iong|u|ua|uo|uai|ui|uan|un|uang|v|ve|van|vn|ue)[1-5]$`)
}

// LogLevel is how much is logged.
type LogLevel string

func (LogLevel) choices() []string { return []string{"debug", "info", "warn", "error"} }

func (l LogLevel) check() (Words, bool) {
	return oneOf(l.choices()), slices.Contains(l.choices(), string(l))
}

// LogFormat is how log lines are written.
type LogFormat string

func (LogFormat) choices() []string { return []string{"text", "json"} }

func (f LogFormat) check() (Words, bool) {
	return oneOf(f.choices()), slices.Contains(f.choices(), string(f))
}

// Switch is "on" or "off".
type Switch string

// On reports whether it is on.
func (s Switch) On() bool { return s == "on" }

func (Switch) choices() []string { return []string{"on", "off"} }

func (s Switch) check() (Words, bool) {
	return oneOf(s.choices()), slices.Contains(s.choices(), string(s))
}

// Cipher is how recordings are encrypted: "age" or "sm4".
type Cipher string

func (Cipher) choices() []string { return []string{"age", "sm4"} }

func (c Cipher) check() (Words, bool) {
	return oneOf(c.choices()), slices.Contains(c.choices(), string(c))
}

func oneOf(choices []string) Words { return Words{ZH: strings.Join(choices, ", ")} }
