package call

import (
	"context"
	"slices"
	"time"

	"weibao/routing"
)

// hotline is the number that citizens know; a party sees it where it is not
// known what was dialled.
const hotline = "12345"

// place opens a call of ours and returns its id.
func (x *Exchange) place(ev Owed) ID {
	ev.Call = x.newID()
	ev.Leg = LegID(ev.Call) + "-0"
	if ev.FollowUp.Dialled == "" {
		ev.FollowUp.Dialled = hotline
	}
	ev.Unrecorded, ev.Facts = x.silent, x.facts(ev.FollowUp.Number, ev.When())
	x.begin(ev.Call, ev.Leg, ev)
	return ev.Call
}

// tell brings an event to a call that may be over.
func (x *Exchange) tell(id ID, ev Event) {
	x.mu.RLock()
	s := x.calls[id]
	x.mu.RUnlock()
	if s != nil {
		s.box.Put(ev)
	}
}

// errNoOutgoing is the answer of a gateway that places no calls.
const errNoOutgoing = RefusedError("这个网关不能呼出")

// CallBack has a seat ring somebody who is owed a call: its own phone first,
// then the party's. A number that was said to be unsafe needs a reason, which
// is kept. It returns the id of the call, or a RefusedError.
func (x *Exchange) CallBack(ctx context.Context, id ID, by routing.AgentID, override string) (placed ID, err error) {
	r := x.ringer
	if r.kept == nil || x.newID == nil {
		return "", errNoOutgoing
	}
	f, err := x.Owing(ctx, id)
	if err != nil {
		return "", err
	}
	err = r.do(ctx, func(context.Context) error {
		if refused := r.refuses(&f, override); refused != "" {
			return RefusedError(refused)
		}
		x.tell(r.flights[f.ID], Recalled{At: At(time.Now()), Why: "由坐席 " + string(by) + " 回拨"})
		placed = x.place(Owed{At: At(time.Now()), FollowUp: f, By: by, Override: override})
		r.flights[f.ID] = placed
		return nil
	})
	return placed, err
}

// refuses says why a person can not be rung now; "" when it can.
func (r *ringer) refuses(f *FollowUp, override string) string {
	for _, promised := range r.promisedTo(*f) {
		*f = promised // the store may know it under the id of an earlier call
	}
	person := routing.Normalise(string(f.Number), r.x.guide().Regions, f.Region)
	_, can := dialled(person)
	live, flying := r.x.Find(r.flights[f.ID])
	switch {
	case !can:
		return "这个号码不能回拨"
	case f.Safe == Unsafe && override == "":
		return "来电人说过不能回拨这个号码；确需回拨，请写明理由"
	case flying && (len(live.Legs) == 0 || live.Caller().State != Unplaced):
		return "正在回拨这个号码"
	case !flying && r.onTheLine()[person.E164]:
		return "这个号码正在通话或排队"
	}
	return ""
}

// Owing finds what is owed by its id; a RefusedError when nothing is, any more.
func (x *Exchange) Owing(ctx context.Context, id ID) (FollowUp, error) {
	if x.ringer.kept == nil {
		return FollowUp{}, errNoOutgoing
	}
	all, err := x.ringer.kept.OpenFollowUps(ctx)
	if err != nil {
		return FollowUp{}, err
	}
	for _, f := range all {
		if f.ID == id {
			return f, nil
		}
	}
	return FollowUp{}, RefusedError("没有这个待回访事项，或者已经办结")
}

// Settle ends what is owed by a person's decision: it is not rung any more.
func (x *Exchange) Settle(ctx context.Context, done Settlement) error {
	r := x.ringer
	if r.kept == nil {
		return errNoOutgoing
	}
	settled, err := x.Owing(ctx, done.ID)
	if err != nil {
		settled.ID = done.ID // the store knows better
	}
	return r.do(ctx, func(context.Context) error {
		if err := r.kept.Settle(ctx, done); err != nil {
			return err
		}
		for _, f := range append(r.promisedTo(settled), settled) {
			r.drop(f.ID, "已办结")
		}
		return nil
	})
}

// promisedTo are the open promises to the person of a follow-up: at most one,
// which may have the id of a later call of the same person.
func (r *ringer) promisedTo(f FollowUp) []FollowUp {
	var found []FollowUp
	for id, promised := range r.open {
		if person := r.person(f); id == f.ID || person != "" && person == r.person(promised) {
			found = append(found, promised)
		}
	}
	return found
}

// CallOut has a seat ring a number of the list, or the duty post of its own
// city: its own phone first. It returns the id of the call, or a RefusedError.
func (x *Exchange) CallOut(_ context.Context, by routing.AgentID, region, number string) (ID, error) {
	if x.newID == nil {
		return "", errNoOutgoing
	}
	now, guide := time.Now(), x.guide()
	rotas := guide.Rotas
	if duty := x.duty(); duty != nil {
		rotas = rotas.With(*duty)
	}
	post, _ := rotas.On(guide.Regions, region, now)
	if !slices.Contains(guide.Numbers, number) && !slices.Contains(post.Numbers, number) {
		return "", RefusedError("该号码不在允许拨打的名单中，也不是本地现在的值班电话")
	}
	for _, c := range x.Live() {
		if c.Placed.By == by {
			return "", RefusedError("上一个呼出还没有结束")
		}
	}
	return x.place(Owed{At: At(now), FollowUp: FollowUp{Number: routing.Number(number), Region: region}, By: by}), nil
}
