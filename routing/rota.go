package routing

import "time"

// Rota says who is on duty (值班) at a post. For now a post has its numbers
// for every hour; shifts, holidays and overrides come with the full rota.
type Rota struct {
	// Post is the code of the region whose duty post this is.
	Post string
	Name string
	// Numbers are rung in this order until a person answers.
	Numbers []string
}

// Duty is the answer of a rota: who is to be rung, in which order.
type Duty struct {
	Post    string
	Name    string
	Numbers []string
}

// On returns who is on duty at that instant. Phone, screen, notice and audit
// all ask this one function. The second result is false when nobody is.
func (r Rota) On(_ time.Time) (Duty, bool) {
	return Duty(r), len(r.Numbers) > 0
}

// Rotas are the duty posts by region code.
type Rotas map[string]Rota

// On resolves the duty of a region: its own post, or the nearest above it up
// to the province.
func (r Rotas) On(regions Regions, code string, at time.Time) (Duty, bool) {
	for _, region := range regions.above(code) {
		for _, post := range []string{region.Duty, region.Code} {
			if rota, has := r[post]; has {
				if duty, on := rota.On(at); on {
					return duty, true
				}
			}
		}
	}
	return Duty{}, false
}
