// Package ivr is what a caller hears and presses before a person answers:
// menus and prompts as data, and the walk of one caller through them. It is
// pure; time comes in as inputs.
//
// GB/T 33358-2016 advises against voice menus for government lines, so a menu
// here is one level deep where it can be, any key interrupts it, and silence,
// a wrong key or a hook flash lead to a person like the right key does.
package ivr

import "time"

// Prompt names something to be said. The sound files of the prompt are made
// from prompts.yaml or recorded by a person.
type Prompt struct {
	Name string
	// Lang is the language of the sound file: "zh", "ko", "en".
	Lang string
}

// Menu is one level of choices.
type Menu struct {
	Name string
	// Greeting is played once, all of it, unless a key interrupts it.
	Greeting []Prompt
	// Keys are the choices.
	Keys map[string]Choice
	// Wait is how long the menu listens after the greeting.
	Wait time.Duration
	// Silence is taken when no key came, Wrong for a key without a choice.
	// Both lead to a person, or back to the line that the caller waits in.
	Silence Choice
	Wrong   Choice
}

// Choice is where a key leads: another menu, or out of the menus with an
// intent.
type Choice struct {
	// Say is played on the way.
	Say []Prompt
	// Menu is the next menu; empty when the choice leads to a person.
	Menu string
	// Intent is what the caller wants, as the plan and the screen see it.
	Intent string
	// Language is the one that the caller has chosen with this key; empty when
	// the key says nothing of it.
	Language string
	// Act is done besides; empty for nothing.
	Act Act
	// Hours belong to ActCallBack: the name of the hours of the plan in which
	// the caller may be rung; "" for any time.
	Hours string
}

// Act is what a key does for a caller besides leading on.
type Act string

// The acts.
const (
	// ActPerson asks for a person now: before everybody who waits for an
	// ordinary turn.
	ActPerson Act = "person"
	// ActCallBack leaves a call-back that keeps the place in line. The caller
	// has said that it is safe to ring.
	ActCallBack Act = "callback"
	// ActUnsafe says that this number must not be rung back.
	ActUnsafe Act = "unsafe"
	// ActWait goes back to the line as it was, the place kept.
	ActWait Act = "wait"
)

// Book is all menus and which one greets the callers of which region.
type Book struct {
	Menus map[string]Menu
	// Greeters maps a region's code to its menu; "" is the menu of any other.
	Greeters map[string]string
	// Lines has for each line, in the same way, the menu whose keys count while
	// the caller waits.
	Lines map[Line]map[string]string
}
