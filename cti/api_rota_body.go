package cti

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"weibao/routing"
)

// overrideBody is what is asked for: one change, or several that count both or
// neither (换班).
type overrideBody struct {
	changeBody
	Changes []changeBody `json:"changes"`
	Why     string       `json:"why"`
	// Ask leaves the approval to somebody else also where the role could.
	Ask bool `json:"ask"`
}

type changeBody struct {
	From string            `json:"from"`
	To   string            `json:"to"`
	Out  routing.OfficerID `json:"out"`
	In   routing.Officer   `json:"in"`
}

func (c changeBody) empty() bool {
	return c.From == "" && c.To == "" && c.Out == "" && c.In.ID == "" && c.In.Name == "" && len(c.In.Numbers) == 0
}

type handOverBody struct {
	Text string `json:"text"`
}

// The limits of what is asked for.
const (
	overrideLongest = 92 * 24 * time.Hour  // of one change
	overrideAhead   = 366 * 24 * time.Hour // until it begins
	overrideChanges = 8
	overrideNumbers = 5   // of one person
	maxReason       = 200 // characters
	maxNote         = 2000
)

// fault is a fault of a body, Chinese first.
func fault(zh, en string, args ...any) error {
	return problem(http.StatusBadRequest, fmt.Sprintf(zh, args...)+" ("+fmt.Sprintf(en, args...)+")")
}

// postOf finds the post of the path. The province has some 50; a county
// without one is told whose its duty is.
func (s *Server) postOf(r *http.Request) (*routing.Rota, error) {
	code, rotas := r.PathValue("post"), s.opts.Rotas()
	if rota, has := rotas.Post(code); has {
		return rota, nil
	}
	said := fmt.Sprintf("没有值班岗位 %s (there is no duty post %s)", code, code)
	if rota, serves := rotas.Of(s.opts.Regions(), code); serves {
		post := rota.Post()
		said = fmt.Sprintf("%s 没有自己的值班岗位，由 %s（%s）负责 (no post of its own; it is %s's duty)", code, post.Code, post.Name, post.Code)
	} else if near := nearestName(code, rotas.Posts(), 2); near != "" {
		said += fmt.Sprintf("，是否想写 %s [did you mean %s]", near, near)
	}
	return nil, problem(http.StatusNotFound, said)
}

// overrideOf makes the override that a body asks for, or says what is wrong.
func (b overrideBody) overrideOf(rota *routing.Rota, at time.Time) (routing.Override, error) {
	o := routing.Override{Post: rota.Post().Code, Why: strings.TrimSpace(b.Why)}
	if err := short("why", o.Why, maxReason); err != nil {
		return o, err
	}
	wanted := b.Changes
	switch {
	case len(wanted) == 0:
		wanted = []changeBody{b.changeBody}
	case !b.empty():
		return o, fault("changes 与 from、to、out、in 只能写一种", "give changes, or from, to, out and in, not both")
	case len(wanted) > overrideChanges:
		return o, fault("一次最多 %d 处调整", "at most %d changes at once", overrideChanges)
	}
	for _, c := range wanted {
		change, err := c.changeOf(rota, at)
		if err != nil {
			return o, err
		}
		o.Changes = append(o.Changes, change)
	}
	if err := o.Check(); err != nil {
		return o, problem(http.StatusBadRequest, err.Error())
	}
	return o, nil
}

func (c changeBody) changeOf(rota *routing.Rota, at time.Time) (routing.DutyChange, error) {
	made := routing.DutyChange{Out: c.Out}
	var err error
	if made.From, made.To, err = c.interval(rota.Post().Zone, at); err != nil {
		return made, err
	}
	if made.In, err = c.comes(rota.Post()); err != nil {
		return made, err
	}
	if c.Out == "" {
		return made, nil
	}
	if _, err := officerOf(rota.Post(), c.Out); err != nil {
		return made, err
	}
	if c.Out == c.In.ID {
		return made, fault("%s 不能替自己", "%s can not replace themselves", c.Out)
	}
	return made, leaves(rota, made)
}

