package call

import (
	"weibao/ivr"
	"weibao/routing"
)

// arrive answers the caller and begins the greeting of the region through
// whose line the call came.
func (t *turn) arrive(ev Arrived) {
	if ev.Resumed && t.canTakeUp(ev.Kept) {
		t.takeUp(ev)
		return
	}
	t.c.ID, t.c.Guide, t.c.Dialled = ev.Call, t.g.Version, ev.Dialled
	t.c.Number, t.c.Trunk, t.c.ArrivedAt = ev.Caller, ev.Trunk, t.at
	t.c.Facts, t.c.Recording.Off = ev.Facts, ev.Unrecorded
	region, rule, known := t.g.comes(ev)
	t.c.Region, t.c.Known = region, known
	t.c.Legs = []Leg{{
		ID: ev.Leg, Role: Citizen, Number: ev.Caller, State: Up, DialledAt: t.at, PickedAt: t.at,
	}}
	t.note("ARRIVE", t.c.Caller(), ev.Dialled+" "+t.c.Region+" "+rule)
	t.setAlarm(alarmWatch, t.g.Times.Watch)
	t.c.LegPrefix = string(t.c.ID)
	t.c.Placed = ev.Placed
	if ev.Resumed && (!ev.Recent || len(ev.With) > 0) {
		t.resume(ev)
		return
	}
	t.do(Answer{Leg: ev.Leg})
	var greeting []ivr.Prompt
	t.c.Walk, greeting = t.g.Menus.Start(t.c.Region)
	t.c.Phase = InMenu
	t.greet(greeting)
}

// comes says through whose line a call comes and by which rule that is known,
// and who the caller is.
func (g *Guide) comes(ev Arrived) (region, rule string, caller routing.Caller) {
	region, found := g.Regions.OfCall(routing.Origin{Trunk: ev.Trunk, Header: ev.Region, Dialled: ev.Dialled}, g.Home)
	return region, found.Rule, routing.Normalise(string(ev.Caller), g.Regions, region)
}

// greet plays a menu's prompts; their end starts the wait for a key.
func (t *turn) greet(prompts []ivr.Prompt) {
	if t.play(t.c.Caller(), prompts) {
		t.setAlarm(alarmPrompt, t.g.Times.Prompt)
		return
	}
	t.listen()
}

// listen waits for a key after the greeting.
func (t *turn) listen() {
	t.clearAlarm(alarmPrompt)
	t.setAlarm(alarmKey, t.g.Menus.Wait(t.c.Walk))
}

// played goes on after a prompt: in the menu to the wait for a key, in line to
// the music, at a seat from the whisper to the caller.
func (t *turn) played(ev Played) {
	l := t.c.Leg(ev.Leg)
	if l == nil || ev.Play == "" || l.Playing != ev.Play {
		return // stopped by us, or older than what is playing now
	}
	l.Playing = ""
	switch {
	case l.Role != Citizen:
		if l.State == Up && l.Room == NoRoom {
			t.join(l)
		}
	case t.c.Phase == InMenu:
		t.listen()
	case t.c.Phase == Calling:
		t.neutralOver()
	case t.c.Phase == Waiting || t.c.Phase == Offering:
		t.saidInLine()
	case t.c.Phase == Parting:
		t.setAlarm(alarmParting, t.g.Times.Parting)
	}
}

// promptOver is for a prompt whose end was never told.
func (t *turn) promptOver() {
	t.played(Played{At: At(t.at), Leg: t.c.Caller().ID, Play: t.c.Caller().Playing})
}

func (t *turn) pressed(ev Pressed) {
	if t.c.Caller().ID != ev.Leg {
		if l := t.c.Leg(ev.Leg); l != nil {
			t.typed(l, ev.Key)
		}
		return
	}
	switch t.c.Phase {
	case InMenu:
		t.keyed(ev.Key)
	case Parting:
		t.stayed()
	case Calling:
		t.confirmed(ev.Key)
	case Waiting, Offering:
		t.chosen(ev.Key)
	case Arriving, Talking, Closing, Ended:
	}
}

// keyed takes a key, or silence when it is empty, at any moment of the menu.
func (t *turn) keyed(key string) {
	if t.c.Phase != InMenu {
		return
	}
	t.clearAlarm(alarmPrompt, alarmKey)
	if key != "" {
		t.quiet(t.c.Caller())
	}
	var prompts []ivr.Prompt
	t.c.Walk, prompts = t.g.Menus.Next(t.c.Walk, ivr.Input{Key: key})
	t.noteKey(key)
	if t.c.Walk.Done {
		if t.c.Walk.Person {
			t.note("URGENT", t.c.Caller(), key)
		}
		t.search(0, t.g.Prompts.Connecting)
		return
	}
	t.greet(prompts)
}
