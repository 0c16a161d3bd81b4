// Package routing decides who should take a call: regions, the plan, queues,
// the rota and the pairing of callers with seats. It is pure: no clock, no
// network, no state of its own. Time comes in as a value, and every decision
// carries the trace that led to it, so the function that decides is also the
// one that explains.
package routing
