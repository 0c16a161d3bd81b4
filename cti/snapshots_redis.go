package cti

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"weibao/call"
)

// snapshotLife is how long the snapshots of a gateway that writes none any more
// are kept: longer than any repair, and not for ever, as there are callers'
// numbers in them.
const snapshotLife = 24 * time.Hour

// RedisSnapshots keeps the snapshots of one gateway in a hash of its own.
type RedisSnapshots struct {
	r   *Redis
	key string
}

var _ SnapshotStore = (*RedisSnapshots)(nil)

// Snapshots are those of a gateway, on the same Redis, under the same prefix.
func (r *Redis) Snapshots(gateway string) *RedisSnapshots {
	return &RedisSnapshots{r: r, key: "{" + r.opts.Prefix + "}:calls:" + gateway}
}

// Write implements SnapshotStore.
func (s *RedisSnapshots) Write(ctx context.Context, keep map[call.ID][]byte, drop []call.ID) error {
	_, err := s.r.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		if len(keep) > 0 {
			fields := make([]any, 0, 2*len(keep))
			for id, text := range keep {
				fields = append(fields, string(id), text)
			}
			p.HSet(ctx, s.key, fields...)
			p.Expire(ctx, s.key, snapshotLife)
		}
		if len(drop) > 0 {
			ids := make([]string, len(drop))
			for i, id := range drop {
				ids[i] = string(id)
			}
			p.HDel(ctx, s.key, ids...)
		}
		return nil
	})
	return err
}

// All implements SnapshotStore.
func (s *RedisSnapshots) All(ctx context.Context) (map[call.ID][]byte, error) {
	held, err := s.r.client.HGetAll(ctx, s.key).Result()
	if err != nil {
		return nil, fmt.Errorf("read snapshots: %w", err)
	}
	all := make(map[call.ID][]byte, len(held))
	for id, text := range held {
		all[call.ID(id)] = []byte(text)
	}
	return all, nil
}
