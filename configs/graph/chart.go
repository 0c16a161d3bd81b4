package graph

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"weibao/configs"
	"weibao/routing"
)

// Options say what is drawn.
type Options struct {
	// Region is the code of the region whose calls are drawn; a county's calls
	// are its city's. Empty: the whole plan.
	Region string
	// At is the instant for which the picture says who is on duty.
	At time.Time
	// Lang is the language of the picture: "zh" or "en".
	Lang string
}

// Chart is a picture with its layout.
type Chart struct {
	// Title is what is drawn, Subtitle of which version and for which instant.
	Title, Subtitle string
	columns         []*column
	edges           []edge
	table           *table
	notes           []string
	lang            string
	width, height   float64
}

// kind says what a box stands for, and so how it looks.
type kind string

// The kinds of box.
const (
	lineBox  kind = "line"  // where calls come in
	keyBox   kind = "key"   // a way out of the menus
	routeBox kind = "route" // a route
	aboveBox kind = "above" // a route that is drawn for those below it only
	stepBox  kind = "step"  // a step of the search
	skipBox  kind = "skip"  // a step that has nobody in this region
	queueBox kind = "queue" // seats
	dutyBox  kind = "duty"  // a duty post, or a telephone
)

// box is one thing that is drawn.
type box struct {
	id    string
	kind  kind
	title string
	lines []string
	// depth is how far a route is indented.
	depth int
	// group begins a new group of boxes that belong together.
	group bool

	x, y, w, h  float64
	head, words []string // title and lines, as they are broken
}

// column is boxes one below the other.
type column struct {
	title string
	boxes []*box
	x, w  float64
	head  []string
}

// edge leads from a box to one in the next column, or further down in its own.
type edge struct {
	from, to *box
	// faint is for what happens only when the first one has nobody.
	faint bool
	// tree joins a route with one below it.
	tree bool

	path []point
}

type point struct{ x, y float64 }

// table is rows of words; the first one is the head.
type table struct {
	title string
	rows  [][]string

	x, y   float64
	widths []float64
	cells  [][][]string
	tops   []float64 // of the rows, and the bottom of the last
}

// New draws a configuration. It is an error to ask for a region that is not
// there.
func New(s *configs.Snapshot, o Options) (*Chart, error) {
	a := &artist{
		s: s, o: o, say: s.Guide.Plan.In(o.Lang), chart: &Chart{lang: "zh"},
		boxes: make(map[string]*box), steps: make(map[*routing.Route]*box),
	}
	if o.Lang == "en" {
		a.chart.lang = "en"
	}
	for _, title := range [][2]string{
		{"来电", "Calls"},
		{"菜单", "Menu"},
		{"路由：第一个符合的生效", "Routes: the first that holds"},
		{"找人的步骤", "Steps of the search"},
		{"谁来接", "Who answers"},
		{"上级值班", "Duty posts above"},
	} {
		a.chart.columns = append(a.chart.columns, &column{title: a.f(title[0], title[1])})
	}
	if o.Region == "" {
		a.province()
	} else {
		city, known := s.Guide.Regions.City(o.Region)
		if !known {
			return nil, fmt.Errorf("没有区域 %s (there is no region %s)", o.Region, o.Region)
		}
		a.region(city)
	}
	a.chart.columns = slices.DeleteFunc(a.chart.columns, func(c *column) bool { return len(c.boxes) == 0 })
	a.chart.lay()
	return a.chart, nil
}

// The columns of a chart, from left to right.
const (
	lineColumn = iota
	keyColumn
	routeColumn
	stepColumn
	peopleColumn
	aboveColumn
)

// artist draws one chart.
type artist struct {
	s     *configs.Snapshot
	o     Options
	say   routing.Speech
	chart *Chart
	// city is the one whose calls are drawn; empty for the whole plan.
	city string
	// boxes are those that are drawn once, however many lead to them; steps
	// the first step of each route that has steps of its own.
	boxes map[string]*box
	steps map[*routing.Route]*box
	// chains are the posts above those that are drawn, for the end.
	chains []chain
}

// f formats the one of two texts that is in the language.
func (a *artist) f(zh, en string, args ...any) string {
	if a.o.Lang == "en" {
		zh = en
	}
	return fmt.Sprintf(zh, args...)
}

// list joins names.
func (a *artist) list(names []string) string { return strings.Join(names, a.f("、", ", ")) }

// add puts a box at the end of a column.
func (a *artist) add(at int, b box) *box {
	c := a.chart.columns[at]
	b.id = fmt.Sprintf("%s%d", [...]string{"line", "key", "route", "step", "who", "above"}[at], len(c.boxes)+1)
	c.boxes = append(c.boxes, &b)
	return &b
}

// link leads from one box to another, once.
func (a *artist) link(e edge) {
	same := func(other edge) bool { return e.from == other.from && e.to == other.to }
	if e.from != nil && e.to != nil && !slices.ContainsFunc(a.chart.edges, same) {
		a.chart.edges = append(a.chart.edges, e)
	}
}

// head writes the titles.
func (a *artist) head(what string) {
	at := a.o.At.In(routing.Beijing())
	a.chart.Title = a.f("来电怎么找到人：%[1]s", "How a call finds a person: %[1]s", what)
	a.chart.Subtitle = a.f("配置版本 %[1]s，值班按 %[2]s", "configuration %[1]s, on duty as of %[2]s",
		a.s.Version, at.Format("2006-01-02 15:04"))
	a.chart.notes = append(a.chart.notes,
		a.f("前面各步没有坐席在岗时不等，下一步马上开始；下一步开始后，前面的人继续找。没有“挂断”这一步：最后总是打值班电话，直到有人接。",
			"A step for whose seats nobody is there is not waited out; those of earlier steps are still asked when a later one begins. No step hangs up: the last one rings a duty post until a person answers."),
		a.f("孩子的接听人掉线时，先找%[1]s（%[2]s）。", "When the listener of a child is lost, %[1]s is asked first (%[2]s).",
			a.say.Queue(a.s.Guide.Supervisors), a.seats(routing.AnyOf(a.s.Guide.Supervisors))),
	)
}
