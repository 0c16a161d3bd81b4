package routing

import "time"

// Hours is a named set of times: "夜间", "春节". It comes on the same days and
// times of the wall as the shifts of a rota, so it is kept as one: a post with
// one officer who is there or not. A city has its own holidays, and so its own.
type Hours struct{ byRegion map[string]*Rota }

// NewHours makes hours of the spans that belong to it, for every city.
func NewHours(spans []Shift, calendar Calendar, regions Regions) Hours {
	h := Hours{byRegion: make(map[string]*Rota)}
	somebody := Officer{ID: "somebody", Numbers: []string{"0"}}
	post := Post{Officers: []Officer{somebody}}
	for _, span := range spans {
		span.Team = []OfficerID{somebody.ID}
		post.Shifts = append(post.Shifts, span)
	}
	for _, city := range append(regions.Cities(), Region{}) {
		post.Code = city.Code
		h.byRegion[city.Code] = NewRota(post, calendar)
	}
	return h
}

// Cover reports whether an instant is within the hours of a city; for any
// other region those of the country count.
func (h Hours) Cover(at time.Time, region string) bool {
	rota, known := h.byRegion[region]
	if !known {
		rota = h.byRegion[""]
	}
	if rota == nil {
		return false
	}
	_, within := rota.On(at)
	return within
}

// inHours is the first of the named hours that a request comes in; without one
// it is the time of the call for people.
func (p *Plan) inHours(names []string, r *Request) (string, bool) {
	for _, name := range names {
		if p.Hours[name].Cover(r.At, r.Region) {
			return name, true
		}
	}
	return "", false
}
