package cti

import (
	"context"
	_ "embed" // for the script
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"weibao/call"
	"weibao/routing"
)

//go:embed redis.lua
var swapScript string

// RedisOptions say where Redis is. Addrs is required.
type RedisOptions struct {
	// Addrs are host:port; several are a cluster, or the sentinels when
	// MasterName is set.
	Addrs              []string
	MasterName         string
	Username, Password string
	DB                 int
	// Prefix goes before every key. Default "weibao".
	Prefix string
	// Timeout is the limit of every dial, read, write and wait for a
	// connection. Default 300 ms.
	Timeout time.Duration
	// Ping is between signs of life that a watch asks for; a watch that has
	// had none for three of them is broken. Default 700 ms.
	Ping time.Duration
}

// Redis keeps standings for all gateways: one hash of fences and one of
// standings, and a channel that every change is published on.
type Redis struct {
	client redis.UniversalClient
	script *redis.Script
	opts   RedisOptions
	// The keys share a hash tag, so that a cluster keeps them on one node.
	fences, standings, changes string
}

var _ Standings = (*Redis)(nil)

// ErrRedisAway is returned by OpenRedis, together with the store, when Redis
// does not answer. Everything that uses the store goes on without it and finds
// it when it is there.
var ErrRedisAway = errors.New("redis does not answer")

// OpenRedis connects. The error names the address when Redis can not be
// reached, which is an [ErrRedisAway], or refuses what is needed.
func OpenRedis(ctx context.Context, o RedisOptions) (*Redis, error) {
	if len(o.Addrs) == 0 {
		return nil, errors.New("redis: no address")
	}
	if o.Prefix == "" {
		o.Prefix = "weibao"
	}
	if o.Timeout == 0 {
		o.Timeout = 300 * time.Millisecond
	}
	if o.Ping == 0 {
		o.Ping = 700 * time.Millisecond
	}
	tag := "{" + o.Prefix + "}:"
	r := &Redis{
		opts: o, script: redis.NewScript(swapScript),
		fences: tag + "fences", standings: tag + "standings", changes: tag + "changes",
		client: redis.NewUniversalClient(&redis.UniversalOptions{
			Addrs: o.Addrs, MasterName: o.MasterName, Username: o.Username, Password: o.Password, DB: o.DB,
			// Without it a context's deadline is ignored and a stopped Redis
			// holds a caller for 5 s.
			ContextTimeoutEnabled: true,
			DialTimeout:           o.Timeout, ReadTimeout: o.Timeout, WriteTimeout: o.Timeout, PoolTimeout: o.Timeout,
			MaxRetries: 1, DialerRetries: 1, Protocol: 2, DisableIdentity: true,
		}),
	}
	limited, stop := context.WithTimeout(ctx, 4*o.Timeout)
	defer stop()
	err := r.script.Load(limited, r.client).Err()
	var refusal redis.Error
	switch {
	case err == nil:
		return r, nil
	case errors.As(err, &refusal):
		_ = r.client.Close()
		return nil, fmt.Errorf("redis at %s can not be used: %w", strings.Join(o.Addrs, ", "), err)
	}
	return r, fmt.Errorf("%w at %s: %w", ErrRedisAway, strings.Join(o.Addrs, ", "), err)
}

// LogRedis sends what the Redis client has to say to log. It is for the whole
// process, so main calls it, once, before OpenRedis.
func LogRedis(log *slog.Logger) { redis.SetLogger(redisLog{log}) }

type redisLog struct{ log *slog.Logger }

// Printf takes a line of the client, which has no levels and no fields.
func (l redisLog) Printf(ctx context.Context, format string, args ...any) {
	l.log.WarnContext(ctx, "redis client", "detail", fmt.Sprintf(format, args...))
}

// Close gives the connections up.
func (r *Redis) Close() error { return r.client.Close() }

// All returns every standing there is.
func (r *Redis) All(ctx context.Context) ([]Standing, error) {
	held, err := r.client.HGetAll(ctx, r.standings).Result()
	if err != nil {
		return nil, fmt.Errorf("read standings: %w", err)
	}
	all := make([]Standing, 0, len(held))
	for agent, text := range held {
		s, err := readStanding(text)
		if err != nil {
			return nil, fmt.Errorf("standing of %s: %w", agent, err)
		}
		all = append(all, s)
	}
	return all, nil
}

// Swap writes a standing; see [Standings].
func (r *Redis) Swap(ctx context.Context, fence uint64, now Standing) (uint64, error) {
	next := swapped(fence, now)
	text, err := json.Marshal(store(next))
	if err != nil {
		return 0, fmt.Errorf("standing of %s: %w", now.Agent, err)
	}
	answer, err := r.script.Run(ctx, r.client, []string{r.fences, r.standings},
		string(now.Agent), fence, next.Fence, text, r.changes).Slice()
	if err != nil {
		return 0, fmt.Errorf("write standing of %s: %w", now.Agent, err)
	}
	done, _ := answer[0].(int64)
	stored, _ := answer[1].(int64)
	if done == 1 {
		return next.Fence, nil
	}
	held := Standing{Agent: now.Agent}
	if text, _ := answer[2].(string); text != "" {
		if held, err = readStanding(text); err != nil {
			return 0, fmt.Errorf("standing of %s: %w", now.Agent, err)
		}
	}
	held.Fence = uint64(stored) //nolint:gosec // a fence is never negative
	return held.Fence, &StaleError{Stored: held}
}

