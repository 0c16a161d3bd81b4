// Package cti is where calls meet people: the floor, which gives waiting
// callers to free seats ([Dispatcher], [Standings]), and the HTTP side, where
// seats and supervisors log in, say that they are ready, act on their calls
// and are told of every change ([Server], [Hub], [Logins]).
package cti

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"weibao/call"
	"weibao/routing"
)

// Calls is what the API needs of the calls; call.Exchange is it.
type Calls interface {
	// Live returns the calls that have not ended, oldest first.
	Live() []call.Call
	Find(id call.ID) (call.Call, bool)
	// Ask brings a wish to a call. An error with a method Refused() string is
	// the call's no, in words for people.
	Ask(ctx context.Context, id call.ID, by routing.AgentID, w call.Wish) error
}

// Notes is what the API needs of the records of calls that have ended.
type Notes interface {
	// Note goes over the form of a record. Without an error it is kept for good.
	Note(ctx context.Context, id call.ID, by routing.AgentID, fields map[string]string) error
}

// Floor is what the API needs of the floor; [Dispatcher] is it.
type Floor interface {
	SetPresence(ctx context.Context, id routing.AgentID, p routing.Presence, reason string) error
	View(ctx context.Context) (View, error)
	// DeskOpened and DeskClosed tell of the clients of the push.
	DeskOpened(id routing.AgentID)
	DeskClosed(id routing.AgentID)
}

var (
	_ Calls = (*call.Exchange)(nil)
	_ Floor = (*Dispatcher)(nil)

	_ Outgoing = (*call.Exchange)(nil)
)

// Outgoing are the calls that seats place themselves; call.Exchange is it. An
// error with a method Refused() string is a no, in words for people.
type Outgoing interface {
	// Owing finds what is owed by its id.
	Owing(ctx context.Context, id call.ID) (call.FollowUp, error)
	CallBack(ctx context.Context, id call.ID, by routing.AgentID, override string) (call.ID, error)
	CallOut(ctx context.Context, by routing.AgentID, region, number string) (call.ID, error)
}

// ServerOptions are what a server needs. Calls, Floor, Roster and Logins are
// required; every other zero value means its default.
type ServerOptions struct {
	Calls  Calls
	Floor  Floor
	Roster func() *Roster
	Logins *Logins
	// Notes takes what a seat writes in its after-call work. Default: the form
	// closes with the call.
	Notes Notes
	// Outgoing places the calls of seats. Default: there are none.
	Outgoing Outgoing
	// Hub is the push. Default: one of its own, which Hub returns.
	Hub *Hub
	// Regions gives places their names. Default: no names.
	Regions func() routing.Regions
	// Say puts a check of a trace in words for the screen. Default: in Chinese,
	// with the names of Regions.
	Say func(routing.Check) string
	// Rotas are the duty posts with the overrides of the moment. Default: none.
	Rotas func() routing.Rotas
	// Duty is the book of overrides and hand-over notes. Default: none are
	// taken.
	Duty *DutyBook
	// Reload reads the configuration again because that seat asks for it, and
	// returns the new version, or every fault. Default: refused.
	Reload func(ctx context.Context, by string) (version string, faults []string, err error)
	// Rollback does the same with the version that was in use before; an error
	// with a method Refused() string says why there is none. Default: refused.
	Rollback func(ctx context.Context, by string) (version string, faults []string, err error)
	// Config tells of the configuration in force. Default: nothing known.
	Config func() Configuration
	// Ready are the checks of /readyz by name. Each has two seconds.
	Ready map[string]func(ctx context.Context) error
	// Origins are further origins whose pages may use the API, as
	// "https://desk.example.cn"; the server's own always may.
	Origins []string
	// Secure marks the cookie for TLS only, also where TLS ends in front.
	Secure bool
	Log    *slog.Logger
}

