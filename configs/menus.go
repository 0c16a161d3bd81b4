package configs

import (
	"maps"
	"slices"
	"strings"
	"time"

	"weibao/ivr"
	"weibao/routing"
)

// menusFile is the shape of each file in menus/.
type menusFile struct {
	Menus map[name]menuShape `yaml:"menus" need:"yes" zh:"菜单，按名字"`
}

// menuShape is one level of choices.
type menuShape struct {
	// For names the regions whose callers this menu greets; "*" is any other.
	// "line" is the menu whose keys count while a caller waits in line,
	// "line.withheld" the one for callers without a number, "line.settled" the
	// one for who has said already whether to be rung back; its greeting is said
	// with the place in line. Default: none, so that only another menu leads here.
	For some `yaml:"for" zh:"接待哪些市（州）的来电，“*” 是其余的；line 是排队时按键用的菜单，line.withheld 给没有显示号码的来电人，line.settled 给已经选过要不要回电的人；不写就只能从别的菜单进入"`
	// Greeting is played first, any key interrupts it. <region> stands for
	// the city's code; it is spoken in each language of the city.
	Greeting some `yaml:"greeting" need:"yes" zh:"依次播放的提示音，按任何键都立即打断；<region> 代表市（州）的代码"`
	// Wait is how long the menu listens after the greeting. Default: 5s.
	Wait time.Duration `yaml:"wait" min:"1s" max:"15s" zh:"播完后等多久按键"`
	// Keys are the choices.
	Keys map[press]choiceShape `yaml:"keys" need:"yes" zh:"按键，要加引号"`
	// Silence is taken when no key came, Wrong for a key without a choice and
	// for a hook flash. Both lead to a person, in line back into it.
	Silence choiceShape `yaml:"silence" need:"yes" zh:"没有按键时"`
	Wrong   choiceShape `yaml:"wrong" need:"yes" zh:"按了没有设的键时"`
}

func (m *menuShape) defaults() { m.Wait = 5 * time.Second }

// choiceShape is where a key leads: another menu or a person.
type choiceShape struct {
	// Say is played on the way. Default: nothing.
	Say some `yaml:"say" zh:"转过去之前先放的提示音；不写就不放"`
	// Menu is the next menu.
	Menu string `yaml:"menu" zh:"进入哪个下一级菜单；和 intent 二选一"`
	// Intent is what the caller wants, as the plan and the screen see it; the
	// choice leads to a person. One of menu and intent is given; in line there is
	// an act in its place.
	Intent name `yaml:"intent" zh:"来意，转人工并告诉坐席；和 menu 二选一，排队时的菜单里改写 act"`
	// Act is what the key does besides: "person" asks for a person now, before
	// every ordinary turn. In line only: "callback" leaves a call-back that keeps
	// the place, "unsafe" says never to ring this number, "wait" waits on.
	Act act `yaml:"act" zh:"person：马上找人，排到前面；只在排队时：callback 登记回电、unsafe 不要回电、wait 接着等"`
	// Hours are those of plan.yaml in which the caller may be rung, with
	// callback. Default: at any time.
	Hours string `yaml:"hours" zh:"和 callback 一起：plan.yaml 里哪个时段可以回电；不写就是随时"`
	// Language is the one that the caller has chosen with this key. Default:
	// the key says nothing of it.
	Language language `yaml:"language" zh:"按这个键就是选了这种语言，之后的提示和坐席都按它"`
}

// menuBook is all menus while they are checked.
type menuBook struct {
	sources []*source
	menus   map[string]menuShape
	in      map[string]*source // where each menu stands
	greets  map[string]string  // region or "*" → menu
	lines   map[ivr.Line]string
	prompts *promptBook
	regions *regionBook
}

// anyRegion in a menu's for stands for every region that no other greets.
const anyRegion = "*"

func readMenus(sources []*source, prompts *promptBook, regions *regionBook) *menuBook {
	b := &menuBook{
		sources: sources, prompts: prompts, regions: regions,
		menus: make(map[string]menuShape), in: make(map[string]*source), greets: make(map[string]string),
		lines: make(map[ivr.Line]string),
	}
	for _, src := range sources {
		var file menusFile
		src.decode(&file)
		for _, n := range texts(slices.Sorted(maps.Keys(file.Menus))) {
			if other, twice := b.in[n]; twice {
				src.wrongKey(place{"menus", n}, Fault{What: say("菜单 %s 在 %s 里已经有了", "the menu %s is in %s already", n, other.name)})
				continue
			}
			b.menus[n], b.in[n] = file.Menus[name(n)], src
		}
	}
	for _, n := range b.names() {
		b.checkFor(n)
	}
	for _, n := range b.names() {
		b.checkMenu(n)
	}
	b.checkSafe()
	if _, ok := b.greets[anyRegion]; !ok && !b.broken() {
		src := sources[0]
		src.wrong(place{"menus"}, Fault{What: say("没有给其他区域用的菜单", "there is no menu for any other region"), Want: say("一个菜单写 for: \"*\"", "one menu with for: \"*\"")})
	}
	b.checkWhispers()
	return b
}

