package cti

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"

	"weibao/routing"
)

func TestPublishersAndClientsComeAndGoTogether(t *testing.T) {
	t.Parallel()
	h := NewHub()
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for range 500 {
				h.Publish("agent", i)
			}
		})
		all.Go(func() {
			for range 50 {
				if _, c := h.join(t.Context(), "s", routing.AgentID(strconv.Itoa(i))); c != nil {
					h.leave(c)
				}
				h.end("s")
			}
		})
	}
	all.Wait()
	if got := h.Clients(); got != 0 {
		t.Errorf("%d clients are left", got)
	}
}

func TestSeatHasSoManyPushesAndNoMore(t *testing.T) {
	t.Parallel()
	h := NewHub()
	for range pushMany {
		if _, c := h.join(t.Context(), "s", "1001"); c == nil {
			t.Fatal("refused too early")
		}
	}
	if ctx, c := h.join(t.Context(), "s", "1001"); c != nil || ctx.Err() == nil {
		t.Error("one too many")
	}
	if _, c := h.join(t.Context(), "s", "1002"); c == nil {
		t.Error("another seat is refused")
	}
	h.close()
	if ctx, _ := h.join(t.Context(), "s", "1003"); !errors.Is(context.Cause(ctx), errHubClosed) {
		t.Error("a closed hub takes clients")
	}
}
