package stage

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"weibao/cmd/phones/phone"
)

// Room makes the stage large enough for so many callers at once.
func Room(callers int) Option { return func(s *Stage) { s.callers = callers } }

// Place is one row of the line as the API shows it.
type Place struct {
	Call  string    `json:"call"`
	Since time.Time `json:"since"`
	Boost int       `json:"boost"`
	// Offered is the seat that is being rung for it.
	Offered string `json:"offered"`
}

// Line is everybody who waits, the next first.
func (s *Stage) Line() []Place {
	s.t.Helper()
	var page struct {
		Line []Place `json:"line"`
	}
	s.desk.must(http.MethodGet, "/waiting", nil, &page)
	return page.Line
}

// AllCome lets people come through the lines of these regions in turn, several
// at a time, and waits until they stand in line.
func (s *Stage) AllCome(people []*Person, regions ...string) {
	s.t.Helper()
	ctx, cancel := s.wait()
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i, p := range people {
		group.Go(func() error { return p.comes(ctx, regions[i%len(regions)]) })
	}
	if err := group.Wait(); err != nil {
		s.t.Fatal(err)
	}
	s.Until("all who came stand in line", func() bool { return len(s.Line()) >= len(people) })
}

func (p *Person) comes(ctx context.Context, region string) error {
	var err error
	if p.Call, err = p.phone.Dial(ctx, "12345", phone.From(p.Name), phone.Header("X-Region", region)); err != nil {
		return err
	}
	if err := p.Call.WaitAnswered(ctx); err != nil {
		return fmt.Errorf("%s dials: %w", p.Name, err)
	}
	if err := p.Call.Press(ctx, "6"); err != nil {
		return fmt.Errorf("%s presses: %w", p.Name, err)
	}
	return nil
}

// CallID is the id of the call that rings or talks at a seat, as its phone is
// told.
func (a *Seat) CallID() string { return a.Call.Header("X-Call-Id") }

// Writes fills in the form of a call.
func (a *Seat) Writes(call string, fields map[string]string) {
	a.s.t.Helper()
	a.desk.must(http.MethodPost, "/calls/"+call+"/note", map[string]any{"fields": fields}, nil)
}

// ForgetRedis empties Redis, as one without its append-only file is after a
// restart.
func (s *Stage) ForgetRedis() {
	s.t.Helper()
	client := redis.NewClient(&redis.Options{Addr: s.redis.Addr()})
	defer client.Close()
	ctx, cancel := s.wait()
	defer cancel()
	if err := client.FlushAll(ctx).Err(); err != nil {
		s.t.Fatal(err)
	}
}

// AnswersWhatRings answers the call that rings at the seat's phone, or, when
// that one has ended, the next; one that is answered already stays so. It
// returns the id of the call.
func (a *Seat) AnswersWhatRings() string {
	a.s.t.Helper()
	ctx, cancel := a.s.wait()
	defer cancel()
	for {
		if a.Call == nil || ended(a.Call) {
			c, err := a.phone.Next(ctx)
			if err != nil {
				a.s.t.Fatalf("seat %s is not rung: %v", a.ID, err)
			}
			a.Call = c
		}
		err := a.Call.Answer(ctx)
		if err == nil || a.Call.AnsweredAt() != (time.Time{}) {
			return a.CallID()
		}
		if ctx.Err() != nil {
			a.s.t.Fatalf("seat %s answers: %v", a.ID, err)
		}
	}
}

func ended(c *phone.Call) bool {
	select {
	case <-c.Ended():
		return true
	default:
		return false
	}
}