func (o *ServerOptions) validate() error {
	if o.Calls == nil || o.Floor == nil || o.Roster == nil || o.Logins == nil {
		return errors.New("server: Calls, Floor, Roster and Logins are required")
	}
	if o.Hub == nil {
		o.Hub = NewHub()
	}
	if o.Regions == nil {
		o.Regions = func() routing.Regions { return routing.Regions{} }
	}
	if o.Say == nil {
		o.Say = func(c routing.Check) string {
			return (&routing.Plan{Draft: routing.Draft{Regions: o.Regions()}}).Say(c, "zh")
		}
	}
	if o.Rotas == nil {
		o.Rotas = func() routing.Rotas { return routing.Rotas{} }
	}
	if o.Config == nil {
		o.Config = func() Configuration { return Configuration{} }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// Route is one route of the server and the least role that may use it.
type Route struct {
	Pattern string
	Role    Role
}

// Server is the HTTP side of the gateway: the API under /api/v1, the push,
// /healthz and /readyz, and what is mounted with Handle. It is an
// http.Handler.
type Server struct {
	opts    ServerOptions
	log     *slog.Logger
	hub     *Hub
	origins *http.CrossOriginProtection
	api     *http.ServeMux // /api/
	site    *http.ServeMux // everything else
	routes  []Route
	pushes  sync.WaitGroup
	look    time.Duration // between looks whether the login of a push still holds
}

// NewServer makes a server. Mount the rest with Handle, then Serve.
func NewServer(o ServerOptions) (*Server, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	s := &Server{
		opts: o, log: o.Log, hub: o.Hub, origins: http.NewCrossOriginProtection(),
		api: http.NewServeMux(), site: http.NewServeMux(), look: pushLook,
	}
	for _, origin := range o.Origins {
		if err := s.origins.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("server: origin %q: %w", origin, err)
		}
	}
	s.mount()
	return s, nil
}

// mount registers every route of our own; openapi.yaml describes the same.
func (s *Server) mount() {
	const v1 = "/api/v1"
	s.open("GET /healthz", s.healthz)
	s.open("GET /readyz", s.readyz)
	s.open("GET "+v1+"/openapi.yaml", s.openAPI)
	s.open("POST "+v1+"/login", s.login)
	for _, r := range []struct {
		pattern string
		role    Role
		end     endpoint
	}{
		{"POST " + v1 + "/logout", RoleAgent, s.logout},
		{"GET " + v1 + "/me", RoleAgent, s.me},
		{"PUT " + v1 + "/me/presence", RoleAgent, s.setPresence},
		{"GET " + v1 + "/calls", RoleAgent, s.listCalls},
		{"POST " + v1 + "/calls", RoleAgent, s.callOut},
		{"POST " + v1 + "/follow-ups/{id}/call", RoleAgent, s.callBack},
		{"GET " + v1 + "/calls/{id}", RoleAgent, s.showCall},
		{"GET " + v1 + "/calls/{id}/why", RoleAgent, s.whyCall},
		{"POST " + v1 + "/calls/{id}/110", RoleAgent, s.press},
		{"POST " + v1 + "/calls/{id}/transfer", RoleAgent, s.transfer},
		{"POST " + v1 + "/calls/{id}/transfer/brief", RoleAgent, s.plainWish(call.WishBrief{})},
		{"POST " + v1 + "/calls/{id}/transfer/introduce", RoleAgent, s.plainWish(call.WishIntroduce{})},
		{"POST " + v1 + "/calls/{id}/transfer/handover", RoleAgent, s.plainWish(call.WishHandover{})},
		{"POST " + v1 + "/calls/{id}/transfer/cancel", RoleAgent, s.plainWish(call.WishCancel{})},
		{"POST " + v1 + "/calls/{id}/hangup", RoleAgent, s.plainWish(call.WishHangup{})},
		{"POST " + v1 + "/calls/{id}/reject", RoleAgent, s.plainWish(call.WishReject{})},
		{"POST " + v1 + "/calls/{id}/note", RoleAgent, s.note},
		{"POST " + v1 + "/calls/{id}/recording/pause", RoleSupervisor, s.pauseRecording},
		{"POST " + v1 + "/calls/{id}/recording/resume", RoleSupervisor, s.plainWish(call.WishResume{})},
		{"POST " + v1 + "/calls/{id}/pull", RoleSupervisor, s.pull},
		{"GET " + v1 + "/waiting", RoleAgent, s.listWaiting},
		{"GET " + v1 + "/agents", RoleAgent, s.listAgents},
		{"GET " + v1 + "/notices", RoleSupervisor, s.listNotices},
		{"GET " + v1 + "/rota/{post}/on", RoleAgent, s.onDuty},
		{"GET " + v1 + "/rota/{post}/overrides", RoleAgent, s.listOverrides},
		{"POST " + v1 + "/rota/{post}/override", RoleAgent, s.askOverride},
		{"POST " + v1 + "/rota/{post}/handover", RoleAgent, s.handOver},
		{"POST " + v1 + "/rota/overrides/{id}/accept", RoleAgent, s.moveOverride(routing.Accepted)},
		{"POST " + v1 + "/rota/overrides/{id}/withdraw", RoleAgent, s.moveOverride(routing.Withdrawn)},
		{"POST " + v1 + "/rota/overrides/{id}/approve", RoleSupervisor, s.moveOverride(routing.Approved)},
		{"POST " + v1 + "/rota/overrides/{id}/refuse", RoleSupervisor, s.moveOverride(routing.Refused)},
		{"GET " + v1 + "/config", RoleSupervisor, s.showConfig},
		{"POST " + v1 + "/-/reload", RoleAdmin, s.replaces(s.opts.Reload)},
		{"POST " + v1 + "/-/rollback", RoleAdmin, s.replaces(s.opts.Rollback)},
		{"GET " + v1 + "/events", RoleAgent, s.push},
	} {
		s.Handle(r.pattern, r.role, s.handler(r.end))
	}
}

func (s *Server) open(pattern string, end endpoint) { s.Handle(pattern, NoRole, s.handler(end)) }

// Handle mounts a handler behind the login. role is the least role that may
// use it; NoRole opens it to everybody. The handler finds the seat with User.
// A pattern of net/http that is already taken panics, at start.
func (s *Server) Handle(pattern string, role Role, h http.Handler) {
	s.routes = append(s.routes, Route{Pattern: pattern, Role: role})
	guarded := s.guarded(role, h)
	if isAPI(pathOf(pattern)) {
		s.api.Handle(pattern, guarded)
		return
	}
	s.site.Handle(pattern, guarded)
}

// Routes are all routes with their least roles.
func (s *Server) Routes() []Route { return s.routes }

// Hub is the push of the server.
func (s *Server) Hub() *Hub { return s.hub }

// The time limits of the server. A handler that streams may set its own with
// http.ResponseController.
const (
	headerLimit  = 5 * time.Second
	readLimit    = 15 * time.Second
	writeLimit   = 30 * time.Second
	idleLimit    = 2 * time.Minute
	headerBytes  = 16 << 10
	shutdownWait = 5 * time.Second
)

// Serve answers on the listener until ctx is done, then ends the pushes, lets
// requests finish for a moment, and closes the listener.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: headerLimit, ReadTimeout: readLimit, WriteTimeout: writeLimit,
		IdleTimeout: idleLimit, MaxHeaderBytes: headerBytes,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	watching, stopWatch := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { s.watchFloor(watching) })
	var err error
	served := make(chan struct{})
	go func() {
		defer close(served)
		err = server.Serve(ln)
	}()

	select {
	case <-served:
	case <-ctx.Done():
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownWait)
		s.Close()
		if late := server.Shutdown(limited); late != nil {
			s.log.Warn("requests cut off by the stop", "err", errors.Join(late, server.Close()))
		}
		cancel()
		<-served
	}
	stopWatch()
	s.Close()
	watch.Wait()
	s.pushes.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Close ends the pushes; Serve does it by itself.
func (s *Server) Close() { s.hub.close() }
