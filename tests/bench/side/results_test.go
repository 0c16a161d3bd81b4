package side

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// heading begins the part of RESULTS.md that this program writes; it ends at
// the next heading of that rank.
const heading = "## Beside app_queue: `make bench`"

// conditions say what the table is of; what is plain for one side is said as
// plainly for the other.
const conditions = `
How: callers and seats are raw SIP on two sockets (tests/bench/wire), with the kernel's time of each packet; both sides have the same
telephones, the same endpoints, members and menu: answered at once (` + "`Answer(,i)`" + `), the same greeting, key 6 by RFC 4733. "Chooses" is the
packet that ends the key. A seat rings 20 ms and talks 250 ms (in line 0.6 – 1.6 s); no after-call work, no whisper, and recording off
but where it is said. app_queue is the product's own fallback queue: 15 s, retry 1, leastrecent, ringinuse=no, autofill=yes, nothing announced.
Processor time is that of Asterisk, and for weibao of the gateway and Redis too; the telephones' is not counted but shares the machine.
In the load and climb 200 seats are registered, in line and waiting 10. %d callers waited for %s.

Where app_queue is ahead, and why: it decides inside Asterisk, so a call costs it no request and no event. Ours costs some eleven
requests and twenty events over HTTP and a socket, two records on the disk, a claim in Redis and a prompt that app_queue does not have
("you are being connected"). What is bought with it: whoever is free is rung in milliseconds instead of at the next look a second later,
and every step is recorded and can be explained. app_queue has no figure for waiting: it keeps its line in Asterisk's own memory.
`

// publish prints the table and keeps it: always in var/bench.md, and with
// WEIBAO_BENCH=keep in tests/bench/RESULTS.md.
func (t *table) publish(b *testing.B, e extent) {
	b.Helper()
	text := t.markdown(e)
	fmt.Fprintf(os.Stdout, "\n%s\n", text)
	top := filepath.Join("..", "..", "..")
	if err := os.WriteFile(filepath.Join(top, "var", "bench.md"), []byte(text), 0o600); err != nil {
		b.Error(err)
	}
	if os.Getenv("WEIBAO_BENCH") != "keep" {
		return
	}
	name := filepath.Join("..", "RESULTS.md")
	old, err := os.ReadFile(name)
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(replacePart(string(old), text)), 0o600); err != nil {
		b.Fatal(err)
	}
}

// replacePart puts a part of RESULTS.md in the place of the one of the same
// heading, or at the end.
func replacePart(all, part string) string {
	before, after, found := strings.Cut(all, heading)
	if !found {
		return strings.TrimRight(all, "\n") + "\n\n" + part
	}
	_, rest, more := strings.Cut(after, "\n## ")
	if more {
		return before + part + "\n## " + rest
	}
	return before + part
}

var model = regexp.MustCompile(`(?m)^model name\s*:\s*(.*)$`)

// machine is what it was measured on.
func machine() string {
	name := "an unknown processor"
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if found := model.FindSubmatch(text); found != nil {
			name = string(found[1])
		}
	}
	return fmt.Sprintf("Machine: %d × %s, %s/%s, %s", runtime.NumCPU(), name, runtime.GOOS, runtime.GOARCH, runtime.Version())
}

func TestAPartOfTheResultsReplacesItself(t *testing.T) {
	t.Parallel()
	const others = "# Measured\n\n## Routing\n\nr\n"
	first := replacePart(others, heading+"\n\none\n")
	if first != others+"\n"+heading+"\n\none\n" {
		t.Errorf("a new part: %q", first)
	}
	if again := replacePart(first+"\n## Campaigns\n", heading+"\n\ntwo\n"); again != others+"\n"+heading+"\n\ntwo\n\n## Campaigns\n" {
		t.Errorf("the part once more: %q", again)
	}
}
