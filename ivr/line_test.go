package ivr

import "testing"

func TestALineHasItsOwnMenuAndElseThatOfTheOpenOne(t *testing.T) {
	t.Parallel()
	b := book()
	b.Menus["line"] = Menu{Name: "line", Keys: map[string]Choice{"0": {Act: ActPerson}, "1": {Act: ActCallBack, Hours: "day"}}, Wrong: Choice{Act: ActWait}}
	if _, any := b.InLine(LineOpen, "220100"); any {
		t.Error("a book without lines has a menu in line")
	}
	b.Lines = map[Line]map[string]string{LineOpen: {"": "line"}, LineSettled: {"222400": "second"}}
	for _, row := range []struct {
		line         Line
		region, menu string
	}{
		{LineOpen, "220100", "line"},
		{LineWithheld, "220100", "line"},
		{LineSettled, "222400", "second"},
		{LineSettled, "220100", "line"},
	} {
		if w, any := b.InLine(row.line, row.region); !any || w.Menu != row.menu {
			t.Errorf("%s of %s is %q, want %q", row.line, row.region, w.Menu, row.menu)
		}
	}
}

func TestAKeyTellsItsActAndThatAPersonWasAskedForStays(t *testing.T) {
	t.Parallel()
	b := book()
	b.Menus["line"] = Menu{
		Keys:  map[string]Choice{"0": {Act: ActPerson, Menu: "more"}, "1": {Act: ActCallBack, Hours: "day"}},
		Wrong: Choice{Act: ActWait},
	}
	b.Menus["more"] = b.Menus["line"]
	w, _ := b.Next(Walk{Menu: "line"}, Input{Key: "0"})
	if w.Done || w.Act != ActPerson || !w.Person {
		t.Errorf("%+v", w)
	}
	if w, _ = b.Next(w, Input{Key: "1"}); !w.Done || w.Act != ActCallBack || w.Hours != "day" || !w.Person {
		t.Errorf("%+v", w)
	}
	if w, _ = b.Next(Walk{Menu: "line"}, Input{Key: "9"}); !w.Done || w.Act != ActWait || w.Person {
		t.Errorf("%+v", w)
	}
}
