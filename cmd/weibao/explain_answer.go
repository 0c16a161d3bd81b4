package main

import (
	"regexp"
	"strings"
	"time"

	"weibao/call"
	"weibao/configs"
	"weibao/ivr"
	"weibao/routing"
)

// explanation is where a call would go, and why. Its JSON is what others rely
// on: see the help of the command.
type explanation struct {
	Guide      string            `json:"guide"`
	At         time.Time         `json:"at"`
	Day        string            `json:"day"`
	Dialled    string            `json:"dialled"`
	Trunk      string            `json:"trunk"`
	Region     string            `json:"region"`
	RegionName string            `json:"region_name"`
	Origin     saidCheck         `json:"origin"`
	Caller     explainedCaller   `json:"caller"`
	Menus      []explainedMenu   `json:"menus"`
	Keys       string            `json:"keys"`
	Intent     string            `json:"intent"`
	Missed     string            `json:"missed"`
	Language   string            `json:"language"`
	Facts      map[string]string `json:"facts"`
	Load       string            `json:"load"`
	Trace      []saidCheck       `json:"trace"`
	Route      string            `json:"route"`
	Priority   int               `json:"priority"`
	Steps      []explainedStep   `json:"steps"`
	Police     []explainedPolice `json:"police"`
	Places     *explainedPlaces  `json:"places,omitempty"`
	Want       []expectation     `json:"want,omitempty"`

	english bool
	known   routing.Caller
	speech  routing.Speech
	loads   configs.Loads
	// ringFor and restFor are how the telephones of duty officers are rung.
	ringFor, restFor time.Duration
}

// saidCheck is a check of the trace with its sentence.
type saidCheck struct {
	routing.Check
	Say string `json:"say"`
}

// explainedCaller is how a caller's number is understood; it is masked.
type explainedCaller struct {
	Kind     string `json:"kind"`
	Number   string `json:"number"`
	AreaCode string `json:"area_code"`
	// Hint is the city of the area code: no more than a hint.
	Hint string `json:"hint"`
	Say  string `json:"say"`
}

// explainedMenu is one stop of the walk through the menus.
type explainedMenu struct {
	Menu  string   `json:"menu"`
	Plays []played `json:"plays"`
	// Key is what was pressed then; empty for nothing.
	Key string `json:"key"`
	Say string `json:"say"`
}

// played is a prompt that the caller hears.
type played struct {
	Name string `json:"name"`
	Lang string `json:"lang"`
	Text string `json:"text"`
}

// explain asks the same functions that decide for a real call.
func explain(s *configs.Snapshot, q question) (explanation, error) {
	at, err := instant(q.at)
	if err != nil {
		return explanation{}, err
	}
	if q.facts == nil {
		q.facts = map[string]string{}
	}
	g := s.Guide
	e := explanation{
		Guide: s.Version, At: at.In(routing.Beijing()), Dialled: q.dialled, Trunk: q.trunk, Facts: q.facts, Load: q.load.String(),
		Menus: []explainedMenu{}, Trace: []saidCheck{}, Steps: []explainedStep{}, Police: []explainedPolice{},
		english: q.lang == "en", speech: g.Plan.In(q.lang), loads: q.load, ringFor: g.Times.DutyRing, restFor: g.Times.DutyRest,
	}
	city, origin := g.Regions.OfCall(routing.Origin{Trunk: q.trunk, Header: q.region, Dialled: q.dialled}, g.Home)
	e.Region, e.RegionName, e.Origin = city, e.speech.Region(city), e.said(origin)
	if day, known := s.Calendar.On(routing.DateOf(e.At), city); known {
		e.Day = day.Say(q.lang)
	}
	number := routing.Number(q.caller)
	e.known = routing.Normalise(q.caller, g.Regions, city)
	e.caller(e.known)
	walk := e.walk(s, q.keys)
	d := g.Plan.Decide(call.Request(call.Call{
		Dialled: q.dialled, Region: city, Number: number, Trunk: q.trunk, Walk: walk, Facts: q.facts,
	}, at))
	e.Keys, e.Intent, e.Missed, e.Language = walk.Keys, walk.Intent, walk.Missed, walk.Language
	e.Route, e.Priority = d.Route, d.Priority
	for _, check := range d.Trace {
		e.Trace = append(e.Trace, e.said(check))
	}
	for _, begins := range d.Timeline(q.load.Of) {
		e.Steps = append(e.Steps, e.step(s, begins))
	}
	e.where(g, q.places)
	return e, nil
}

