package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weibao/call"
	"weibao/record"
)

func entry(what record.EntryKind, second int, text string) record.FilingEntry {
	return record.FilingEntry{Number: "JL-20261123-0001", What: what, At: evening(second), By: "1009", Text: text}
}

// filingIsEntered: of each kind the last entry counts, whatever order the
// journals come in, and nothing of the past is lost.
func filingIsEntered(t *testing.T, s record.Store) {
	made := filing("JL-20261123-0001", 1)
	made.FilingDetails = record.FilingDetails{
		Items: []int{4, 5}, PlaceWords: "吉林省延边朝鲜族自治州珲春市", Language: "ko",
		Form: map[string]string{"what": "门反锁了", "age": "8"}, Notice: "请更正",
	}
	apply(t, s, made)
	if diff := cmp.Diff(made, one(t, s, made.Number)); diff != "" {
		t.Errorf("made (-want +got)\n%s", diff)
	}
	form := entry(record.EntryForm, 20, "")
	form.Form = map[string]string{"what": "破门了", "injury": "手臂"}
	category := entry(record.EntryCategory, 21, "性侵")
	category.Items = []int{1, 2, 3}
	first, second := entry(record.EntryCase, 22, "珲公110-1"), entry(record.EntryCase, 23, "珲公110-7")
	second.Reason = "念错一位"
	result := entry(record.EntryResult, 24, "孩子已接到亲属家")
	apply(t, s, second, result)
	apply(t, s, first, category, form)
	apply(t, s, second, form, made) // the same journal once more
	want := made
	want.Form = map[string]string{"what": "破门了", "age": "8", "injury": "手臂"}
	want.Category, want.Items, want.Notice = "性侵", []int{1, 2, 3}, ""
	want.PoliceCase, want.Result = "珲公110-7", "孩子已接到亲属家"
	want.Entries = []record.FilingEntry{form, category, first, second, result}
	if diff := cmp.Diff(want, one(t, s, made.Number)); diff != "" {
		t.Errorf("entered (-want +got)\n%s", diff)
	}
}

// emergency is a record with a call to 110 that went with that filing.
func emergency(id, filing string) record.Record {
	r := row(id, 1)
	r.Attempts = append(r.Attempts, record.Ring{Leg: call.LegID(id + "-2"), Role: call.Police.String(), DialledAt: evening(3)})
	r.Transfers = []record.Transfer{{To: "110", Filing: filing, Attempts: []record.Attempt{{Leg: call.LegID(id + "-2"), Number: "0433110"}}}}
	return r
}

func unfiledIsFound(t *testing.T, s record.Store) {
	replaced := filing("JL-20261123-0004-ABCD2345", 4)
	replaced.Replaces = "JL-20261123-0004"
	apply(t, s,
		filing("JL-20261123-0001", 1), emergency("01A", "JL-20261123-0001"),
		emergency("01B", ""), emergency("01C", "JL-20261123-0009"),
		replaced, emergency("01D", "JL-20261123-0004-ABCD2345"))
	legs := func(since time.Time) (legs []string) {
		found, err := s.Unfiled(t.Context(), since)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range found {
			legs = append(legs, string(u.Leg))
		}
		return legs
	}
	if got := legs(time.Time{}); !slices.Equal(got, []string{"01B-2", "01C-2"}) {
		t.Errorf("without a filing: %v", got)
	}
	if got := legs(evening(4).Time); len(got) != 0 {
		t.Errorf("from a later instant on: %v", got)
	}
	apply(t, s, filing("JL-20261123-0009", 9))
	if got := legs(time.Time{}); !slices.Equal(got, []string{"01B-2"}) {
		t.Errorf("when a filing has come: %v", got)
	}
}

func unconcludedIsFound(t *testing.T, s record.Store) {
	live, ended, done := filing("JL-20261123-0001", 1), filing("JL-20261123-0002", 2), filing("JL-20261123-0003", 3)
	live.Call, ended.Call, done.Call = "01L", "01A", "01D"
	apply(t, s, live, ended, done, row("01A", 5), row("01D", 5), conclusion(done.Number))
	numbers := func(over, made record.Moment) (numbers []string) {
		found, err := s.Unconcluded(t.Context(), over.Time, made.Time)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			numbers = append(numbers, f.Number)
			if f.Agent != "1009" || f.Region != "222400" || f.MadeAt.IsZero() {
				t.Errorf("%+v", f)
			}
		}
		return numbers
	}
	if got := numbers(evening(60), evening(0)); !slices.Equal(got, []string{ended.Number}) {
		t.Errorf("whose call is over: %v", got)
	}
	if got := numbers(evening(0), evening(2)); !slices.Equal(got, []string{live.Number}) {
		t.Errorf("made long ago: %v", got)
	}
}
