package record

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"weibao/call"
	"weibao/routing"
)

// owedView is a follow-up as the API shows it.
type owedView struct {
	Owed
	Overdue bool `json:"overdue"`
}

func viewOf(o Owed) owedView { return owedView{Owed: o.Masked(), Overdue: o.Overdue(time.Now())} }

// followUps lists what callers are owed: the open ones by deadline.
func (a *api) followUps(req *http.Request, u user) (any, error) {
	q, err := parseOwedQuery(req.URL.Query())
	if err != nil {
		return nil, err
	}
	if u.role == roleAgent {
		q.Owners, q.Regions = u.owners(), u.regions()
	}
	found, err := a.Store.Owed(req.Context(), q)
	if err != nil {
		return nil, err
	}
	views := make([]owedView, 0, len(found.Rows))
	for _, o := range found.Rows {
		views = append(views, viewOf(o))
	}
	return map[string]any{"follow_ups": views, "next": found.Next}, nil
}

// owners are whose follow-ups a seat sees besides those of its region: its own
// and those of the queues that it serves.
func (u user) owners() []routing.AgentID {
	owners := []routing.AgentID{routing.AgentID(u.id)}
	for _, queue := range u.queues {
		owners = append(owners, routing.AgentID(queue))
	}
	return owners
}

func (u user) regions() []string {
	if u.region == "" {
		return nil
	}
	return []string{u.region}
}

func (a *api) followUp(req *http.Request, u user) (any, error) {
	o, err := a.owed(req, u)
	if err != nil {
		return nil, err
	}
	a.Log.Info("follow-up read", "call", o.ID, "by", u.id)
	return viewOf(o), nil
}

// owed finds a follow-up that the user may see, by the id of any of its calls.
func (a *api) owed(req *http.Request, u user) (Owed, error) {
	o, err := a.Store.OwedOf(req.Context(), call.ID(req.PathValue("id")))
	if err == nil && u.role == roleAgent && !slices.Contains(u.owners(), o.Owner) && !slices.Contains(u.regions(), o.Region) {
		err = ErrNotFound
	}
	return o, err
}

// closeFollowUp ends a follow-up without a talk; somebody answers for it.
func (a *api) closeFollowUp(req *http.Request, u user) (any, error) {
	var body struct {
		Note string `json:"note"`
	}
	if err := read(req, &body); err != nil {
		return nil, err
	}
	if strings.TrimSpace(body.Note) == "" {
		return nil, &problem{http.StatusBadRequest, "请写明原因 (note): why is nothing more to be done?"}
	}
	o, err := a.owed(req, u)
	if err != nil {
		return nil, err
	}
	if o.State != OwedOpen {
		return nil, &problem{http.StatusConflict, fmt.Sprintf("已经了结 (settled already): %s %s %s", o.Settled.At, o.Settled.Outcome, o.Settled.By)}
	}
	end := Settlement{ID: o.ID, Outcome: call.Closed, By: routing.AgentID(u.id), At: moment(time.Now()), Note: body.Note}
	err = a.Owing.Settle(req.Context(), call.Settlement{ID: end.ID, Outcome: end.Outcome, By: end.By, At: end.At.Time, Note: end.Note})
	if err != nil {
		return nil, err
	}
	a.Log.Info("follow-up closed", "call", o.ID, "by", u.id)
	shown, cancel := context.WithTimeout(req.Context(), time.Second)
	defer cancel()
	err = a.Owing.Flush(shown)
	after, again := a.owed(req, u)
	if err != nil || again != nil { // on the disk, and on its way into the database
		o.State, o.Settled = OwedSettled, &end
		return viewOf(o), nil
	}
	return viewOf(after), nil
}

func parseOwedQuery(values url.Values) (OwedQuery, error) {
	known := []string{"state", "region", "kind", "limit", "cursor"}
	for name := range values {
		if !slices.Contains(known, name) {
			return OwedQuery{}, fmt.Errorf("%w: %q is not a filter; want %s", ErrQuery, name, strings.Join(known, ", "))
		}
	}
	q := OwedQuery{
		State: OwedState(values.Get("state")), Kind: call.FollowUpKind(values.Get("kind")),
		Region: values.Get("region"), Cursor: values.Get("cursor"),
	}
	if q.State != "" && q.State != OwedOpen && q.State != OwedSettled {
		return OwedQuery{}, fmt.Errorf("%w: state %q: want open or settled", ErrQuery, q.State)
	}
	if q.Kind != "" && !slices.Contains(call.FollowUpKinds(), q.Kind) {
		return OwedQuery{}, fmt.Errorf("%w: kind %q: want one of %v", ErrQuery, q.Kind, call.FollowUpKinds())
	}
	var err error
	q.Limit, err = parseLimit(values.Get("limit"))
	return q, err
}

// parseLimit reads how many rows are wanted; 0 when nothing is said.
func parseLimit(s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%w: limit %q: want 1 to %d", ErrQuery, s, mostLimit)
	}
	return n, nil
}

// mostBody bounds what a request may hold.
const mostBody = 64 << 10

// read reads the body of a request. A key that is not known is refused: a
// mistyped one must not look like an answer. No body at all is an empty one.
func read(req *http.Request, into any) error {
	text, err := io.ReadAll(io.LimitReader(req.Body, mostBody+1))
	if err != nil || len(text) > mostBody {
		return &problem{http.StatusBadRequest, fmt.Sprintf("the body can not be read, or is larger than %d bytes", mostBody)}
	}
	if len(text) == 0 {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return &problem{http.StatusBadRequest, fmt.Sprintf("the body is not the JSON that is wanted here: %v", err)}
	}
	if d.More() {
		return &problem{http.StatusBadRequest, "the body holds more than one JSON value"}
	}
	return nil
}
