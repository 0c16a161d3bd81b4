package outbox_test

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"weibao/record"
	"weibao/record/outbox"
	"weibao/record/storetest"
)

func TestSQLiteKeepsEveryPromiseOfTheOutbox(t *testing.T) {
	t.Parallel()
	exercise(t, func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "outbox.db") })
}

func TestPostgreSQLKeepsEveryPromiseOfTheOutbox(t *testing.T) {
	t.Parallel()
	server := storetest.StartPostgres(t)
	exercise(t, func(*testing.T) string { return server.New() })
}

// exercise is what both databases must do.
func exercise(t *testing.T, fresh func(*testing.T) string) {
	for name, promise := range map[string]func(*testing.T, *ground){
		"each line about a filing is one delivery a receiver":     onePerReceiver,
		"a journal that is applied again tells nothing anew":      replayTellsNothing,
		"an event waits for the one before it":                    inOrder,
		"a delivery is claimed by one gateway":                    claimedOnce,
		"a lease that has run out is another's":                   leaseRunsOut,
		"the first acknowledgement counts":                        firstCounts,
		"a person's acknowledgement settles what people wait for": settled,
		"a receiver that is new is told the last day":             newReceiver,
		"a filing that gives way is withdrawn":                    givesWay,
		"what was given up is tried again when somebody asks":     triedAgain,
		"every attempt is on the record":                          steps,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			promise(t, newGround(t, fresh(t)))
		})
	}
}

// ground is a database with the outbox of two gateways on it.
type ground struct {
	t        *testing.T
	sql      *record.SQL
	one, two *outbox.Store
	now      time.Time
}

func newGround(t *testing.T, dsn string) *ground {
	t.Helper()
	s, err := record.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &ground{t: t, sql: s, one: outbox.NewStore(s, "one"), two: outbox.NewStore(s, "two"), now: time.Now().Truncate(time.Millisecond)}
}

const journal = "01JOURNALABCDEF"

func (g *ground) apply(changes ...record.Change) {
	g.t.Helper()
	if err := g.sql.Apply(g.t.Context(), record.Batch{Journal: journal, Changes: changes}); err != nil {
		g.t.Fatal(err)
	}
}

func (g *ground) register(all ...outbox.Receiver) {
	g.t.Helper()
	if err := g.one.Register(g.t.Context(), all, g.now); err != nil {
		g.t.Fatal(err)
	}
}

// claim is the delivery that is claimed after so long; false for none.
func (g *ground) claim(s *outbox.Store, receiver string, after time.Duration) (outbox.Delivery, bool) {
	g.t.Helper()
	at := time.Now().Add(after)
	d, _, found, err := s.Claim(g.t.Context(), receiver, "lease "+at.String(), at, at.Add(time.Minute))
	if err != nil {
		g.t.Fatal(err)
	}
	return d, found
}

func (g *ground) finish(s *outbox.Store, d outbox.Delivery, r outbox.Result) {
	g.t.Helper()
	if err := s.Finish(g.t.Context(), d, r, time.Now()); err != nil {
		g.t.Fatal(err)
	}
}

// states are "receiver what state" of every delivery of a filing.
func (g *ground) states(number string) string {
	g.t.Helper()
	all, err := g.one.Of(g.t.Context(), number)
	if err != nil {
		g.t.Fatal(err)
	}
	var words []string
	for _, d := range all {
		words = append(words, d.Receiver+" "+string(d.What)+" "+string(d.State))
	}
	return strings.Join(words, ", ")
}

func (g *ground) wants(number, want string) {
	g.t.Helper()
	if got := g.states(number); got != want {
		g.t.Errorf("%s: %s\nwant %s", number, got, want)
	}
}

const number = "JL-20261123-0001"

func filing(number string, at time.Time) record.Filing {
	return record.Filing{
		Number: number, Call: "01A", Category: "虐待", Place: "222404", Region: "222400", Agent: "1009",
		Caller: "13812345678", MadeAt: record.MomentOf(at), Attempts: []record.Attempt{},
	}
}

func conclusion(number string, at time.Time) record.Conclusion {
	return record.Conclusion{Number: number, Outcome: "handed_over", ConcludedAt: record.MomentOf(at)}
}

func receiver(name string, events ...record.FilingEvent) outbox.Receiver {
	return outbox.Receiver{Name: name, Kind: "hook", Owner: "省平台", Events: events, Limit: time.Second}
}

