package record

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"weibao/call"
	"weibao/routing"
)

// FromCall makes the record of a call. It is total: a call of which hardly
// anything is known gives a record that says so. The recording is not looked
// at; see [Inspect].
func FromCall(c call.Call) Record {
	var caller call.Leg
	if len(c.Legs) > 0 {
		caller = c.Legs[0]
	}
	r := Record{
		ID: c.ID, Guide: c.Guide, Caller: c.Number, CallerE164: c.Known.E164, CallerKind: c.Known.Kind.String(), Dialled: c.Dialled, Region: c.Region, Trunk: c.Trunk,
		Keys: c.Walk.Keys, Intent: c.Walk.Intent, Missed: c.Walk.Missed, Facts: maps.Clone(c.Facts),
		Route: c.Search.Decision.Route, Agent: c.Agent,
		Outcome: c.Ending.Outcome, Reason: c.Ending.Reason,
		ArrivedAt: moment(c.ArrivedAt), WaitingAt: moment(c.Search.Since), TalkedAt: moment(c.TalkedAt),
		LeftAt: moment(caller.LeftAt), EndedAt: moment(c.EndedAt),
		Waited: Millis(c.Waited()), Talked: Millis(c.Talked()), Alone: Millis(c.Alone()), Unattended: Millis(c.Attended.Waited),
		Recording: Recording{
			Wanted: c.Recording.Wanted, File: c.Recording.File,
			Length: Millis(c.Recording.Length), Fault: c.Recording.Fault,
			Parts: partsOf(c.Recording.Parts), Pauses: pausesOf(c.Recording.Pauses, c.EndedAt),
		},
		Trace: slices.Clone(c.Search.Decision.Trace), Note: maps.Clone(c.Note),
	}
	r.Direction = c.Direction()
	r.FollowUpOf, r.PlacedBy, r.Override = c.Placed.FollowUp.ID, c.Placed.By, c.Placed.Override
	r.Transfers = transfersOf(c)
	r.Attempts = ringsOf(c)
	r.Journey = journeyOf(c)
	r.Queue = queueOf(c)
	if c.FollowUp.Kind != "" {
		owed := followUpOf(c.FollowUp)
		r.FollowUp = &owed
	}
	return r
}

// queueOf is the queue of the seat that had the talk, else the one in which
// the caller waited.
func queueOf(c call.Call) string {
	queue := ""
	if queues := c.Search.Ticket.Queues(); len(queues) > 0 {
		queue = queues[0]
	}
	for _, leg := range c.Legs {
		if leg.Role == call.Seat && leg.Queue != "" && leg.Agent == c.Agent && !leg.PickedAt.IsZero() {
			queue = leg.Queue
		}
	}
	return queue
}

func ringsOf(c call.Call) []Ring {
	details := make(map[call.LegID]string)
	for _, e := range c.Journey {
		if leg := c.Leg(e.Leg); leg != nil && e.What == "LEAVE" {
			details[e.Leg] = strings.TrimSpace(strings.TrimPrefix(e.More, string(leg.Cause)))
		}
	}
	for _, t := range append(slices.Clone(c.Transfers), c.Transfer) {
		for _, a := range t.Attempts {
			details[a.Leg] = cmp.Or(a.Detail, details[a.Leg])
		}
	}
	rings := []Ring{}
	for _, leg := range c.Legs[min(1, len(c.Legs)):] {
		ring := Ring{
			Leg: leg.ID, Role: leg.Role.String(), Agent: leg.Agent, Number: leg.Number, Queue: leg.Queue,
			DialledAt: moment(leg.DialledAt), RangAt: moment(leg.RangAt), PickedAt: moment(leg.PickedAt),
			JoinedAt: moment(leg.JoinedAt), LeftAt: moment(leg.LeftAt),
			Result: string(leg.Cause), Cause: leg.Cause, Detail: details[leg.ID],
		}
		if !leg.PickedAt.IsZero() {
			ring.Result = ResultAnswered
		}
		rings = append(rings, ring)
	}
	return rings
}

func transfersOf(c call.Call) []Transfer {
	all := slices.Clone(c.Transfers)
	if c.Transfer.Phase != call.NoTransfer {
		all = append(all, c.Transfer)
	}
	rows := []Transfer{}
	for _, t := range all {
		rows = append(rows, Transfer{
			To: t.To.String(), Place: t.Place, Category: t.Category, By: t.By, Filing: t.Filing,
			Phase: t.Phase.String(), Outcome: t.Outcome, Reason: t.Reason, Attempts: attemptsOf(t.Attempts),
			AskedAt: moment(t.AskedAt), PickedAt: moment(t.PickedAt), IntroducedAt: moment(t.IntroducedAt),
			HandedAt: moment(t.HandedAt), EndedAt: moment(t.EndedAt),
		})
	}
	return rows
}

func attemptsOf(attempts []call.Attempt) []Attempt {
	rows := []Attempt{}
	for _, a := range attempts {
		rows = append(rows, Attempt{
			Number: routing.Number(a.Number), Leg: a.Leg, Result: a.Result, Detail: a.Detail,
			DialledAt: moment(a.DialledAt), PickedAt: moment(a.PickedAt), EndedAt: moment(a.EndedAt),
		})
	}
	return rows
}

func journeyOf(c call.Call) []Entry {
	rows := []Entry{}
	for _, e := range c.Journey {
		rows = append(rows, Entry{At: moment(e.At), What: e.What, Words: e.Words(), Leg: e.Leg, Who: e.Who, More: e.More})
	}
	return rows
}
