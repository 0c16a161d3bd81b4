package ivr

import (
	"testing"
	"time"
)

func book() Book {
	hello := []Prompt{{Name: "hello", Lang: "zh"}}
	return Book{
		Menus: map[string]Menu{
			"main": {
				Name: "main", Greeting: hello, Wait: 5 * time.Second,
				Keys:    map[string]Choice{"6": {Intent: "minors"}, "2": {Say: hello, Menu: "second"}},
				Silence: Choice{Intent: "general"}, Wrong: Choice{Intent: "general"},
			},
			"second": {Name: "second", Greeting: hello, Keys: map[string]Choice{"1": {Intent: "report", Say: hello}}, Silence: Choice{Intent: "general"}, Wrong: Choice{Intent: "general"}},
		},
		Greeters: map[string]string{"": "main", "222400": "second"},
	}
}

func TestEveryInputLeadsOn(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, keys, intent, missed string
		silent                     bool
	}{
		{"the option", "6", "minors", "", false},
		{"two levels", "21", "report", "", false},
		{"a wrong key", "9", "general", MissedWrong, false},
		{"wrong on the second level", "29", "general", MissedWrong, false},
		{"silence", "", "general", MissedSilence, true},
		{"silence on the second level", "2", "general", MissedSilence, true},
	} {
		b := book()
		w, greeting := b.Start("220100")
		if len(greeting) != 1 || b.Wait(w) != 5*time.Second {
			t.Errorf("%s: greeting %v, wait %s", row.name, greeting, b.Wait(w))
		}
		for _, key := range row.keys {
			w, _ = b.Next(w, Input{Key: string(key)})
		}
		if row.silent {
			w, _ = b.Next(w, Input{})
		}
		if !w.Done || w.Intent != row.intent || w.Missed != row.missed || w.Keys != row.keys {
			t.Errorf("%s: %+v", row.name, w)
		}
		if again, prompts := b.Next(w, Input{Key: "6"}); again != w || prompts != nil {
			t.Errorf("%s: an input after the end changes %+v", row.name, again)
		}
	}
}

func TestTheSecondLevelIsGreetedAfterWhatTheKeySays(t *testing.T) {
	t.Parallel()
	b := book()
	w, _ := b.Start("220100")
	if _, prompts := b.Next(w, Input{Key: "2"}); len(prompts) != 2 {
		t.Errorf("%d prompts, want the choice's and the menu's", len(prompts))
	}
	if w, _ := b.Start("222400"); w.Menu != "second" {
		t.Errorf("menu %s, want the region's own", w.Menu)
	}
}

func TestAMenuThatIsNotThereLeadsToAPerson(t *testing.T) {
	t.Parallel()
	if w, _ := (Book{}).Next(Walk{Menu: "gone"}, Input{Key: "6"}); !w.Done {
		t.Errorf("%+v", w)
	}
}
