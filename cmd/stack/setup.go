package main

import (
	"context"
	"fmt"
	"path/filepath"

	"weibao/cmd/stack/voice"
)

// parts are the programs that setup found or made.
type parts struct {
	asterisk string // the private root; "" = the asterisk on the PATH
	redis    string // the server's program
	configuration
}

// setup brings everything that a start needs: tools, Asterisk, Redis, prompts.
func (s *stack) setup(ctx context.Context) (parts, error) {
	var p parts
	err := s.steps(
		s.a("工具", "tools", func() (string, error) { return install(ctx, tools()) }),
		s.a("Asterisk 私有目录", "private root", func() (note string, err error) {
			p.asterisk, note, err = s.asterisk(ctx)
			return note, err
		}),
		s.a("Redis 程序", "program", func() (string, error) {
			var err error
			if p.redis, err = redisServer(); err != nil {
				return "", err
			}
			return redisVersion(ctx, p.redis)
		}),
		s.a("语音", "prompts", func() (string, error) {
			var err error
			if p.configuration, err = s.configuration(); err != nil {
				return "", err
			}
			made, err := voice.Synthesize(ctx, s.in("sounds"), filepath.Join(s.home, "configs", "sounds"), p.lines)
			return fmt.Sprintf("%d 条合成 spoken, %d 条录音 recorded, %d 条未变 unchanged", made.Spoken, made.Recorded, made.Kept), err
		}),
	)
	return p, err
}

// a is one step, not yet done.
func (s *stack) a(zh, en string, do func() (string, error)) func() error {
	return func() error { return s.report.step(zh, en, do) }
}

// steps does one step after the other and ends at the first that cannot be done.
func (s *stack) steps(all ...func() error) error {
	for _, do := range all {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}