// Watch reports standings as they are written. It returns when Redis has
// confirmed the subscription.
func (r *Redis) Watch(ctx context.Context) (<-chan Standing, error) {
	watch, err := listen(ctx, r, r.changes, readStanding)
	if err != nil {
		return nil, fmt.Errorf("watch standings: %w", err)
	}
	return watch, nil
}

// listen reports what is published on a channel, until ctx is done or the
// subscription is broken or something can not be read: the next reading of
// everything says then what is wrong.
func listen[T any](ctx context.Context, r *Redis, channel string, parse func(string) (T, error)) (<-chan T, error) {
	sub := r.client.Subscribe(ctx, channel)
	var alive atomic.Int64
	alive.Store(time.Now().UnixNano())
	ctx, stop := context.WithCancel(ctx)
	go r.guard(ctx, sub, &alive)
	if _, err := sub.Receive(ctx); err != nil {
		if over := ctx.Err(); over != nil {
			err = over // the guard may have been quicker, and its closing is not the cause
		}
		stop()
		_ = sub.Close()
		return nil, err
	}
	out := make(chan T)
	go func() {
		defer close(out)
		defer stop()
		for {
			message, err := sub.Receive(ctx)
			if err != nil {
				return
			}
			alive.Store(time.Now().UnixNano())
			published, ok := message.(*redis.Message)
			if !ok {
				continue
			}
			v, err := parse(published.Payload)
			if err != nil {
				return
			}
			select {
			case out <- v:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}

// guard closes a subscription that is not wanted any more or has shown no
// sign of life: only that ends its Receive.
func (r *Redis) guard(ctx context.Context, sub *redis.PubSub, alive *atomic.Int64) {
	defer func() { _ = sub.Close() }()
	tick := time.NewTicker(r.opts.Ping)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if time.Since(time.Unix(0, alive.Load())) > 3*r.opts.Ping {
			return
		}
		if sub.Ping(ctx) != nil {
			return
		}
	}
}

// stored is a standing as Redis keeps it: words and Unix milliseconds.
type stored struct {
	Agent    routing.AgentID  `json:"agent"`
	Presence string           `json:"presence"`
	Reason   string           `json:"reason,omitempty"`
	Work     string           `json:"work"`
	Call     call.ID          `json:"call,omitempty"`
	Ticket   routing.TicketID `json:"ticket,omitempty"`
	Queue    string           `json:"queue,omitempty"`
	Gateway  string           `json:"gateway,omitempty"`
	Claim    uint64           `json:"claim,omitempty"`
	Since    int64            `json:"since,omitempty"`
	Idle     int64            `json:"idle,omitempty"`
	Rung     int64            `json:"rung,omitempty"`
	Calls    int              `json:"calls,omitempty"`
	Missed   int              `json:"missed,omitempty"`
	Desk     Desk             `json:"desk,omitempty"`
	DeskAt   string           `json:"desk_at,omitempty"`
	Rest     int64            `json:"rest_until,omitempty"`
	Deadline int64            `json:"deadline,omitempty"`
	Fence    uint64           `json:"fence"`
}

func store(s Standing) stored {
	return stored{
		Agent: s.Agent, Presence: s.Presence.String(), Reason: s.Reason, Work: s.Work.String(),
		Call: s.Call, Ticket: s.Ticket, Queue: s.Queue, Gateway: s.Gateway, Claim: s.Claim,
		Since: milli(s.Since), Idle: milli(s.Idle), Rung: milli(s.Rung), Calls: s.Calls, Rest: milli(s.RestUntil), Deadline: milli(s.Deadline),
		Missed: s.Missed, Desk: s.Desk, DeskAt: s.DeskAt, Fence: s.Fence,
	}
}

func readStanding(text string) (Standing, error) {
	var s stored
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return Standing{}, err
	}
	presence, err := routing.ParsePresence(s.Presence)
	if err != nil {
		return Standing{}, err
	}
	work, err := routing.ParseWork(s.Work)
	if err != nil {
		return Standing{}, err
	}
	return Standing{
		Agent: s.Agent, Presence: presence, Reason: s.Reason, Work: work,
		Call: s.Call, Ticket: s.Ticket, Queue: s.Queue, Gateway: s.Gateway, Claim: s.Claim,
		Since: fromMilli(s.Since), Idle: fromMilli(s.Idle), Rung: fromMilli(s.Rung), Calls: s.Calls, RestUntil: fromMilli(s.Rest), Deadline: fromMilli(s.Deadline),
		Missed: s.Missed, Desk: s.Desk, DeskAt: s.DeskAt, Fence: s.Fence,
	}, nil
}

func milli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMilli(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
