package graph

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"weibao/routing"
)

// region draws what the callers of one city meet.
func (a *artist) region(city routing.Region) {
	a.city = city.Code
	a.head(a.say.Region(city.Code))
	g := a.s.Guide
	in := box{kind: lineBox, title: city.Name, lines: []string{a.f("线路标明 %[1]s", "lines that say %[1]s", city.Code)}}
	if city.AreaCode != "" {
		in.lines = append(in.lines, a.f("拨 %[1]s 开头的号码", "numbers dialled with %[1]s", city.AreaCode))
	}
	if len(city.Trunks) > 0 {
		in.lines = append(in.lines, a.f("中继线 %[1]s", "trunks %[1]s", a.list(city.Trunks)))
	}
	if g.Home == city.Code {
		in.lines = append(in.lines, a.f("没有说明来处的来电", "calls that say no place"))
	}
	in.lines = append(in.lines, a.f("菜单 %[1]s，%[2]s接待", "menu %[1]s, greeted in %[2]s", a.greeter(city.Code), a.list(a.languages(city))))
	a.plan([]gate{{in: a.add(lineColumn, in), ways: ways(g.Menus, city.Code)}})
	if routes := g.Regions.PoliceRoutes(city.Code); len(routes) > 0 {
		a.chart.notes = append(a.chart.notes, a.f("坐席转 110 按孩子所在地拨；在%[1]s依次拨 %[2]s。", "A seat's transfer to 110 goes by the place of the child; in %[1]s it dials in this order: %[2]s.",
			a.say.Region(city.Code), a.list(masked(routes))))
	}
}

// greeter is the name of the menu that greets a city, as the files have it.
func (a *artist) greeter(city string) string {
	walk, _ := a.s.Guide.Menus.Start(city)
	menu, _, _ := strings.Cut(walk.Menu, "@") // the reader makes one of it for each city
	return menu
}

func (a *artist) languages(city routing.Region) []string {
	var names []string
	for _, code := range city.Languages {
		names = append(names, a.say.Language(code))
	}
	return append(names, slices.Repeat([]string{a.say.Language("zh")}, max(0, 1-len(names)))...)
}

// province draws the whole plan, and a table of what differs between cities.
func (a *artist) province() {
	regions := a.s.Guide.Regions
	root, _ := regions.Find(regions.Root())
	a.head(a.f("%[1]s全部路由", "all routes of %[1]s", cmp.Or(root.Name, regions.Root())))
	var menus []string
	cities := make(map[string][]string)
	for _, city := range regions.Cities() {
		menu := a.greeter(city.Code)
		if cities[menu] == nil {
			menus = append(menus, menu)
		}
		cities[menu] = append(cities[menu], city.Code)
	}
	var gates []gate
	for _, menu := range menus {
		in := box{kind: lineBox, title: a.f("菜单 %[1]s", "menu %[1]s", menu), lines: []string{a.f("%[1]d 个市（州）的来电", "calls of %[1]d cities", len(cities[menu]))}}
		if len(menus) > 1 {
			in.lines = append(in.lines, a.list(a.names(cities[menu])))
		}
		g := gate{in: a.add(lineColumn, in), ways: ways(a.s.Guide.Menus, cities[menu][0])}
		for i := range g.ways {
			g.ways[i].cities = cities[menu]
		}
		gates = append(gates, g)
	}
	a.plan(gates)
	a.cities()
}

func (a *artist) names(codes []string) []string {
	names := make([]string, len(codes))
	for i, code := range codes {
		names[i] = a.say.Region(code)
	}
	return names
}

// cities makes the table of what "the city's own" stands for in each.
func (a *artist) cities() {
	t := &table{title: a.f("各市（州）", "The cities"), rows: [][]string{{
		a.f("市（州）", "city"), a.f("自己的队列", "own queue"), a.f("坐席", "seats"), a.f("邻市", "neighbours"),
		a.f("值班岗位", "duty post"), a.f("此刻值班", "on duty now"), a.f("转 110 先拨", "110 is dialled as"),
	}}}
	g := a.s.Guide
	own := func(city string) (string, string) {
		for _, name := range slices.Sorted(maps.Keys(g.Queues)) {
			if g.Queues[name].Region == city {
				return a.say.Queue(name), a.seats(routing.AnyOf(name))
			}
		}
		return a.f("没有", "none"), ""
	}
	for _, city := range g.Regions.Cities() {
		queue, seats := own(city.Code)
		row := []string{a.say.Region(city.Code), queue, seats, a.list(a.names(city.Neighbours)), "", "", ""}
		if duty, on := g.Rotas.On(g.Regions, city.Code, a.o.At); on {
			row[4], row[5] = duty.Name, a.inShort(duty)
		}
		if routes := g.Regions.PoliceRoutes(city.Code); len(routes) > 0 {
			row[6] = routing.Number(routes[0]).Masked()
		}
		t.rows = append(t.rows, row)
	}
	a.chart.table = t
}
