package rehearsal

import (
	"fmt"
	"strings"
	"time"

	"weibao/ivr"
	"weibao/routing"
)

// f makes a difference of the one of two sentences that is in the language.
func (c *Comparison) f(kind Kind, effect Effect, zh, en string, args ...any) Difference {
	return Difference{Kind: kind, Effect: effect, Say: c.sprintf(zh, en, args...)}
}

func (c *Comparison) sprintf(zh, en string, args ...any) string {
	return fmt.Sprintf(c.word(zh, en), args...)
}

func (c *Comparison) word(zh, en string) string {
	if c.english {
		return en
	}
	return zh
}

// when is a time after the begin of a search.
func (c *Comparison) when(after time.Duration) string { return when(c.new.say, c.english, after) }

func when(say routing.Speech, english bool, after time.Duration) string {
	switch {
	case after == notAsked && english:
		return "never"
	case after == notAsked:
		return "不"
	case after == 0 && english:
		return "at once"
	case after == 0:
		return "马上"
	case english:
		return "after " + say.Duration(after)
	}
	return " " + say.Duration(after) + "后"
}

// list are telephone numbers, masked.
func (c *Comparison) list(numbers []string) string {
	if len(numbers) == 0 {
		return c.word("没有号码", "no number")
	}
	hidden := make([]string, len(numbers))
	for i, number := range numbers {
		hidden[i] = routing.Number(number).Masked()
	}
	return strings.Join(hidden, c.word("、", ", "))
}

// keys says what the same keys mean now, and which keys mean what these did.
func (c *Comparison) keys(a Arrival, was, would view) Difference {
	pressed := c.word("没有按键", "no key")
	if a.Keys != "" {
		pressed = c.sprintf("按 %[1]s", "key %[1]s", strings.TrimSpace(c.old.say.Keys(a.Keys)))
	}
	d := c.f(InKeys, Neutral, "%[1]s：原来是%[2]s，现在是%[3]s", "%[1]s: before %[2]s, now %[3]s", pressed, c.meaning(c.old, was.walk), c.meaning(c.new, would.walk))
	if was.walk.Missed != "" || was.walk.Intent == "" || was.walk.Intent == would.walk.Intent && would.walk.Missed == "" {
		return d
	}
	if keys := c.new.keysFor(would.region, was.walk.Intent); keys != "" {
		d.Say += c.sprintf("（%[1]s 现在按 %[2]s）", " (%[1]s is on key %[2]s now)", was.walk.Intent, strings.TrimSpace(c.new.say.Keys(keys)))
	} else {
		d.Say += c.sprintf("（菜单里不再有 %[1]s）", " (no key means %[1]s any more)", was.walk.Intent)
	}
	return d
}

// meaning is what the menus made of the keys: "来意 minors", "没有按键".
func (c *Comparison) meaning(r *Rules, w ivr.Walk) string {
	var parts []string
	if w.Missed != "" {
		parts = append(parts, r.say.Missed(w.Missed))
	}
	if w.Intent != "" {
		parts = append(parts, c.sprintf("来意 %[1]s", "the intent %[1]s", w.Intent))
	}
	if w.Language != "" {
		parts = append(parts, r.say.Language(w.Language))
	}
	return strings.Join(parts, c.word("，", ", "))
}
