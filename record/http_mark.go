package record

import (
	"fmt"
	"net/http"
	"time"

	"weibao/call"
	"weibao/routing"
)

// markView is a mark as the API shows it.
type markView struct {
	NumberMark
	Holds bool `json:"holds"`
}

func viewOfMark(m NumberMark) markView {
	return markView{NumberMark: m.Masked(), Holds: m.Holds(time.Now())}
}

// maySupervise refuses seats: who answers calls does not judge callers.
func (u user) maySupervise() error {
	if u.role == roleAgent {
		return &problem{http.StatusForbidden, "只有班长可以标记号码 (your role may not mark numbers)"}
	}
	return nil
}

// numberMarks lists the marks that hold; with state=all those that ever were.
func (a *api) numberMarks(req *http.Request, u user) (any, error) {
	if err := u.maySupervise(); err != nil {
		return nil, err
	}
	at, values := time.Now(), req.URL.Query()
	for name := range values {
		if name != "state" {
			return nil, fmt.Errorf("%w: %q is not a filter; want state", ErrQuery, name)
		}
	}
	switch state := values.Get("state"); state {
	case "", "live":
	case "all":
		at = time.Time{}
	default:
		return nil, fmt.Errorf("%w: state %q: want live or all", ErrQuery, state)
	}
	marks, err := a.Store.NumberMarks(req.Context(), at)
	if err != nil {
		return nil, err
	}
	views := make([]markView, 0, len(marks))
	for _, m := range marks {
		views = append(views, viewOfMark(m))
	}
	return map[string]any{"marks": views}, nil
}

// markNumber marks a number, or the number of a call: screens show numbers
// masked.
func (a *api) markNumber(req *http.Request, u user) (any, error) {
	if err := u.maySupervise(); err != nil {
		return nil, err
	}
	var body struct {
		Number routing.Number `json:"number"`
		Call   call.ID        `json:"call"`
		Kind   string         `json:"kind"`
		Until  string         `json:"until"`
		Reason string         `json:"reason"`
	}
	if err := read(req, &body); err != nil {
		return nil, err
	}
	if (body.Number == "") == (body.Call == "") {
		return nil, &problem{http.StatusBadRequest, "号码或通话写一个 (want either number or call)"}
	}
	if body.Call != "" {
		r, err := a.Store.Get(req.Context(), body.Call)
		if err != nil {
			return nil, err
		}
		body.Number = r.Caller
	}
	until, err := ParseTime(body.Until)
	if err != nil {
		return nil, fmt.Errorf("until: %w", err)
	}
	m, err := a.Owing.MarkNumber(req.Context(), NumberMark{
		Number: body.Number, Kind: body.Kind, Reason: body.Reason, By: u.id, Until: moment(until),
	})
	if err != nil {
		return nil, err
	}
	a.Log.Warn("number marked", "mark", m.ID, "kind", m.Kind, "number", m.Number, "until", m.Until.String(), "by", u.id)
	return viewOfMark(m), nil
}

// liftMark ends a mark before its time. Who comes second sees who was first.
func (a *api) liftMark(req *http.Request, u user) (any, error) {
	if err := u.maySupervise(); err != nil {
		return nil, err
	}
	var body struct {
		Reason string `json:"reason"`
	}
	if err := read(req, &body); err != nil {
		return nil, err
	}
	all, err := a.Store.NumberMarks(req.Context(), time.Time{})
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		switch {
		case m.ID != req.PathValue("id"):
			continue
		case !m.LiftedAt.IsZero():
			return nil, &problem{http.StatusConflict, fmt.Sprintf("已经解除 (lifted already): %s %s", m.LiftedAt, m.LiftedBy)}
		}
		lifted, err := a.Owing.LiftMark(req.Context(), m, u.id, body.Reason)
		if err != nil {
			return nil, err
		}
		a.Log.Warn("mark lifted", "mark", m.ID, "kind", m.Kind, "number", m.Number, "by", u.id)
		return viewOfMark(lifted), nil
	}
	return nil, ErrNotFound
}
