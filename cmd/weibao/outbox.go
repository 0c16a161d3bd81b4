package main

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"weibao/configs"
	"weibao/cti"
	"weibao/record"
	"weibao/record/outbox"
	"weibao/routing"
)

// changeFiling is the kind of a push that shows a filing to supervisors and
// the province: {id, kind, filing}.
const changeFiling = "filing"

// deskLimit bounds the entry of a filing on the desk's list.
const deskLimit = 5 * time.Second

// dropLimit bounds the writing of two files: a folder may be another host's.
const dropLimit = 30 * time.Second

// openOutbox makes what tells of filings outside. The key that signs the files
// of drop folders is made at the first start.
func (a *App) openOutbox(context.Context) error {
	at := a.holder.Now().Receivers
	var err error
	a.outbox, err = outbox.New(outbox.Options{
		Store: outbox.NewStore(a.store, string(a.settings.Node)), Alarm: a.registry.Alarm,
		Log: a.log.With("component", "outbox"), Metrics: a.metrics,
		Show: func(e outbox.Event, f record.Filing) {
			a.hub.Publish(changeFiling, map[string]any{"id": e.ID, "kind": e.Kind, "filing": f})
		},
		GiveUp: at.GiveUp, Overdue: at.Overdue, Daily: at.Daily,
	})
	if err != nil {
		return err
	}
	close(a.outboxOpen)
	return a.outbox.Set(a.receivers(at))
}

// filed wakes the outbox; nil before it is there, when the journal is already
// being caught up.
func (a *App) filed() {
	select {
	case <-a.outboxOpen:
		a.outbox.Wake()
	default:
	}
}

// resetReceivers takes the receivers of another version into use.
func (a *App) resetReceivers(s *configs.Snapshot) {
	if err := a.outbox.Set(a.receivers(s.Receivers)); err != nil {
		a.log.Error("receivers.yaml：仍用原来的收件方 (the receivers stay as they were)", "err", err)
	}
}

// receivers makes the senders of what the configuration says. One that can not
// be made keeps no call waiting: it fails at every filing, which alarms.
func (a *App) receivers(c configs.Receivers) []outbox.Receiver {
	all := []outbox.Receiver{{
		Name: "desk", Kind: "desk", Owner: c.DeskOwner, People: true, Limit: deskLimit, Sender: outbox.Desk{},
	}}
	add := func(r outbox.Receiver, s outbox.Sender, err error) {
		if r.Sender = s; err != nil {
			a.log.Error("收件方用不了，报备会积压 (a receiver of filings can not be used)", "receiver", r.Name, "err", err)
			r.Sender = outbox.Broken{Fault: err}
		}
		all = append(all, r)
	}
	for _, p := range c.Phones {
		sender, err := a.ringer(p, c.GiveUp)
		add(outbox.Receiver{Name: p.Name, Kind: "phone", Owner: p.Owner, People: true, Limit: p.Ring, Events: filingEvents(p.Events)}, sender, err)
	}
	for _, h := range c.Hooks {
		sender, err := hook(h)
		add(outbox.Receiver{Name: h.Name, Kind: "hook", Owner: h.Owner, Limit: h.Limit, Events: filingEvents(h.Events)}, sender, err)
	}
	for _, d := range c.Drops {
		sender, err := a.drop(d)
		add(outbox.Receiver{Name: d.Name, Kind: "drop", Owner: d.Owner, Limit: dropLimit, Events: filingEvents(d.Events)}, sender, err)
	}
	return all
}

func (a *App) ringer(p configs.PhoneReceiver, fresh time.Duration) (outbox.Sender, error) {
	if a.phone == nil {
		return nil, errors.New("this gateway has no part that rings and waits for a key")
	}
	return &outbox.Duty{
		Phone: a.phone, Acks: a.registry, Next: p.Next, Key: p.Key, Fresh: fresh,
		On: a.officers(p.Post), Log: a.log.With("component", "outbox"),
	}, nil
}

func hook(h configs.HookReceiver) (outbox.Sender, error) {
	secret, err := h.Secret()
	if err != nil {
		return nil, err
	}
	return outbox.NewHook(outbox.HookOptions{
		URL: h.URL, Secret: secret.Reveal(), Algorithm: string(h.Algorithm), CAFile: h.CAFile, WholeNumbers: h.WholeNumbers,
	})
}

func (a *App) drop(d configs.DropReceiver) (outbox.Sender, error) {
	key, err := outbox.SigningKey(filepath.Join(a.settings.Var, "secrets", "filings.key"))
	if err != nil {
		return nil, err
	}
	return outbox.NewDrop(d.Folder, key, d.WholeNumbers, a.log.With("component", "outbox"))
}

func filingEvents(said []configs.FilingEvent) []record.FilingEvent {
	events := make([]record.FilingEvent, 0, len(said))
	for _, event := range said {
		events = append(events, record.FilingEvent(event))
	}
	return events
}

// officers are who is rung at a post, by its rota and the overrides of the
// moment, each number once.
func (a *App) officers(post string) func(time.Time) []outbox.Officer {
	return func(at time.Time) []outbox.Officer {
		guide := a.holder.Now().Guide
		duty, _ := guide.Rotas.With(*a.duty.Now()).On(guide.Regions, post, at)
		var chain []outbox.Officer
		rung := make(map[string]bool)
		for _, officer := range duty.Officers {
			for _, number := range officer.Numbers {
				if !rung[number] {
					chain = append(chain, outbox.Officer{Name: officer.Name, Number: routing.Number(number)})
				}
				rung[number] = true
			}
		}
		return chain
	}
}

// openDeliveryAPI mounts how the deliveries stand.
func (a *App) openDeliveryAPI() {
	deliveries := a.outbox.Handler(record.HandlerOptions{User: user, Log: a.log.With("component", "outbox")})
	for _, pattern := range []string{
		"GET /api/v1/deliveries", "GET /api/v1/filings/{number}/deliveries", "POST /api/v1/deliveries/{receiver}/{event}/again",
	} {
		a.server.Handle(pattern, cti.RoleSupervisor, deliveries)
	}
}
