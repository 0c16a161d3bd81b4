package configs

import (
	"slices"

	"weibao/ivr"
	"weibao/routing"
)

// act is what a key does besides leading on.
type act string

func (act) choices() []string {
	return []string{string(ivr.ActPerson), string(ivr.ActCallBack), string(ivr.ActUnsafe), string(ivr.ActWait)}
}

func (a act) check() (Words, bool) {
	return Words{"person（马上找人）、callback（登记回电）、unsafe（不要回电）或 wait（接着等）", "person, callback, unsafe or wait"},
		slices.Contains(a.choices(), string(a))
}

// lineOf is the line that a word of a menu's for means; "" when it means none.
func lineOf(word string) ivr.Line {
	if lines := ivr.Lines(); slices.Contains(lines, ivr.Line(word)) {
		return ivr.Line(word)
	}
	return ""
}

// takeLine notes for which line a menu counts.
func (b *menuBook) takeLine(src *source, p place, n string, line ivr.Line) {
	if other, taken := b.lines[line]; taken {
		src.wrong(p, Fault{What: say("%s 已经是菜单 %s", "the menu of %s is %s already", line, other)})
		return
	}
	b.lines[line] = n
}

// inLine reports whether a caller in one of these lines can come to a menu.
func (b *menuBook) inLine(n string, lines ...ivr.Line) bool {
	for _, line := range lines {
		if root, ok := b.lines[line]; ok && slices.Contains(b.reachable(root), n) {
			return true
		}
	}
	return false
}

// greeted reports whether a caller who has only come can come to a menu.
func (b *menuBook) greeted(n string) bool {
	for _, root := range b.greets {
		if slices.Contains(b.reachable(root), n) {
			return true
		}
	}
	return false
}

// checkAct checks what a choice does, beside where it leads: from a greeting
// to a person, from the line back into it. There is no way out of the line but
// a person.
func (b *menuBook) checkAct(src *source, n string, at place, c choiceShape) {
	line := b.inLine(n, ivr.Lines()...)
	switch {
	case line && c.Intent != "":
		src.wrong(at.with("intent"), Fault{
			What: say("排队时的菜单里不能写 intent：来电人已经在等人接", "there is no intent in line: the caller waits for a person already"),
			Want: say("act: person 马上找人，act: wait 接着等，或 menu", "act: person, act: wait, or a menu"),
		})
	case line && c.Language != "":
		src.wrong(at.with("language"), Fault{What: say("语言在开头的菜单里选，排队时不能选", "a language is chosen in the greeting, not in line")})
	case line && c.Menu != "" && c.Act != "":
		src.wrong(at, Fault{What: say("menu 和 act 只能写一个", "there can be a menu or an act, not both")})
	case line && c.Menu == "" && c.Act == "" && !src.faulty(at):
		src.wrong(at, Fault{What: say("这个按键没有去处", "this way leads nowhere"), Want: say("act（例如 wait，接着等）或 menu", "an act, such as wait, or a menu")})
	case b.greeted(n) && c.Act != "" && (act(ivr.ActPerson) != c.Act || c.Menu != ""):
		src.wrong(at.with("act"), Fault{
			What: say("来电人还没有排队，不能写 act: %s", "the caller is not in line yet: no act %s here", c.Act),
			Want: say("act: person 和 intent 写在一起", "act: person together with an intent"),
		})
	case c.Hours != "" && c.Act != act(ivr.ActCallBack):
		src.wrong(at.with("hours"), Fault{What: say("hours 只和 act: callback 写在一起", "hours belong to act: callback")})
	case c.Act == act(ivr.ActCallBack) && len(c.Say) > 0:
		src.wrong(at.with("say"), Fault{What: say("登记回电后说的话写在 prompts.yaml 的 purposes.promised", "what is said after a call-back was left is purposes.promised of prompts.yaml")})
	case c.Act == act(ivr.ActCallBack) && b.inLine(n, ivr.LineWithheld):
		src.wrong(at.with("act"), Fault{What: say("没有显示号码的来电人不能登记回电", "a caller without a number can not leave a call-back")})
	}
}

// checkSafe checks that nobody can leave a call-back who was not asked whether
// it is safe: a menu on the way has a key that says no.
func (b *menuBook) checkSafe() {
	if b.broken() {
		return
	}
	for _, line := range ivr.Lines() {
		if root, ok := b.lines[line]; ok {
			b.asked(root, false, nil)
		}
	}
}

func (b *menuBook) asked(n string, asked bool, through []string) {
	if slices.Contains(through, n) {
		return // a circle, which is a fault elsewhere
	}
	choices := b.menus[n].choices()
	asked = asked || slices.ContainsFunc(choices, func(c placedChoice) bool { return c.Act == act(ivr.ActUnsafe) })
	for _, c := range choices {
		at := append(place{"menus", n}, c.at...)
		switch src := b.in[n]; {
		case b.has(c.Menu):
			b.asked(c.Menu, asked, append(slices.Clip(through), n))
		case c.Act == act(ivr.ActCallBack) && !asked && !src.faulty(at):
			src.wrong(at.with("act"), Fault{
				What: say("没有先问回电安全不安全", "nobody has asked whether it is safe to ring back"),
				Want: say("前一级菜单里有一个键写 act: unsafe", "a key with act: unsafe in a menu on the way"),
			})
		}
	}
}

// checkHours checks the hours that keys name against those of the plan, and
// returns those that are used.
func (b *menuBook) checkHours(known []string) []string {
	var used []string
	for _, n := range b.names() {
		for _, c := range b.menus[n].choices() {
			if c.Hours == "" {
				continue
			}
			used = append(used, c.Hours)
			at := append(place{"menus", n}, c.at...).with("hours")
			if !slices.Contains(known, c.Hours) {
				b.in[n].wrong(at, Fault{
					What: say("plan.yaml 的 hours 里没有 %s", "there are no hours %s in plan.yaml", quote(c.Hours)), Near: nearest(c.Hours, known),
				})
			}
		}
	}
	return used
}

// compileLines gives every city the menus of its lines.
func (b *menuBook) compileLines(book *ivr.Book, city routing.Region, codes ...string) {
	for line, root := range b.lines {
		for _, n := range b.reachable(root) {
			menu := b.menuOf(city, n)
			book.Menus[menu.Name] = menu
		}
		if book.Lines[line] == nil {
			book.Lines[line] = make(map[string]string)
		}
		for _, code := range codes {
			book.Lines[line][code] = menuName(root, city)
		}
	}
}
