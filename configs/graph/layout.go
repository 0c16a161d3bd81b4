package graph

import (
	"cmp"
	"math"
	"slices"
)

// Distances of the layout.
const (
	margin    = 24.0
	gap       = 12.0 // between boxes of a column
	groupGap  = 24.0 // between groups of them
	indent    = 18.0 // of a route below another
	gutter    = 26.0 // between columns, and a lane more for each source
	lane      = 9.0
	widest    = 204.0 // a box; longer words are broken
	narrowest = 96.0
	cellWidth = 250.0
	top       = 128.0 // where the columns begin
)

// lay gives every box its place: first its size, then its column, then its
// height in the column, near to those that lead to it; the lines come last.
func (c *Chart) lay() {
	tallest := 0.0
	for _, col := range c.columns {
		col.size()
		tallest = max(tallest, col.tall())
	}
	x := margin
	for i, col := range c.columns {
		col.x = x
		for _, b := range col.boxes {
			b.x, b.w = x+float64(b.depth)*indent, col.w-float64(b.depth)*indent
		}
		c.stack(col, tallest)
		if x += col.w; i+1 < len(c.columns) {
			x += gutter + lane*float64(len(c.sources(col)))
		}
	}
	c.width = x + margin
	c.route()
	bottom := top + tallest + margin
	bottom = c.layTable(bottom)
	c.height = bottom + c.notesHeight() + margin
}

// size breaks the words of the boxes and makes the column as wide as they need.
func (c *column) size() {
	for _, b := range c.boxes {
		room := widest - 2*padding - float64(b.depth)*indent
		b.head, b.words = balanced(b.title, headSize, room), nil
		for _, line := range b.lines {
			b.words = append(b.words, balanced(line, wordSize, room)...)
		}
		need := narrowest
		for _, line := range b.head {
			need = max(need, widthOf(line, headSize)+2*padding)
		}
		for _, line := range b.words {
			need = max(need, widthOf(line, wordSize)+2*padding)
		}
		c.w = max(c.w, min(need, widest-float64(b.depth)*indent)+float64(b.depth)*indent)
		b.h = float64(len(b.head)+len(b.words))*lineSpace + 2*padding - 4
	}
	c.head = balanced(c.title, headSize, c.w)
}

// before is the distance of a box from the one above it.
func (b *box) before() float64 {
	if b.group {
		return groupGap
	}
	return gap
}

// tall is how high the boxes of a column are when nothing is between them.
func (c *column) tall() float64 {
	sum := 0.0
	for i, b := range c.boxes {
		if i > 0 {
			sum += b.before()
		}
		sum += b.h
	}
	return sum
}

// stack puts the boxes of a column one below the other, each as near as there
// is room for to the middle of those that lead to it.
func (c *Chart) stack(col *column, tallest float64) {
	slack := tallest - col.tall()
	y := top
	for i, b := range col.boxes {
		if i > 0 {
			y += b.before()
		}
		var sum, count float64
		for _, e := range c.edges {
			if e.to == b && e.from.x < b.x && !e.tree {
				sum, count = sum+e.from.y+e.from.h/2, count+1
			}
		}
		if count > 0 {
			shift := min(max(sum/count-b.h/2-y, 0), slack)
			y, slack = y+shift, slack-shift
		}
		b.y = y
		y += b.h
	}
}

// sources are the boxes of a column from which lines lead to the next one.
func (c *Chart) sources(col *column) []*box {
	var from []*box
	for _, b := range col.boxes {
		if slices.ContainsFunc(c.edges, func(e edge) bool { return e.from == b && !slices.Contains(col.boxes, e.to) }) {
			from = append(from, b)
		}
	}
	return from
}

