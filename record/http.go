package record

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"weibao/call"
	"weibao/routing"
)

// HandlerOptions are what the API needs. Store, Acks and User are needed.
type HandlerOptions struct {
	Store Store
	// Acks writes acknowledgements: a *Registry.
	Acks interface {
		Ack(ctx context.Context, number, by string) error
	}
	// Owing settles what callers are owed and marks numbers: a *Registry.
	// Without it there are no such requests.
	Owing Owing
	// Entering reads filings for their sheets and adds to them: a *Registry.
	// Without it there are no such requests.
	Entering Entering
	// Rules are the rules of filings; by default call.DefaultFilingRules.
	Rules func() call.FilingRules
	// Tapes are the recordings: an *Archive. Without it there are no such requests.
	Tapes Tapes
	// Serves tells the region and the queues of who asks: a seat sees what is
	// owed to callers there. By default none.
	Serves func(*http.Request) (region string, queues []string)
	// User tells who asks; an empty id is nobody.
	User func(*http.Request) (id, role string)
	// MayAck says which roles may acknowledge a filing; by default every one
	// but "agent": the seat that files does not acknowledge.
	MayAck func(role string) bool
	Log    *slog.Logger
}

// Owing is how the API changes what callers are owed and what is known of
// their numbers.
type Owing interface {
	Settle(ctx context.Context, s call.Settlement) error
	MarkNumber(ctx context.Context, m NumberMark) (NumberMark, error)
	LiftMark(ctx context.Context, m NumberMark, by, reason string) (NumberMark, error)
	// Flush waits until the store shows what was settled.
	Flush(ctx context.Context) error
}

