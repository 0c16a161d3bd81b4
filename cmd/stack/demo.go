package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// demo starts everything and lets telephones act three calls out. What was started stays.
func (s *stack) demo(ctx context.Context) error {
	if err := s.up(ctx); err != nil {
		return err
	}
	phones := filepath.Join(s.home, "bin", "phones")
	build := exec.CommandContext(ctx, "go", "build", "-o", phones, "./cmd/phones")
	build.Dir = s.home
	if err := quietly(build); err != nil {
		return stuck("修好编译错误再来 mend the build and run again: go build ./...", err)
	}
	play := exec.CommandContext(ctx, phones, "demo")
	play.Stdout, play.Stderr = s.report.out, os.Stderr
	play.Env = append(os.Environ(), s.environ()...)
	if err := play.Run(); err != nil {
		return stuck("看日志 look at the logs: "+s.in("log"), fmt.Errorf("演示 the demo: %w", err))
	}
	return nil
}
