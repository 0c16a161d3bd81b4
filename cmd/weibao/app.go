package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"weibao/asterisk"
	"weibao/call"
	"weibao/configs"
	"weibao/cti"
	"weibao/record"
	"weibao/record/outbox"
	"weibao/routing"
)

// App is the gateway: the only place where the concrete parts meet. What it
// has opened it closes in the opposite order.
type App struct {
	settings configs.Settings
	at       *where // the configuration
	began    time.Time
	holder   *configs.Holder
	first    *configs.Snapshot // in use at the start
	log      *slog.Logger
	metrics  *prometheus.Registry
	roster   atomic.Pointer[cti.Roster]

	store    *record.SQL
	registry *record.Registry
	outbox   *outbox.Outbox
	// outboxOpen is closed when outbox is there. phone rings duty officers about
	// filings; nil where no part of the gateway can.
	outboxOpen chan struct{}
	phone      outbox.Phone
	archive    *record.Archive
	line       *asterisk.Line
	floor      *cti.Dispatcher
	duty       *cti.DutyBook
	calls      *cti.Snapshots
	exchange   *call.Exchange
	ledger     *ledgerWatch
	hub        *cti.Hub
	server     *cti.Server
	listener   net.Listener

	closers []closer
}

type closer struct {
	what  string
	close func(context.Context) error
}

// onStop remembers how to close what has just been opened.
func (a *App) onStop(what string, f func(context.Context) error) {
	a.closers = append(a.closers, closer{what, f})
}

// openApp puts the parts together; nothing runs yet. The order is what there
// is to see.
func openApp(ctx context.Context, settings configs.Settings, at *where, log *slog.Logger) (*App, error) {
	a := &App{settings: settings, at: at, began: time.Now(), log: log, metrics: prometheus.NewRegistry(), hub: cti.NewHub(), outboxOpen: make(chan struct{})}
	a.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, open := range []func(context.Context) error{
		a.openListener, a.openRecords, a.openGuide, a.openLine, a.openFloor, a.openExchange, a.openOutbox, a.openServer,
	} {
		if err := open(ctx); err != nil {
			return nil, errors.Join(err, a.close(ctx))
		}
	}
	return a, nil
}

