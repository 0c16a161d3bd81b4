package configs

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Words is a sentence for admins: Chinese first, English beside it.
type Words struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// say makes a sentence in both languages from the same arguments.
func say(zh, en string, args ...any) Words {
	return Words{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}
}

// String is the form of every message: 中文 [English].
func (w Words) String() string {
	if w.EN == "" || w.EN == w.ZH {
		return w.ZH
	}
	return w.ZH + " [" + w.EN + "]"
}

// Fault is one thing that is wrong in the configuration, and where.
type Fault struct {
	// File is the path below the configuration folder.
	File string `json:"file"`
	// Line and Column count from 1, the column in characters. Both are 0
	// when the fault is the file's as a whole, such as one that is missing.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
	// Path is where it is in the structure: "queues.changchun.ring_for".
	Path string `json:"path,omitempty"`
	What Words  `json:"what"`
	// Want is what was expected there; empty when What says it.
	Want Words `json:"want,omitzero"`
	// Near is the right name or form that was most likely meant.
	Near string `json:"near,omitempty"`
	// Source is the text of the line.
	Source string `json:"source,omitempty"`
	// Kind tells apart the faults that time alone makes, see Aged; empty for
	// all others.
	Kind FaultKind `json:"kind,omitempty"`
}

// FaultKind is a sort of fault that programs look for.
type FaultKind string

// The kinds of fault that come with time, without a change of the files.
const (
	// FaultGap is a post where nobody is on duty at some time of the next days.
	FaultGap FaultKind = "gap"
	// FaultCalendar is a year of which the holidays are not there.
	FaultCalendar FaultKind = "calendar"
)

// Aged reports a fault that the passing of time alone can make. A version that
// was good when it was loaded may have it later, and must still be able to
// start a gateway: a gap in three weeks is no reason to answer nobody today.
func (f Fault) Aged() bool { return f.Kind == FaultGap || f.Kind == FaultCalendar }

// Aged reports faults that are all of that sort; false without any.
func (f Faults) Aged() bool {
	return len(f) > 0 && !slices.ContainsFunc(f, func(fault Fault) bool { return !fault.Aged() })
}

// String prints the fault as editors and people read it:
//
//	queues.yaml:4:5: 没有这个键 rign_for [unknown key rign_for]
//	  4 |     rign_for: 15s
//	    |     ^
//	  应为 [want]: title, region, ring_for, wrap_up
//	  是否想写 [did you mean]: ring_for
func (f Fault) String() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", f.Line, f.Column)
	}
	b.WriteString(": " + f.What.String())
	if f.Line > 0 {
		before, line := window(f.Source, f.Column)
		number := strconv.Itoa(f.Line)
		fmt.Fprintf(&b, "\n  %s | %s\n  %s | %s^", number, line, strings.Repeat(" ", len(number)), strings.Repeat(" ", before))
	}
	if f.Want != (Words{}) {
		b.WriteString("\n  应为 [want]: " + f.Want.String())
	}
	if f.Near != "" {
		b.WriteString("\n  是否想写 [did you mean]: " + f.Near)
	}
	return b.String()
}

// widest is how many characters of a source line are shown.
const widest = 100

// window cuts a source line to what fits a screen and returns how many screen
// cells lie before the column.
func window(line string, column int) (cells int, shown string) {
	runes := []rune(strings.TrimRight(line, "\r\n"))
	at := min(max(column-1, 0), len(runes))
	from := 0
	if at > widest*3/4 {
		from = at - widest/2
	}
	to := min(len(runes), from+widest)
	for i, r := range runes[from:to] {
		if invisible(r) {
			r = ' '
			runes[from+i] = r
		}
		if from+i < at {
			cells += width(r)
		}
	}
	return cells, string(runes[from:to])
}

// width is how many cells of a terminal a character takes: two for Chinese,
// Korean and full-width forms.
func width(r rune) int {
	switch {
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3,
		r >= 0xf900 && r <= 0xfaff, r >= 0xfe30 && r <= 0xfe6f, r >= 0xff00 && r <= 0xff60, r >= 0x20000 && r <= 0x3fffd:
		return 2
	}
	return 1
}

// Cells is how many cells of a terminal a text takes.
func Cells(text string) int {
	cells := 0
	for _, r := range text {
		cells += width(r)
	}
	return cells
}

// Faults are all that was found, ordered by file and place.
type Faults []Fault

// String prints every fault.
func (f Faults) String() string {
	texts := make([]string, len(f))
	for i := range f {
		texts[i] = f[i].String()
	}
	return strings.Join(texts, "\n")
}

// Err is the faults as an error, nil when there are none.
func (f Faults) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &FaultsError{Faults: f}
}

// FaultsError is faults as an error; errors.As brings them back.
type FaultsError struct{ Faults Faults }

// Error prints every fault.
func (e *FaultsError) Error() string { return e.Faults.String() }

func (f Faults) sort() {
	slices.SortStableFunc(f, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// Nearest is the name that was most likely meant, as in a fault's "did you
// mean"; empty when none is near.
func Nearest(name string, known []string) string { return nearest(name, known) }

// nearest returns the name that was most likely meant: about a third of its
// letters differ at most. It is empty when none is near.
func nearest(name string, known []string) string {
	best, least := "", (len([]rune(name))+2)/3
	for _, k := range known {
		if d := distance(name, k, least); d <= least && (best == "" || d < least) {
			best, least = k, d
		}
	}
	return best
}

// distance counts the letters to insert, drop, change or swap to come from a
// to b; it stops counting above the limit.
func distance(a, b string, limit int) int {
	x, y := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	if abs(len(x)-len(y)) > limit || len(x) > 100 {
		return limit + 1
	}
	var before []int
	above := make([]int, len(y)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row := make([]int, len(y)+1)
		row[0] = i
		for j := 1; j <= len(y); j++ {
			change := above[j-1]
			if x[i-1] != y[j-1] {
				change++
			}
			row[j] = min(change, above[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above = above, row
	}
	return above[len(y)]
}

func abs(n int) int { return max(n, -n) }
