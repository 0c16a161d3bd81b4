package ivr

import "time"

// Walk is where one caller stands in the menus.
type Walk struct {
	// Menu is the name of the present menu; empty before the start.
	Menu string
	// Keys is what was pressed, in order: the key path of the record.
	Keys string
	// Done is set when the walk has left the menus with Intent.
	Done   bool
	Intent string
	// Missed says how a person was reached without a choice: "silence" or
	// "wrong"; empty when a key chose.
	Missed string
	// Language is the last one that a key chose; empty when none did.
	Language string
	// Act is what the last choice does besides, with its Hours.
	Act   Act
	Hours string
	// Person is set from the key for a person now on.
	Person bool
}

// How a caller can leave a menu without choosing.
const (
	MissedSilence = "silence"
	MissedWrong   = "wrong"
)

// Input is one thing the caller did: a key, or silence when Key is empty.
type Input struct{ Key string }

// Start begins a walk in the menu of a region and returns what to play.
func (b Book) Start(region string) (Walk, []Prompt) {
	name, ok := b.Greeters[region]
	if !ok {
		name = b.Greeters[""]
	}
	return Walk{Menu: name}, b.Menus[name].Greeting
}

// Wait is how long the walk's menu listens for a key after its greeting.
func (b Book) Wait(w Walk) time.Duration { return b.Menus[w.Menu].Wait }

// Next is total: any input in any walk leads on, and an input after the walk
// is done changes nothing. The prompts are to be played at once.
func (b Book) Next(w Walk, in Input) (Walk, []Prompt) {
	menu, known := b.Menus[w.Menu]
	if w.Done {
		return w, nil
	}
	if !known {
		w.Done = true
		return w, nil
	}
	choice, chosen := menu.Keys[in.Key]
	switch {
	case in.Key == "":
		choice, w.Missed = menu.Silence, MissedSilence
	case !chosen:
		choice, w.Missed = menu.Wrong, MissedWrong
		w.Keys += in.Key
	default:
		w.Missed = ""
		w.Keys += in.Key
	}
	if choice.Language != "" {
		w.Language = choice.Language
	}
	w.Act, w.Hours, w.Person = choice.Act, choice.Hours, w.Person || choice.Act == ActPerson
	if choice.Menu == "" {
		w.Done, w.Intent = true, choice.Intent
		return w, choice.Say
	}
	w.Menu = choice.Menu
	return w, append(append([]Prompt(nil), choice.Say...), b.Menus[w.Menu].Greeting...)
}