func onePerReceiver(t *testing.T, g *ground) {
	g.register(receiver("a"), receiver("b", record.FilingMade))
	g.apply(filing(number, g.now), conclusion(number, g.now.Add(time.Minute)))
	g.wants(number, "a made waiting, b made waiting, a outcome waiting")
	d, found := g.claim(g.one, "a", 0)
	if !found || d.Kind != record.FilingMade || d.Filing != number || d.Attempt != 1 || !d.At.Equal(g.now) {
		t.Errorf("claimed %+v, %v", d, found)
	}
	if f, err := d.Report(); err != nil || f.Place != "222404" || f.Outcome != "" {
		t.Errorf("told %+v, %v: want the filing as it was made", f, err)
	}
}

func replayTellsNothing(t *testing.T, g *ground) {
	g.register(receiver("a"))
	lines := []record.Change{filing(number, g.now), conclusion(number, g.now.Add(time.Minute))}
	g.apply(lines...)
	first, _ := g.claim(g.one, "a", 0)
	g.finish(g.one, first, outbox.Result{State: outbox.Acknowledged})
	g.apply(lines...)
	g.wants(number, "a made acknowledged, a outcome waiting")
	second, _ := g.claim(g.one, "a", 0)
	if f, err := second.Report(); err != nil || f.Outcome != "handed_over" {
		t.Errorf("told %+v, %v: want the outcome", f, err)
	}
}

func inOrder(t *testing.T, g *ground) {
	g.register(receiver("a"))
	g.apply(filing(number, g.now), conclusion(number, g.now.Add(time.Minute)), filing("JL-20261123-0002", g.now.Add(time.Hour)))
	made, _ := g.claim(g.one, "a", 0)
	other, found := g.claim(g.one, "a", 0)
	if !found || other.Filing == number {
		t.Errorf("claimed %s, %v: want the other filing, the outcome waits for its filing", other.ID, found)
	}
	g.finish(g.one, other, outbox.Result{State: outbox.Acknowledged})
	g.finish(g.one, made, outbox.Result{State: outbox.Waiting, Due: time.Now().Add(time.Hour)})
	if d, found := g.claim(g.one, "a", 0); found {
		t.Errorf("claimed %s before its filing has been brought", d.ID)
	}
	made, _ = g.claim(g.one, "a", 2*time.Hour)
	g.finish(g.one, made, outbox.Result{State: outbox.Sent})
	if d, found := g.claim(g.one, "a", 2*time.Hour); !found || d.Kind != record.FilingOutcome {
		t.Errorf("claimed %s, %v: want the outcome", d.ID, found)
	}
}

func claimedOnce(t *testing.T, g *ground) {
	g.register(receiver("a"))
	const filings = 20
	for i := range filings {
		g.apply(filing(number[:len(number)-1]+string(rune('a'+i)), g.now))
	}
	var mu sync.Mutex
	claims := make(map[string]int)
	var working sync.WaitGroup
	for _, s := range []*outbox.Store{g.one, g.two, g.one, g.two} {
		working.Go(func() {
			for range 4 * filings { // a claim that another has won finds nothing
				at := time.Now()
				d, _, found, err := s.Claim(t.Context(), "a", "x", at, at.Add(time.Minute))
				if err != nil {
					t.Error(err)
					return
				}
				if found {
					mu.Lock()
					claims[d.ID]++
					mu.Unlock()
				}
			}
		})
	}
	working.Wait()
	for id, n := range claims {
		if n != 1 {
			t.Errorf("%s was claimed %d times", id, n)
		}
	}
	if len(claims) != filings {
		t.Errorf("%d of %d were claimed", len(claims), filings)
	}
}

func leaseRunsOut(t *testing.T, g *ground) {
	g.register(receiver("a"))
	g.apply(filing(number, g.now))
	dead, _ := g.claim(g.one, "a", 0)
	if _, found := g.claim(g.two, "a", 30*time.Second); found {
		t.Error("claimed while the lease of the other gateway holds")
	}
	d, found := g.claim(g.two, "a", 61*time.Second)
	if !found || d.ID != dead.ID || d.Attempt != 2 {
		t.Fatalf("claimed %+v, %v: want the second attempt at %s", d, found, dead.ID)
	}
	g.finish(g.one, dead, outbox.Result{State: outbox.GivenUp}) // it was not dead, only slow
	g.wants(number, "a made waiting")
	g.finish(g.two, d, outbox.Result{State: outbox.Sent})
	g.wants(number, "a made sent")
}

