package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weibao/configs"
	"weibao/configs/rehearsal"
	"weibao/record"
	"weibao/routing"
)

const rehearseHelp = `让记录里真实的来电按新配置再走一遍：谁会被找到、等多久、打哪个值班电话、110 怎么拨，有没有人变差。
--configs 是新配置的目录。每通来电和它当时的配置相比，当时的配置从记录里取；记录里没有时用 --old 的目录代替，并且说明。
只读数据库，不改任何东西。

变差是指：
  · 第一个值班电话响得更晚（坐席都忙时，或没有坐席在岗时）——这是来电人最长的等待
  · 原来某个时间已经在找的坐席，现在更晚才找或不再找，而且到那时找的人比原来少
  · 当时真正接起来的坐席，现在要更晚才会找到
  · 那个钟点的值班号码变少，或者本地的值班没有了、由上级代
  · 110 的号码（或省里接报备的固定号码）少了、第一个变了、没有了
走另一条路由、换了值班的人、按键的意思变了，都会列出来，但不算变差。

  weibao rehearse --from yesterday --configs 新目录
  weibao rehearse --from last-week --configs 新目录
  weibao rehearse --from 2026-11-22 --to 2026-11-23 --configs 新目录 --json

退出码：0 没有变差的 · 1 有变差的，或新配置有错误 · 2 用法有误 · 3 记录或原来的配置读不出来

Puts the calls of the records through new files and compares each with the configuration that it came with. Exit: 0
nobody is worse off, 1 somebody is or the new files have faults, 2 wrong use, 3 the records or the old configuration
can not be read.`

// rehearsing is what rehearse is asked for.
type rehearsing struct {
	from, to, old, lang string
	limit               int
	json                bool

	begin, end time.Time
}

func newRehearse(io streams, at *where) *cobra.Command {
	var q rehearsing
	cmd := &cobra.Command{
		Use: "rehearse", Short: "用真实的来电演练新配置 past arrivals through new YAML", Long: rehearseHelp, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := q.check(time.Now()); err != nil {
				return wrong(err)
			}
			return q.run(cmd.Context(), io, at)
		},
	}
	f := cmd.Flags()
	f.StringVar(&q.from, "from", "", "从哪天的来电开始 2026-11-22, RFC 3339, yesterday or last-week")
	f.StringVar(&q.to, "to", "", "到哪天为止（不含） exclusive; empty: one day, or the week")
	f.StringVar(&q.old, "old", "configs", "记录里没有原文时，代替原来配置的目录 stands in for an old configuration that the records do not have")
	f.IntVar(&q.limit, "limit", 50, "变差的最多列几通，0 是全部 list at most so many calls, 0 all")
	f.StringVar(&q.lang, "lang", "zh", "zh | en")
	f.BoolVar(&q.json, "json", false, "以 JSON 输出 as JSON")
	return cmd
}

// check reads the span and the rest of the flags.
func (q *rehearsing) check(now time.Time) error {
	today := routing.DateOf(now.In(routing.Beijing()))
	day := func(before int) time.Time {
		return time.Date(today.Year, today.Month, today.Day-before, 0, 0, 0, 0, routing.Beijing())
	}
	days := 1
	switch q.from {
	case "":
		return errors.New("要写 --from，例如 --from yesterday (want --from)")
	case "yesterday":
		q.begin = day(1)
	case "last-week":
		q.begin, days = day(7), 7
	default:
		var err error
		if q.begin, err = record.ParseTime(q.from); err != nil {
			return fmt.Errorf("--from: %w", err)
		}
	}
	q.end = q.begin.In(routing.Beijing()).AddDate(0, 0, days)
	if q.to != "" {
		var err error
		if q.end, err = record.ParseTime(q.to); err != nil {
			return fmt.Errorf("--to: %w", err)
		}
	}
	switch {
	case !q.begin.Before(q.end):
		return errors.New("--to 应晚于 --from (--to must be after --from)")
	case q.limit < 0:
		return fmt.Errorf("--limit %d: 不能小于 0 (want 0 or more)", q.limit)
	case q.lang != "zh" && q.lang != "en":
		return fmt.Errorf("--lang %q: 写 zh 或 en (want zh or en)", q.lang)
	}
	return nil
}

// run rehearses and prints.
func (q *rehearsing) run(ctx context.Context, io streams, at *where) error {
	now, err := readNew(io, at.configs)
	if err != nil {
		return err
	}
	settings, err := configs.ReadSettings(at.config)
	if err != nil {
		return notDone(err)
	}
	store, err := openRecords(ctx, settings.Record.DSN.Reveal())
	if err != nil {
		return notDone(err)
	}
	r := &rehearser{q: q, store: store, folder: at.configs, new: now, io: io, report: rehearsal.NewReport(q.limit)}
	err = r.rehearse(ctx)
	if err = errors.Join(err, store.Close()); err != nil {
		return notDone(err)
	}
	if q.json {
		err = r.printJSON()
	} else {
		r.print()
	}
	switch {
	case err != nil:
		return notDone(err)
	case r.report.Worse > 0:
		return no()
	}
	return nil
}

// readNew reads the new configuration, and says every fault.
func readNew(io streams, folder string) (*configs.Snapshot, error) {
	if _, err := os.Stat(folder); err != nil {
		return nil, notDone(fmt.Errorf("新配置的目录读不到，用 --configs 指明 (folder of the new configuration): %w", err))
	}
	snapshot, faults := configs.Read(os.DirFS(folder), time.Now())
	if len(faults) > 0 {
		fmt.Fprintln(io.out, faults)
		return nil, &exitError{code: exitNo, cause: fmt.Errorf("%s 中有 %d 处错误，没有演练 (%d faults)", folder, len(faults), len(faults))}
	}
	return snapshot, nil
}

// openRecords opens a database that is there: a rehearsal makes none.
func openRecords(ctx context.Context, dsn string) (*record.SQL, error) {
	if file, is := strings.CutPrefix(dsn, "sqlite:"); is {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("还没有通话记录：%s 不存在 (there are no records yet)", file)
		}
	}
	return record.Open(ctx, dsn)
}
