package record

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"weibao/routing"
)

func seatChange(agent routing.AgentID, to string) routing.SeatChange {
	return routing.SeatChange{At: time.Unix(1_790_000_000, 0), Agent: agent, What: routing.FactPresence, From: "ready", To: to, Cause: "用餐", By: agent}
}

func TestChangesOfSeatsComeToJournalAndDatabase(t *testing.T) {
	t.Parallel()
	store := filled(t, 0)
	r := registry(t, Options{Store: store})
	for i := range 300 {
		r.Seat(seatChange("1001", fmt.Sprint(i)))
	}
	r.Seat(seatChange("1002", "away"))
	r.writeSeats() // as the pause would
	if err := r.HandOver(t.Context(), routing.HandOver{Post: "220100", Text: "behind them"}); err != nil {
		t.Fatal(err)
	}
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	h := Handler(HandlerOptions{Store: store, Acks: r, User: testUser})
	for _, row := range []struct {
		who, target string
		status      int
		want        string
	}{
		{"1002 agent", "/api/v1/agents/1002/log", 200, `"to":"away"`},
		{"1019 supervisor", "/api/v1/agents/1001/log?limit=1", 200, `"to":"299"`},
		{"1019 supervisor", "/api/v1/agents/1001/log?from=2027-01-01", 200, `"changes":[]`},
		{"1001 agent", "/api/v1/agents/1002/log", 403, `another seat`},
		{"1019 supervisor", "/api/v1/agents/1001/log?agent=1002", 400, `not a filter`},
		{"", "/api/v1/agents/1002/log", 401, `log in`},
	} {
		status, _, body := ask(t, h, row.who, "GET", row.target)
		text, _ := json.Marshal(body)
		if status != row.status || !strings.Contains(string(text), row.want) {
			t.Errorf("%s as %q: %d %.200s, want %d with %s", row.target, row.who, status, text, row.status, row.want)
		}
	}
}

func TestChangesOfASecondAreOneLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := &Registry{box: newMailbox()}
		for second := range 3 {
			for range 100 {
				r.Seat(seatChange("1001", "away"))
			}
			time.Sleep(seatPause)
			synctest.Wait()
			q, _ := r.box.take()
			if q == nil || q.kind != KindSeats || len(q.body.(SeatLog).Changes) != 100 {
				t.Fatalf("second %d: %+v, want one line of 100 changes", second, q)
			}
			if more, _ := r.box.take(); more != nil {
				t.Fatalf("second %d: a second line %+v", second, more)
			}
		}
	})
}

func TestCloseWritesTheChangesThatWait(t *testing.T) {
	t.Parallel()
	store := filled(t, 0)
	r := registry(t, Options{Store: store})
	r.Seat(seatChange("1001", "away"))
	if err := r.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	page, err := store.SeatLog(t.Context(), Query{Agent: "1001"})
	if err != nil || len(page.Rows) != 1 {
		t.Errorf("%+v, %v, want the change", page, err)
	}
}
