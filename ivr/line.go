package ivr

// Line says which menu counts for a caller who waits in line.
type Line string

// The lines. A book without a menu for LineWithheld or LineSettled has that of
// LineOpen there; without one for LineOpen keys in line do nothing.
const (
	// LineOpen is for a caller who may leave a call-back.
	LineOpen Line = "line"
	// LineWithheld is for one who can not be rung: no number was shown.
	LineWithheld Line = "line.withheld"
	// LineSettled is for one who has said whether to be rung: it is not asked
	// again and again.
	LineSettled Line = "line.settled"
)

// Lines are all lines.
func Lines() []Line { return []Line{LineOpen, LineWithheld, LineSettled} }

// InLine is a walk at the menu of a line, before any key; false when the book
// has none for it. Its greeting says what the keys do.
func (b Book) InLine(line Line, region string) (Walk, bool) {
	for _, l := range []Line{line, LineOpen} {
		menus := b.Lines[l]
		for _, r := range []string{region, ""} {
			if name, ok := menus[r]; ok {
				return Walk{Menu: name}, true
			}
		}
	}
	return Walk{}, false
}

// Greeting is what the walk's menu says first.
func (b Book) Greeting(w Walk) []Prompt { return b.Menus[w.Menu].Greeting }