// checkWhispers finds keys that the seat would be told of and that no menu
// offers: a key was moved in the menu only.
func (b *menuBook) checkWhispers() {
	faulty := slices.ContainsFunc(b.sources, func(src *source) bool { return len(src.faults) > 0 })
	if faulty || b.broken() || b.prompts.src.broken {
		return // the menus are not what was meant
	}
	_, offered := b.chosen()
	src := b.prompts.src
	for _, keys := range slices.Sorted(maps.Keys(b.prompts.file.Purposes.Keys)) {
		p := place{"purposes", "keys", keys}
		if !slices.Contains(offered, keys) && !src.faulty(p) {
			src.wrongKey(p, Fault{
				What: say("菜单里没有按键 %s", "no menu offers the keys %s", keys),
				Want: Words{ZH: strings.Join(offered, ", ")}, Near: nearest(keys, offered),
			})
		}
	}
}

func (b *menuBook) names() []string { return slices.Sorted(maps.Keys(b.menus)) }

func (b *menuBook) broken() bool {
	return len(b.sources) == 0 || slices.ContainsFunc(b.sources, func(s *source) bool { return s.broken })
}

// checkFor notes which regions a menu greets.
func (b *menuBook) checkFor(n string) {
	src, menu := b.in[n], b.menus[n]
	for i, region := range menu.For {
		p := src.item(place{"menus", n, "for"}, i)
		if line := lineOf(region); line != "" {
			b.takeLine(src, p, n, line)
			continue
		}
		if region != anyRegion && b.regions.known(src, p, region) && b.regions.notCity(region) {
			src.wrong(p, Fault{What: say("%s 不是市（州），来电按市（州）接待", "%s is not a prefecture; callers are greeted by prefecture", region), Near: b.regions.city(region).Code})
		}
		if other, taken := b.greets[region]; taken {
			src.wrong(p, Fault{What: say("%s 已由菜单 %s 接待", "%s is greeted by the menu %s already", region, other)})
			continue
		}
		b.greets[region] = n
	}
}

// greeter is the menu that greets the callers of a city.
func (b *menuBook) greeter(city string) string {
	if menu, ok := b.greets[city]; ok {
		return menu
	}
	return b.greets[anyRegion]
}

// callersOf are the cities whose callers can come to a menu.
func (b *menuBook) callersOf(menu string) []routing.Region {
	var cities []routing.Region
	for _, city := range b.regions.cities() {
		if b.inLine(menu, ivr.Lines()...) || slices.Contains(b.reachable(b.greeter(city.Code)), menu) {
			cities = append(cities, city)
		}
	}
	return cities
}

// reachable are the menus to which a menu leads, itself first.
func (b *menuBook) reachable(from string) []string {
	seen := []string{from}
	for i := 0; i < len(seen); i++ {
		for _, c := range b.menus[seen[i]].choices() {
			if _, ok := b.menus[c.Menu]; ok && !slices.Contains(seen, c.Menu) {
				seen = append(seen, c.Menu)
			}
		}
	}
	return seen
}

// placedChoice is a choice and where it stands in its menu.
type placedChoice struct {
	choiceShape
	at place
}

// choices are all ways out of a menu.
func (m menuShape) choices() []placedChoice {
	choices := []placedChoice{{m.Silence, place{"silence"}}, {m.Wrong, place{"wrong"}}}
	for _, key := range slices.Sorted(maps.Keys(m.Keys)) {
		choices = append(choices, placedChoice{m.Keys[key], place{"keys", string(key)}})
	}
	return choices
}

// checkMenu checks that every way through a menu leads to a person.
func (b *menuBook) checkMenu(n string) {
	src, menu := b.in[n], b.menus[n]
	p := place{"menus", n}
	callers := b.callersOf(n)
	if len(callers) == 0 && !b.regions.unsound && b.greets[anyRegion] != "" {
		src.wrongKey(p, Fault{What: say("没有谁会进入菜单 %s", "nobody can come to the menu %s", n), Want: say("for 里写市（州），或别的菜单的按键写 menu: %s", "cities in its for, or a key of another menu with menu: %s", n)})
	}
	for i, prompt := range menu.Greeting {
		b.prompts.knownOf(src, src.item(p.with("greeting"), i), prompt, callers)
	}
	for _, choice := range menu.choices() {
		at := append(p[:2:2], choice.at...)
		if child(child(child(src.body, "menus"), n), choice.at[0]) == nil {
			continue // missing, which is a fault already
		}
		for i, prompt := range choice.Say {
			b.prompts.knownOf(src, src.item(at.with("say"), i), prompt, callers)
		}
		b.checkAct(src, n, at, choice.choiceShape)
		switch {
		case choice.Menu == "" && choice.Intent == "" && !src.faulty(at) && !b.inLine(n, ivr.Lines()...):
			src.wrong(at, Fault{What: say("这个按键路径到不了人", "this way leads to nobody"), Want: say("intent（转人工）或 menu（下一级菜单）", "an intent, which leads to a person, or a menu")})
		case choice.Menu != "" && choice.Intent != "":
			src.wrong(at, Fault{What: say("menu 和 intent 只能写一个", "there can be a menu or an intent, not both")})
		case choice.Menu != "" && !b.has(choice.Menu):
			src.wrong(at.with("menu"), Fault{What: say("没有菜单 %s", "there is no menu %s", choice.Menu), Near: nearest(choice.Menu, b.names())})
		case choice.Menu != "" && slices.Contains(b.reachable(choice.Menu), n):
			src.wrong(at.with("menu"), Fault{What: say("菜单绕圈：%s 又回到 %s", "the menus go round: %s leads back to %s", choice.Menu, n)})
		}
	}
	b.checkChance(n, callers)
}

