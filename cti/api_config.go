package cti

import (
	"cmp"
	"context"
	_ "embed" // openapi.yaml
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

//go:embed openapi.yaml
var openAPI []byte

// openAPI serves the description of the API.
func (s *Server) openAPI(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/yaml")
	_, err := w.Write(openAPI)
	return err
}

// Configuration is what the API tells of the configuration in force.
type Configuration struct {
	Version string
	// Since is when it came into use; How is start, files, reload or rollback,
	// By who asked for it. Instead is the version that was rolled back from.
	Since            time.Time
	How, By, Instead string
	// Files is the version that the files hold, empty when they have faults.
	Files string
	// At is when it was last tried to read them, and Faults why that was
	// refused.
	At     time.Time
	Faults []string
	// Restart names the settings that have changed and wait for a restart.
	Restart []string
	// Covered is until when every post has somebody on duty, as far ahead as
	// is looked.
	Covered time.Time
	// Said is all that in one sentence.
	Said string
}

type configReply struct {
	Version string   `json:"version"`
	Since   moment   `json:"since"`
	How     string   `json:"how"`
	By      string   `json:"by"`
	Instead string   `json:"instead"`
	Files   string   `json:"files"`
	At      moment   `json:"at"`
	Good    bool     `json:"good"`
	Faults  []string `json:"faults"`
	Restart []string `json:"restart"`
	Covered moment   `json:"covered_until"`
	Said    string   `json:"said"`
}

func (s *Server) viewConfig() configReply {
	c := s.opts.Config()
	return configReply{
		Version: c.Version, Since: moment(c.Since), How: c.How, By: c.By, Instead: c.Instead, Files: c.Files,
		At: moment(c.At), Good: len(c.Faults) == 0, Faults: list(c.Faults), Restart: list(c.Restart),
		Covered: moment(c.Covered), Said: c.Said,
	}
}

// ConfigChanged tells everybody who may know how the configuration stands.
func (s *Server) ConfigChanged() { s.hub.Publish(ChangeConfig, s.viewConfig()) }

func (s *Server) showConfig(w http.ResponseWriter, r *http.Request) error {
	s.reply(w, r, http.StatusOK, s.viewConfig())
	return nil
}

type reloadReply struct {
	Version string `json:"version"`
}

// replaces is the end of a route that puts another configuration in the place
// of the one in use: a reload, or a rollback.
func (s *Server) replaces(do func(context.Context, string) (string, []string, error)) endpoint {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := readNothing(r); err != nil {
			return err
		}
		if do == nil {
			return problem(http.StatusNotImplemented, "this gateway can not do that")
		}
		seat, _ := User(r)
		version, faults, err := do(context.WithoutCancel(r.Context()), string(seat.ID))
		s.ConfigChanged()
		switch {
		case len(faults) > 0:
			s.log.Warn("configuration refused", "agent", seat.ID, "route", r.Pattern, "outcome", fmt.Sprintf("%d faults", len(faults)))
			p := problem(http.StatusUnprocessableEntity, fmt.Sprintf("%d faults; the old configuration holds", len(faults)))
			p.Type, p.Faults = "faults", faults
			return p
		case err != nil:
			return fmt.Errorf("%s: %w", r.Pattern, err)
		}
		s.log.Info("configuration replaced", "agent", seat.ID, "route", r.Pattern, "plan", version)
		s.reply(w, r, http.StatusOK, reloadReply{Version: version})
		return nil
	}
}

type healthReply struct {
	Alive bool `json:"alive"`
}

// healthz says that the process answers.
func (s *Server) healthz(w http.ResponseWriter, r *http.Request) error {
	s.reply(w, r, http.StatusOK, healthReply{Alive: true})
	return nil
}

type readyReply struct {
	Ready    bool       `json:"ready"`
	NotReady []notReady `json:"not_ready"`
}

type notReady struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// readyLimit is how long a check of readiness may take.
const readyLimit = 2 * time.Second

// errCheckPanicked stands for a check that could not be made.
var errCheckPanicked = errors.New("the check itself failed")

// readyz makes every check at once and lists what is not ready.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), readyLimit)
	defer cancel()
	var (
		mu     sync.Mutex
		checks sync.WaitGroup
		reply  = readyReply{NotReady: []notReady{}}
	)
	for name, check := range s.opts.Ready {
		checks.Go(func() {
			if err := checked(ctx, check); err != nil {
				mu.Lock()
				defer mu.Unlock()
				reply.NotReady = append(reply.NotReady, notReady{Name: name, Reason: maskText(err.Error())})
			}
		})
	}
	checks.Wait()
	slices.SortFunc(reply.NotReady, func(a, b notReady) int { return cmp.Compare(a.Name, b.Name) })
	reply.Ready = len(reply.NotReady) == 0
	status := http.StatusOK
	if !reply.Ready {
		status = http.StatusServiceUnavailable
	}
	s.reply(w, r, status, reply)
	return nil
}

func checked(ctx context.Context, check func(context.Context) error) (err error) {
	defer func() {
		if recover() != nil {
			err = errCheckPanicked
		}
	}()
	return check(ctx)
}
