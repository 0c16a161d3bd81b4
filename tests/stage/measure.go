package stage

import (
	"os"
	"sync"
	"time"
)

// buildPlain makes the gateway's binary as it is delivered.
var buildPlain = sync.OnceValues(func() (string, error) { return build() }) //nolint:gochecknoglobals // one binary a program

// Measured puts the product on as it is delivered: without the race detector,
// with the log and the Redis of `make up`, and with so many RTP ports. What
// before does happens while Asterisk runs and no gateway has ever been there.
func Measured(rtpPorts int, before func(*Stage)) Option {
	return func(s *Stage) {
		s.build, s.before = buildPlain, before
		s.rtpPorts = rtpPorts
		s.env = append(s.env, "WEIBAO_LOG_LEVEL=info")
		s.redisIs = []string{"--appendfsync", "everysec"}
	}
}

// Environment gives the gateway further variables, as NAME=value.
func Environment(variables ...string) Option {
	return func(s *Stage) { s.env = append(s.env, variables...) }
}

// ReplaceGateway lets the gateway leave and starts it with further variables.
func (s *Stage) ReplaceGateway(variables ...string) {
	s.t.Helper()
	s.gateway.leave()
	s.env = append(s.env, variables...)
	s.gateway = startGateway(s)
	s.desk = s.login("1019")
}

// Processes are the ids of what the system consists of.
type Processes struct{ Asterisk, Gateway, Redis int }

// Processes are the processes that run now; the gateway is 0 before its start.
func (s *Stage) Processes() Processes {
	p := Processes{Asterisk: s.node.PID(), Redis: s.redis.PID()}
	if s.gateway != nil {
		p.Gateway = s.gateway.cmd.Process.Pid
	}
	return p
}

// Console runs a command on Asterisk's console.
func (s *Stage) Console(line string) string {
	s.t.Helper()
	ctx, cancel := s.wait()
	defer cancel()
	out, err := s.node.CLI(ctx, line)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// Dialplan adds to Asterisk's dialplan.
func (s *Stage) Dialplan(text string) {
	s.t.Helper()
	name := s.path("asterisk", "etc", "extensions.conf")
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("\n" + text); err != nil {
		s.t.Fatal(err)
	}
	s.Console("dialplan reload")
}

// SIPPassword is the secret of a seat's telephone.
func (s *Stage) SIPPassword(id string) string { return s.seats[id] }

// AreReady logs agents in and has them say that they are ready; it returns
// when the floor sees them free. Their telephones are registered already.
func (s *Stage) AreReady(ids ...string) {
	s.t.Helper()
	for _, id := range ids {
		seat := &Seat{Person: &Person{s: s, Name: id}, ID: id, desk: s.login(id)}
		seat.Is("ready")
	}
	s.Until("the seats are free", func() bool { return s.Free() >= len(ids) })
}

// Free counts the seats that could be rung.
func (s *Stage) Free() int {
	s.t.Helper()
	var agents []AgentState
	s.desk.list("/agents", &agents)
	free := 0
	for _, a := range agents {
		if a.Free {
			free++
		}
	}
	return free
}

// Settle waits until no call is left in the gateway or in Asterisk.
func (s *Stage) Settle() {
	s.t.Helper()
	s.settled()
}

// PassesUntil lets people speak until a moment has come.
func (s *Stage) PassesUntil(moment time.Time) { s.Passes(time.Until(moment)) }