func (b *menuBook) has(menu string) bool { _, ok := b.menus[menu]; return ok }

// checkChance checks that the caller can know what to press soon: each
// language says it within the limit.
func (b *menuBook) checkChance(n string, callers []routing.Region) {
	if b.prompts.src.broken {
		return
	}
	for _, city := range callers {
		for _, lang := range city.Languages {
			var speech time.Duration
			for _, prompt := range b.menus[n].Greeting {
				speech += b.prompts.length(of(city, prompt), lang)
			}
			if speech > firstChance {
				b.in[n].wrong(place{"menus", n, "greeting"}, Fault{
					What: say("%s（%s）要听约 %s 才能按键", "callers of %s (%s) listen for about %s before they can choose", city.Name, lang, speech),
					Want: say("不超过 %s", "at most %s", firstChance),
				})
				return
			}
		}
	}
}

// intents are all intents that a menu can give.
func (b *menuBook) intents() []string {
	found := make(map[string]bool)
	for _, menu := range b.menus {
		for _, c := range menu.choices() {
			if c.Intent != "" {
				found[string(c.Intent)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// chosen are the languages that some key chooses, and paths the keys that lead
// callers out of the menus, as matchers see them.
func (b *menuBook) chosen() (languages, paths []string) {
	for _, greeter := range slices.Sorted(maps.Keys(b.greets)) {
		b.walk(b.greets[greeter], "", nil, func(path string, c choiceShape) {
			if c.Language != "" && !slices.Contains(languages, string(c.Language)) {
				languages = append(languages, string(c.Language))
			}
			if c.Menu == "" && path != "" && !slices.Contains(paths, path) {
				paths = append(paths, path)
			}
		})
	}
	slices.Sort(languages)
	slices.Sort(paths)
	return languages, paths
}

// walk visits every key path from a menu on. Menus that go round are a fault
// elsewhere; here they end.
func (b *menuBook) walk(menu, path string, through []string, visit func(path string, c choiceShape)) {
	if slices.Contains(through, menu) {
		return
	}
	shape := b.menus[menu]
	for _, key := range slices.Sorted(maps.Keys(shape.Keys)) {
		choice := shape.Keys[key]
		visit(path+string(key), choice)
		if choice.Menu != "" {
			b.walk(choice.Menu, path+string(key), append(slices.Clip(through), menu), visit)
		}
	}
}

// compile makes a menu of its own for every city, in the city's languages.
func (b *menuBook) compile() ivr.Book {
	book := ivr.Book{Menus: make(map[string]ivr.Menu), Greeters: make(map[string]string), Lines: make(map[ivr.Line]map[string]string)}
	for _, city := range b.regions.cities() {
		for _, n := range b.reachable(b.greeter(city.Code)) {
			menu := b.menuOf(city, n)
			book.Menus[menu.Name] = menu
		}
	}
	for _, row := range b.regions.rows {
		city := b.regions.city(row.Code)
		book.Greeters[row.Code] = menuName(b.greeter(city.Code), city)
		b.compileLines(&book, city, row.Code)
	}
	book.Greeters[""] = book.Greeters[b.regions.home]
	b.compileLines(&book, b.regions.city(b.regions.home), "")
	return book
}

func menuName(menu string, city routing.Region) string { return menu + "@" + city.Code }

func (b *menuBook) menuOf(city routing.Region, n string) ivr.Menu {
	shape := b.menus[n]
	menu := ivr.Menu{
		Name: menuName(n, city), Greeting: spokenIn(city, shape.Greeting), Wait: shape.Wait,
		Keys: make(map[string]ivr.Choice), Silence: choiceOf(city, shape.Silence), Wrong: choiceOf(city, shape.Wrong),
	}
	for key, choice := range shape.Keys {
		menu.Keys[string(key)] = choiceOf(city, choice)
	}
	return menu
}

func choiceOf(city routing.Region, shape choiceShape) ivr.Choice {
	choice := ivr.Choice{Say: spokenIn(city, shape.Say), Intent: string(shape.Intent), Language: string(shape.Language), Act: ivr.Act(shape.Act), Hours: shape.Hours}
	if shape.Menu != "" {
		choice.Menu = menuName(shape.Menu, city)
	}
	return choice
}

func spokenIn(city routing.Region, names []string) []ivr.Prompt {
	local := make([]string, len(names))
	for i, n := range names {
		local[i] = of(city, n)
	}
	return inLanguages(local, city.Languages)
}