// interval reads from and to, and refuses what is over, backwards, or so long
// or far away that it must be a slip.
func (c changeBody) interval(zone *time.Location, at time.Time) (from, to time.Time, err error) {
	if from, err = instantOf("from", c.From, zone); err != nil {
		return from, to, err
	}
	if to, err = instantOf("to", c.To, zone); err != nil {
		return from, to, err
	}
	switch {
	case !from.Before(to):
		return from, to, fault("结束 %s 不晚于开始 %s", "it ends %s and begins %s", c.To, c.From)
	case !to.After(at):
		return from, to, fault("这段时间已经过去：%s", "it is over since %s", c.To)
	case to.Sub(from) > overrideLongest:
		return from, to, fault("一次最多 %d 天；长期的变动请改值班表", "at most %d days; a lasting change belongs in the file", int(overrideLongest.Hours())/24)
	case from.Sub(at) > overrideAhead:
		return from, to, fault("开始时间 %s 在一年以后", "it begins more than a year from now: %s", c.From)
	}
	return from, to, nil
}

// instantOf reads an instant with its zone, or a time on the post's own clocks.
func instantOf(field, text string, zone *time.Location) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02 15:04"} {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fault("%s 写成 2026-10-01T18:00+08:00，或岗位当地的 2026-10-01 18:00，现在是 %q", "field %s: want a time with its zone or on the post's clocks, got %q", field, text)
}

// comes is who comes: an officer of the files, whose name and numbers are
// written down as they are now, or anybody with a name and numbers.
func (c changeBody) comes(post routing.Post) (routing.Officer, error) {
	in := c.In
	switch {
	case in.ID != "" && (in.Name != "" || len(in.Numbers) > 0):
		return in, fault("in 写 id，或者写 name 和 numbers，不能都写", "in: give an id, or a name and numbers, not both")
	case in.ID != "":
		return officerOf(post, in.ID)
	case in.Name == "":
		return in, fault("谁来值班？in 要有 id，或者 name 和 numbers", "who comes? in needs an id, or a name and numbers")
	case len(in.Numbers) == 0:
		return in, fault("%s 没有号码，接不到孩子的电话", "%s has no number and can not be rung", in.Name)
	case len(in.Numbers) > overrideNumbers:
		return in, fault("一个人最多 %d 个号码", "at most %d numbers a person", overrideNumbers)
	}
	for _, number := range in.Numbers {
		// Not 110 either: nobody calls the police without a filing.
		kind := routing.Normalise(number, routing.Regions{}, "").Kind
		if !routing.Digits(number) || kind != routing.Mobile && kind != routing.Landline {
			return in, fault("%q 不是个人的电话号码（手机，或区号加号码）", "%q is not a person's telephone number", routing.Number(number).Masked())
		}
	}
	return in, short("in.name", in.Name, maxWord)
}

// officerOf finds an officer of the post, by id.
func officerOf(post routing.Post, id routing.OfficerID) (routing.Officer, error) {
	var ids []string
	for _, officer := range post.Officers {
		if officer.ID == id {
			return officer, nil
		}
		ids = append(ids, string(officer.ID))
	}
	if len(ids) == 0 {
		return routing.Officer{}, fault("%s（%s）的值班表没有列值班员：来的人写 name 和 numbers，out 不写", "%[2]s lists no officers: give a name and numbers, and leave out empty", post.Name, post.Code)
	}
	near := nearestName(string(id), ids, len(id)/3+1)
	for _, officer := range post.Officers {
		if officer.Name == string(id) {
			near = string(officer.ID)
		}
	}
	hint := "，这个岗位有 [there are] " + strings.Join(ids, ", ")
	if near != "" {
		hint = "，是否想写 [did you mean] " + near
	}
	return routing.Officer{}, problem(http.StatusBadRequest, fmt.Sprintf("%s（%s）没有值班员 %s (no such officer)", post.Name, post.Code, id)+hint)
}

// leaves reports an officer who is not on duty in all that time, with or
// without the overrides in force: such a change would do nothing, and whoever
// asks for it would believe that it did.
func leaves(rota *routing.Rota, c routing.DutyChange) error {
	var others []string
	bare, _ := routing.NewRotas(rota).Post(rota.Post().Code)
	for _, asked := range []*routing.Rota{bare, rota} {
		for at := c.From; at.Before(c.To); {
			duty, _ := asked.On(at)
			for _, officer := range duty.Officers {
				if officer.ID == c.Out {
					return nil
				}
				if !slices.Contains(others, officer.Name) {
					others = append(others, officer.Name)
				}
			}
			if !duty.Until.After(at) {
				break
			}
			at = duty.Until
		}
	}
	return fault("%s 在这段时间不值班；值班的是 %s", "%s is not on duty then; on duty: %s", c.Out, strings.Join(others, "、"))
}
