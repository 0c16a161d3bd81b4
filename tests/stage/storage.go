package stage

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// FillsDisk lets no file of the gateway grow any more. The journal has the
// space that it holds for emergencies; with that gone too, nothing can be
// written at all.
func (s *Stage) FillsDisk(reserveToo bool) {
	s.t.Helper()
	size := int64(1)
	if !reserveToo {
		size = s.journalSize()
	}
	s.limitFiles(strconv.FormatInt(size, 10))
}

// FreesDisk ends FillsDisk.
func (s *Stage) FreesDisk() {
	s.t.Helper()
	s.limitFiles("unlimited")
}

// limitFiles sets the kernel's limit on the size of files of the gateway.
func (s *Stage) limitFiles(size string) {
	s.t.Helper()
	ctx, cancel := s.wait()
	defer cancel()
	pid := strconv.Itoa(s.gateway.cmd.Process.Pid)
	if out, err := exec.CommandContext(ctx, "prlimit", "--pid", pid, fmt.Sprintf("--fsize=%s:unlimited", size)).CombinedOutput(); err != nil {
		s.t.Fatalf("limit the size of files: %v\n%s", err, out)
	}
}

// journalSize is the size of the journal's last file with its reserve.
func (s *Stage) journalSize() int64 {
	s.t.Helper()
	files, err := filepath.Glob(s.path("var", "journal", "journal-*.jsonl"))
	if err != nil || len(files) == 0 {
		s.t.Fatalf("no journal: %v", err)
	}
	info, err := os.Stat(slices.Max(files))
	if err != nil {
		s.t.Fatal(err)
	}
	return info.Size()
}

// Presses110 presses for 110 by the API's own request.
func (a *Seat) Presses110(call, place, category string) {
	a.s.t.Helper()
	a.Asks(call, "110", map[string]string{"place": place, "category": category})
}

// Filed reads something of a filing, as "sheet".
func (a *Seat) Filed(number, what string) string {
	a.s.t.Helper()
	status, text := a.desk.ask("GET", "/filings/"+number+"/"+what, nil)
	if status != 200 {
		a.s.t.Fatalf("%s of %s: %d %s", what, number, status, text)
	}
	return string(text)
}

// Enters adds to a filing.
func (a *Seat) Enters(number, what string, body map[string]string) {
	a.s.t.Helper()
	a.desk.must("POST", "/filings/"+number+"/"+what, body, nil)
}

// Tries110 presses for 110 at a gateway that may be gone.
func (a *Seat) Tries110(call, place string) {
	ctx, cancel := a.s.wait()
	defer cancel()
	body := strings.NewReader(fmt.Sprintf(`{"place":%q}`, place))
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.s.url("/api/v1/calls/"+call+"/110"), body)
	if err != nil {
		a.s.t.Error(err)
		return
	}
	request.Header.Set("Authorization", "Bearer "+a.desk.token)
	request.Header.Set("Content-Type", "application/json")
	if reply, err := http.DefaultClient.Do(request); err == nil {
		_ = reply.Body.Close()
	}
}
