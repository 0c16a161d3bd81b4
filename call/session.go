package call

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"weibao/routing"
)

// session is the goroutine that owns one call: events in, Next, commands out.
// Nobody else changes the call; others see copies.
type session struct {
	x       *Exchange
	guide   *Guide
	duty    *routing.Overrides // those in the guide
	box     *Mailbox[Event]
	log     *slog.Logger
	call    Call
	view    atomic.Pointer[Call] // what others see
	alarms  map[Alarm]*time.Timer
	replies map[string]chan<- Reply
	rmu     sync.Mutex
	lanes   map[LegID]chan struct{} // closed when the leg's last command is done
	errands sync.WaitGroup          // what is done beside this goroutine
}

// commandLimit bounds one command. Asterisk answers in a millisecond; a longer
// silence is a fault that must not hold the call up.
const commandLimit = 3 * time.Second

// run works until the call has ended and its record is kept.
func (s *session) run(ctx context.Context) {
	defer s.errands.Wait()
	for s.call.Phase != Ended {
		select {
		case <-ctx.Done():
			s.abandon()
			return
		case <-s.box.Ready():
		}
		for _, ev := range s.box.TakeAll() {
			s.step(ctx, ev)
		}
	}
	s.stopAlarms()
	s.drain(ctx)
}

// abandon leaves the call to Asterisk: what is connected stays so. Whoever
// waits for an answer gets one.
func (s *session) abandon() {
	s.stopAlarms()
	s.errands.Wait()
	for _, ev := range s.box.Close() {
		if asked, ok := ev.(Asked); ok {
			s.answer(Reply{Request: asked.Request, Refused: "网关正在退出"})
		}
	}
}

// drain answers what came while the call was ending.
func (s *session) drain(ctx context.Context) {
	s.errands.Wait()
	for _, ev := range s.box.Close() {
		s.step(ctx, ev)
	}
}

// step takes one event. A panic in Next costs nobody the line; see rescue.
func (s *session) step(ctx context.Context, ev Event) {
	ev = s.x.memory.recall(ctx, ev)
	next, commands, ok := s.next(ev)
	if arrived, resumed := ev.(Arrived); !ok && resumed && arrived.Kept != nil {
		arrived.Kept = nil // rather a call whose past is not known than a caller whom nobody has
		next, commands, ok = s.next(arrived)
	}
	if !ok {
		s.rescue(ctx, ev)
		return
	}
	if next.Phase != s.call.Phase || next.Transfer.Phase != s.call.Transfer.Phase {
		s.log.Debug("call moved", "from", s.call.Phase, "to", next.Phase, "transfer", next.Transfer.Phase.String(),
			"on", fmt.Sprintf("%T", ev))
	}
	if by, over := outOfLine(&s.call, &next); over {
		s.x.waited(by, next.Waited())
	}
	s.x.index(s, &next)
	began := s.call.Phase == Arriving
	s.call = next
	s.view.Store(&next)
	for _, cmd := range commands {
		s.x.watchPromises(&s.call, cmd)
		s.carryOut(ctx, cmd)
	}
	if began || s.call.Phase == Ended {
		s.x.ringer.saw(s.call)
	}
	s.x.onChange(s.call)
	s.x.memory.keep(s.call)
}

// rescue is for a call whose rules have failed. Who talks goes on talking; a
// caller who has nobody is given to Asterisk's own dialplan, which rings a
// person without us. The caller's leg then leaves, and the record is kept.
func (s *session) rescue(ctx context.Context, ev Event) {
	c := s.call.Clone()
	if left, ok := ev.(Left); ok {
		if l := c.Leg(left.Leg); l != nil {
			l.State = Gone // the rules could not even take that in
		}
	}
	if len(c.Legs) == 0 || !c.Caller().Live() || c.Phase >= Closing || c.listened() || c.Unconfirmed() {
		return
	}
	s.finish(s.call.Caller().ID)
	limited, cancel := context.WithTimeout(ctx, commandLimit)
	defer cancel()
	if err := s.x.line.Surrender(limited, s.call.Caller().ID); err != nil {
		s.log.Error("caller not given to the fallback", "err", err)
	}
}