func firstCounts(t *testing.T, g *ground) {
	g.register(receiver("a"))
	g.apply(filing(number, g.now))
	slow, _ := g.claim(g.one, "a", 0)
	d, _ := g.claim(g.two, "a", 2*time.Minute)
	g.finish(g.one, slow, outbox.Result{State: outbox.Acknowledged, By: "first"})
	g.finish(g.two, d, outbox.Result{State: outbox.Acknowledged, By: "second"})
	known, err := g.one.Acknowledge(t.Context(), "a", outbox.Returned{Event: d.ID, By: "third"}, g.now)
	if err != nil || known {
		t.Errorf("acknowledged again: %v, %v", known, err)
	}
	all, err := g.one.Of(t.Context(), number)
	if err != nil || len(all) != 1 || all[0].State != outbox.Acknowledged || all[0].AckedBy != "first" {
		t.Errorf("%+v, %v", all, err)
	}
}

func settled(t *testing.T, g *ground) {
	g.register(receiver("a"), receiver("b"))
	g.apply(filing(number, g.now), conclusion(number, g.now.Add(time.Second)),
		record.Ack{Number: number, By: "province", At: record.MomentOf(g.now.Add(time.Minute))})
	if err := g.one.Settle(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	g.wants(number, "a made acknowledged, b made waiting, a outcome waiting, b outcome waiting")
	all, err := g.one.Of(t.Context(), number)
	if err != nil || all[0].AckedBy != "province" || !all[0].AckedAt.Equal(g.now.Add(time.Minute)) {
		t.Errorf("%+v, %v", all, err)
	}
}

func newReceiver(t *testing.T, g *ground) {
	g.apply(filing(number, g.now))
	g.register(receiver("a"))
	g.register(receiver("a"))
	g.wants(number, "a made waiting")
	if err := g.one.Register(t.Context(), []outbox.Receiver{receiver("late")}, g.now.Add(25*time.Hour)); err != nil {
		t.Fatal(err)
	}
	g.wants(number, "a made waiting")
}

func givesWay(t *testing.T, g *ground) {
	g.register(receiver("a"))
	g.apply(filing(number, g.now))
	late := filing(number+"-ABCD2345", g.now)
	late.Replaces = number
	g.apply(late)
	g.wants(number, "a made withdrawn")
	g.wants(late.Number, "a made waiting")
	if open, err := g.one.Open(t.Context(), time.Now()); err != nil || len(open) != 1 {
		t.Errorf("open: %+v, %v", open, err)
	}
}

func triedAgain(t *testing.T, g *ground) {
	g.register(receiver("a"))
	g.apply(filing(number, g.now))
	d, _ := g.claim(g.one, "a", 0)
	g.finish(g.one, d, outbox.Result{State: outbox.GivenUp, Detail: "500"})
	if _, found := g.claim(g.one, "a", 48*time.Hour); found {
		t.Error("claimed what was given up")
	}
	open, err := g.one.Open(t.Context(), time.Now())
	if err != nil || len(open) != 1 || open[0].State != outbox.GivenUp || open[0].Owner != "省平台" || open[0].Detail != "500" {
		t.Errorf("open: %+v, %v: want it with its owner", open, err)
	}
	if asked, err := g.one.Again(t.Context(), "a", d.ID, time.Now()); err != nil || !asked {
		t.Errorf("again: %v, %v", asked, err)
	}
	if _, found := g.claim(g.one, "a", 0); !found {
		t.Error("not claimed again")
	}
}

func steps(t *testing.T, g *ground) {
	g.register(receiver("a"))
	g.apply(filing(number, g.now))
	killed, _ := g.claim(g.one, "a", 0)
	d, _ := g.claim(g.two, "a", 2*time.Minute)
	g.finish(g.two, d, outbox.Result{State: outbox.Waiting, Detail: "\x00 500 \xff", Due: time.Now()})
	all, err := g.one.Of(t.Context(), number)
	if err != nil || len(all) != 1 || len(all[0].Steps) != 2 {
		t.Fatalf("%+v, %v: want two steps", all, err)
	}
	first, second := all[0].Steps[0], all[0].Steps[1]
	if first.Attempt != killed.Attempt || first.Node != "one" || !first.Ended.IsZero() || first.Began.IsZero() {
		t.Errorf("the step that was killed: %+v", first)
	}
	if second.Node != "two" || second.Ended.IsZero() || second.Result != outbox.Waiting || second.Detail != " 500 \uFFFD" {
		t.Errorf("the step that failed: %+v", second)
	}
}
