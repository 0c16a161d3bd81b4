package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"weibao/configs"
	"weibao/configs/rehearsal"
	"weibao/record"
	"weibao/routing"
)

// oldRules find the configuration that each call came with.
type oldRules struct {
	r         *rehearser
	overrides routing.Overrides
	new       *rehearsal.Rules
	// found are the configurations by the version that the records name, in
	// the order in which they came.
	found map[string]*oldRule
	order []string
	// instead is the one of --old, read when it is wanted.
	instead *rehearsal.Rules
}

// oldRule is one configuration of the past.
type oldRule struct {
	version    string
	comparison *rehearsal.Comparison
	calls      int
	// source is where it was found.
	source oldSource
}

// oldSource says where the text of an old configuration came from.
type oldSource string

const (
	fromRecords oldSource = "records" // the text that the records keep
	fromNew     oldSource = "new"     // it is the new one
	fromFolder  oldSource = "folder"  // --old has this very version
	fromAnother oldSource = "another" // --old stands in for it
)

func newOldRules(r *rehearser, overrides routing.Overrides) *oldRules {
	return &oldRules{
		r: r, overrides: overrides, new: rehearsal.NewRules(r.new, overrides, r.q.lang), found: make(map[string]*oldRule),
	}
}

// of is the comparison for a call.
func (o *oldRules) of(ctx context.Context, rec record.Record) (*rehearsal.Comparison, error) {
	rule := o.found[rec.Guide]
	if rule == nil {
		was, source, err := o.find(ctx, rec.Guide, rec.ArrivedAt.Time)
		if err != nil {
			return nil, err
		}
		rule = &oldRule{version: rec.Guide, comparison: rehearsal.Compare(was, o.new, o.r.q.lang), source: source}
		o.found[rec.Guide] = rule
		o.order = append(o.order, rec.Guide)
	}
	rule.calls++
	return rule.comparison, nil
}

// find looks for a version: it may be the new one, the records may have its
// text, and else --old stands in.
func (o *oldRules) find(ctx context.Context, version string, at time.Time) (*rehearsal.Rules, oldSource, error) {
	if version == o.r.new.Version {
		return o.new, fromNew, nil
	}
	kept, err := o.r.store.Guide(ctx, version)
	switch {
	case err == nil:
		snapshot, reason := readText(kept.Text, at)
		if snapshot != nil {
			return rehearsal.NewRules(snapshot, o.overrides, o.r.q.lang), fromRecords, nil
		}
		fmt.Fprintf(o.r.io.err, "版本 %s 的原文现在读不出来（%v），用 %s 代替 (the text of this version can not be read any more; another stands in)\n", version, reason, o.r.q.old)
	case !errors.Is(err, record.ErrNotFound):
		return nil, "", err
	}
	if err := o.readInstead(version); err != nil {
		return nil, "", err
	}
	if o.instead.Version() == version {
		return o.instead, fromFolder, nil
	}
	return o.instead, fromAnother, nil
}

// readText reads a configuration from the text that the records keep, as it
// was in force then.
func readText(text string, at time.Time) (*configs.Snapshot, error) {
	snapshot, faults, err := configs.ReadText(text, at)
	if snapshot == nil && err == nil {
		err = fmt.Errorf("%d 处错误，第一处 (faults, the first one): %s", len(faults), faults[:1])
	}
	return snapshot, err
}

// readInstead reads the configuration that stands in for one that the records
// do not have. The new one can not: it would be compared with itself.
func (o *oldRules) readInstead(version string) error {
	if o.instead != nil {
		return nil
	}
	folder := o.r.q.old
	if same(folder, o.r.folder) {
		return fmt.Errorf("记录里没有版本 %s 的原文，请用 --old 指明原来配置的目录 (the records have no text of this version: name the old folder with --old)", version)
	}
	if _, err := os.Stat(folder); err != nil {
		return fmt.Errorf("记录里没有版本 %s 的原文，--old 的目录也读不到 (the records have no text of this version, and the folder of --old can not be read): %w", version, err)
	}
	snapshot, faults := configs.Read(os.DirFS(folder), o.r.q.begin)
	if snapshot == nil {
		return fmt.Errorf("--old %s 中有 %d 处错误 (faults):\n%s", folder, len(faults), faults)
	}
	o.instead = rehearsal.NewRules(snapshot, o.overrides, o.r.q.lang)
	return nil
}

// same reports whether two folders are one.
func same(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return filepath.Clean(a) == filepath.Clean(b) || errA == nil && errB == nil && os.SameFile(infoA, infoB)
}
