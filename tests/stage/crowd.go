package stage

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"weibao/cmd/phones/phone"
	"weibao/configs"
)

// The tones that a crowd speaks with: all its callers one, all its seats
// another. Who is with whom says the record; the ear says that it is a seat,
// and only one voice of it.
const (
	crowdCallers = 420
	crowdSeats   = 800
)

// Staff gives further seats a login, for a crowd.
func Staff(ids ...string) Option {
	return func(s *Stage) { s.staff = append(s.staff, ids...) }
}

// Crowd are n people with numbers of their own and one voice.
func (s *Stage) Crowd(n int) []*Person {
	s.t.Helper()
	people := make([]*Person, n)
	for i := range people {
		s.crowd++
		people[i] = s.phoneOf(phone.Options{Name: fmt.Sprintf("138%08d", s.crowd), Tone: crowdCallers})
	}
	return people
}

// Team brings agents to work who have one voice.
func (s *Stage) Team(ids ...string) []*Seat {
	s.t.Helper()
	seats := make([]*Seat, len(ids))
	for i, id := range ids {
		seats[i] = &Seat{Person: s.phoneOf(phone.Options{Name: id, Password: s.seats[id], Tone: crowdSeats}), ID: id, desk: s.login(id)}
		seats[i].Is("ready")
		seats[i].Registers()
	}
	return seats
}

// CallWith is the live call that a seat has.
func (s *Stage) CallWith(seat *Seat) LiveCall {
	s.t.Helper()
	var found LiveCall
	s.Until("seat "+seat.ID+" has a call", func() bool {
		for _, found = range s.Calls() {
			if found.Agent == seat.ID && found.Phase == "talking" {
				return true
			}
		}
		return false
	})
	return found
}

// Configuration is what the API tells of the configuration.
type Configuration struct {
	Version, How, By, Instead, Files, Said string
	Good                                   bool
	Faults                                 []string
}

// Configuration asks how the configuration stands.
func (s *Stage) Configuration() Configuration {
	s.t.Helper()
	var c Configuration
	s.desk.must(http.MethodGet, "/config", nil, &c)
	return c
}

// InUse waits until a version is in use.
func (s *Stage) InUse(version string) {
	s.t.Helper()
	s.Until("the version "+version+" is in use", func() bool { return s.Configuration().Version == version })
}

// Version is what the files of the stage hold; they must be without fault.
func (s *Stage) Version() string {
	s.t.Helper()
	snapshot, faults := configs.Read(os.DirFS(s.Folder()), time.Now())
	if len(faults) > 0 {
		s.t.Fatalf("the files have faults:\n%s", faults)
	}
	return snapshot.Version
}

// Text is what a file of the configuration holds.
func (s *Stage) Text(file string) string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.Folder(), file))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// Write writes a file of the configuration in its place.
func (s *Stage) Write(file, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.Folder(), file), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// Replace puts another file in the place of one of the configuration, as many
// editors do.
func (s *Stage) Replace(file, text string) {
	s.t.Helper()
	s.Write(file+".tmp", text)
	if err := os.Rename(filepath.Join(s.Folder(), file+".tmp"), filepath.Join(s.Folder(), file)); err != nil {
		s.t.Fatal(err)
	}
}

// Remove takes a file of the configuration away.
func (s *Stage) Remove(file string) {
	s.t.Helper()
	if err := os.Remove(filepath.Join(s.Folder(), file)); err != nil {
		s.t.Fatal(err)
	}
}

// HangUpSignal sends the gateway SIGHUP.
func (s *Stage) HangUpSignal() {
	s.t.Helper()
	if err := s.gateway.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		s.t.Fatal(err)
	}
}

// Administrator is the administrator's login.
type Administrator struct{ desk *desk }

// Administrator logs in.
func (s *Stage) Administrator() Administrator {
	s.t.Helper()
	return Administrator{s.login("admin")}
}

// Does asks the API to do something and wants a good answer.
func (a Administrator) Does(path string) {
	a.desk.s.t.Helper()
	a.desk.must(http.MethodPost, path, nil, nil)
}

// IsToldNo asks the API to do something and returns why it does not.
func (a Administrator) IsToldNo(path string, status int) string {
	a.desk.s.t.Helper()
	got, text := a.desk.ask(http.MethodPost, path, nil)
	if got != status {
		a.desk.s.t.Fatalf("POST %s: %d %s, want %d", path, got, text, status)
	}
	return string(text)
}

// Sends asks the API to do something with a body and wants a good answer.
func (a Administrator) Sends(path string, body any) {
	a.desk.s.t.Helper()
	a.desk.must(http.MethodPost, path, body, nil)
}