// Handler serves records and filings, what callers are owed, and the marks of
// their numbers under
// /api/v1. All telephone numbers are masked.
func Handler(o HandlerOptions) http.Handler {
	if o.MayAck == nil {
		o.MayAck = func(role string) bool { return role != "" && role != roleAgent }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Serves == nil {
		o.Serves = func(*http.Request) (string, []string) { return "", nil }
	}
	if o.Rules == nil {
		o.Rules = call.DefaultFilingRules
	}
	a := &api{HandlerOptions: o}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/records", a.as(a.records))
	mux.HandleFunc("GET /api/v1/records/{id}", a.as(a.record))
	mux.HandleFunc("GET /api/v1/filings", a.as(a.filings))
	mux.HandleFunc("GET /api/v1/filings/{number}", a.as(a.filing))
	mux.HandleFunc("POST /api/v1/filings/{number}/ack", a.as(a.ack))
	mux.HandleFunc("GET /api/v1/agents/{id}/log", a.as(a.seatLog))
	if o.Entering != nil {
		mux.HandleFunc("GET /api/v1/filings/{number}/sheet", a.as(a.sheet))
		mux.HandleFunc("POST /api/v1/filings/{number}/police-case", a.as(a.enterCase))
		mux.HandleFunc("POST /api/v1/filings/{number}/category", a.as(a.enterCategory))
		mux.HandleFunc("POST /api/v1/filings/{number}/result", a.as(a.enterResult))
	}
	if o.Owing != nil {
		mux.HandleFunc("GET /api/v1/follow-ups", a.as(a.followUps))
		mux.HandleFunc("GET /api/v1/follow-ups/{id}", a.as(a.followUp))
		mux.HandleFunc("POST /api/v1/follow-ups/{id}/close", a.as(a.closeFollowUp))
		mux.HandleFunc("GET /api/v1/marks", a.as(a.numberMarks))
		mux.HandleFunc("POST /api/v1/marks", a.as(a.markNumber))
		mux.HandleFunc("DELETE /api/v1/marks/{id}", a.as(a.liftMark))
	}
	if o.Tapes != nil {
		a.mountTapes(mux)
	}
	return mux
}

type api struct{ HandlerOptions }

// Answer makes a handler in the manner of Handler of a function that answers
// with what becomes JSON, for packages below this one. What it can not find is
// ErrNotFound, what can not be asked ErrQuery.
func Answer(o HandlerOptions, answer func(*http.Request) (any, error)) http.Handler {
	a := &api{HandlerOptions: o}
	return a.as(func(req *http.Request, _ user) (any, error) { return answer(req) })
}

// user is who asks.
type user struct {
	id, role string
	region   string
	queues   []string
}

// limit lets a seat look for its own rows only: least authorisation, as
// 未成年人网络保护条例 §36 asks.
func (u user) limit(q *Query) {
	if u.role == roleAgent {
		q.Agent = routing.AgentID(u.id)
	}
}

// maySee reports whether the user may see a row of that seat. What it may not
// see is not there for it.
func (u user) maySee(agent routing.AgentID) bool {
	return u.role != roleAgent || u.id == string(agent)
}

// roleAgent is the role of a seat in the words of the API.
const roleAgent = "agent"

// problem is an error with the status and the words that the caller sees.
type problem struct {
	status int
	detail string
}

// Error makes a problem an error.
func (p *problem) Error() string { return p.detail }

// apiLimit bounds one request to the database.
const apiLimit = 10 * time.Second

// as turns a function that answers or fails into a handler.
func (a *api) as(answer func(*http.Request, user) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		ctx, cancel := context.WithTimeout(req.Context(), apiLimit)
		defer cancel()
		var body any
		id, role := a.User(req)
		err := error(&problem{http.StatusUnauthorized, "log in first"})
		if id != "" {
			u := user{id: id, role: role}
			if a.Serves != nil {
				u.region, u.queues = a.Serves(req)
			}
			body, err = answer(req.WithContext(ctx), u)
		}
		if err != nil {
			a.refuse(w, req, err)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		if p, is := body.(printed); is {
			w.Header().Set("Content-Type", p.kind)
			_, _ = w.Write(p.body) // the caller may have gone
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(body); err != nil {
			a.Log.Debug("answer not delivered", "err", err)
		}
	}
}

// refuse answers with problem+json (RFC 9457). What a caller can not help is
// told by an id, which the log explains.
func (a *api) refuse(w http.ResponseWriter, req *http.Request, err error) {
	var p *problem
	switch {
	case errors.As(err, &p):
	case tapeProblem(err) != nil:
		p = tapeProblem(err)
	case errors.Is(err, ErrNotFound):
		p = &problem{http.StatusNotFound, "there is none by that name"}
	case errors.Is(err, ErrQuery), errors.Is(err, ErrMark):
		p = &problem{http.StatusBadRequest, err.Error()}
	default:
		id := rand.Text()[:10]
		a.Log.Error("request for records failed", "path", req.URL.Path, "id", id, "err", err)
		p = &problem{http.StatusServiceUnavailable, "the database does not answer (" + id + ")"}
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.status)
	_ = json.NewEncoder(w).Encode(map[string]any{ // the caller may have gone
		"type": "about:blank", "title": http.StatusText(p.status), "status": p.status, "detail": p.detail,
	})
}

func (a *api) records(req *http.Request, u user) (any, error) {
	q, err := parseQuery(req.URL.Query(), recordFilters())
	if err != nil {
		return nil, err
	}
	u.limit(&q)
	found, err := a.Store.Find(req.Context(), q)
	if err != nil {
		return nil, err
	}
	for i, r := range found.Rows {
		found.Rows[i] = r.Masked()
	}
	return map[string]any{"records": found.Rows, "next": found.Next}, nil
}

func (a *api) record(req *http.Request, u user) (any, error) {
	r, err := a.Store.Get(req.Context(), call.ID(req.PathValue("id")))
	if err == nil && !u.maySee(r.Agent) {
		err = ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	a.Log.Info("record read", "call", r.ID, "by", u.id)
	return r.Masked(), nil
}

func (a *api) filings(req *http.Request, u user) (any, error) {
	q, err := parseQuery(req.URL.Query(), append(recordFilters(), "unacked"))
	if err != nil {
		return nil, err
	}
	u.limit(&q)
	found, err := a.Store.Filings(req.Context(), q)
	if err != nil {
		return nil, err
	}
	for i, f := range found.Rows {
		found.Rows[i] = f.Masked()
	}
	return map[string]any{"filings": found.Rows, "next": found.Next}, nil
}

func (a *api) filing(req *http.Request, u user) (any, error) {
	f, err := a.Store.Filing(req.Context(), req.PathValue("number"))
	if err == nil && !u.maySee(f.Agent) {
		err = ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return f.Masked(), nil
}

// ack answers with the filing as it is then. Who comes second sees who was
// first.
func (a *api) ack(req *http.Request, u user) (any, error) {
	if !a.MayAck(u.role) {
		return nil, &problem{http.StatusForbidden, "your role may not acknowledge filings"}
	}
	ctx, number := req.Context(), req.PathValue("number")
	f, err := a.Store.Filing(ctx, number)
	if err != nil {
		return nil, err
	}
	if f.AckedAt.IsZero() {
		if err := a.Acks.Ack(ctx, number, u.id); err != nil {
			return nil, err
		}
		if f, err = a.Store.Filing(ctx, number); err != nil {
			return nil, err
		}
	}
	if f.AckedAt.IsZero() { // on the disk, and on its way into the database
		f.AckedAt, f.AckedBy = moment(time.Now()), u.id
	}
	return f.Masked(), nil
}

func recordFilters() []string {
	return []string{"from", "to", "agent", "caller", "outcome", "region", "text", "limit", "cursor"}
}

// parseQuery reads the filters of a list. One that is not known is refused: a
// mistyped filter must not look like an answer.
func parseQuery(values url.Values, known []string) (Query, error) {
	for name := range values {
		if !slices.Contains(known, name) {
			return Query{}, fmt.Errorf("%w: %q is not a filter; want %s", ErrQuery, name, strings.Join(known, ", "))
		}
	}
	q := Query{
		Agent: routing.AgentID(values.Get("agent")), Caller: routing.Number(values.Get("caller")),
		Outcome: values.Get("outcome"), Region: values.Get("region"), Text: values.Get("text"), Cursor: values.Get("cursor"),
	}
	var err error
	if q.From, err = ParseTime(values.Get("from")); err != nil {
		return Query{}, fmt.Errorf("from: %w", err)
	}
	if q.To, err = ParseTime(values.Get("to")); err != nil {
		return Query{}, fmt.Errorf("to: %w", err)
	}
	if q.Limit, err = parseLimit(values.Get("limit")); err != nil {
		return Query{}, err
	}
	if s := values.Get("unacked"); s != "" {
		if q.Unacked, err = strconv.ParseBool(s); err != nil {
			return Query{}, fmt.Errorf("%w: unacked %q: want true or false", ErrQuery, s)
		}
	}
	return q, nil
}

// ParseTime reads a bound of a query: RFC 3339, or a date, which is its first
// instant in China's zone. Empty is no bound.
func ParseTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, s, zone())
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: time %q: want 2026-11-23 or 2026-11-23T08:00:00+08:00", ErrQuery, s)
	}
	return t, nil
}
