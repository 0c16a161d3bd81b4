package routing

import "strings"

// factWords are the words of a fact that a matcher asks for, in Chinese and
// English.
type factWords struct {
	// want is the calls that a route takes, with the values in the place of %s;
	// got what this call has, none when it has nothing of the kind.
	want, got, none [2]string
	// value is a value in words; nil: as it stands.
	value func(Speech, string) string
}

// spoken are the words of the facts that matchers ask for.
var spoken = map[string]factWords{
	FactKey: {
		want:  [2]string{"按 %[1]s 的来电", "calls with the key %[1]s"},
		got:   [2]string{"来电人按了 %[1]s", "the caller pressed %[1]s"},
		none:  [2]string{"来电人没有按键", "the caller pressed no key"},
		value: Speech.Keys,
	},
	FactRegion: {
		want:  [2]string{"%[1]s的来电", "calls of %[1]s"},
		got:   [2]string{"这通是%[1]s的", "this one is of %[1]s"},
		none:  [2]string{"不知道这通是哪里的", "nobody knows of where this one is"},
		value: Speech.Region,
	},
	FactDialled: {
		want: [2]string{"拨打 %[1]s 的来电", "calls to %[1]s"},
		got:  [2]string{"这通拨的是 %[1]s", "this one is to %[1]s"},
		none: [2]string{"不知道这通拨的是什么", "nobody knows to where this one is"},
	},
	FactTrunk: {
		want: [2]string{"从中继线 %[1]s 进来的来电", "calls by the trunk %[1]s"},
		got:  [2]string{"这通是从 %[1]s 进来的", "this one came by %[1]s"},
		none: [2]string{"这通没有说明从哪条中继线进来", "nothing says by which trunk this one came"},
	},
	FactLanguage: {
		want:  [2]string{"选了%[1]s的来电", "calls for which %[1]s was chosen"},
		got:   [2]string{"来电人选了%[1]s", "the caller chose %[1]s"},
		none:  [2]string{"来电人没有选语言", "the caller chose no language"},
		value: Speech.Language,
	},
	FactIntent: {
		want: [2]string{"来意是 %[1]s 的来电", "calls with the intent %[1]s"},
		got:  [2]string{"这通的来意是 %[1]s", "the intent of this one is %[1]s"},
		none: [2]string{"这通没有来意", "this one has no intent"},
	},
	FactMissed: {
		want:  [2]string{"%[1]s的来电", "calls with %[1]s"},
		got:   [2]string{"来电人%[1]s", "the caller came with %[1]s"},
		none:  [2]string{"来电人按了菜单里的键", "the caller pressed a key of the menu"},
		value: Speech.Missed,
	},
	FactHours: {
		want:  [2]string{"%[1]s时段的来电", "calls in the hours %[1]s"},
		got:   [2]string{"现在是%[1]s", "it is %[1]s now"},
		none:  [2]string{"现在不是", "it is none of them now"},
		value: quoted,
	},
	FactRepeat: {
		want:  [2]string{"%[1]s的来电", "calls of whoever %[1]s"},
		got:   [2]string{"这位%[1]s", "this caller %[1]s"},
		none:  [2]string{"这位半小时内没有打来过，或者已经有人接过", "this caller was not lost in line within the last half hour"},
		value: repeated,
	},
	FactRisk: {
		want:  [2]string{"%[1]s的来电", "calls from %[1]s"},
		got:   [2]string{"这个号码是%[1]s", "this is %[1]s"},
		none:  [2]string{"这个号码没有被标记", "no supervisor has marked this number"},
		value: risky,
	},
}

// matcher says what a route asks of a call, and what it found.
func (s Speech) matcher(c Check) string {
	words, known := spoken[c.Fact]
	if !known {
		words = factWords{
			want: [2]string{c.Fact + " 是 %[1]s 的来电", "calls whose " + c.Fact + " is %[1]s"},
			got:  [2]string{"这通是 %[1]s", "it is %[1]s"},
			none: [2]string{"这通没有", "it has none"},
		}
	}
	value := func(text string) string {
		if words.value != nil {
			return words.value(s, text)
		}
		return text
	}
	values := strings.Split(c.Want, " | ")
	for i := range values {
		values[i] = value(values[i])
	}
	found := s.f(words.none[0], words.none[1])
	if c.Got != "" {
		found = s.f(words.got[0], words.got[1], value(c.Got))
	}
	verdict := s.f("不符合", "no")
	if c.Held {
		verdict = s.f("符合", "yes")
	}
	return s.f("“%[1]s”只接%[2]s；%[3]s，%[4]s", "“%[1]s” takes %[2]s; %[3]s: %[4]s", c.Rule,
		s.f(words.want[0], words.want[1], s.either(values)), found, verdict)
}

// Keys are the keys of a path, in order: "2、1".
func (s Speech) Keys(path string) string { return s.all(strings.Split(path, "")) }

// Missed says how a caller came to a person without a choice.
func (s Speech) Missed(how string) string {
	switch how {
	case "silence":
		return s.f("没有按键", "no key")
	case "wrong":
		return s.f("按了菜单里没有的键", "a key that the menu has not")
	}
	return how
}

func quoted(s Speech, name string) string { return s.f("“%[1]s”", "“%[1]s”", name) }

func repeated(s Speech, value string) string {
	if value == RepeatLost {
		return s.f("半小时内打来过、没等到人接", "was lost in line within the last half hour")
	}
	return value
}

func risky(s Speech, value string) string {
	switch value {
	case RiskFlagged:
		return s.f("班长标记过的号码", "a number that a supervisor has marked")
	case RiskLimited:
		return s.f("确认滥用、限制期内的号码", "a number limited for a time after proven abuse")
	}
	return value
}
