package main

import (
	"context"
	"net/http"
	"time"

	"weibao/call"
	"weibao/cti"
	"weibao/record"
	"weibao/routing"
)

// refreshOwed is between looks at what other gateways have left in the
// database: marks of numbers, and how much is owed.
const refreshOwed = 10 * time.Second

// keepOwed keeps the marks of numbers and the gauges of what is owed up to
// date. A database that is away leaves them as they are.
func (a *App) keepOwed(ctx context.Context) error {
	again := time.NewTicker(refreshOwed)
	defer again.Stop()
	for {
		if err := a.registry.Refresh(ctx, time.Now()); err != nil && ctx.Err() == nil {
			a.log.Warn("marked numbers and follow-ups are as they were before", "err", err)
		}
		if err := a.registry.Reconcile(ctx, time.Now(), routing.AgentID(a.holder.Now().Guide.Supervisors)); err != nil && ctx.Err() == nil {
			a.log.Warn("calls to 110 and filings are not reconciled", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
		}
	}
}

// known is the one international form of a number, as the lines of this
// configuration bring it.
func (a *App) known(number routing.Number) routing.Number {
	guide := a.holder.Now().Guide
	return routing.Normalise(string(number), guide.Regions, guide.Home).E164
}

// openRecordAPI mounts the records, what callers are owed, and the marks of
// their numbers.
func (a *App) openRecordAPI() {
	records := record.Handler(record.HandlerOptions{
		Store: a.store, Acks: a.registry, Owing: owing{a.registry, a.exchange}, Entering: a.registry, Tapes: a.archive, User: user, Serves: serves, Log: a.log.With("component", "records"),
		Rules: func() call.FilingRules { return a.holder.Now().Guide.Filings },
	})
	for pattern, role := range map[string]cti.Role{
		"GET /api/v1/records": cti.RoleAgent, "GET /api/v1/records/{id}": cti.RoleAgent,
		"GET /api/v1/filings": cti.RoleAgent, "GET /api/v1/filings/{number}": cti.RoleAgent,
		"GET /api/v1/filings/{number}/sheet": cti.RoleAgent, "POST /api/v1/filings/{number}/police-case": cti.RoleAgent,
		"POST /api/v1/filings/{number}/category": cti.RoleAgent, "POST /api/v1/filings/{number}/result": cti.RoleAgent,
		"POST /api/v1/filings/{number}/ack": cti.RoleAgent, "GET /api/v1/agents/{id}/log": cti.RoleAgent,
		"GET /api/v1/follow-ups": cti.RoleAgent, "GET /api/v1/follow-ups/{id}": cti.RoleAgent,
		"POST /api/v1/follow-ups/{id}/close": cti.RoleAgent,
		"GET /api/v1/marks":                  cti.RoleSupervisor, "POST /api/v1/marks": cti.RoleSupervisor,
		"DELETE /api/v1/marks/{id}": cti.RoleSupervisor,

		"GET /api/v1/recordings/{id}": cti.RoleAgent, "GET /api/v1/recordings/{id}/sound": cti.RoleAgent,
		"POST /api/v1/recordings/{id}/plays":                cti.RoleAgent,
		"POST /api/v1/recordings/{id}/plays/{play}/approve": cti.RoleSupervisor,
		"POST /api/v1/recordings/{id}/plays/{play}/refuse":  cti.RoleSupervisor,
		"POST /api/v1/recordings/{id}/hold":                 cti.RoleSupervisor,
		"DELETE /api/v1/recordings/{id}/hold":               cti.RoleSupervisor,
		"GET /api/v1/plays":                                 cti.RoleSupervisor,
	} {
		a.server.Handle(pattern, role, records)
	}
}

// owing is the registry, except that the exchange must know what has been
// closed: it is not rung any more.
type owing struct {
	*record.Registry
	exchange *call.Exchange
}

// Settle implements record.Owing.
func (o owing) Settle(ctx context.Context, done call.Settlement) error {
	return o.exchange.Settle(ctx, done)
}

// user tells record's handlers who is logged in.
func user(r *http.Request) (id, role string) {
	seat, ok := cti.User(r)
	if !ok {
		return "", ""
	}
	return string(seat.ID), seat.Role.String()
}

// serves tells record's handlers whose callers are the seat's.
func serves(r *http.Request) (region string, queues []string) {
	seat, _ := cti.User(r)
	return seat.Region, seat.Queues
}
