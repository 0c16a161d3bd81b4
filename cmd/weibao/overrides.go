package main

import (
	"context"
	"fmt"

	"weibao/configs"
	"weibao/cti"
	"weibao/record"
	"weibao/routing"
)

// openDuty opens the book of duty overrides with what the journal has of it,
// so that the first call already rings the right person.
func (a *App) openDuty(shared cti.DutyStore) error {
	log := a.log.With("component", "duty")
	kept, err := record.ReadDuty(a.settings.Record.Journal)
	if err != nil {
		return fmt.Errorf("值班调整 (overrides): %w", err)
	}
	if kept.Damaged > 0 {
		log.Error("overrides in the journal are not as they were written", "lines", kept.Damaged)
	}
	a.duty, err = cti.NewDutyBook(cti.DutyOptions{
		Journal: a.registry, Store: shared, Overrides: kept.Overrides, Notes: kept.Notes,
		Recall: func(ctx context.Context) ([]routing.Override, []routing.HandOver, error) {
			d, err := a.store.Duty(ctx)
			return d.Overrides, d.Notes, err
		},
		OnChange: a.hub.DutyChanged, Log: log, Metrics: a.metrics,
	})
	return err
}

// loadOverrides reads the overrides and hand-over notes in the local journal,
// so that a command without a gateway gives the gateway's answer. The journal
// may be in use, or not be there yet.
func loadOverrides(io streams, at *where) (routing.Overrides, error) {
	settings, err := configs.ReadSettings(at.config)
	if err != nil {
		return routing.Overrides{}, wrong(err)
	}
	kept, err := record.ReadDuty(settings.Record.Journal)
	if err != nil {
		return routing.Overrides{}, notDone(err)
	}
	if kept.Damaged > 0 {
		fmt.Fprintf(io.err, "注意 warning: %s 里有 %d 行值班调整读不出，请运行 weibao record verify (lines that can not be read: run weibao record verify)\n",
			settings.Record.Journal, kept.Damaged)
	}
	return routing.NewOverrides(kept.Overrides, kept.Notes), nil
}
