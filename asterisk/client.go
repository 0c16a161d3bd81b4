package asterisk

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

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

// client makes the requests. It is fasthttp's, which writes and reads in the
// goroutine of the caller: net/http hands each request to two others, and that
// was a sixth of the gateway's work for a call.
type client struct {
	root, auth string
	lanes      [3]*fasthttp.HostClient // by lane
	m          *metrics
}

func newClient(o Options, m *metrics) *client {
	return &client{
		root: strings.TrimSuffix(o.URL, "/"), m: m,
		auth: "Basic " + base64.StdEncoding.EncodeToString([]byte(o.User+":"+o.Password)),
		lanes: [...]*fasthttp.HostClient{
			ordinary: pool(o.URL, maxConnections), dialling: pool(o.URL, diallingConnections),
			emergency: pool(o.URL, emergencyConnections),
		},
	}
}

// pool keeps connections to the host of an address that has been validated.
func pool(address string, connections int) *fasthttp.HostClient {
	to, err := url.Parse(address)
	if err != nil {
		to = new(url.URL)
	}
	secure := to.Scheme == "https"
	dialer := net.Dialer{Timeout: requestLimit}
	return &fasthttp.HostClient{
		Addr: fasthttp.AddMissingPort(to.Host, secure), IsTLS: secure, NoDefaultUserAgentHeader: true,
		MaxConns: connections, MaxConnWaitTimeout: requestLimit, MaxIdleConnDuration: idleLimit,
		MaxIdemponentCallAttempts: 1, // see exchange
		Dial:                      func(addr string) (net.Conn, error) { return dialer.Dial("tcp", addr) },
		DisablePathNormalizing:    true, // it would write %2B as +
	}
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

// do makes one request within the limit.
func (c *client) do(ctx context.Context, r request) (err error) {
	began := time.Now()
	defer func() { c.m.requests.WithLabelValues(r.op, result(err)).Observe(time.Since(began).Seconds()) }()
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	if err := c.build(req, r); err != nil {
		return fmt.Errorf("ari %s: %w", r.op, err)
	}
	if err := c.exchange(ctx, r, req, res); err != nil {
		return fmt.Errorf("ari %s: %w", r.op, err)
	}
	switch {
	case res.StatusCode() >= fasthttp.StatusMultipleChoices:
		return &StatusError{Op: r.op, Status: res.StatusCode(), Message: reason(res.Body())}
	case r.out == nil:
		return nil
	}
	if err := json.Unmarshal(res.Body(), r.out); err != nil {
		return fmt.Errorf("ari %s: %w", r.op, err)
	}
	return nil
}

// exchange sends a request and reads the whole answer. When a connection breaks
// a request that may be repeated is, once.
func (c *client) exchange(ctx context.Context, r request, req *fasthttp.Request, res *fasthttp.Response) error {
	until := time.Now().Add(requestLimit)
	if earlier, set := ctx.Deadline(); set && earlier.Before(until) {
		until = earlier
	}
	for repeated := false; ; repeated = true {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := c.lanes[r.lane].DoDeadline(req, res, until)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, fasthttp.ErrTimeout), errors.Is(err, fasthttp.ErrNoFreeConns):
			return fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
		case r.once, repeated:
			return err
		}
	}
}

func (c *client) build(req *fasthttp.Request, r request) error {
	req.Header.SetMethod(r.method)
	req.SetRequestURI(c.address(r.path, r.query))
	req.Header.Set(fasthttp.HeaderAuthorization, c.auth)
	if r.body == nil {
		return nil
	}
	body, err := json.Marshal(r.body)
	if err != nil {
		return err
	}
	req.Header.SetContentType("application/json")
	req.SetBodyRaw(body)
	return nil
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
