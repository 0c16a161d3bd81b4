package node

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// starterDir names the folder for the helper below; it is set in the helper's process only.
const starterDir = "WEIBAO_TEST_STARTER_DIR"

func TestNodeDiesWithItsStarter(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv(starterDir); dir != "" {
		n, err := Start(t.Context(), options(t, dir))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(os.Stdout, "\npid %d\n", n.PID())
		t.Fatal(n.Wait())
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNodeDiesWithItsStarter$")
	// All of the helper's folders go with this test's.
	dir := t.TempDir()
	cmd.Env = append(os.Environ(), starterDir+"="+dir, "TMPDIR="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	for lines := bufio.NewScanner(out); pid == 0 && lines.Scan(); {
		if _, err := fmt.Sscanf(lines.Text(), "pid %d", &pid); err != nil {
			t.Log(lines.Text())
		}
	}
	if pid == 0 {
		t.Fatal("the helper started no node")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(5 * time.Second); ; {
		if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); err != nil || len(b) == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("asterisk %d lives on without its starter: %v", pid, errors.Join(syscall.Kill(pid, syscall.SIGKILL)))
		}
	}
}
