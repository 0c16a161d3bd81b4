package record

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weibao/call"
	"weibao/ivr"
	"weibao/routing"
)

// at is a moment of the evening of the tests, in seconds after 20:00.
func at(seconds float64) time.Time {
	evening := time.Date(2026, 11, 23, 20, 0, 0, 0, zone())
	return evening.Add(time.Duration(seconds * float64(time.Second)))
}

func citizen(left float64) call.Leg {
	return call.Leg{ID: "c", Role: call.Citizen, State: call.Gone, Cause: call.HungUp, LeftAt: at(left)}
}

// emergencyCall is a call that was handed to the police at their second
// number.
func emergencyCall() call.Call {
	return call.Call{
		ID: "01JD", Guide: "v7", Dialled: "12345", Number: "13812345678", Known: routing.Caller{E164: "+8613812345678", Kind: routing.Mobile}, Trunk: "carrier", Region: "222400",
		Walk: ivr.Walk{Keys: "6", Intent: "minors", Done: true}, Agent: "1009",
		Search: call.Search{
			Since:  at(4),
			Ticket: routing.Ticket{Wants: routing.AnyOf("yanbian", "province")},
			Decision: routing.Decision{
				Route: "minors", Trace: []routing.Check{{Rule: "minors", Fact: "key", Want: "6", Got: "6", Held: true}},
			},
		},
		Legs: []call.Leg{
			citizen(120),
			{ID: "s1", Role: call.Seat, Agent: "1010", Queue: "yanbian", Cause: call.NoAnswer, DialledAt: at(5), RangAt: at(5.2), LeftAt: at(20)},
			{ID: "s2", Role: call.Seat, Agent: "1009", Queue: "province", Cause: call.HungUp, DialledAt: at(20), PickedAt: at(22), JoinedAt: at(24), LeftAt: at(90)},
			{ID: "p1", Role: call.Police, Number: "0433110", Cause: call.Busy, DialledAt: at(40), LeftAt: at(41)},
			{ID: "p2", Role: call.Police, Number: "04332912345", Cause: call.HungUp, DialledAt: at(41), PickedAt: at(50), JoinedAt: at(50), LeftAt: at(119)},
		},
		Transfers: []call.Transfer{{
			Phase: call.Handed, To: routing.Target{Kind: routing.ToPolice}, Place: "222404", Category: "虐待", By: "1009",
			Filing: "JL-20261123-0001", Outcome: "handed_over", AskedAt: at(39), PickedAt: at(50), HandedAt: at(85), EndedAt: at(85),
			Attempts: []call.Attempt{
				{Number: "0433110", Leg: "p1", DialledAt: at(40), EndedAt: at(41), Result: "busy", Detail: "486"},
				{Number: "04332912345", Leg: "p2", DialledAt: at(41), PickedAt: at(50), Result: "answered"},
			},
		}},
		Attended:  call.Attendance{Waited: 1500 * time.Millisecond, Listened: 96 * time.Second},
		Note:      map[string]string{"call_back": "13812345678, 放学后"},
		FollowUp:  call.FollowUp{Kind: "callback", Owner: "1009", Due: at(1800), Why: "13812345678 要求回访"},
		Recording: call.Recording{Wanted: true, File: "/rec/01JD.wav", Length: 95 * time.Second},
		Ending:    call.Ending{Outcome: call.HandedOver, Reason: "警方已接手"},
		Journey: []call.Entry{
			{At: at(0), What: "ARRIVE", Leg: "c", Who: "13812345678"},
			{At: at(20), What: "LEAVE", Leg: "s1", Who: "1010", More: "no_answer 480 timeout"},
		},
		ArrivedAt: at(0), TalkedAt: at(24), EndedAt: at(121),
	}
}

