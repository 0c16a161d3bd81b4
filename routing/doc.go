// Package routing decides who should take a call: regions, the plan, queues,
// the rota and the pairing of callers with seats. It is pure: no clock, no
// network, no state of its own. Time comes in as a value, and every decision
// carries the trace that led to it, so the function that decides is also the
// one that explains.
//
// # Where to begin
//
//   - Plan.Decide (plan.go, route.go, step.go): the route tree and the steps of
//     a search. Decision.Due says when a step begins; the gateway and explain
//     both ask it. index.go keeps ten thousand routes as quick as ten.
//   - Rotas.On (rotas.go, rota.go, shift.go, turn.go, change.go): who is on
//     duty. Shifts are written by the clock on the wall and lived in instants;
//     zone.go is where one becomes the other.
//   - Floor.Pair (floor.go, pairing.go, strategy.go): who of those in line gets
//     which seat. A change costs the same whatever the length of the line.
//   - Speech (say*.go, why.go): all of these in words, Chinese and English.
//   - Regions (place.go, jurisdiction.go), Normalise (normal.go), Calendar
//     (calendar.go): places, telephone numbers and days as they are in Jilin.
//
// # Why it is one package
//
// It is larger than others. Plan, rota and floor share regions, calendar and
// the Check of the trace, and the hours of a plan are the shifts of a rota: as
// packages they would import one another or a fourth one of mere types.
package routing
