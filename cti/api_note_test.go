package cti

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"weibao/call"
	"weibao/routing"
)

// keptNotes are the forms that were written after their calls.
type keptNotes map[call.ID]map[string]string

// Note keeps one.
func (k keptNotes) Note(_ context.Context, id call.ID, _ routing.AgentID, fields map[string]string) error {
	k[id] = fields
	return nil
}

func TestTheFormStaysOpenForTheSeatThatWrapsTheCallUpAndForNobodyElse(t *testing.T) {
	t.Parallel()
	kept := make(keptNotes)
	s := newAPIStage(t, func(o *ServerOptions) { o.Notes = kept })
	const form = `{"fields":{"诉求":"被打"}}`
	work := func(work routing.Work) {
		s.floor.change(func(v *View) {
			for i := range v.Agents {
				if v.Agents[i].Agent == "1001" {
					v.Agents[i].Work, v.Agents[i].Call = work, "C9"
				}
			}
		})
	}
	work(routing.Wrapping)
	s.wants(http.StatusNotFound, "1002", "POST /api/v1/calls/C9/note", form)
	s.wants(http.StatusNotFound, "1001", "POST /api/v1/calls/C8/note", form)
	if len(kept) != 0 {
		t.Errorf("kept %v", kept)
	}
	if w := s.as("1001", "POST /api/v1/calls/C9/note", form); w.Code != http.StatusNoContent {
		t.Errorf("the seat's own: %d %s", w.Code, w.Body)
	}
	if diff := cmp.Diff(keptNotes{"C9": {"诉求": "被打"}}, kept); diff != "" {
		t.Error(diff)
	}
	work(routing.Free)
	s.wants(http.StatusNotFound, "1001", "POST /api/v1/calls/C9/note", form)
	if got := len(s.calls.asked()); got != 0 {
		t.Errorf("%d wishes reached calls", got)
	}
}
