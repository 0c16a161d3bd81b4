package e2e

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"weibao/call"
	"weibao/tests/stage"
)

// kills is how often the campaign kills the gateway: 3 times in CI, more with
// WEIBAO_KILLS (make chaos-floor).
func kills(t *testing.T) int {
	t.Helper()
	text := os.Getenv("WEIBAO_KILLS")
	if text == "" {
		return 3
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("WEIBAO_KILLS=%q: want a number of kills", text)
	}
	return n
}

// campaign kills one gateway again and again.
type campaign struct {
	*stage.Stage
	t      *testing.T
	li     *stage.Seat
	people map[string]*stage.Person // in line, by number
}

// The gateway is killed while it gives a seat to the first caller in line: at
// any instant from the claim to the join. The caller keeps place and age and is
// the next whom the seat gets.
func TestAGatewayKilledBetweenTheClaimAndTheJoinKeepsTheFirstCallerFirst(t *testing.T) {
	t.Parallel()
	c := &campaign{Stage: queueOnly(t, 20), t: t, people: make(map[string]*stage.Person)}
	c.li = c.Team("1015")[0]
	c.li.Is("away")
	c.comes()
	c.comes()
	for round := range kills(t) {
		c.comes()
		c.Passes(400 * time.Millisecond) // until the newest is kept too
		began, head := time.Now(), c.Line()[0]
		at := c.killed(round)
		c.StartGateway()
		up := time.Since(began)
		c.served(head)
		t.Logf("round %d: killed %s; up after %s, over after %s", round, at, up.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
	}
	for _, p := range c.people {
		p.HangsUp()
	}
}

// comes brings one more caller into the line.
func (c *campaign) comes() {
	p := c.Crowd(1)[0]
	p.ComesBy("220100")
	c.people[p.Name] = p
	c.Until("everybody is in line", func() bool { return len(c.Line()) == len(c.people) })
}

// killed gives the seat to the line and kills the gateway at a random instant
// of what follows.
func (c *campaign) killed(round int) string {
	after, since := time.Duration(rand.IntN(300))*time.Millisecond, "the seat became ready" //nolint:gosec // an instant, no secret
	c.li.Is("ready")
	if round%3 > 0 {
		since = "the INVITE"
		c.li.Rings()
	} else {
		after /= 15 // claim and INVITE are a few milliseconds apart
	}
	if round%3 > 1 {
		since = "the answer"
		after *= 6 // the whisper is between the answer and the join
		c.li.PicksUp()
	}
	c.Passes(after)
	c.KillGateway()
	return after.String() + " after " + since
}

// served wants the first of the line to be the one whom the seat gets, or has.
func (c *campaign) served(head stage.Place) {
	c.t.Helper()
	c.li.Relogin()
	if id := c.li.AnswersWhatRings(); id != head.Call {
		c.t.Fatalf("the first in line is %s, the seat is rung for %s", head.Call, id)
	}
	child := c.people[c.li.Call.From()]
	child.Hears(c.li)
	c.li.Is("away")
	for _, p := range c.Line() {
		if p.Call == head.Call || p.Offered != "" {
			c.t.Errorf("in line, beside the talk: %+v", p)
		}
	}
	delete(c.people, child.Name)
	child.HangsUp()
	c.li.IsLeft()
	c.li.IsNotRung()
	if r := c.Record(child); !r.WaitingAt.Equal(head.Since) || r.Outcome != call.Answered || r.Agent != "1015" {
		c.t.Errorf("%s waits since %s, before the kill since %s; %s by %s", head.Call, r.WaitingAt, head.Since, r.Outcome, r.Agent)
	}
	c.Until("the seat is free", func() bool { return c.li.State().Work == "free" })
	for _, zero := range []string{"weibao_ledger", "weibao_floor_clashes_total"} {
		if n := c.Metric(zero); n != 0 {
			c.t.Errorf("%s is %v", zero, n)
		}
	}
}
