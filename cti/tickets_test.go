package cti_test

import (
	"testing"

	"weibao/cti"
	"weibao/cti/standingstest"
	"weibao/tests/redistest"
)

func TestMemoryKeepsTickets(t *testing.T) {
	t.Parallel()
	standingstest.ExerciseTickets(t, func(*testing.T) cti.Tickets { return cti.NewMemoryTickets() })
}

func TestRedisKeepsTickets(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	standingstest.ExerciseTickets(t, func(t *testing.T) cti.Tickets {
		return openRedis(t, server.Addr(), t.Name()).Tickets()
	})
}
