package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"weibao/asterisk/node"
)

// closeLimit is how long a port may stay open after its process has ended.
const closeLimit = 3 * time.Second

// processes are the parts in the order of their stop: who asks goes before who is asked.
func (s *stack) processes() []struct {
	process
	zh, en string
	ports  []node.Port
} {
	type part = struct {
		process
		zh, en string
		ports  []node.Port
	}
	return []part{
		{s.gatewayProcess(), "网关", "gateway", []node.Port{s.httpPort()}},
		{s.asteriskProcess(), "Asterisk", "asterisk", []node.Port{
			{Network: "udp", Host: host, Number: s.sip, Use: "SIP", Variable: "WEIBAO_SIP_PORT"},
			{Network: "tcp", Host: host, Number: s.ari, Use: "ARI", Variable: "WEIBAO_ARI_PORT"},
		}},
		{s.redisProcess(), "Redis", "redis", []node.Port{s.redisPort()}},
	}
}

// down stops every part that runs and waits until its ports are closed.
func (s *stack) down(ctx context.Context) error {
	if _, err := os.Stat(s.in("run")); err != nil {
		s.report.say("✓ 没有在运行 nothing runs")
		return nil
	}
	unlock, err := lock(s.in("run", ".lock"))
	if err != nil {
		return err
	}
	defer unlock()
	var faults []error
	for _, p := range s.processes() {
		// One that does not stop keeps none of the others running.
		faults = append(faults, s.report.step("停止 "+p.zh, "stop "+p.en, func() (string, error) {
			pid, err := p.stop(ctx)
			if err != nil || pid == 0 {
				return "没有在运行 was not running", err
			}
			return "pid " + strconv.Itoa(pid), closed(ctx, p.ports)
		}))
	}
	return errors.Join(faults...)
}

// closed waits until the ports are free.
func closed(ctx context.Context, ports []node.Port) error {
	ctx, cancel := context.WithTimeout(ctx, closeLimit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for _, p := range ports {
		for err := p.Check(ctx); err != nil; err = p.Check(ctx) {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return fmt.Errorf("after the stop: %w", err)
			}
		}
	}
	return nil
}

var errNotUp = errors.New("not everything runs")

// status tells which parts run.
func (s *stack) status(context.Context) error {
	var err error
	for _, p := range s.processes() {
		pid := p.pid()
		state := "pid " + strconv.Itoa(pid)
		mark := "✓"
		if pid == 0 {
			mark, state, err = "✗", "没有在运行 does not run", errNotUp
		}
		var where []string
		for _, port := range p.ports {
			where = append(where, fmt.Sprintf("%s %d/%s", port.Use, port.Number, port.Network))
		}
		s.report.say("%s %s %s: %s  %s", mark, p.zh, p.en, state, strings.Join(where, "  "))
	}
	return err
}
