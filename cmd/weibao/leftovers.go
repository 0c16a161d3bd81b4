package main

import (
	"context"
	"slices"
	"time"

	"weibao/call"
	"weibao/record"
)

// concludeLeftovers gives an outcome to filings that an earlier life of the
// gateway has made and that no call will conclude: the call is over, or the
// gateway was killed before the call had noted the filing, and has filed anew.
// No filing stays without an outcome.
func (a *App) concludeLeftovers(ctx context.Context) {
	if err := a.registry.Flush(ctx); err != nil { // the outcome may stand in the journal already
		a.log.Warn("filings without an outcome could not be looked for", "err", err)
		return
	}
	page, err := a.store.Filings(ctx, record.Query{Limit: 500})
	if err != nil {
		a.log.Warn("filings without an outcome could not be looked for", "err", err)
		return
	}
	for _, f := range page.Rows {
		if f.Outcome != "" || !f.MadeAt.Before(a.began) || a.concludes(ctx, f) {
			continue
		}
		err := a.registry.Conclude(ctx, call.CloseNotice{Number: f.Number, Outcome: "unknown_gateway_restarted"})
		a.log.Warn("filing that no call knows after the start", "filing", f.Number, "call", f.Call, "err", err)
	}
}

// concludes reports whether a live call knows the filing, and will conclude it.
// One that has not been taken up yet is waited for.
func (a *App) concludes(ctx context.Context, f record.Filing) bool {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for a.live(f.Call) {
		c, _ := a.exchange.Find(f.Call)
		if c.Phase != call.Arriving {
			knows := func(t call.Transfer) bool { return t.Filing == f.Number }
			return knows(c.Transfer) || slices.ContainsFunc(c.Transfers, knows)
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return true
		}
	}
	return false
}