// words is the one of two texts that is in the language of the answer.
func (e *explanation) words(zh, en string) string {
	if e.english {
		return en
	}
	return zh
}

func (e *explanation) said(c routing.Check) saidCheck {
	say := e.speech.Check(c)
	c.Rule, c.Want, c.Got = maskNumbers(c.Rule), maskNumbers(c.Want), maskNumbers(c.Got)
	return saidCheck{Check: c, Say: say}
}

// maskNumbers masks the numbers of targets in a text.
func maskNumbers(text string) string {
	return regexp.MustCompile(`number:\d+`).ReplaceAllStringFunc(text, func(target string) string {
		number := strings.TrimPrefix(target, "number:")
		return "number:" + routing.Number(number).Masked()
	})
}

func (e *explanation) caller(c routing.Caller) {
	e.Caller = explainedCaller{
		Kind: c.Kind.String(), Number: c.E164.Masked(), AreaCode: c.AreaCode, Hint: c.Hint, Say: e.speech.Caller(c),
	}
	if c.E164 == "" {
		e.Caller.Number = c.Raw.Masked()
	}
}

// walk goes through the menus key by key; when the keys end in one, silence
// follows.
func (e *explanation) walk(s *configs.Snapshot, keys string) ivr.Walk {
	book := s.Guide.Menus
	walk, prompts := book.Start(e.Region)
	for _, key := range append(strings.Split(keys, ""), "") {
		if keys == "" || walk.Done {
			break
		}
		walk, prompts = e.stop(s, walk, prompts, key)
	}
	if !walk.Done {
		walk, prompts = e.stop(s, walk, prompts, "")
	}
	if len(prompts) > 0 {
		e.Menus = append(e.Menus, explainedMenu{Plays: texts(s, prompts), Say: e.words("转接时播放", "played on the way")})
	}
	if rest := strings.TrimPrefix(keys, walk.Keys); rest != "" {
		walk.Person = e.inLine(s, rest) || walk.Person
	}
	return walk
}

// stop is one menu: what it says, what was pressed, what that means.
func (e *explanation) stop(s *configs.Snapshot, before ivr.Walk, prompts []ivr.Prompt, key string) (ivr.Walk, []ivr.Prompt) {
	book := s.Guide.Menus
	after, next := book.Next(before, ivr.Input{Key: key})
	menu, _, _ := strings.Cut(before.Menu, "@")
	e.Menus = append(e.Menus, explainedMenu{
		Menu: menu, Plays: texts(s, prompts), Key: key, Say: e.meaning(before, after, key, book.Wait(before)),
	})
	return after, next
}

// meaning says what a key does: "按 6：来意是 minors，转人工".
func (e *explanation) meaning(before, after ivr.Walk, key string, wait time.Duration) string {
	said := e.words("按 ", "key ") + key
	if key == "" {
		said = e.words("等 ", "nothing for ") + e.speech.Duration(wait) + e.words("没有按键", "")
	}
	if after.Missed == ivr.MissedWrong {
		said += e.words("（菜单里没有这个键）", " (which the menu has not)")
	}
	said += e.words("：", ": ")
	if after.Language != before.Language {
		said += e.words("选了", "chooses ") + e.speech.Language(after.Language) + e.words("，", ", ")
	}
	switch after.Act {
	case ivr.ActPerson:
		said += e.words("马上找人，", "a person now, ")
	case ivr.ActCallBack:
		return said + e.words("登记回电，位置保留", "a call-back is left, the place is kept") + e.hours(after.Hours)
	case ivr.ActUnsafe:
		return said + e.words("不要打这个号码，接着等", "never ring this number; the caller waits on")
	case ivr.ActWait:
		return said + e.words("接着等，位置保留", "the caller waits on, the place is kept")
	}
	if !after.Done {
		menu, _, _ := strings.Cut(after.Menu, "@")
		return said + e.words("进入菜单 ", "on to the menu ") + menu
	}
	if after.Intent != "" {
		said += e.words("来意是 ", "the intent is ") + after.Intent + e.words("，", ", ")
	}
	return said + e.words("转人工", "on to a person")
}

// texts are prompts with what is said in them.
func texts(s *configs.Snapshot, prompts []ivr.Prompt) []played {
	plays := make([]played, 0, len(prompts))
	for _, prompt := range prompts {
		p := played{Name: prompt.Name, Lang: prompt.Lang}
		for _, text := range s.Prompts {
			if text.Name == prompt.Name && text.Lang == prompt.Lang {
				p.Text = text.Text
			}
		}
		plays = append(plays, p)
	}
	return plays
}
