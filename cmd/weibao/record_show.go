package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"weibao/call"
	"weibao/configs"
	"weibao/record"
)

func showRecord(ctx context.Context, io streams, store record.Store, id string, s search) error {
	r, err := store.Get(ctx, call.ID(id))
	if err != nil {
		return notDone(err)
	}
	if !s.whole {
		r = r.Masked()
	}
	if s.json {
		out := json.NewEncoder(io.out)
		out.SetIndent("", "  ")
		return out.Encode(r)
	}
	fmt.Fprintf(io.out, "%s  %s  %s → %s  %s（%s）\n", r.ID, r.Region, string(r.Caller), r.Dialled, r.Outcome, r.Reason)
	for _, e := range r.Journey {
		fmt.Fprintf(io.out, "  %s  %-14s %-18s %s\n", e.At.Time.Local().Format("15:04:05.000"), e.What, e.Who, e.More)
	}
	return nil
}

func newRecordExport(io streams, at *where) *cobra.Command {
	var s search
	format, filings, followUps := "jsonl", false, false
	cmd := &cobra.Command{
		Use: "export", Short: "导出记录、报备或待联系 records, filings or follow-ups in an open form", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q, err := s.query()
			if err != nil {
				return err
			}
			e := record.Export{Query: q, Format: record.Format(format), Whole: s.whole}
			return withStore(cmd.Context(), at, func(store record.Store) error {
				write := record.ExportRecords
				switch {
				case filings && followUps:
					return wrong(errors.New("--filings 和 --follow-ups 只写一个 (give one of them)"))
				case filings:
					write = record.ExportFilings
				case followUps:
					write = record.ExportOwed
				}
				n, err := write(cmd.Context(), io.out, store, e)
				fmt.Fprintf(io.err, "%d 条 (rows)\n", n)
				if err != nil {
					return notDone(err)
				}
				return nil
			})
		},
	}
	s.flags(cmd)
	cmd.Flags().StringVar(&format, "format", "jsonl", "jsonl | csv")
	cmd.Flags().BoolVar(&filings, "filings", false, "导出报备 filings instead of records")
	cmd.Flags().BoolVar(&followUps, "follow-ups", false, "导出欠着来电人的 what callers are owed, instead of records")
	return cmd
}

func newRecordVerify(io streams, at *where) *cobra.Command {
	dir, trusted := "", []string(nil)
	cmd := &cobra.Command{
		Use: "verify", Short: "核验日志链、录音和销毁记录是否被改动 are the journal, the recordings and the stubs of purged ones whole?", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			settings, err := configs.ReadSettings(at.config)
			if err != nil {
				return wrong(err)
			}
			if dir == "" {
				dir = settings.Record.Journal
			}
			report, err := record.Verify(dir, marks(cmd.Context(), settings.Record.DSN.Reveal())...)
			if err != nil {
				return notDone(err)
			}
			fmt.Fprintln(io.out, report)
			tapes, err := verifyTapes(dir, settings, trusted)
			if err != nil {
				return notDone(err)
			}
			fmt.Fprintln(io.out, tapes)
			for _, fault := range tapes.Faults {
				fmt.Fprintln(io.out, "  "+fault)
			}
			if !report.OK() || !tapes.OK() {
				return no()
			}
			return nil
		},
	}
	cmd.Flags().StringSliceVar(&trusted, "purge-key", nil, "销毁记录的公钥 public key of whoever signs purges, in hex; default: of the settings")
	cmd.Flags().StringVar(&dir, "journal", "", "日志目录 folder of the journal; default: of the settings")
	return cmd
}

// verifyTapes checks the stubs of purged recordings and the encrypted ones.
// Without a key that is named, that of the settings is trusted; none is made.
func verifyTapes(dir string, settings configs.Settings, trusted []string) (record.TapeReport, error) {
	if _, err := os.Stat(settings.Record.PurgeKey); len(trusted) == 0 && err == nil {
		signer, _, err := record.OpenSigner(settings.Record.PurgeKey)
		if err != nil {
			return record.TapeReport{}, err
		}
		trusted = []string{signer.Public()}
	}
	return record.VerifyTapes(dir, trusted...)
}

// marks are how far the database has come: a chain alone can not show lines
// that were cut off its end. Without a database there are none.
func marks(ctx context.Context, dsn string) []record.Mark {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	store, err := record.Open(ctx, dsn)
	if err != nil {
		return nil
	}
	found, err := store.Marks(ctx)
	if errors.Join(err, store.Close()) != nil {
		return nil
	}
	return found
}
