package routing

import (
	"iter"
	"maps"
	"slices"
	"time"
)

// Rotas are the duty posts of the province. The zero value has none.
type Rotas struct {
	posts     map[string]*Rota
	overrides Overrides
}

// NewRotas makes the table of posts. Of a post that is there twice the last
// one wins; the reader of the configuration refuses such files before.
func NewRotas(rotas ...*Rota) Rotas {
	posts := make(map[string]*Rota, len(rotas))
	for _, rota := range rotas {
		posts[rota.post.Code] = rota
	}
	return Rotas{posts: posts}
}

// With is the same posts with these overrides in force, in the place of any
// before. It costs next to nothing and may be called for every question.
func (r Rotas) With(o Overrides) Rotas {
	r.overrides = o
	return r
}

// Overrides are those in force.
func (r Rotas) Overrides() Overrides { return r.overrides }

// Len is how many posts there are.
func (r Rotas) Len() int { return len(r.posts) }

// Posts are the codes of all posts, in order.
func (r Rotas) Posts() []string { return slices.Sorted(maps.Keys(r.posts)) }

// Post is the rota of one post, with its overrides.
func (r Rotas) Post(code string) (*Rota, bool) {
	rota, has := r.posts[code]
	if !has {
		return nil, false
	}
	return rota.with(r.overrides), true
}

// Of is the rota of the post that serves a region: its own, or the nearest
// above it up to the province.
func (r Rotas) Of(regions Regions, code string) (*Rota, bool) {
	for rota := range r.serving(regions, code) {
		return rota, true
	}
	return nil, false
}

// On resolves the duty of a region: its own post, or the nearest above it up
// to the province, also when its own post has nobody at that instant.
func (r Rotas) On(regions Regions, code string, at time.Time) (Duty, bool) {
	var passed []Passed
	for rota := range r.serving(regions, code) {
		duty, on := rota.On(at)
		if on {
			return duty.insteadOf(regions.byCode[code], passed), true
		}
		passed = append(passed, Passed{Post: duty.Post, Name: duty.Name, Since: duty.Since, Until: duty.Until})
	}
	return Duty{Passed: passed}, false
}

// serving are the posts of a region and of the units above it, nearest first.
// Where a region names the unit that is on duty for it, that one goes before
// its own post.
func (r Rotas) serving(regions Regions, code string) iter.Seq[*Rota] {
	return func(yield func(*Rota) bool) {
		for range len(regions.byCode) { // a circle ends too
			region, known := regions.byCode[code]
			if !known {
				return
			}
			for _, post := range [...]string{region.Duty, region.Code} {
				if rota, has := r.posts[post]; has && !yield(rota.with(r.overrides)) {
					return
				}
			}
			code = region.Parent
		}
	}
}
