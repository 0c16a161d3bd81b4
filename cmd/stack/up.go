package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"weibao/asterisk/node"
)

// up sets up, builds and starts everything that does not run yet, and returns when all of it serves.
func (s *stack) up(ctx context.Context) error {
	p, err := s.setup(ctx)
	if err != nil {
		return err
	}
	for _, dir := range []string{"run", "log"} {
		if err := os.MkdirAll(s.in(dir), 0o755); err != nil {
			return err
		}
	}
	unlock, err := lock(s.in("run", ".lock"))
	if err != nil {
		return err
	}
	defer unlock()
	var sec secrets
	err = s.steps(
		s.a("编译网关", "build the gateway", func() (string, error) { return s.build(ctx) }),
		s.a("密码", "passwords", func() (string, error) {
			if sec, err = s.makeSecrets(p.agents); err != nil {
				return "", err
			}
			note, err := s.tellGateway(sec.logins)
			return note, errors.Join(err, s.own())
		}),
		s.a("Redis", "start", func() (string, error) { return s.startRedis(ctx, p.redis) }),
		s.a("Asterisk", "start", func() (string, error) {
			return s.startAsterisk(ctx, s.nodeOptions(p, sec))
		}),
		s.a("网关", "gateway, start", func() (string, error) { return s.startGateway(ctx) }),
	)
	if err != nil {
		return err
	}
	s.addresses()
	return nil
}

// own gives the run's folder to the user that the parts run as, what root made there by hand included.
func (s *stack) own() error {
	who, err := node.Ordinary(s.in("x"))
	if err != nil {
		return err
	}
	return who.Own(s.dir)
}

func (s *stack) gatewayProgram() string { return filepath.Join(s.home, "bin", "weibao") }

func (s *stack) build(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "build", "-o", s.gatewayProgram(), "./cmd/weibao")
	cmd.Dir = s.home
	if err := quietly(cmd); err != nil {
		return "", stuck("修好编译错误再来 mend the build and run again: go build ./...", err)
	}
	return "bin/weibao", nil
}

func (s *stack) redisProcess() process {
	return process{name: "redis", word: "redis-server", dir: s.dir}
}

func (s *stack) asteriskProcess() process {
	return process{name: "asterisk", word: s.in("asterisk", "etc", "asterisk.conf"), dir: s.dir}
}

func (s *stack) gatewayProcess() process {
	return process{name: "weibao", word: "weibao", dir: s.dir}
}

func (s *stack) startRedis(ctx context.Context, server string) (string, error) {
	p := s.redisProcess()
	if pid := p.pid(); pid != 0 {
		return running(pid), p.ready(ctx, nil, s.ping)
	}
	if err := s.redisPort().Check(ctx); err != nil {
		return "", err
	}
	cmd, who, err := s.redisCommand(lasting(ctx), server)
	if err != nil {
		return "", err
	}
	ended, err := p.launch(cmd, who)
	if err != nil {
		return "", err
	}
	return "pid " + strconv.Itoa(cmd.Process.Pid), p.ready(ctx, ended, s.ping)
}

func (s *stack) nodeOptions(p parts, sec secrets) node.Options {
	if s.duty != "" {
		p.duty = s.duty
	}
	return node.Options{
		Root: p.asterisk, Dir: s.in("asterisk"), Name: "node1", Host: host,
		SIPPort: s.sip, HTTPPort: s.ari, RTPStart: s.rtpStart, RTPEnd: s.rtpEnd,
		App: app, ARIUser: app, ARIPassword: sec.ari,
		Carrier: s.carrier, Police: s.police,
		Seats: sec.logins.seats(p.agents), DutyNumber: p.duty,
		Sounds: s.in("sounds"),
	}
}

func (s *stack) startAsterisk(ctx context.Context, o node.Options) (string, error) {
	p := s.asteriskProcess()
	ready := func(ctx context.Context) error { return node.Ready(ctx, o) }
	if pid := p.pid(); pid != 0 {
		return running(pid), p.ready(ctx, nil, ready)
	}
	cmd, err := node.Command(lasting(ctx), o)
	if err != nil {
		return "", err
	}
	who, err := node.Ordinary(o.Dir)
	if err != nil {
		return "", err
	}
	ended, err := p.launch(cmd, who)
	if err != nil {
		return "", err
	}
	return "pid " + strconv.Itoa(cmd.Process.Pid), p.ready(ctx, ended, func(ctx context.Context) error {
		// Briefly, so that a process that ends at once is seen at once.
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		return node.Ready(ctx, o)
	})
}

func (s *stack) startGateway(ctx context.Context) (string, error) {
	p := s.gatewayProcess()
	if pid := p.pid(); pid != 0 {
		note := running(pid)
		if exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)); err == nil && strings.HasSuffix(exe, " (deleted)") {
			note += ", 旧版本 of the build before; 换新 to renew: make down up"
		}
		return note, p.ready(ctx, nil, s.readyz)
	}
	if err := s.httpPort().Check(ctx); err != nil {
		return "", err
	}
	who, err := node.Ordinary(s.gatewayProgram(), filepath.Join(s.home, "configs", "gateway.yaml"), s.in("x"))
	if err != nil {
		return "", err
	}
	cmd := who.Command(lasting(ctx), s.gatewayProgram(), "serve", "--config", "configs/gateway.yaml", "--configs", "configs")
	cmd.Env = append(os.Environ(), s.environ()...)
	ended, err := p.launch(cmd, who)
	if err != nil {
		return "", err
	}
	return "pid " + strconv.Itoa(cmd.Process.Pid), p.ready(ctx, ended, s.readyz)
}

// lasting is the context of a part: it lives on, whatever becomes of this command.
func lasting(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }

func running(pid int) string { return fmt.Sprintf("已在运行 already running, pid %d", pid) }

// readyz asks the gateway whether it takes calls.
func (s *stack) readyz(ctx context.Context) error {
	url := "http://" + net.JoinHostPort(host, strconv.Itoa(s.http)) + "/readyz"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: 2 * time.Second}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET /readyz: %s", res.Status)
	}
	return errors.Join(err, res.Body.Close())
}

// addresses tells where everything is.
func (s *stack) addresses() {
	at := func(port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }
	s.report.say("就绪 ready")
	s.report.say("  接口 API, 指标 metrics  http://%s/   (登录 logins: %s)", at(s.http), s.in("demo-logins.json"))
	s.report.say("  电话 SIP                udp %s   RTP %d-%d", at(s.sip), s.rtpStart, s.rtpEnd)
	s.report.say("  Asterisk ARI            http://%s/ari", at(s.ari))
	s.report.say("  Redis                   %s", at(s.redis))
	s.report.say("  中继 trunks             carrier %s, police %s", s.carrier, s.police)
	s.report.say("  日志 logs               %s", s.in("log"))
}
