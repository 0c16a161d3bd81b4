package cti

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"time"

	"weibao/routing"
)

// The pace at which the floor is looked at for the push.
const (
	watchPace  = 100 * time.Millisecond
	watchRetry = time.Second
)

// lineChange is the line as it is now; each seat sees what it may serve.
type lineChange struct{ view *View }

// For is the part of the line that the seat may see.
func (l lineChange) For(seat Seat) (any, bool) { return viewLine(l.view, seat), true }

type floorChange struct {
	Degraded bool `json:"degraded"`
}

// floorSeen is what the push has told of the floor.
type floorSeen struct {
	agents   map[routing.AgentID]SeatLine
	line     []byte
	degraded bool
}

// watchFloor publishes what has changed on the floor, until ctx is done.
func (s *Server) watchFloor(ctx context.Context) {
	told := floorSeen{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.hub.floor:
		}
		pace := watchPace
		if view, err := s.opts.Floor.View(ctx); err == nil {
			told = s.publishFloor(told, &view)
		} else if ctx.Err() == nil {
			s.log.Warn("floor not seen", "err", err)
			s.hub.FloorChanged() // look again
			pace = watchRetry
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pace):
		}
	}
}

// publishFloor tells what differs from what was told before.
func (s *Server) publishFloor(told floorSeen, view *View) floorSeen {
	now := floorSeen{agents: make(map[routing.AgentID]SeatLine, len(view.Agents)), degraded: view.Degraded}
	for _, a := range view.Agents {
		line := viewSeat(a)
		now.agents[line.ID] = line
		if old, ok := told.agents[line.ID]; !ok || !reflect.DeepEqual(old, line) {
			s.hub.Publish(ChangeAgent, line)
		}
	}
	for id := range told.agents {
		if _, ok := now.agents[id]; !ok {
			s.hub.Publish(ChangeAgentGone, forEverybody{gone{ID: string(id)}})
		}
	}
	if now.line = fingerprint(view); !bytes.Equal(now.line, told.line) {
		s.hub.Publish(ChangeWaiting, lineChange{view})
	}
	if now.degraded != told.degraded {
		s.hub.Publish(ChangeFloor, forEverybody{floorChange{Degraded: now.degraded}})
	}
	return now
}

// fingerprint is the line without what changes by itself as time goes on.
func fingerprint(view *View) []byte {
	text, err := json.Marshal(view.Waiting)
	if err != nil {
		return nil // of these types there is no such error
	}
	return text
}
