package asterisk

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"weibao/call"
)

// fallback is the part of the dialplan that brings a caller to a person without
// us: node/etc/extensions.conf.
const fallback = "to-a-person"

// Surrender gives a caller to Asterisk's own dialplan. Prompts are stopped
// first, or it would wait for their end; the leg then leaves.
func (l *Line) Surrender(ctx context.Context, id call.LegID) error {
	l.book.with(id, func(c *channel) { c.why = call.Released })
	if err := l.Quiet(ctx, id); err != nil && !errors.Is(err, call.ErrGone) {
		// The caller is better off waiting for a prompt than without anybody.
		l.log.Warn("prompt not stopped", "leg", id, "err", err)
	}
	return l.onChannel(ctx, request{
		op: "surrender", method: http.MethodPost, path: []string{"channels", string(id), "continue"},
		query: url.Values{"context": {fallback}, "extension": {"s"}, "priority": {"1"}},
	})
}
