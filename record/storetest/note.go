package storetest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"weibao/record"
)

func noteIsWritten(t *testing.T, s record.Store) {
	t.Helper()
	want := row("01A", 1)
	want.Note = map[string]string{"姓名": "小明", "年龄": "9"}
	note := record.Note{Call: want.ID, By: "1001", Fields: map[string]string{"年龄": "10", "诉求": "被打"}}
	apply(t, s, want, note, note)
	got, err := s.Get(t.Context(), want.ID)
	want.Note = map[string]string{"姓名": "小明", "年龄": "10", "诉求": "被打"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	page, err := s.Find(t.Context(), record.Query{Text: "被打"})
	if err != nil || len(page.Rows) != 1 {
		t.Errorf("%d records with the words, %v", len(page.Rows), err)
	}
	err = s.Apply(t.Context(), record.Batch{Journal: journal, Changes: []record.Change{record.Note{Call: "r2"}}})
	if !errors.Is(err, record.ErrNotFound) {
		t.Errorf("a form without its record: %v", err)
	}
}