// next asks Next and survives its panic: the event is dropped and the state
// stays what it was.
func (s *session) next(ev Event) (c Call, commands []Command, ok bool) {
	defer func() {
		if fault := recover(); fault != nil {
			s.x.count(func(st *Stats) { st.Panics++ })
			s.log.Error("event refused by a fault", "on", fmt.Sprintf("%T", ev), "fault", fault, "stack", string(debug.Stack()))
			ok = false
		}
	}()
	s.refresh()
	c, commands = Next(s.call, ev, s.guide)
	return c, commands, true
}

// refresh puts the duty overrides of the moment into the guide.
func (s *session) refresh() {
	duty := s.x.duty()
	if duty == s.duty || duty == nil {
		return
	}
	guide := *s.guide
	guide.Rotas = guide.Rotas.With(*duty)
	s.guide, s.duty = &guide, duty
}

// carryOut does one command; what it could not do comes back as Failed.
func (s *session) carryOut(ctx context.Context, cmd Command) {
	switch cmd := cmd.(type) {
	case SetAlarm:
		s.setAlarm(cmd)
		return
	case ClearAlarm:
		s.clearAlarm(cmd.Alarm)
		return
	case FileNotice:
		s.errands.Go(func() { s.file(cmd) })
		return
	case CloseNotice:
		s.errands.Go(func() { s.conclude(cmd) })
		return
	case AmendNotice:
		s.errands.Go(func() { s.amend(cmd) })
		return
	case Check: // asks for one leg after the other; a press must not wait for that
		before := s.under(cmd.Legs)
		s.errands.Go(func() { wait(before); s.try(ctx, cmd) })
		return
	case Promise:
		s.errands.Go(func() { s.promise(cmd) })
		return
	case Reply:
		s.answer(cmd)
		return
	}
	if leg, alone := ownLeg(cmd); alone {
		s.aside(ctx, leg, cmd)
		return
	}
	s.settle(cmd)
	s.try(ctx, cmd)
}

// try does a command within its time; it may run beside the call's goroutine.
func (s *session) try(ctx context.Context, cmd Command) {
	ctx, cancel := context.WithTimeout(ctx, commandLimit)
	defer cancel()
	if err := s.perform(ctx, cmd); err != nil {
		s.fail(cmd, err)
	}
}

func (s *session) perform(ctx context.Context, cmd Command) error {
	line, floor, id := s.x.line, s.x.floor, s.view.Load().ID
	switch cmd := cmd.(type) {
	case Answer:
		return line.Answer(ctx, cmd.Leg)
	case Play:
		return line.Play(ctx, cmd.Leg, cmd.Play, cmd.Prompts)
	case Quiet:
		return line.Quiet(ctx, cmd.Leg)
	case Music:
		return line.Music(ctx, cmd.Leg)
	case Dial:
		return line.Dial(ctx, id, cmd)
	case Join:
		return line.Join(ctx, id, cmd.Room, cmd.Legs)
	case Release:
		return line.Release(ctx, cmd.Leg, cmd.Why)
	case Record:
		return line.Record(ctx, id, cmd.Room, cmd.Name)
	case Close:
		return line.Close(ctx, id)
	case Check:
		return s.check(ctx, cmd.Legs)
	case Enqueue:
		return floor.Enqueue(ctx, id, cmd.Ticket)
	case Withdraw:
		return floor.Withdraw(ctx, cmd.Ticket)
	case Enquire:
		return floor.Enquire(ctx, id, cmd.Ticket)
	case Report:
		return floor.Report(ctx, id, cmd)
	case KeepRecord:
		return s.keep(cmd.Call)
	}
	return fmt.Errorf("command %T: nobody carries it out", cmd)
}

// keep keeps the record and closes the ledger's line of this call. It is not
// bound by the life of the gateway: a shutdown waits for it.
func (s *session) keep(c Call) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := s.x.registry.Keep(ctx, c)
	s.x.ended(c, err)
	s.log.Info("call ended", "outcome", c.Ending.Outcome, "reason", c.Ending.Reason, "region", c.Region,
		"caller", c.Number, "keys", c.Walk.Keys, "agent", c.Agent, "waited", c.Waited(), "talked", c.Talked(),
		"alone", c.Alone(), "transfers", len(c.Transfers), "guide", c.Guide, "err", err)
	return err
}

