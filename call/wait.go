package call

import (
	"cmp"
	"slices"
	"time"

	"weibao/ivr"
	"weibao/routing"
)

// Wait is what a caller in line has been told and is pressing.
type Wait struct {
	// Asked is set while the floor is asked where the caller stands.
	Asked bool
	// Words counts the times that the caller was spoken to.
	Words int
	// Position is the last place that was said; 0 for none.
	Position int
	// Until is when the longest wait that was said ends; zero when none was.
	Until time.Time
	// Pledges counts the promises, given or taken back, that are on their way to
	// the disk: only the answer to the last one says what holds.
	Pledges int
	// Walk is the menu that the caller is in; none while it hears music.
	Walk ivr.Walk
}

// keysEvery is how often the keys are said: with the first words, and then with
// every third, so that nobody is nagged.
const keysEvery = 3

// comfort speaks to the caller from time to time: first asks the floor where
// the caller stands. One who is already being rung for, early in the wait, is
// left in peace.
func (t *turn) comfort() {
	if !t.searching() {
		return
	}
	t.setAlarm(alarmComfort, t.g.Times.Comfort)
	early := t.waited() < t.g.Times.Comfort && t.c.Phase == Offering
	switch w := &t.c.Wait; {
	case t.spokenWith() || early:
	case t.c.Search.Queued && !w.Asked && t.searchLeg(Seat) == nil:
		w.Asked = true
		t.do(Enquire{Ticket: t.c.Search.Ticket.ID})
	default: // a seat is being rung, there is no line, or the floor has not answered
		w.Asked = false
		t.speak(0, routing.Estimate{})
	}
}

// spokenWith reports whether the caller in line hears words, or is in a menu.
func (t *turn) spokenWith() bool { return t.c.Caller().Playing != "" || t.c.Wait.Walk.Menu != "" }

// stands is the floor's answer. It comes too late for a caller who hears
// something else by now; a seat that is being rung is more than a place.
func (t *turn) stands(ev Stands) {
	if !t.searching() || !t.c.Wait.Asked || ev.Ticket != t.c.Search.Ticket.ID {
		return
	}
	t.c.Wait.Asked = false
	if t.spokenWith() {
		return
	}
	if t.searchLeg(Seat) != nil {
		t.speak(0, routing.Estimate{})
		return
	}
	t.speak(ev.Position, ev.Estimate)
}

// speak says the place and the wait as far as they are known, or a kind word,
// and now and then what the keys do.
func (t *turn) speak(position int, e routing.Estimate) {
	w := &t.c.Wait
	words := t.placeWords(position)
	if len(words) > 0 {
		words = append(words, t.waitWords(e)...)
	} else {
		words = slices.Clone(t.g.Prompts.Comfort)
	}
	if walk, keys := t.g.Menus.InLine(LineOf(t.c), t.c.Region); keys && w.Words%keysEvery == 0 {
		words = append(words, t.g.Menus.Greeting(walk)...)
	}
	w.Words++
	t.do(Quiet{Leg: t.c.Caller().ID})
	t.reassure(byLanguage(words))
}

// placeWords say the place: when it is better than the one said last, or the
// same and not just said. It is never said to be worse.
func (t *turn) placeWords(position int) []ivr.Prompt {
	w := &t.c.Wait
	worse := position < 1 || w.Position > 0 && position > w.Position
	if worse || position == w.Position && w.Words%2 == 1 {
		return nil
	}
	var words []ivr.Prompt
	for _, s := range t.g.Prompts.Place {
		if s.Ahead < position {
			words = s.Say
		}
	}
	if len(words) > 0 {
		w.Position = position
	}
	return slices.Clone(words)
}

// waitWords say the wait in the narrowest sentence that holds the whole
// estimate, and nothing when there is none, or when it would put off the end
// that was said before.
func (t *turn) waitWords(e routing.Estimate) []ivr.Prompt {
	if !e.Known() {
		return nil
	}
	var best *WaitWords
	for i := range t.g.Prompts.Wait {
		s := &t.g.Prompts.Wait[i]
		if e.Low >= s.From && e.High <= s.To && (best == nil || s.To-s.From < best.To-best.From) {
			best = s
		}
	}
	w := &t.c.Wait
	if best == nil || !w.Until.IsZero() && t.at.Add(best.To).After(w.Until) {
		return nil
	}
	w.Until = t.at.Add(best.To)
	return best.Say
}

