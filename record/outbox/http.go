package outbox

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"weibao/record"
)

// Handler serves how the deliveries stand, under /api/v1. Who may ask is the
// caller's matter.
func (o *Outbox) Handler(as record.HandlerOptions) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /api/v1/deliveries", record.Answer(as, o.open))
	mux.Handle("GET /api/v1/filings/{number}/deliveries", record.Answer(as, o.of))
	mux.Handle("POST /api/v1/deliveries/{receiver}/{event}/again", record.Answer(as, o.anew))
	return mux
}

// open lists what nobody has acknowledged, with its owner.
func (o *Outbox) open(req *http.Request) (any, error) {
	for name := range req.URL.Query() {
		return nil, fmt.Errorf("%w: %q is not a filter; there is none", record.ErrQuery, name)
	}
	found, err := o.Store.Open(req.Context(), time.Now())
	return map[string]any{"deliveries": found}, err
}

func (o *Outbox) of(req *http.Request) (any, error) {
	found, err := o.Store.Of(req.Context(), req.PathValue("number"))
	if err == nil && len(found) == 0 {
		err = record.ErrNotFound
	}
	return map[string]any{"deliveries": found}, err
}

// anew tries a delivery at once, also one that was given up.
func (o *Outbox) anew(req *http.Request) (any, error) {
	receiver, event := req.PathValue("receiver"), req.PathValue("event")
	asked, err := o.Store.Again(req.Context(), receiver, event, time.Now())
	switch {
	case err != nil:
		return nil, err
	case !asked:
		return nil, errors.Join(record.ErrNotFound, errors.New("nothing open by that name, or an attempt is under way"))
	}
	o.Wake()
	return map[string]any{"receiver": receiver, "event": event, "state": Waiting}, nil
}