// route gives every edge its way: through the gutter between two columns, or
// straight down in a column, or along the left side of a tree.
func (c *Chart) route() {
	for _, col := range c.columns {
		lanes := c.lanes(col)
		for i := range c.edges {
			e := &c.edges[i]
			switch {
			case !slices.Contains(col.boxes, e.from):
			case e.tree:
				x := e.from.x + indent/2
				y := e.to.y + min(e.to.h/2, 16)
				e.path = []point{{x, e.from.y + e.from.h}, {x, y}, {e.to.x, y}}
			case slices.Contains(col.boxes, e.to):
				x := max(e.from.x, e.to.x) + 22
				e.path = []point{{x, e.from.y + e.from.h}, {x, e.to.y}}
			default:
				from, to := point{e.from.x + e.from.w, e.from.y + e.from.h/2}, point{e.to.x, c.port(i)}
				e.path = []point{from, {lanes[e.from], from.y}, {lanes[e.from], to.y}, to}
				if math.Abs(from.y-to.y) < 0.5 {
					e.path = []point{from, to}
				}
			}
		}
	}
}

// lanes are where the lines of each source turn, so that lines of different
// sources do not run on top of one another and cross as little as can be: of
// those that go down the lowest turns first, of those that go up the highest.
func (c *Chart) lanes(col *column) map[*box]float64 {
	type turn struct {
		from *box
		down bool
	}
	var turns []turn
	for _, b := range c.sources(col) {
		var slope float64
		for _, e := range c.edges {
			if e.from == b && !slices.Contains(col.boxes, e.to) {
				slope += e.to.y + e.to.h/2 - b.y - b.h/2
			}
		}
		turns = append(turns, turn{b, slope >= 0})
	}
	slices.SortStableFunc(turns, func(a, b turn) int {
		switch {
		case a.down != b.down:
			if a.down {
				return -1
			}
			return 1
		case a.down:
			return cmp.Compare(b.from.y, a.from.y)
		}
		return cmp.Compare(a.from.y, b.from.y)
	})
	lanes := make(map[*box]float64)
	for i, t := range turns {
		lanes[t.from] = col.x + col.w + gutter/2 + lane*float64(i)
	}
	return lanes
}

// port is where an edge meets the left side of its target: several share the
// side in the order of their sources.
func (c *Chart) port(which int) float64 {
	to := c.edges[which].to
	var into []int
	for i, e := range c.edges {
		if e.to == to && !e.tree && e.from.x+e.from.w <= to.x {
			into = append(into, i)
		}
	}
	slices.SortStableFunc(into, func(a, b int) int { return cmp.Compare(c.edges[a].from.y, c.edges[b].from.y) })
	step := min(12, (to.h-12)/float64(max(len(into)-1, 1)))
	place := float64(slices.Index(into, which)) - float64(len(into)-1)/2
	return to.y + to.h/2 + place*step
}

// layTable gives the table its place and returns where it ends.
func (c *Chart) layTable(y float64) float64 {
	t := c.table
	if t == nil {
		return y
	}
	t.x, t.y = margin, y+lineSpace
	t.widths = make([]float64, len(t.rows[0]))
	for _, row := range t.rows {
		var cells [][]string
		for i, text := range row {
			lines := balanced(text, wordSize, cellWidth)
			for _, line := range lines {
				t.widths[i] = max(t.widths[i], widthOf(line, wordSize)+2*padding)
			}
			cells = append(cells, lines)
		}
		t.cells = append(t.cells, cells)
	}
	end, width := t.y+lineSpace/2, margin
	for _, cells := range t.cells {
		most := 1
		for _, lines := range cells {
			most = max(most, len(lines))
		}
		t.tops = append(t.tops, end)
		end += float64(most)*lineSpace + padding
	}
	t.tops = append(t.tops, end)
	for _, w := range t.widths {
		width += w
	}
	c.width = max(c.width, width+margin)
	return end + margin
}

// notesHeight breaks the notes to the width of the picture.
func (c *Chart) notesHeight() float64 {
	var broken []string
	for _, note := range c.notes {
		broken = append(broken, wrap(note, wordSize, c.width-2*margin)...)
	}
	c.notes = broken
	return float64(len(broken)) * lineSpace
}
