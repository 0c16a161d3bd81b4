package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"weibao/configs"
	"weibao/record"
	"weibao/routing"
)

func newRecord(io streams, at *where) *cobra.Command {
	cmd := &cobra.Command{Use: "record", Short: "话务记录 records: find | owed | sheet | export | verify"}
	cmd.AddCommand(newRecordFind(io, at), newRecordOwed(io, at), newRecordSheet(io, at), newRecordExport(io, at), newRecordVerify(io, at))
	return cmd
}

// withStore opens the database for one command.
func withStore(ctx context.Context, at *where, use func(record.Store) error) error {
	settings, err := configs.ReadSettings(at.config)
	if err != nil {
		return wrong(err)
	}
	store, err := record.Open(ctx, settings.Record.DSN.Reveal())
	if err != nil {
		return notDone(err)
	}
	return errors.Join(use(store), store.Close())
}

// search are the flags that choose records.
type search struct {
	from, to, caller, agent, region, outcome string
	limit                                    int
	json, whole                              bool
}

func (s *search) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.from, "from", "", "起始时间 RFC 3339")
	f.StringVar(&s.to, "to", "", "截止时间 RFC 3339, exclusive")
	f.StringVar(&s.caller, "caller", "", "来电号码 caller's number")
	f.StringVar(&s.agent, "agent", "", "坐席 agent")
	f.StringVar(&s.region, "region", "", "地区代码 region")
	f.StringVar(&s.outcome, "outcome", "", "结果 answered | handed_over | callback | abandoned | fault")
	f.BoolVar(&s.whole, "whole-numbers", false, "号码不打码，须有审批 numbers unmasked; needs an approval of your own")
}

func (s *search) query() (record.Query, error) {
	q := record.Query{
		Caller: routing.Number(s.caller), Agent: routing.AgentID(s.agent), Region: s.region, Limit: s.limit,
	}
	q.Outcome = s.outcome
	for text, to := range map[string]*time.Time{s.from: &q.From, s.to: &q.To} {
		if text == "" {
			continue
		}
		at, err := instant(text)
		if err != nil {
			return q, wrong(err)
		}
		*to = at
	}
	return q, nil
}

func newRecordFind(io streams, at *where) *cobra.Command {
	var s search
	cmd := &cobra.Command{
		Use: "find [ID]", Short: "查找记录 find records, or show one with its journey", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(cmd.Context(), at, func(store record.Store) error {
				if len(args) == 1 {
					return showRecord(cmd.Context(), io, store, args[0], s)
				}
				return findRecords(cmd.Context(), io, store, s)
			})
		},
	}
	s.flags(cmd)
	cmd.Flags().IntVar(&s.limit, "limit", 50, "最多条数 at most so many")
	cmd.Flags().BoolVar(&s.json, "json", false, "以 JSON 输出 as JSON")
	return cmd
}

func findRecords(ctx context.Context, io streams, store record.Store, s search) error {
	q, err := s.query()
	if err != nil {
		return err
	}
	page, err := store.Find(ctx, q)
	if err != nil {
		return notDone(err)
	}
	for _, r := range page.Rows {
		if !s.whole {
			r = r.Masked()
		}
		if s.json {
			if err := json.NewEncoder(io.out).Encode(r); err != nil {
				return notDone(err)
			}
			continue
		}
		fmt.Fprintf(io.out, "%s  %s  %s  %-14s %-11s %-5s 等待 %5.1fs 通话 %6.1fs  %s\n", r.ID,
			r.ArrivedAt.Time.Local().Format("2006-01-02 15:04:05"), r.Region, string(r.Caller), r.Outcome, r.Agent,
			r.Waited.Duration().Seconds(), r.Talked.Duration().Seconds(), r.Reason)
	}
	if len(page.Rows) == 0 {
		return no()
	}
	return nil
}
