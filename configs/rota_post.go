package configs

import (
	"maps"
	"slices"
	"time"

	"weibao/routing"
)

// Limits that no post comes near, so that no file, however made, holds up a
// reload.
const (
	mostShifts       = 24
	mostReplacements = 40
	mostOfficers     = 200
	mostOfList       = 60 // dates of a shift, teams of a rotation, officers of a team
)

// longestReplacement is what is still a replacement and not another rota.
const longestReplacement = 366 * 24 * time.Hour

// post checks one duty post and makes its rota.
func (b *rotaBook) post(src *source, p place, shape postShape) *routing.Rota {
	code, _ := p[1].(string)
	post := routing.Post{Code: code, Name: shape.Name, Numbers: texts(shape.Numbers), Zone: b.zone(src, p, shape.Zone)}
	c := postCheck{source: src, place: p, officers: shape.Officers, book: b}
	if !c.few(p.with("shifts"), len(shape.Shifts), mostShifts) || !c.few(p.with("replace"), len(shape.Replace), mostReplacements) || !c.few(p.with("officers"), len(shape.Officers), mostOfficers) {
		return routing.NewRota(post, b.calendar)
	}
	c.form(shape)
	for _, id := range slices.Sorted(maps.Keys(shape.Officers)) {
		officer := shape.Officers[id]
		post.Officers = append(post.Officers, routing.Officer{ID: routing.OfficerID(id), Name: officer.Name, Numbers: texts(officer.Numbers)})
	}
	for i, s := range shape.Shifts {
		post.Shifts = append(post.Shifts, c.shift(p.with("shifts").with(i), s))
	}
	plain := routing.NewRota(post, b.calendar)
	for i, r := range shape.Replace {
		post.Replacements = append(post.Replacements, c.replacement(i, r, plain))
	}
	c.overlaps(post.Replacements)
	rota := routing.NewRota(post, b.calendar)
	if !src.faulty(p) {
		c.idle(rota)
		c.horizon(rota)
	}
	return rota
}

// zone is a time zone by its name.
func (b *rotaBook) zone(src *source, p place, name string) *time.Location {
	if zone, known := b.zones[name]; known {
		return zone
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		src.wrong(p.with("zone"), Fault{
			What: say("没有时区 %s", "there is no time zone %s", quote(name)), Want: Words{ZH: "Asia/Shanghai"},
			Near: nearest(name, []string{"Asia/Shanghai", "Asia/Urumqi", "Asia/Seoul", "Asia/Tokyo", "Asia/Hong_Kong", "Europe/Berlin", "America/New_York", "UTC"}),
		})
		return b.zones[""]
	}
	b.zones[name] = zone
	return zone
}

// postCheck finds what is wrong with one post.
type postCheck struct {
	*source
	place    place
	officers map[name]officerShape
	book     *rotaBook
}

// form checks that a post is one of two things: numbers, or officers with
// shifts.
func (c postCheck) form(shape postShape) {
	switch {
	case c.faulty(c.place):
	case len(shape.Numbers) > 0 && (shape.Shifts != nil || shape.Officers != nil || shape.Replace != nil):
		c.wrongKey(c.place.with("numbers"), Fault{What: say(
			"写了 numbers 就不能再写 officers、shifts 和 replace：把号码写到值班员名下",
			"numbers can not stand beside officers, shifts and replace: give the numbers to the officers")})
	case len(shape.Numbers) > 0:
	case shape.Numbers != nil:
		c.wrong(c.place.with("numbers"), Fault{What: say("不能是空的", "this must not be empty")})
	case shape.Shifts == nil && shape.Officers == nil:
		c.wrong(c.place, Fault{What: say("没有值班号码", "there is no number to ring"), Want: say(
			"numbers（24 小时不变的号码），或 officers 和 shifts", "numbers (the same at every hour), or officers and shifts")})
	case len(shape.Officers) == 0:
		c.wrong(c.place, Fault{What: say("没有值班员（officers）", "there are no officers")})
	case len(shape.Shifts) == 0:
		c.wrong(c.place, Fault{What: say("没有班次（shifts）", "there are no shifts")})
	}
}

// few reports whether a list is no longer than a person can have written.
func (s *source) few(p place, n, most int) bool {
	if n > most {
		s.wrong(p, Fault{What: say("超过上限 %d 项", "more than the limit of %d", most)})
	}
	return n <= most
}

// officer reports whether a name is an officer's; if not, it is a fault.
func (c postCheck) officer(p place, id string) bool {
	if _, known := c.officers[name(id)]; known || id == "" || len(c.officers) == 0 {
		return known
	}
	ids := texts(slices.Sorted(maps.Keys(c.officers)))
	c.wrong(p, Fault{What: say("没有值班员 %s", "there is no officer %s", quote(id)), Want: one(ids), Near: nearest(id, ids)})
	return false
}

// one is a choice of names, cut where there are very many.
func one(names []string) Words {
	const most = 12
	if len(names) > most {
		names = append(slices.Clip(names[:most]), "…")
	}
	return oneOf(names)
}

// team checks who is on duty and in which order.
func (c postCheck) team(p place, team some) []routing.OfficerID {
	if len(team) == 0 {
		c.wrong(p, Fault{What: say("这个班没有人", "nobody is in this team"), Want: say("值班员的名字，按拨号的顺序", "officers in the order in which they are rung")})
	}
	if !c.few(p, len(team), mostOfList) {
		return nil
	}
	ids := make([]routing.OfficerID, len(team))
	for i, id := range team {
		at := c.item(p, i)
		c.officer(at, id)
		if slices.Contains(team[:i], id) {
			c.wrong(at, Fault{What: say("%s 在这个班里写了两次", "%s is in this team twice", id)})
		}
		ids[i] = routing.OfficerID(id)
	}
	return ids
}

// shift checks one shift.
func (c postCheck) shift(p place, shape shiftShape) routing.Shift {
	s := c.book.when(c.source, p, shape.whenShape)
	s.Name = shape.Name
	switch {
	case shape.On != nil && shape.Turns != nil:
		c.wrongKey(p.with("turns"), Fault{What: say("on 和 turns 只能写一个", "on and turns can not stand together")})
	case shape.Turns != nil:
		s.Turns = c.turns(p.with("turns"), *shape.Turns)
	case shape.On != nil:
		s.Team = c.team(p.with("on"), shape.On)
	case !c.faulty(p):
		c.wrong(p, Fault{What: say("没有写谁值班", "nobody is named"), Want: say("on 或 turns", "on or turns")})
	}
	return s
}

// turns checks a rotation.
func (c postCheck) turns(p place, shape turnsShape) routing.Turns {
	from, _ := routing.ParseDate(string(shape.From)) // a fault already
	t := routing.Turns{From: from, Every: shape.Every}
	if !c.few(p.with("teams"), len(shape.Teams), mostOfList) {
		return t
	}
	for i, team := range shape.Teams {
		t.Teams = append(t.Teams, c.team(p.with("teams").with(i), team))
	}
	return t
}
