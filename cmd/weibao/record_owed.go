package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"weibao/call"
	"weibao/record"
)

func newRecordOwed(io streams, at *where) *cobra.Command {
	var q owedSearch
	var state, kind string
	cmd := &cobra.Command{
		Use: "owed", Short: "还欠着谁：待联系、待回拨 who is owed a call", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch state {
			case string(record.OwedOpen), string(record.OwedSettled):
				q.State = record.OwedState(state)
			case "all":
			default:
				return wrong(fmt.Errorf("--state %q: 写 open、settled 或 all (want open, settled or all)", state))
			}
			if q.Kind = call.FollowUpKind(kind); kind != "" && !slices.Contains(call.FollowUpKinds(), q.Kind) {
				return wrong(fmt.Errorf("--kind %q: 写其中一个 (want one of) %v", kind, call.FollowUpKinds()))
			}
			return withStore(cmd.Context(), at, func(store record.Store) error {
				return listOwed(cmd.Context(), io, store, q)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&state, "state", "open", "open 未了结 | settled 已了结 | all")
	f.StringVar(&kind, "kind", "", "callback 待回拨 | contact 待联系 | unfiled 拨了110没有报备 | unconcluded 报备没有结果")
	f.StringVar(&q.Region, "region", "", "地区代码 region")
	f.IntVar(&q.Limit, "limit", 50, "最多条数 at most so many")
	f.BoolVar(&q.json, "json", false, "以 JSON 输出 as JSON")
	f.BoolVar(&q.whole, "whole-numbers", false, "号码不打码，须有审批 numbers unmasked; needs an approval of your own")
	return cmd
}

// owedSearch says which follow-ups are listed, and how.
type owedSearch struct {
	record.OwedQuery
	json, whole bool
}

// listOwed prints the open ones by deadline. Nobody is owed anything: the
// answer is no.
func listOwed(ctx context.Context, io streams, store record.Store, q owedSearch) error {
	page, err := store.Owed(ctx, q.OwedQuery)
	if err != nil {
		return notDone(err)
	}
	rows := [][]string{{"编号", "到期", "类别", "地区", "号码", "次数", "归", "原因"}}
	for _, o := range page.Rows {
		if !q.whole {
			o = o.Masked()
		}
		if q.json {
			if err := json.NewEncoder(io.out).Encode(o); err != nil {
				return notDone(err)
			}
			continue
		}
		rows = append(rows, []string{
			string(o.ID), dueWords(o), owedKind(o.Kind), o.Region, string(o.Caller), strconv.Itoa(o.Contacts), string(o.Owner), o.Why,
		})
	}
	switch {
	case len(page.Rows) == 0:
		return no()
	case !q.json:
		for _, line := range aligned(rows) {
			fmt.Fprintln(io.out, line)
		}
	}
	return nil
}

// dueWords is the deadline, and what stands against it.
func dueWords(o record.Owed) string {
	words := o.Due.Time.Local().Format("01-02 15:04")
	switch {
	case o.Settled != nil:
		words = o.Settled.At.Time.Local().Format("01-02 15:04") + map[call.SettlementOutcome]string{
			call.Reached: " 已联系上", call.Closed: " 已结案",
		}[o.Settled.Outcome]
	case o.Overdue(time.Now()):
		words += " 已超时"
	}
	return words
}

func owedKind(kind string) string {
	switch call.FollowUpKind(kind) {
	case call.RingBack:
		return "待回拨"
	case call.Unfiled:
		return "缺报备"
	case call.Unconcluded:
		return "缺结果"
	case call.Contact:
	}
	return "待联系"
}
