package cti

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// RedisDuty keeps the duty book for all gateways in Redis: one hash of versions
// and one of pages, and a channel that every change is published on.
type RedisDuty struct {
	r *Redis
	// The keys share a hash tag, so that a cluster keeps them on one node.
	versions, pages, changes string
}

var _ DutyStore = (*RedisDuty)(nil)

// Duty is the duty book on the same Redis, under the same prefix.
func (r *Redis) Duty() *RedisDuty {
	tag := "{" + r.opts.Prefix + "}:duty-"
	return &RedisDuty{r: r, versions: tag + "versions", pages: tag + "pages", changes: tag + "changes"}
}

// All returns every page there is.
func (d *RedisDuty) All(ctx context.Context) ([]DutyEntry, error) {
	held, err := d.r.client.HGetAll(ctx, d.pages).Result()
	if err != nil {
		return nil, fmt.Errorf("read the duty book: %w", err)
	}
	all := make([]DutyEntry, 0, len(held))
	for key, text := range held {
		page, err := readDutyEntry(text)
		if err != nil {
			return nil, fmt.Errorf("duty page %s: %w", key, err)
		}
		all = append(all, page)
	}
	return all, nil
}

// Swap writes a page; see [DutyStore].
func (d *RedisDuty) Swap(ctx context.Context, page DutyEntry) (DutyEntry, error) {
	seen, key := page.Version, page.key()
	page.Version++
	text, err := json.Marshal(page)
	if err != nil {
		return DutyEntry{}, fmt.Errorf("duty page %s: %w", key, err)
	}
	answer, err := d.r.script.Run(ctx, d.r.client, []string{d.versions, d.pages},
		key, seen, page.Version, text, d.changes).Slice()
	if err != nil {
		return DutyEntry{}, fmt.Errorf("write duty page %s: %w", key, err)
	}
	if done, _ := answer[0].(int64); done == 1 {
		return page, nil
	}
	held, _ := answer[2].(string)
	other, err := readDutyEntry(held)
	if err != nil {
		return DutyEntry{}, fmt.Errorf("duty page %s: %w", key, err)
	}
	return DutyEntry{}, &StaleDutyError{Stored: other}
}

// Watch reports pages as they are written.
func (d *RedisDuty) Watch(ctx context.Context) (<-chan DutyEntry, error) {
	watch, err := listen(ctx, d.r, d.changes, readDutyEntry)
	if err != nil {
		return nil, fmt.Errorf("watch the duty book: %w", err)
	}
	return watch, nil
}

func readDutyEntry(text string) (DutyEntry, error) {
	var page DutyEntry
	if err := json.Unmarshal([]byte(text), &page); err != nil {
		return DutyEntry{}, err
	}
	if page.key() == "" {
		return DutyEntry{}, errors.New("neither an override nor a note")
	}
	return page, nil
}
