package record

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"weibao/call"
)

// filled is a store with so many records and filings.
func filled(t *testing.T, n int) *SQL {
	t.Helper()
	store := emptyStore(t)
	var changes []Change
	for i := range n {
		rec := FromCall(emergencyCall())
		rec.ID, rec.ArrivedAt = call.ID(fmt.Sprintf("01J%04d", i)), moment(at(float64(i)))
		f := Filing{Number: fmt.Sprintf("JL-20261123-%04d", i+1), Call: rec.ID, Category: "虐待", Agent: "1009", Caller: rec.Caller, MadeAt: rec.ArrivedAt}
		changes = append(changes, rec, f)
	}
	if err := store.Apply(t.Context(), Batch{Journal: "j", Changes: changes}); err != nil {
		t.Fatal(err)
	}
	return store
}

func TestExportHoldsEveryRowAndIsMaskedUnlessAskedFor(t *testing.T) {
	t.Parallel()
	store := filled(t, mostLimit+7)
	for _, format := range []Format{JSONL, CSV} {
		for _, whole := range []bool{false, true} {
			var out bytes.Buffer
			n, err := ExportRecords(t.Context(), &out, store, Export{Format: format, Whole: whole})
			if err != nil || n != mostLimit+7 {
				t.Errorf("%s: %d records, %v", format, n, err)
			}
			if strings.Contains(out.String(), "13812345678") != whole {
				t.Errorf("%s: whole numbers are there: %v", format, !whole)
			}
			out.Reset()
			if n, err = ExportFilings(t.Context(), &out, store, Export{Format: format, Whole: whole, Query: Query{To: at(3)}}); err != nil || n != 3 {
				t.Errorf("%s: %d filings, %v", format, n, err)
			}
		}
	}
	if _, err := ExportRecords(t.Context(), &bytes.Buffer{}, store, Export{Format: "xml"}); !errors.Is(err, ErrQuery) {
		t.Errorf("xml: %v", err)
	}
}

func TestExportedFollowUpsAreMaskedAndSelectedByRegionOnly(t *testing.T) {
	t.Parallel()
	store := emptyStore(t)
	rec := FromCall(hungUp("01A", "13812345678", 0))
	other := FromCall(hungUp("01B", "13800000002", 0))
	other.Region = "222400"
	if err := store.Apply(t.Context(), Batch{Journal: "j", Changes: []Change{rec, other, Settlement{ID: "01A", Outcome: call.Closed, Note: "13812345678 已联系"}}}); err != nil {
		t.Fatal(err)
	}
	for _, format := range []Format{JSONL, CSV} {
		for _, whole := range []bool{false, true} {
			var out bytes.Buffer
			n, err := ExportOwed(t.Context(), &out, store, Export{Format: format, Whole: whole, Query: Query{Region: "220100"}})
			if err != nil || n != 1 || !strings.Contains(out.String(), "已联系") || strings.Contains(out.String(), "13812345678") != whole {
				t.Errorf("%s, whole %v: %d rows, %v\n%s", format, whole, n, err, &out)
			}
		}
	}
	if _, err := ExportOwed(t.Context(), &bytes.Buffer{}, store, Export{Format: CSV, Query: Query{Agent: "1001"}}); !errors.Is(err, ErrQuery) {
		t.Errorf("a filter that does not filter: %v", err)
	}
}

func TestExportedLinesAreTheRecords(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if _, err := ExportRecords(t.Context(), &out, filled(t, 1), Export{Format: JSONL, Whole: true}); err != nil {
		t.Fatal(err)
	}
	var got Record
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got.Transfers[0].Filing != "JL-20261123-0001" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestSpreadsheetRunsNothing(t *testing.T) {
	t.Parallel()
	store := emptyStore(t)
	rec := FromCall(emergencyCall())
	var changes []Change
	evil := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠a"}
	for i, words := range evil {
		rec.ID, rec.Reason = call.ID(fmt.Sprint(i)), words
		changes = append(changes, rec)
	}
	rec.ID, rec.Reason = "good", `说“=1”, "quoted"`
	if err := store.Apply(t.Context(), Batch{Changes: append(changes, rec)}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := ExportRecords(t.Context(), &out, store, Export{Format: CSV}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(out.String(), "\uFEFF"))).ReadAll()
	if err != nil || len(rows) != len(evil)+2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows[1:] {
		reason := row[15]
		if row[0] == "good" {
			if reason != rec.Reason {
				t.Errorf("a harmless value was changed: %q", reason)
			}
			continue
		}
		if !strings.HasPrefix(reason, "'") {
			t.Errorf("%q begins a formula", reason)
		}
	}
	if rows[0][15] != "reason" || len(rows[1]) != len(rows[0]) {
		t.Errorf("head %v", rows[0])
	}
}
