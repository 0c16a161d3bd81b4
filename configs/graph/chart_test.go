package graph

import (
	"encoding/xml"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weibao/configs"
	"weibao/routing"
)

var update = flag.Bool("update", false, "write the golden files")

func draw(t *testing.T, s *configs.Snapshot, o Options) *Chart {
	t.Helper()
	o.At = evening
	chart, err := New(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return chart
}

// everyPicture calls try with the pictures of the small province, of the
// shipped configuration and of many random plans.
func everyPicture(t *testing.T, try func(*testing.T, *Chart)) {
	t.Helper()
	worlds := map[string]*configs.Snapshot{"small": world(root())}
	shipped, faults := configs.Read(configs.Shipped(), evening)
	if shipped == nil {
		t.Fatal(faults)
	}
	worlds["shipped"] = shipped
	for seed := range uint64(40) {
		worlds[fmt.Sprint("random ", seed)] = world(randomRoute(rand.New(rand.NewPCG(seed, 1)), 0))
	}
	for name, s := range worlds {
		regions, langs := []string{"", "220100", "222400", "222404", "220800", "220000"}, []string{"zh", "en"}
		if strings.HasPrefix(name, "random") {
			regions, langs = regions[:2], langs[:1]
		}
		for _, region := range regions {
			for _, lang := range langs {
				t.Run(fmt.Sprintf("%s %s %s", name, region, lang), func(t *testing.T) {
					t.Parallel()
					try(t, draw(t, s, Options{Region: region, Lang: lang}))
				})
			}
		}
	}
}

// drawn is what an SVG says, read as XML.
type drawn struct {
	Title  string  `xml:"title"`
	Desc   string  `xml:"desc"`
	Font   string  `xml:"font-family,attr"`
	View   string  `xml:"viewBox,attr"`
	Groups []group `xml:"g"`
	Paths  []path  `xml:"path"`
}

type group struct {
	ID   string `xml:"id,attr"`
	Rect rect   `xml:"rect"`
	Text []struct {
		X    float64 `xml:"x,attr"`
		Y    float64 `xml:"y,attr"`
		Size float64 `xml:"font-size,attr"`
		Is   string  `xml:",chardata"`
	} `xml:"text"`
}

type path struct {
	Class string `xml:"class,attr"`
	D     string `xml:"d,attr"`
}

type rect struct {
	X float64 `xml:"x,attr"`
	Y float64 `xml:"y,attr"`
	W float64 `xml:"width,attr"`
	H float64 `xml:"height,attr"`
}

func (r rect) overlaps(o rect) bool {
	return r.X < o.X+o.W && o.X < r.X+r.W && r.Y < o.Y+o.H && o.Y < r.Y+r.H
}

// touches says whether a point is on the frame.
func (r rect) touches(p point) bool {
	const near = 0.3
	return p.x > r.X-near && p.x < r.X+r.W+near && p.y > r.Y-near && p.y < r.Y+r.H+near &&
		min(math.Abs(p.x-r.X), math.Abs(p.x-r.X-r.W), math.Abs(p.y-r.Y), math.Abs(p.y-r.Y-r.H)) < near
}

func read(t *testing.T, svg []byte) drawn {
	t.Helper()
	var d drawn
	if err := xml.Unmarshal(svg, &d); err != nil {
		t.Fatalf("not XML: %v\n%s", err, svg)
	}
	return d
}

// points are the ends of the lines of a path.
func (p path) points(t *testing.T) []point {
	t.Helper()
	var points []point
	for _, pair := range regexp.MustCompile(`-?[\d.]+,-?[\d.]+`).FindAllString(p.D, -1) {
		a, b, _ := strings.Cut(pair, ",")
		x, errX := strconv.ParseFloat(a, 64)
		y, errY := strconv.ParseFloat(b, 64)
		if errX != nil || errY != nil {
			t.Fatal(p.D)
		}
		points = append(points, point{x, y})
	}
	return points
}

func TestNoBoxesOverlapAndEveryLineEndsAtABox(t *testing.T) {
	t.Parallel()
	everyPicture(t, func(t *testing.T, chart *Chart) {
		d := read(t, chart.SVG())
		boxes := make(map[string]rect)
		for i, g := range d.Groups {
			boxes[g.ID] = g.Rect
			for _, other := range d.Groups[:i] {
				if g.Rect.overlaps(other.Rect) {
					t.Errorf("%s and %s overlap: %+v %+v", g.ID, other.ID, g.Rect, other.Rect)
				}
			}
		}
		lines := 0
		for _, p := range d.Paths {
			from, to, is := strings.Cut(p.Class, "-")
			if !is {
				continue
			}
			lines++
			points := p.points(t)
			if !boxes[from].touches(points[0]) || !boxes[to].touches(points[len(points)-1]) {
				t.Errorf("%s leads from %v to %v, the boxes are %+v and %+v", p.Class, points[0], points[len(points)-1], boxes[from], boxes[to])
			}
			for i := 1; i < len(points); i++ {
				a, b := points[i-1], points[i]
				line := rect{min(a.x, b.x) + 0.5, min(a.y, b.y) + 0.5, math.Abs(a.x-b.x) - 1, math.Abs(a.y-b.y) - 1}
				line.W, line.H = max(line.W, 0.1), max(line.H, 0.1)
				for id, r := range boxes {
					if r.overlaps(line) && !r.touches(a) && !r.touches(b) {
						t.Errorf("%s runs through %s", p.Class, id)
					}
				}
			}
		}
		if lines != len(chart.edges) || len(d.Groups) == 0 {
			t.Errorf("%d lines drawn of %d, %d boxes", lines, len(chart.edges), len(d.Groups))
		}
	})
}

func TestThePictureIsWholeAndItsWordsAreInTheirBoxes(t *testing.T) {
	t.Parallel()
	everyPicture(t, func(t *testing.T, chart *Chart) {
		d := read(t, chart.SVG())
		if d.Title == "" || d.Desc == "" || !strings.Contains(d.Font, "Noto Sans CJK SC") {
			t.Errorf("title %q, description %q, font %q", d.Title, d.Desc, d.Font)
		}
		size := strings.Fields(d.View)
		width, _ := strconv.ParseFloat(size[2], 64)
		height, _ := strconv.ParseFloat(size[3], 64)
		page := rect{0, 0, width, height}
		for _, g := range d.Groups {
			if r := g.Rect; r.X < 0 || r.Y < 0 || r.X+r.W > page.W || r.Y+r.H > page.H {
				t.Errorf("%s is outside of the page: %+v of %+v", g.ID, r, page)
			}
			for _, text := range g.Text {
				if right := text.X + widthOf(text.Is, text.Size); right > g.Rect.X+g.Rect.W || text.Y > g.Rect.Y+g.Rect.H {
					t.Errorf("%s: %q runs out of its box", g.ID, text.Is)
				}
			}
		}
	})
}

func TestThePictureIsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	for _, region := range []string{"", "222400"} {
		first := draw(t, world(root()), Options{Region: region})
		again := draw(t, world(root()), Options{Region: region})
		if string(first.SVG()) != string(again.SVG()) || first.Mermaid() != again.Mermaid() {
			t.Errorf("region %q: two pictures of one plan differ", region)
		}
	}
}

