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
	Fallback digits `yaml:"fallback" zh:"网关停机、又没有坐席接听时，交换机自己拨的值班手机；所有文件里只写一次"`
	// Posts are the duty posts by the code of their region.
	Posts map[string]postShape `yaml:"posts" zh:"值班岗位，按区域的代码；没有岗位的区域由上级负责"`
}

// postShape is one duty post (值班岗位): the same numbers at every hour, or
// officers and shifts.
type postShape struct {
	// Name is what people call the post.
	Name string `yaml:"name" need:"yes" zh:"岗位名称"`
	// Numbers are rung in this order at every hour until a person answers.
	// Default: those of the officers of the shift.
	Numbers []digits `yaml:"numbers" zh:"24 小时不变的值班号码，按顺序拨，直到有人接；写了它就不写 officers 和 shifts"`
	// Zone is where the post's clocks hang. Default: Asia/Shanghai.
	Zone string `yaml:"zone" zh:"时区；不写就是 Asia/Shanghai（北京时间）"`
	// Officers are the people who can be on duty, by a short name.
	Officers map[name]officerShape `yaml:"officers" zh:"值班员，按简短的名字，如 jin"`
	// Shifts are read from the top: the first one that covers an instant
	// counts.
	Shifts []shiftShape `yaml:"shifts" zh:"班次，从上往下看，第一个覆盖当时的算数；特殊的日子写在上面"`
	// Replace puts officers in the place of others for a time. Default: none.
	Replace []replaceShape `yaml:"replace" zh:"临时替班；没有就不写"`
}

// officerShape is one duty officer (值班员).
type officerShape struct {
	// Name is the person's name.
	Name string `yaml:"name" need:"yes" zh:"姓名"`
	// Numbers are rung in this order until the person answers.
	Numbers []digits `yaml:"numbers" need:"yes" zh:"这个人的号码，按顺序拨"`
}

// shiftShape is one shift (班次). It comes on the days that days, dates and
// holidays all allow.
type shiftShape struct {
	// Name is what people call it.
	Name string `yaml:"name" need:"yes" zh:"班次名称"`
	whenShape
	// On are the officers in the order in which they are rung.
	On some `yaml:"on" zh:"谁值班，按拨号的顺序：先主班，后备班"`
	// Turns change the team every so many days, in the place of on.
	Turns *turnsShape `yaml:"turns" zh:"几组人轮流值班，代替 on"`
}

// turnsShape is a rotation (轮班).
type turnsShape struct {
	// From is the day on which the first team begins.
	From date `yaml:"from" need:"yes" zh:"第一组从哪天开始；以前的日子往回推"`
	// Every is how many days a team's turn lasts. Default: 7.
	Every int `yaml:"every" min:"1" max:"366" zh:"几天换一组"`
	// Teams take turns in this order.
	Teams []some `yaml:"teams" need:"yes" zh:"各组，每组按拨号的顺序"`
}

func (t *turnsShape) defaults() { t.Every = 7 }

// replaceShape is one temporary replacement (替班).
type replaceShape struct {
	// Out is the officer who is away.
	Out string `yaml:"out" need:"yes" zh:"谁不在"`
	// In is the officer who comes.
	In string `yaml:"in" need:"yes" zh:"谁来替"`
	// From is the first minute, To the first one after it.
	From wallTime `yaml:"from" need:"yes" zh:"从什么时候，如 2026-12-01 08:00"`
	To   wallTime `yaml:"to" need:"yes" zh:"到什么时候"`
	// Why is the reason, for the record.
	Why string `yaml:"why" zh:"原因，会出现在说明和记录里"`
}

// rotaBook finds duty posts while the files are checked.
type rotaBook struct {
	sources  []*source
	fallback string
	rotas    routing.Rotas
	regions  *regionBook
	calendar routing.Calendar
	// at is when the files come into force.
	at    time.Time
	zones map[string]*time.Location
	// named are the names of all holidays.
	named []string
	// missed are years of which a fault says that they are missing.
	missed map[int]bool
}

func readRotas(sources []*source, regions *regionBook, holidays *holidayBook, at time.Time) *rotaBook {
	b := &rotaBook{
		sources: sources, regions: regions, calendar: holidays.compile(), at: at,
		zones: map[string]*time.Location{"": routing.Beijing()}, missed: make(map[int]bool),
	}
	b.named = b.calendar.Names()
	in := make(map[string]*source)
	var rotas []*routing.Rota
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
			if b.knownPost(src, p, post) {
				rotas = append(rotas, b.post(src, p, file.Posts[post]))
			}
		}
	}
	b.rotas = routing.NewRotas(rotas...)
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

// check finds regions that have no post at all.
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
		if above := b.served(row.Parent); above || row.Parent == "" {
			b.covers(b.regions.src, b.regions.places[i], row.Code)
		}
	}
}

// served reports whether a region or a unit above it has a post.
func (b *rotaBook) served(region string) bool {
	_, is := b.rotas.Of(b.regions.table, region)
	return is
}

// covers adds a fault at that place when no post serves a region.
func (b *rotaBook) covers(src *source, p place, region string) {
	if b.served(region) || b.broken() || b.regions.unsound {
		return
	}
	src.wrong(p, Fault{
		What: say("%s 没有值班电话，上级也没有", "nobody is on duty for %s, nor for the units above it", region),
		Want: say("rota/ 里有 %s 或上级的岗位", "a post for %s or a unit above it in rota/", region),
	})
}
