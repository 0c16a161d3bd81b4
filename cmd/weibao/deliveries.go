package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"weibao/configs"
	"weibao/record"
	"weibao/record/outbox"
)

// newDeliveries lists what of filings nobody outside has acknowledged. It
// reads the database, so it works beside a gateway that runs and without one.
func newDeliveries(io streams, at *where) *cobra.Command {
	var inJSON bool
	var after time.Duration
	cmd := &cobra.Command{
		Use: "deliveries [FILING]", Short: "报备送到了哪里：没有签收的，或一份报备的每一步 which filings are not acknowledged, or every step of one",
		Long: "列出没有签收的报备和结果，每一条写明归谁管；写上报备编号，就列出它送往各方的每一步。\n\n" +
			"退出码：0 都签收了，或每一条都有人管；1 有一条没有人管，或没有这份报备。\n" +
			"exit: 0 nothing is open, or everything has an owner; 1 something has none, or there is no such filing",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			settings, err := configs.ReadSettings(at.config)
			if err != nil {
				return wrong(err)
			}
			db, err := record.Open(cmd.Context(), settings.Record.DSN.Reveal())
			if err != nil {
				return notDone(err)
			}
			store := outbox.NewStore(db, string(settings.Node))
			var found []outbox.Standing
			if len(args) == 1 {
				found, err = store.Of(cmd.Context(), args[0])
			} else {
				found, err = store.Open(cmd.Context(), time.Now().Add(-after))
			}
			if err = errors.Join(err, db.Close()); err != nil {
				return notDone(err)
			}
			if err := showDeliveries(io, found, inJSON); err != nil {
				return notDone(err)
			}
			orphan := slices.ContainsFunc(found, func(d outbox.Standing) bool { return d.State.Open() && d.Owner == "" })
			if orphan || len(args) == 1 && len(found) == 0 {
				return no()
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&inJSON, "json", false, "以 JSON 输出 as JSON")
	cmd.Flags().DurationVar(&after, "after", 0, "只列送了这么久还没有签收的 only those tried for so long")
	return cmd
}

func showDeliveries(io streams, found []outbox.Standing, inJSON bool) error {
	rows := [][]string{{"报备", "事项", "收件方", "状态", "归", "开始", "次数", "签收", "说明"}}
	for _, d := range found {
		if inJSON {
			if err := json.NewEncoder(io.out).Encode(d); err != nil {
				return err
			}
			continue
		}
		rows = append(rows, []string{
			d.Filing, filingEventWords(d.What), d.Receiver, deliveryWords(d.State), d.Owner, clockWords(d.Since),
			strconv.Itoa(d.Attempts), clockWords(d.AckedAt) + " " + d.AckedBy, d.Detail,
		})
		for _, step := range d.Steps {
			rows = append(rows, []string{
				"", "", "", deliveryWords(step.Result), step.Node, clockWords(step.Began), strconv.Itoa(step.Attempt), clockWords(step.Ended), step.Detail,
			})
		}
	}
	if inJSON || len(found) == 0 {
		return nil
	}
	for _, line := range aligned(rows) {
		if _, err := fmt.Fprintln(io.out, line); err != nil {
			return err
		}
	}
	return nil
}

func filingEventWords(event record.FilingEvent) string {
	return map[record.FilingEvent]string{
		record.FilingMade: "报备", record.FilingOutcome: "结果", record.FilingCorrected: "更正",
	}[event]
}

func deliveryWords(state outbox.State) string {
	words, known := map[outbox.State]string{
		outbox.Waiting: "待送", outbox.Sent: "已送未签收", outbox.Acknowledged: "已签收", outbox.GivenUp: "送不到", outbox.Withdrawn: "已撤回",
	}[state]
	if !known {
		return "没有送完" // the gateway was killed in the attempt, or is in it
	}
	return words
}

func clockWords(m record.Moment) string {
	if m.IsZero() {
		return ""
	}
	return m.Time.Local().Format("01-02 15:04:05")
}
