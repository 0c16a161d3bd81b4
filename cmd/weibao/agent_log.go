package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"weibao/record"
	"weibao/routing"
)

// newAgentLog reads the presence log of a seat from the database, as the
// records are read; no gateway need run.
func newAgentLog(io streams, at *where) *cobra.Command {
	var s search
	cmd := &cobra.Command{
		Use: "log ID", Short: "坐席的状态记录 what changed of a seat, when and why; the last first", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s.agent = args[0]
			q, err := s.query()
			if err != nil {
				return err
			}
			return withStore(cmd.Context(), at, func(store record.Store) error {
				return showSeatLog(cmd.Context(), io, store, q, s.json)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&s.from, "from", "", "起始时间 RFC 3339")
	f.StringVar(&s.to, "to", "", "截止时间 RFC 3339, exclusive")
	f.IntVar(&s.limit, "limit", 50, "最多条数 at most so many")
	f.BoolVar(&s.json, "json", false, "以 JSON 输出 as JSON")
	return cmd
}

func showSeatLog(ctx context.Context, io streams, store record.Store, q record.Query, asJSON bool) error {
	page, err := store.SeatLog(ctx, q)
	if err != nil {
		return notDone(err)
	}
	for _, c := range page.Rows {
		if asJSON {
			if err := json.NewEncoder(io.out).Encode(c); err != nil {
				return notDone(err)
			}
			continue
		}
		fmt.Fprintln(io.out, sayChange(c))
	}
	if len(page.Rows) == 0 {
		return no()
	}
	return nil
}

// sayChange is a line of the log for people.
func sayChange(c record.SeatChange) string {
	words := []string{c.At.Time.Local().Format("2006-01-02 15:04:05"), stateOf(c.What, c.From) + " → " + stateOf(c.What, c.To)}
	if !c.Since.IsZero() {
		words = append(words, fmt.Sprintf("%.0f 秒", c.At.Sub(c.Since.Time).Seconds()))
	}
	if c.Cause != "" {
		words = append(words, cmp.Or(causeWords[c.Cause], c.Cause))
	}
	if c.By != "" {
		words = append(words, "本人 "+string(c.By))
	}
	words = append(words, c.Queue, string(c.Call))
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), "  ")
}

func stateOf(what routing.SeatFact, word string) string {
	return cmp.Or(stateWords[string(what)+" "+word], word)
}

// stateWords are the words of the log in Chinese; what is not known is shown
// as it stands.
var stateWords = map[string]string{
	"presence offline": "离线", "presence away": "暂离", "presence ready": "就绪",
	"phone reachable": "话机可达", "phone unreachable": "话机不可达",
	"desk none": "无桌面", "desk open": "桌面已打开", "desk gone": "桌面无响应",
	"work free": "空闲", "work claimed": "拨话机", "work ringing": "振铃", "work talking": "通话", "work wrapping": "话后整理",
}

var causeWords = map[string]string{
	"no_answer": "振铃未接", "rejected": "拒接", "busy": "话机占线", "unreachable": "话机没有回应", "cancelled": "来电人已离开或别人先接",
	"left": "通话结束", "left after a grave call": "重大来电结束", "ready": "坐席说已就绪", "over": "时间到",
	"no sign of the desk": "桌面没有响应",
	"call is gone":        "系统收回：通话已经不在", "ring never ended": "系统收回：振铃一直没有结束",
	"left by an earlier life": "系统收回：网关重新启动前的通话",
}