// openListener comes first: a port that is taken is told before anything has
// been touched.
func (a *App) openListener(ctx context.Context) error {
	var listen net.ListenConfig
	var err error
	if a.listener, err = listen.Listen(ctx, "tcp", a.settings.HTTP.Listen); err != nil {
		return fmt.Errorf("网页与接口端口 %s 无法监听，可用 WEIBAO_HTTP_PORT 换一个 (cannot listen): %w", a.settings.HTTP.Listen, err)
	}
	a.onStop("listener", func(context.Context) error {
		if err := a.listener.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	return nil
}

func (a *App) openRecords(ctx context.Context) error {
	var err error
	if a.store, err = record.Prepare(a.settings.Record.DSN.Reveal()); err != nil {
		return err
	}
	a.onStop("database", func(context.Context) error { return a.store.Close() })
	a.registry, err = record.New(record.Options{
		Journal: record.JournalOptions{Dir: a.settings.Record.Journal, Node: filingNode(a.settings.Node)},
		Store:   a.store, Log: a.log.With("component", "record"), Metrics: a.metrics,
		Known: a.known, Kept: func(id call.ID) { a.exchange.Kept(id); a.archive.Wake() }, Filed: a.filed,
	})
	if err != nil {
		return err
	}
	if err := a.openArchive(); err != nil {
		return errors.Join(err, a.registry.Close(ctx))
	}
	a.onStop("journal", func(ctx context.Context) error {
		// What the database lacks it gets at the next start.
		ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		return a.registry.Close(ctx)
	})
	return nil
}

// filingNode is the node's name as it stands in the numbers of filings: a
// gateway that was never given one is the only one, and needs none.
func filingNode[Name ~string](node Name) string {
	if string(node) == string(configs.DefaultSettings().Node) {
		return ""
	}
	return string(node)
}

func (a *App) openLine(context.Context) error {
	to := a.settings.Asterisk
	password, err := to.Secret()
	if err != nil {
		return fmt.Errorf("ARI 的密码: %w\n  请用 asterisk.password_file（WEIBAO_ASTERISK_PASSWORD_FILE）指明文件 (name the file of the ARI password)", err)
	}
	folders := [...]string{to.Sounds, to.Recordings}
	for i := range folders {
		if folders[i], err = filepath.Abs(folders[i]); err != nil { // Asterisk has another working directory
			return err
		}
	}
	a.line, err = asterisk.New(asterisk.Options{
		URL: to.URL, User: string(to.User), Password: password.Reveal(),
		App: string(to.App), Sounds: folders[0], RecordingDir: folders[1], TrunkChannels: to.TrunkChannels, Reserved: to.Reserved,
		Log: a.log.With("component", "asterisk"), Registerer: a.metrics,
		CallID:    callID,
		Trouble:   a.recordingFails,
		Reachable: func(id routing.AgentID, ok bool) { a.floor.SetReachable(id, ok) },
		Replaced: func() {
			a.log.Error("another gateway has taken the application over; this one stops acting", "app", a.settings.Asterisk.App)
		},
	})
	return err
}

func (a *App) openFloor(ctx context.Context) error {
	password, err := a.settings.Redis.Secret()
	if err != nil {
		return err
	}
	cti.LogRedis(a.log.With("component", "redis"))
	standings, err := cti.OpenRedis(ctx, cti.RedisOptions{
		Addrs: []string{a.settings.Redis.Address}, Password: password.Reveal(), Prefix: a.settings.Redis.Prefix,
	})
	if errors.Is(err, cti.ErrRedisAway) { // callers are served all the same
		a.log.Error("Redis 不通，先用本机的坐席和来电 (this gateway goes on alone until Redis answers)", "address", a.settings.Redis.Address, "err", err)
	} else if err != nil {
		return fmt.Errorf("%w\n  请检查 Redis，或用 redis.address（WEIBAO_REDIS_ADDRESS）指明地址 (look at Redis, or name its address)", err)
	}
	a.onStop("redis", func(context.Context) error { return standings.Close() })
	if err := a.openDuty(standings.Duty()); err != nil {
		return err
	}
	a.floor, err = cti.NewDispatcher(cti.FloorOptions{
		Gateway: string(a.settings.Node), Standings: standings, Tickets: standings.Tickets(), Log: a.log.With("component", "floor"), Metrics: a.metrics,
		Deliver:  func(id call.ID, ev call.Event) { a.exchange.DeliverTo(id, ev) },
		Live:     a.live,
		OnChange: a.hub.FloorChanged,
		SeatLog:  a.registry.Seat,
		Notice:   a.hub.Notify,
	})
	if err != nil {
		return err
	}
	a.calls, err = cti.NewSnapshots(cti.SnapshotOptions{
		Store: standings.Snapshots(string(a.settings.Node)), Log: a.log.With("component", "snapshots"), Metrics: a.metrics,
	})
	if err == nil {
		a.onStop("snapshots", a.calls.Close)
	}
	return err
}

func (a *App) openExchange(ctx context.Context) error {
	a.exchange = call.NewExchange(call.Options{
		Line: a.line, Floor: a.floor, Registry: a.registry, Log: a.log.With("component", "call"),
		Guide:    func() *call.Guide { return a.holder.Now().Guide },
		Facts:    a.registry.Facts,
		Waited:   newWaits(a.metrics),
		Duty:     a.duty.Now,
		OnChange: a.hub.CallChanged, Unrecorded: a.settings.Recording == "off", Snapshots: a.calls,
		FollowUps: a.registry, NewID: newCallID,
	})
	a.onStop("calls", func(context.Context) error { a.exchange.Stop(); return nil })
	a.metrics.MustRegister(newCallMetrics(a.exchange.Stats))
	a.ledger = newLedgerWatch(a.exchange.Stats, a.registry.Alarm, a.log.With("component", "ledger"), a.metrics)
	a.adopt(a.holder.Now())
	a.keepGuide(ctx, a.holder.Now(), a.holder.Last().Use)
	return nil
}

// live reports whether a call lives here. Until the calls in Asterisk are known
// every call may: no seat is freed in the middle of a talk because Asterisk
// answers late.
func (a *App) live(id call.ID) bool {
	select {
	case <-a.line.Ready():
		_, live := a.exchange.Find(id)
		return live
	default:
		return true
	}
}

// adopt makes a configuration the one in force for everything but calls, which
// keep the guide they arrived with.
func (a *App) adopt(s *configs.Snapshot) {
	for _, w := range s.Warnings(time.Now()) {
		a.log.Warn("configuration", "warning", w.ZH+" ["+w.EN+"]")
	}
	seats := make([]cti.Seat, 0, len(s.Agents))
	for _, agent := range s.Agents {
		role, err := cti.ParseRole(string(agent.Role))
		if err != nil {
			a.log.Error("agent without a role", "agent", agent.ID, "err", err)
			continue
		}
		seats = append(seats, cti.Seat{
			ID: agent.ID, Name: agent.Name, Region: agent.Region, Skills: agent.Skills,
			Languages: agent.Languages, Queues: agent.Queues, Role: role,
		})
	}
	a.roster.Store(cti.NewRoster(seats))
	a.floor.SetRoster(slices.DeleteFunc(seats, func(s cti.Seat) bool { return len(s.Queues) == 0 }), s.Guide.Queues)
}

// Run works until the context ends or a part fails for good, then closes
// everything.
func (a *App) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.line.Run(ctx, a.exchange) })
	group.Go(func() error { return a.server.Serve(ctx, a.listener) })
	group.Go(func() error { return a.duty.Run(ctx) })
	group.Go(func() error { return a.keepOwed(ctx) })
	group.Go(func() error { return a.outbox.Run(ctx) })
	group.Go(func() error { a.ledger.run(ctx); return nil })
	group.Go(func() error { a.keepRecordings(ctx); return nil })
	group.Go(func() error { return a.exchange.RingBack(ctx, a.line.Ready()) })
	group.Go(func() error {
		a.awaitCalls(ctx) // the floor must know the calls of an earlier life before it frees seats
		return a.floor.Run(ctx)
	})
	group.Go(func() error {
		select {
		case <-a.line.Ready():
			a.concludeLeftovers(ctx)
			if err := a.registry.Recall(ctx, a.began); err != nil {
				a.log.Warn("callers who were lost before the start have no priority", "err", err)
			}
		case <-ctx.Done():
		}
		return nil
	})
	group.Go(func() error { configs.Watch(ctx, a.at.configs, a.holder); return nil })
	a.log.Info("gateway serves", "http", a.listener.Addr().String(), "guide", a.holder.Now().Version, "version", versionLine())
	err := group.Wait()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	return errors.Join(err, a.close(closing))
}

