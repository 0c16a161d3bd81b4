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

type configReply struct {
	Version string   `json:"version"`
	At      moment   `json:"at"`
	Good    bool     `json:"good"`
	Faults  []string `json:"faults"`
}

func (s *Server) viewConfig() configReply {
	c := s.opts.Config()
	return configReply{Version: c.Version, At: moment(c.At), Good: len(c.Faults) == 0, Faults: list(c.Faults)}
}

func (s *Server) showConfig(w http.ResponseWriter, r *http.Request) error {
	s.reply(w, r, http.StatusOK, s.viewConfig())
	return nil
}

type reloadReply struct {
	Version string `json:"version"`
}

// reload reads the configuration again. A refused one changes nothing.
func (s *Server) reload(w http.ResponseWriter, r *http.Request) error {
	if err := readNothing(r); err != nil {
		return err
	}
	if s.opts.Reload == nil {
		return problem(http.StatusNotImplemented, "this gateway can not reload")
	}
	seat, _ := User(r)
	version, faults, err := s.opts.Reload(context.WithoutCancel(r.Context()))
	s.hub.Publish(ChangeConfig, s.viewConfig())
	switch {
	case len(faults) > 0:
		s.log.Warn("reload refused", "agent", seat.ID, "outcome", fmt.Sprintf("%d faults", len(faults)))
		p := problem(http.StatusUnprocessableEntity, fmt.Sprintf("%d faults; the old configuration holds", len(faults)))
		p.Type, p.Faults = "faults", faults
		return p
	case err != nil:
		return fmt.Errorf("reload: %w", err)
	}
	s.log.Info("configuration reloaded", "agent", seat.ID, "plan", version)
	s.reply(w, r, http.StatusOK, reloadReply{Version: version})
	return nil
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
