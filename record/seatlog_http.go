package record

import (
	"net/http"

	"weibao/routing"
)

// seatLog answers with the presence log of a seat, the newest first: for the
// seat itself, and for whoever leads it.
func (a *api) seatLog(req *http.Request, u user) (any, error) {
	id := routing.AgentID(req.PathValue("id"))
	if !u.maySee(id) {
		return nil, &problem{http.StatusForbidden, "this is the log of another seat"}
	}
	q, err := parseQuery(req.URL.Query(), []string{"from", "to", "limit", "cursor"})
	if err != nil {
		return nil, err
	}
	q.Agent = id
	found, err := a.Store.SeatLog(req.Context(), q)
	if err != nil {
		return nil, err
	}
	return map[string]any{"changes": found.Rows, "next": found.Next}, nil
}