// LineOf is the line whose keys count for a call while it waits, for the call
// itself and for whoever explains it.
func LineOf(c Call) ivr.Line {
	if c.Safe != SafetyUnknown {
		return ivr.LineSettled
	}
	if _, can := dialled(c.Known); !can {
		return ivr.LineWithheld
	}
	return ivr.LineOpen
}

// chosen takes a key in line, or silence in one of its menus when it is empty.
// Whatever it is, the caller keeps the place.
func (t *turn) chosen(key string) {
	if !t.searching() || t.c.Unconfirmed() {
		return
	}
	w, in := t.c.Wait.Walk, true
	inMenu := w.Menu != ""
	if !inMenu {
		w, in = t.g.Menus.InLine(LineOf(t.c), t.c.Region)
	}
	if !in || !inMenu && key == "" {
		return
	}
	next, say := t.g.Menus.Next(w, ivr.Input{Key: key})
	t.noteKey(key)
	if !inMenu && next.Missed != "" && len(say) == 0 {
		return // no key of the line: what the caller hears goes on
	}
	t.clearAlarm(alarmPrompt, alarmKey)
	t.quiet(t.c.Caller())
	if !next.Done {
		t.c.Wait.Walk = next
		t.ask(say)
		return
	}
	t.c.Wait.Walk = ivr.Walk{}
	t.reassure(byLanguage(say))
	t.act(key, next)
}

// act does what a key says.
func (t *turn) act(key string, w ivr.Walk) {
	switch w.Act {
	case ivr.ActPerson:
		t.hurry(key)
	case ivr.ActCallBack:
		t.promise(w.Hours)
	case ivr.ActUnsafe:
		t.refuseRingBack()
	case ivr.ActWait:
	}
}

// ask plays a menu in line; its end starts the wait for a key.
func (t *turn) ask(prompts []ivr.Prompt) {
	if t.play(t.c.Caller(), t.spoken(byLanguage(prompts))) {
		t.setAlarm(alarmPrompt, t.g.Times.Prompt)
		return
	}
	t.setAlarm(alarmKey, t.g.Menus.Wait(t.c.Wait.Walk))
}

// saidInLine goes on after a prompt in line: to the wait for a key when it was
// a menu's, else to the music.
func (t *turn) saidInLine() {
	t.clearAlarm(alarmPrompt)
	if t.c.Wait.Walk.Menu != "" {
		t.setAlarm(alarmKey, t.g.Menus.Wait(t.c.Wait.Walk))
		return
	}
	t.do(Music{Leg: t.c.Caller().ID})
}

func (t *turn) noteKey(key string) {
	if key == "" {
		t.note("SILENCE", t.c.Caller(), "")
		return
	}
	t.note("KEY", t.c.Caller(), key)
}

// hurry looks for a person now: before every ordinary turn, at all seats of the
// plan at once. What has begun goes on, and the times of the telephones are
// counted from where they were.
func (t *turn) hurry(key string) {
	if t.c.Walk.Person {
		return
	}
	t.c.Walk.Person = true
	t.note("URGENT", t.c.Caller(), key)
	s := &t.c.Search
	s.Decision = t.g.Plan.Decide(Request(t.c, s.Decision.At))
	s.Step, s.Ticket.Wants = 0, s.Pulled
	s.Ticket.Boost = max(s.Ticket.Boost, s.Decision.Priority)
	t.nextStep()
}

// byLanguage puts prompts of several sentences so that each language says all
// of them before the next one does.
func byLanguage(prompts []ivr.Prompt) []ivr.Prompt {
	first := make(map[string]int)
	for i, p := range prompts {
		if _, known := first[p.Lang]; !known {
			first[p.Lang] = i
		}
	}
	sorted := slices.Clone(prompts)
	slices.SortStableFunc(sorted, func(a, b ivr.Prompt) int { return cmp.Compare(first[a.Lang], first[b.Lang]) })
	return sorted
}
