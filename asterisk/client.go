package asterisk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"weibao/call"
)

const (
	// requestLimit bounds one request; Asterisk answers in a millisecond. The
	// limit is reached when a command waits behind a prompt or Asterisk hangs.
	requestLimit = 2 * time.Second
	// The connections of all lanes together stay well below the sessionlimit of
	// http.conf (200), above which Asterisk simply closes the connection
	// (main/http.c, httpd_process_request).
	maxConnections       = 24
	diallingConnections  = 8
	emergencyConnections = 4
	// idleLimit stays below the session_inactivity of http.conf (30 s), so that a
	// request does not meet a connection that Asterisk is just closing.
	idleLimit = 20 * time.Second
)

// StatusError is a request that Asterisk refused.
type StatusError struct {
	Op      string
	Status  int
	Message string
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("ari %s: %d %s", e.Op, e.Status, e.Message)
}

// Unwrap makes 404 a call.ErrGone: what was asked for does not exist any more.
func (e *StatusError) Unwrap() error {
	if e.Status == http.StatusNotFound {
		return call.ErrGone
	}
	return nil
}

// status is the HTTP status of a refusal, or 0 for every other error and none.
func status(err error) int {
	if refused, ok := errors.AsType[*StatusError](err); ok {
		return refused.Status
	}
	return 0
}

// client makes the requests.
type client struct {
	root           string
	user, password string
	lanes          [3]*http.Client // by lane
	m              *metrics
}

func newClient(o Options, m *metrics) *client {
	return &client{
		root: strings.TrimSuffix(o.URL, "/"), user: o.User, password: o.Password, m: m,
		lanes: [...]*http.Client{ordinary: pool(maxConnections), dialling: pool(diallingConnections), emergency: pool(emergencyConnections)},
	}
}

func pool(connections int) *http.Client {
	return &http.Client{Transport: &http.Transport{
		MaxConnsPerHost:     connections,
		MaxIdleConnsPerHost: connections,
		IdleConnTimeout:     idleLimit,
	}}
}

func (c *client) close() {
	for _, lane := range c.lanes {
		lane.CloseIdleConnections()
	}
}

// request is one operation of ARI.
type request struct {
	op     string // its name in the metrics, of a fixed set
	method string
	path   []string // below the root, escaped here
	query  url.Values
	body   any
	out    any
	// once: a repeat would do it twice, so no repeat when a connection breaks.
	once bool
	lane lane
}

// lane says on whose connections a request is made. Those of one lane never
// wait for those of another.
type lane uint8

const (
	ordinary lane = iota
	// dialling waits for nobody's prompt.
	dialling
	// emergency is for calls to 110: they wait for no other dialling.
	emergency
)

// do makes one request within the limit. The body is always read to its end,
// or the connection could not be used again.
func (c *client) do(ctx context.Context, r request) (err error) {
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	began := time.Now()
	defer func() { c.m.requests.WithLabelValues(r.op, result(err)).Observe(time.Since(began).Seconds()) }()
	req, err := c.build(ctx, r)
	if err != nil {
		return fmt.Errorf("ari %s: %w", r.op, err)
	}
	res, err := c.lanes[r.lane].Do(req)
	if err != nil {
		return fmt.Errorf("ari %s: %w", r.op, withoutAddress(err))
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close() // it has been read
	switch {
	case err != nil:
		return fmt.Errorf("ari %s: %w", r.op, err)
	case res.StatusCode >= http.StatusMultipleChoices:
		return &StatusError{Op: r.op, Status: res.StatusCode, Message: reason(body)}
	case r.out == nil:
		return nil
	}
	if err := json.Unmarshal(body, r.out); err != nil {
		return fmt.Errorf("ari %s: %w", r.op, err)
	}
	return nil
}

// withoutAddress takes the address out of an error of net/http: there are
// people's numbers in it, and errors are logged.
func withoutAddress(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

func (c *client) build(ctx context.Context, r request) (*http.Request, error) {
	var body io.Reader
	if r.body != nil {
		b, err := json.Marshal(r.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, c.address(r.path, r.query), body)
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth(c.user, c.password)
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if !r.once {
		// An empty list marks the request as repeatable without sending the
		// header: net/http then asks again when a kept connection was closed.
		req.Header["X-Idempotency-Key"] = nil
	}
	return req, nil
}

func (c *client) address(path []string, query url.Values) string {
	var b strings.Builder
	b.WriteString(c.root)
	for _, p := range path {
		b.WriteByte('/')
		// Asterisk reads "+" as a space in paths, too: main/http.c, ast_uri_decode.
		b.WriteString(strings.ReplaceAll(url.PathEscape(p), "+", "%2B"))
	}
	if len(query) > 0 {
		b.WriteByte('?')
		b.WriteString(query.Encode())
	}
	return b.String()
}

// reason is what Asterisk says of a refusal: {"message": …} or {"error": …}.
func reason(body []byte) string {
	var said struct{ Message, Error string }
	if json.Unmarshal(body, &said) != nil {
		return strings.TrimSpace(string(body[:min(len(body), 200)]))
	}
	return said.Message + said.Error
}

// result is the outcome of a request as a metric label.
func result(err error) string {
	code := status(err)
	switch {
	case err == nil:
		return "ok"
	case code == http.StatusNotFound:
		return "gone"
	case code >= http.StatusInternalServerError:
		return "fault"
	case code != 0:
		return "refused"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, context.Canceled):
		return "cancelled"
	}
	return "broken"
}