// awaitCalls waits until the calls in Asterisk are known, but not for ever:
// seats must be served even while Asterisk is away.
func (a *App) awaitCalls(ctx context.Context) {
	select {
	case <-a.line.Ready():
	case <-time.After(10 * time.Second):
		a.log.Warn("asterisk has not answered yet; the floor begins without it")
	case <-ctx.Done():
	}
}

func (a *App) close(ctx context.Context) error {
	var errs []error
	for _, c := range slices.Backward(a.closers) {
		if err := c.close(ctx); err != nil {
			errs = append(errs, fmt.Errorf("close %s: %w", c.what, err))
		}
	}
	a.closers = nil
	return errors.Join(errs...)
}

// openServer mounts the API, the records and the metrics.
func (a *App) openServer(context.Context) error {
	key, err := sessionKey(filepath.Join(a.settings.Var, "secrets", "session-key"))
	if err != nil {
		return err
	}
	logins, err := cti.OpenLogins(cti.LoginOptions{Path: a.settings.Logins, Key: key, Log: a.log.With("component", "login")})
	if err != nil {
		return err
	}
	a.server, err = cti.NewServer(cti.ServerOptions{
		Calls: a.exchange, Outgoing: a.exchange, Notes: a.registry, Floor: a.floor, Roster: a.roster.Load, Logins: logins, Hub: a.hub,
		Regions: func() routing.Regions { return a.holder.Now().Guide.Regions },
		Say:     func(c routing.Check) string { return a.holder.Now().Guide.Plan.Say(c, "zh") },
		Rotas:   func() routing.Rotas { return a.holder.Now().Guide.Rotas.With(*a.duty.Now()) },
		Duty:    a.duty,
		Reload:  a.reload, Rollback: a.rollback, Config: a.configuration, Ready: a.checks(), Log: a.log.With("component", "api"),
	})
	if err != nil {
		return err
	}
	a.server.Handle("GET /metrics", cti.NoRole, metricsHandler(a.metrics))
	a.openRecordAPI()
	a.openDeliveryAPI()
	return nil
}

// checks are what must hold before calls are sent here.
func (a *App) checks() map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"asterisk": func(context.Context) error {
			if !a.line.Up() {
				return errors.New("ARI 未连接 (not connected): " + a.settings.Asterisk.URL)
			}
			return nil
		},
		"database": a.store.Ready,
		"journal": func(context.Context) error {
			_, err := os.Stat(a.settings.Record.Journal)
			return err
		},
	}
}

// newCallID names a call of ours: ids sort by time.
func newCallID() call.ID { return call.ID(ulid.Make().String()) }

// callID names the call of a caller's channel: by when it came, and by its
// unique id in Asterisk, so that it is the same after a restart of ours.
func callID(caller call.LegID, came time.Time) call.ID {
	sum := sha256.Sum256([]byte(caller))
	var id ulid.ULID
	copy(id[6:], sum[:])
	_ = id.SetTime(ulid.Timestamp(came)) // the year 10889 and Asterisk not having said when: a name all the same
	return call.ID(id.String())
}
