package cti

import (
	"context"
	_ "embed" // for the scripts
	"encoding/json"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

var (
	//go:embed tickets.lua
	postScript string
	//go:embed forget.lua
	forgetScript string
)

// RedisTickets keeps the lines of all gateways in Redis: a hash of heads (life
// and number of each gateway's latest notice), a hash of tickets for each
// gateway, and a channel that every notice is published on.
type RedisTickets struct {
	r            *Redis
	post, forget *redis.Script
	// The keys share a hash tag, so that a cluster keeps them on one node.
	heads, lines, notices string
}

var _ Tickets = (*RedisTickets)(nil)

// Tickets are the lines on the same Redis, under the same prefix.
func (r *Redis) Tickets() *RedisTickets {
	tag := "{" + r.opts.Prefix + "}:line-"
	return &RedisTickets{
		r: r, post: redis.NewScript(postScript), forget: redis.NewScript(forgetScript),
		heads: tag + "heads", lines: tag + "of:", notices: tag + "notices",
	}
}

// Post writes a notice; see [Tickets].
func (t *RedisTickets) Post(ctx context.Context, n Bulletin) error {
	tail := make([]any, 0, 2*len(n.Posts)+len(n.Drops))
	for _, p := range n.Posts {
		text, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("ticket %s: %w", p.Ticket.ID, err)
		}
		tail = append(tail, string(p.Ticket.ID), text)
	}
	for _, id := range n.Drops {
		tail = append(tail, string(id))
	}
	text, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("notice of %s: %w", n.Gateway, err)
	}
	argv := append([]any{n.Gateway, n.Life, n.Seq, t.notices, text, len(n.Posts)}, tail...)
	done, err := t.post.Run(ctx, t.r.client, t.keys(n.Gateway), argv...).Int()
	switch {
	case err != nil:
		return fmt.Errorf("post the line of %s: %w", n.Gateway, err)
	case done == 0:
		return ErrSuperseded
	}
	return nil
}

func (t *RedisTickets) keys(gateway string) []string { return []string{t.heads, t.lines + gateway} }

// head is what Redis keeps of the latest notice.
func (n Bulletin) head() string { return fmt.Sprintf("%d %d", n.Life, n.Seq) }

// Forget removes a line; see [Tickets].
func (t *RedisTickets) Forget(ctx context.Context, n Bulletin) error {
	if err := t.forget.Run(ctx, t.r.client, t.keys(n.Gateway), n.Gateway, n.head()).Err(); err != nil {
		return fmt.Errorf("forget the line of %s: %w", n.Gateway, err)
	}
	return nil
}

// All returns the whole line of every gateway. A line may be later than its
// head: the notices between are published to whoever watches.
func (t *RedisTickets) All(ctx context.Context) ([]Bulletin, error) {
	heads, err := t.r.client.HGetAll(ctx, t.heads).Result()
	if err != nil {
		return nil, fmt.Errorf("read the lines: %w", err)
	}
	pipe := t.r.client.Pipeline()
	var all []Bulletin
	var lines []*redis.MapStringStringCmd
	for gateway, head := range heads {
		n := Bulletin{Gateway: gateway}
		if _, err := fmt.Sscanf(head, "%d %d", &n.Life, &n.Seq); err != nil {
			return nil, fmt.Errorf("head of the line of %s is %q: %w", gateway, head, err)
		}
		all, lines = append(all, n), append(lines, pipe.HGetAll(ctx, t.lines+gateway))
	}
	if len(all) == 0 {
		return nil, nil
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("read the lines: %w", err)
	}
	for i, line := range lines {
		for id, text := range line.Val() {
			var p Posted
			if err := json.Unmarshal([]byte(text), &p); err != nil {
				return nil, fmt.Errorf("ticket %s of %s: %w", id, all[i].Gateway, err)
			}
			all[i].Posts = append(all[i].Posts, p)
		}
	}
	return all, nil
}

// Watch reports notices as they are posted.
func (t *RedisTickets) Watch(ctx context.Context) (<-chan Bulletin, error) {
	watch, err := listen(ctx, t.r, t.notices, readBulletin)
	if err != nil {
		return nil, fmt.Errorf("watch the lines: %w", err)
	}
	return watch, nil
}

func readBulletin(text string) (Bulletin, error) {
	var n Bulletin
	if err := json.Unmarshal([]byte(text), &n); err != nil {
		return Bulletin{}, err
	}
	if n.Gateway == "" {
		return Bulletin{}, errors.New("a notice of nobody")
	}
	return n, nil
}
