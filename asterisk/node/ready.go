package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Ready waits until the node's ARI answers with its password and all modules are loaded, 15 s at most.
func Ready(ctx context.Context, o Options) error {
	o = o.withDefaults()
	ctx, cancel := context.WithTimeoutCause(ctx, startLimit, fmt.Errorf("ARI did not answer within %s", startLimit))
	defer cancel()
	// Not the default transport: the product replaces that one.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var last error
	for {
		if last = o.ask(ctx, client); last == nil {
			break
		}
		if errors.Is(last, errPassword) {
			return last
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%w (last: %w)", context.Cause(ctx), last)
		}
	}
	// ARI answers a little before the dialplan and the endpoints are there.
	if _, err := CLI(ctx, o, "core waitfullybooted"); err != nil {
		return err
	}
	return nil
}

var errPassword = errors.New("ARI refuses the password: another Asterisk has this port, or an old one still runs")

func (o Options) ask(ctx context.Context, client *http.Client) error {
	url := "http://" + net.JoinHostPort(o.Host, strconv.Itoa(o.HTTPPort)) + "/ari/asterisk/info?only=system"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.SetBasicAuth(o.ARIUser, o.ARIPassword)
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	if err := res.Body.Close(); err != nil {
		return err
	}
	switch res.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusUnauthorized, http.StatusForbidden:
		return errPassword
	default:
		// 404 until the ARI modules are loaded.
		return fmt.Errorf("ARI answers %s", res.Status)
	}
}

// tailLines is how much of the log an error carries.
const tailLines = 40

// tail passes a log on and remembers its last lines.
type tail struct {
	mu    sync.Mutex
	to    io.Writer
	lines []string
	part  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.part = append(t.part, p...)
	for {
		line, rest, ok := bytes.Cut(t.part, []byte("\n"))
		if !ok {
			break
		}
		t.lines = append(t.lines, string(line))
		t.part = rest
	}
	if over := len(t.lines) - tailLines; over > 0 {
		t.lines = append([]string(nil), t.lines[over:]...)
	}
	if t.to == nil {
		return len(p), nil
	}
	return t.to.Write(p)
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(append(t.lines, string(t.part)), "\n")
}
