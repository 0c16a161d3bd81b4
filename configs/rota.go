package configs

import (
	"maps"
	"slices"
	"time"

	"weibao/routing"
)

// rotaFile is the shape of each file in rota/.
type rotaFile struct {
	// Fallback is the number that Asterisk rings by itself when there is no
	// gateway and no seat answers. It stands in one of the files.
	Fallback digits `yaml:"fallback"`
	// Posts are the duty posts by the code of their region.
	Posts map[string]postShape `yaml:"posts"`
}

// postShape is one duty post (值班岗位).
type postShape struct {
	// Name is what people call the post.
	Name string `yaml:"name" need:"yes"`
	// Numbers are rung in this order until a person answers.
	Numbers []digits `yaml:"numbers" need:"yes"`
}

// rotaBook finds duty posts while the files are checked.
type rotaBook struct {
	sources  []*source
	fallback string
	rotas    routing.Rotas
	regions  *regionBook
}

func readRotas(sources []*source, regions *regionBook) *rotaBook {
	b := &rotaBook{sources: sources, rotas: make(routing.Rotas), regions: regions}
	in := make(map[string]*source)
	for _, src := range sources {
		var file rotaFile
		src.decode(&file)
		if file.Fallback != "" && b.fallback != "" {
			src.wrongKey(place{"fallback"}, Fault{What: say("后备号码（fallback）只能写一次", "the fallback number stands in one file only")})
		} else if file.Fallback != "" {
			b.fallback = string(file.Fallback)
		}
		for _, post := range slices.Sorted(maps.Keys(file.Posts)) {
			p := place{"posts", post}
			if other, twice := in[post]; twice {
				src.wrongKey(p, Fault{What: say("值班岗位 %s 在 %s 里已经有了", "the duty post %s is in %s already", post, other.name)})
				continue
			}
			in[post] = src
			if !b.knownPost(src, p, post) {
				continue
			}
			shape := file.Posts[post]
			b.rotas[post] = routing.Rota{Post: post, Name: shape.Name, Numbers: texts(shape.Numbers)}
		}
	}
	b.check()
	return b
}

func (b *rotaBook) knownPost(src *source, p place, post string) bool {
	if _, ok := b.regions.at[post]; ok || len(b.regions.rows) == 0 {
		return true
	}
	src.wrongKey(p, Fault{What: say("没有区域 %s", "there is no region %s", post), Near: nearest(post, b.regions.codes())})
	return false
}

func (b *rotaBook) broken() bool {
	return len(b.sources) == 0 || slices.ContainsFunc(b.sources, func(s *source) bool { return s.broken })
}

// check finds regions that have nobody on duty.
func (b *rotaBook) check() {
	if b.broken() {
		return
	}
	if b.fallback == "" {
		b.sources[0].wrong(nil, Fault{What: say("缺少后备号码（fallback）", "the fallback number is missing"), Want: say("网关停机时由交换机自动拨打的值班手机", "the duty phone that Asterisk rings when there is no gateway")})
	}
	if b.regions.unsound {
		return
	}
	for i, row := range b.regions.rows {
		if row.Duty != "" {
			b.covers(b.regions.src, b.regions.places[i].with("duty"), row.Duty)
		}
		if _, above := b.on(row.Parent); above || row.Parent == "" {
			b.covers(b.regions.src, b.regions.places[i], row.Code)
		}
	}
}

func (b *rotaBook) on(region string) (routing.Duty, bool) {
	return b.rotas.On(b.regions.table, region, time.Time{})
}

// covers adds a fault at that place when nobody is on duty for a region.
func (b *rotaBook) covers(src *source, p place, region string) {
	if _, ok := b.on(region); ok || b.broken() || b.regions.unsound {
		return
	}
	src.wrong(p, Fault{
		What: say("%s 没有值班电话，上级也没有", "nobody is on duty for %s, nor for the units above it", region),
		Want: say("rota/ 里有 %s 或上级的岗位", "a post for %s or a unit above it in rota/", region),
	})
}