func (s *session) fail(cmd Command, err error) {
	if errors.Is(err, ErrGone) { // no fault: its Left is on the way
		s.log.Debug("command for a leg that is gone", "command", fmt.Sprintf("%T", cmd), "err", err)
	} else {
		s.x.count(func(st *Stats) { st.Failed[fmt.Sprintf("%T", cmd)[len("call."):]]++ })
		s.log.Warn("command failed", "command", fmt.Sprintf("%T", cmd), "err", err)
	}
	s.box.Put(Failed{At: At(time.Now()), Command: cmd, Err: err.Error()})
}

// filingLimit is how long a filing may take until its number is told in any
// case; the disk may still be at it.
const filingLimit = 10 * time.Second

// file writes a filing beside the call's own goroutine, so that no disk can
// hold up the call to 110.
func (s *session) file(cmd FileNotice) {
	ctx, cancel := context.WithTimeout(context.Background(), filingLimit)
	defer cancel()
	number, err := s.x.registry.File(ctx, cmd.Filing)
	filed := Filed{At: At(time.Now()), Transfer: cmd.Transfer, Number: number}
	if err != nil {
		filed.Err = err.Error()
		s.log.Error("filing not on disk", "filing", number, "err", err)
	}
	s.box.Put(filed)
}

// promise makes a call back durable beside the call's own goroutine, for the
// same reason.
func (s *session) promise(cmd Promise) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	since, err := s.x.ringer.promise(ctx, cmd.FollowUp)
	promised := Promised{At: At(time.Now()), Since: since}
	if err != nil {
		promised.Err = err.Error()
		s.log.Error("promised call back not on disk", "err", err)
	}
	s.box.Put(promised)
}

// conclude gives a filing its outcome, beside the call's own goroutine as well:
// who has just lost the police must not wait for a disk.
func (s *session) conclude(cmd CloseNotice) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.x.registry.Conclude(ctx, cmd); err != nil {
		s.log.Error("outcome of a filing not on disk", "filing", cmd.Number, "err", err)
	}
}

// amend adds to a filing, beside the call's own goroutine for the same reason.
func (s *session) amend(cmd AmendNotice) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.x.registry.Amend(ctx, cmd); err != nil {
		s.log.Error("what was added to a filing is not on disk", "filing", cmd.Number, "err", err)
	}
}

// check looks which legs are still there and tells of those that are not.
func (s *session) check(ctx context.Context, legs []LegID) error {
	exists, err := s.x.line.Exists(ctx, legs)
	if err != nil {
		return err
	}
	for _, leg := range legs {
		if !exists[leg] {
			s.box.Put(Left{At: At(time.Now()), Leg: leg, Cause: Lost, Detail: "no such channel"})
		}
	}
	return nil
}

func (s *session) setAlarm(cmd SetAlarm) {
	s.clearAlarm(cmd.Alarm)
	s.alarms[cmd.Alarm] = time.AfterFunc(cmd.After, func() {
		s.box.Put(Alarmed{At: At(time.Now()), Alarm: cmd.Alarm})
	})
}

func (s *session) clearAlarm(a Alarm) {
	if timer, set := s.alarms[a]; set {
		timer.Stop()
		delete(s.alarms, a)
	}
}

func (s *session) stopAlarms() {
	for _, timer := range s.alarms {
		timer.Stop()
	}
}

// await registers who waits for the reply to a request.
func (s *session) await(request string) <-chan Reply {
	reply := make(chan Reply, 1)
	s.rmu.Lock()
	s.replies[request] = reply
	s.rmu.Unlock()
	return reply
}

func (s *session) answer(r Reply) {
	s.rmu.Lock()
	reply, waiting := s.replies[r.Request]
	delete(s.replies, r.Request)
	s.rmu.Unlock()
	if waiting {
		reply <- r
	}
}