func TestRecordHasEverythingOfTheCall(t *testing.T) {
	t.Parallel()
	got := FromCall(emergencyCall())
	want := Record{
		ID: "01JD", Guide: "v7", Caller: "13812345678", CallerE164: "+8613812345678", CallerKind: "mobile", Direction: "in", Dialled: "12345", Region: "222400", Trunk: "carrier",
		Keys: "6", Intent: "minors", Route: "minors", Queue: "province", Agent: "1009",
		Outcome: call.HandedOver, Reason: "警方已接手",
		ArrivedAt: moment(at(0)), WaitingAt: moment(at(4)), TalkedAt: moment(at(24)), LeftAt: moment(at(120)), EndedAt: moment(at(121)),
		Waited: Millis(20 * time.Second), Talked: Millis(96 * time.Second), Unattended: Millis(1500 * time.Millisecond),
		Attempts: []Ring{
			{
				Leg: "s1", Role: "seat", Agent: "1010", Queue: "yanbian", DialledAt: moment(at(5)), RangAt: moment(at(5.2)), LeftAt: moment(at(20)),
				Result: "no_answer", Cause: call.NoAnswer, Detail: "480 timeout",
			},
			{
				Leg: "s2", Role: "seat", Agent: "1009", Queue: "province", DialledAt: moment(at(20)), PickedAt: moment(at(22)), JoinedAt: moment(at(24)), LeftAt: moment(at(90)),
				Result: ResultAnswered, Cause: call.HungUp,
			},
			{Leg: "p1", Role: "police", Number: "0433110", DialledAt: moment(at(40)), LeftAt: moment(at(41)), Result: "busy", Cause: call.Busy, Detail: "486"},
			{
				Leg: "p2", Role: "police", Number: "04332912345", DialledAt: moment(at(41)), PickedAt: moment(at(50)), JoinedAt: moment(at(50)), LeftAt: moment(at(119)),
				Result: ResultAnswered, Cause: call.HungUp,
			},
		},
		Transfers: []Transfer{{
			To: "110", Place: "222404", Category: "虐待", By: "1009", Filing: "JL-20261123-0001", Phase: "handed", Outcome: "handed_over",
			AskedAt: moment(at(39)), PickedAt: moment(at(50)), HandedAt: moment(at(85)), EndedAt: moment(at(85)),
			Attempts: []Attempt{
				{Number: "0433110", Leg: "p1", DialledAt: moment(at(40)), EndedAt: moment(at(41)), Result: "busy", Detail: "486"},
				{Number: "04332912345", Leg: "p2", DialledAt: moment(at(41)), PickedAt: moment(at(50)), Result: "answered"},
			},
		}},
		FollowUp:  &FollowUp{Kind: "callback", Owner: "1009", Due: moment(at(1800)), Why: "13812345678 要求回访"},
		Recording: Recording{Wanted: true, File: "/rec/01JD.wav", Length: Millis(95 * time.Second)},
		Journey: []Entry{
			{At: moment(at(0)), What: "ARRIVE", Words: call.Entry{What: "ARRIVE"}.Words(), Leg: "c", Who: "13812345678"},
			{At: moment(at(20)), What: "LEAVE", Words: call.Entry{What: "LEAVE"}.Words(), Leg: "s1", Who: "1010", More: "no_answer 480 timeout"},
		},
		Trace: []routing.Check{{Rule: "minors", Fact: "key", Want: "6", Got: "6", Held: true}},
		Note:  map[string]string{"call_back": "13812345678, 放学后"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestRecordIsMadeOfEveryKindOfCall(t *testing.T) {
	t.Parallel()
	seat := call.Leg{ID: "s", Role: call.Seat, Agent: "1001", Queue: "changchun", PickedAt: at(10), JoinedAt: at(10), LeftAt: at(70)}
	type facts struct {
		waited, talked time.Duration
		rings          int
		queue          string
	}
	for name, row := range map[string]struct {
		call call.Call
		want facts
	}{
		"nothing is known":     {call.Call{}, facts{}},
		"gone in the greeting": {call.Call{Legs: []call.Leg{citizen(2)}, ArrivedAt: at(0), EndedAt: at(2)}, facts{}},
		"gone in line": {call.Call{
			Legs: []call.Leg{citizen(30)}, Search: call.Search{Since: at(3), Ticket: routing.Ticket{Wants: []routing.Want{{Queue: "q"}}}},
			ArrivedAt: at(0), EndedAt: at(30),
		}, facts{waited: 27 * time.Second, queue: "q"}},
		"answered": {call.Call{
			Legs: []call.Leg{citizen(70), seat}, Search: call.Search{Since: at(3)}, Agent: "1001",
			Attended: call.Attendance{Listened: time.Minute}, ArrivedAt: at(0), TalkedAt: at(10), EndedAt: at(71),
		}, facts{waited: 7 * time.Second, talked: time.Minute, rings: 1, queue: "changchun"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := FromCall(row.call)
			got := facts{r.Waited.Duration(), r.Talked.Duration(), len(r.Attempts), r.Queue}
			if diff := cmp.Diff(row.want, got, cmp.AllowUnexported(facts{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			line, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			var back Record
			if err := json.Unmarshal(line, &back); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(r, back); diff != "" {
				t.Errorf("another record after JSON (-before +after)\n%s", diff)
			}
		})
	}
}

func TestTransferInProgressAtTheEndIsInTheRecord(t *testing.T) {
	t.Parallel()
	c := emergencyCall()
	c.Transfer = call.Transfer{Phase: call.Reaching, To: routing.Target{Kind: routing.ToDuty, Name: "222400"}, By: "1009", AskedAt: at(100)}
	got := FromCall(c).Transfers
	if len(got) != 2 || got[1].To != "duty:222400" || got[1].Phase != "reaching" {
		t.Errorf("got %+v", got)
	}
}

func TestScreensSeeNoWholeNumberOfAPerson(t *testing.T) {
	t.Parallel()
	c := emergencyCall()
	c.Legs = append(c.Legs, call.Leg{ID: "d", Role: call.Duty, Number: "13900001111"})
	c.Journey = append(c.Journey, call.Entry{What: "DIAL", Who: "13900001111", More: "to 13900001111"})
	before, _ := json.Marshal(FromCall(c))
	r := FromCall(c)
	masked, err := json.Marshal(r.Masked())
	if err != nil {
		t.Fatal(err)
	}
	for _, number := range []string{"13812345678", "13900001111"} {
		if strings.Contains(string(masked), number) {
			t.Errorf("%s is in %s", number, masked)
		}
	}
	for _, word := range []string{`"caller":"138****5678"`, "0433110", "138****5678, 放学后", "139****1111"} {
		if !strings.Contains(string(masked), word) {
			t.Errorf("%s is not in %s", word, masked)
		}
	}
	if after, _ := json.Marshal(r); string(after) != string(before) {
		t.Error("masking has changed the record itself")
	}
}

func TestJSONOfRecordsSaysUnitsAndZone(t *testing.T) {
	t.Parallel()
	c := emergencyCall()
	c.ArrivedAt = time.Date(2026, 11, 23, 12, 0, 0, 123456789, time.UTC)
	line, err := json.Marshal(FromCall(c))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"arrived_at":"2026-11-23T20:00:00.123+08:00"`, `"talked_ms":96000`, `"alone_ms":0`, `"unattended_ms":1500`} {
		if !strings.Contains(string(line), want) {
			t.Errorf("%s is not in %s", want, line)
		}
	}
}