func TestThePicturesAreAsTheyWereLookedAt(t *testing.T) {
	t.Parallel()
	s := world(root())
	for name, o := range map[string]Options{
		"province.zh": {}, "yanbian.zh": {Region: "222400"}, "changchun.en": {Region: "220100", Lang: "en"},
	} {
		chart := draw(t, s, o)
		for ending, got := range map[string]string{".svg": string(chart.SVG()), ".mmd": chart.Mermaid()} {
			file := filepath.Join("testdata", name+ending)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got)\n%s", file, diff)
			}
		}
	}
}

// Whatever route a plan takes for a call, the picture leads there from what the
// caller did in the menu.
func TestThePictureLeadsToEveryRouteThatThePlanTakes(t *testing.T) {
	t.Parallel()
	for seed := range uint64(80) {
		r := rand.New(rand.NewPCG(seed, 2))
		s := world(randomRoute(r, 0))
		plan := s.Guide.Plan
		for _, city := range plan.Regions.Cities() {
			for _, c := range ways(s.Guide.Menus, city.Code) {
				for range 20 {
					d := plan.Decide(routing.Request{
						Region: city.Code, Key: c.walk.Keys, Intent: c.walk.Intent, Missed: c.walk.Missed, Language: c.walk.Language,
						Dialled: []string{"12345", "043112345"}[r.IntN(2)], Trunk: []string{"", "cc-1"}[r.IntN(2)],
						Facts: map[string]string{routing.FactRepeat: []string{"", routing.RepeatLost}[r.IntN(2)]},
						At:    evening.Add(time.Duration(r.IntN(24)) * time.Hour), Untraced: true,
					})
					all := calls{walk: c.walk, cities: []string{"220000", "220100", "220800", "222400"}}
					for _, from := range []calls{c, all} {
						if !slices.ContainsFunc(from.reach(plan.Root), func(route *routing.Route) bool { return route.Name == d.Route }) {
							t.Fatalf("seed %d: a call of %s with %+v goes to %q, where no line leads", seed, city.Code, c.walk, d.Route)
						}
					}
				}
			}
		}
	}
}

func TestTheFirstPostWithPeopleIsTheOneThatIsRung(t *testing.T) {
	t.Parallel()
	s := world(root())
	for _, region := range s.Guide.Regions.All() {
		a := &artist{s: s, o: Options{At: evening}, say: s.Guide.Plan.In("zh")}
		duty, _ := s.Guide.Rotas.On(s.Guide.Regions, region.Code, evening)
		for _, post := range a.posts(region.Code) {
			rota, _ := s.Guide.Rotas.Post(post)
			if _, on := rota.On(evening); !on {
				continue
			}
			if post != duty.Post {
				t.Errorf("%s: the picture has %s first, %s is rung", region.Name, post, duty.Post)
			}
			break
		}
	}
}

func TestARegionThatIsNotThereIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := New(world(root()), Options{Region: "999999", At: evening}); err == nil {
		t.Error("no error")
	}
}
