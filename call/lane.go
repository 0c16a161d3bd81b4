package call

import "context"

// A command about one leg is carried out beside the call's own goroutine: the
// commands of a leg in their order, those of different legs at the same time.
// So no seat is rung late because a prompt is slow to stop, and 110 waits for
// nobody's music. What is about several legs waits until their lanes are empty.

// ownLeg is the leg that a command is about alone.
func ownLeg(cmd Command) (leg LegID, alone bool) {
	switch cmd := cmd.(type) {
	case Answer:
		return cmd.Leg, true
	case Play:
		return cmd.Leg, true
	case Quiet:
		return cmd.Leg, true
	case Music:
		return cmd.Leg, true
	case Dial:
		return cmd.Leg, true
	}
	return "", false
}

// aside carries a command out after those of the same leg. Only the call's own
// goroutine may call it.
func (s *session) aside(ctx context.Context, leg LegID, cmd Command) {
	before, done := s.lanes[leg], make(chan struct{})
	s.lanes[leg] = done
	s.errands.Go(func() {
		defer close(done)
		if before != nil {
			<-before
		}
		s.try(ctx, cmd)
	})
}

// settle waits for what is under way for legs that a command brings together
// or asks about.
func (s *session) settle(cmd Command) {
	switch cmd := cmd.(type) {
	case Join:
		s.finish(cmd.Legs...)
	case Release: // the seat is told free after its telephone has been let go
		s.finish(cmd.Leg)
	case Close:
		for leg := range s.lanes {
			s.finish(leg)
		}
	}
}

func (s *session) finish(legs ...LegID) { wait(s.under(legs)) }

// under are the ends of what is under way for legs. Only the call's own
// goroutine may ask.
func (s *session) under(legs []LegID) []chan struct{} {
	var ends []chan struct{}
	for _, leg := range legs {
		if done := s.lanes[leg]; done != nil {
			ends = append(ends, done)
		}
	}
	return ends
}

func wait(ends []chan struct{}) {
	for _, end := range ends {
		<-end
	}
}
