package main

import (
	"strings"

	"weibao/call"
	"weibao/configs"
	"weibao/ivr"
)

// inLine goes on with the keys that a caller presses in line and reports
// whether one of them asks for a person now.
func (e *explanation) inLine(s *configs.Snapshot, keys string) (person bool) {
	book, c := s.Guide.Menus, call.Call{Known: e.known}
	var walk ivr.Walk
	for key := range strings.SplitSeq(keys, "") {
		var prompts []ivr.Prompt
		if walk.Menu == "" {
			root, any := book.InLine(call.LineOf(c), e.Region)
			if !any {
				e.Menus = append(e.Menus, explainedMenu{Key: keys, Plays: []played{}, Say: e.words("已经转人工，后面的按键没有作用", "the caller is with people already; the keys after it do nothing")})
				return person
			}
			walk, prompts = root, book.Greeting(root)
		}
		walk, prompts = e.stop(s, walk, prompts, key)
		person = person || walk.Person
		if !walk.Done {
			continue
		}
		switch walk.Act {
		case ivr.ActCallBack:
			c.Safe = call.Safe
		case ivr.ActUnsafe:
			c.Safe = call.Unsafe
		case ivr.ActPerson, ivr.ActWait:
		}
		if len(prompts) > 0 {
			e.Menus = append(e.Menus, explainedMenu{Plays: texts(s, prompts), Say: e.words("排队时播放", "played in line")})
		}
		walk = ivr.Walk{}
	}
	return person
}

// hours say when the caller may be rung.
func (e *explanation) hours(name string) string {
	if name == "" {
		return e.words("，随时可以打", ", to be rung at any time")
	}
	return e.words("，在“"+name+"”打", ", to be rung in the hours “"+name+"”")
}
