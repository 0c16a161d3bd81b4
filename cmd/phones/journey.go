package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// kept is what the demo shows of a record.
type kept struct {
	ID      string    `json:"id"`
	Arrived time.Time `json:"arrived_at"`
	Outcome string    `json:"outcome"`
	Reason  string    `json:"reason"`
	Alone   int64     `json:"alone_ms"`
	Waited  int64     `json:"waited_ms"`
	Talked  int64     `json:"talked_ms"`

	Transfers []struct {
		Filing  string `json:"filing"`
		Outcome string `json:"outcome"`
	} `json:"transfers"`
	Recording struct {
		File   string `json:"file"`
		SHA256 string `json:"sha256"`
		Fault  string `json:"fault"`
	} `json:"recording"`
	Journey []struct {
		At    time.Time `json:"at"`
		What  string    `json:"what"`
		Words string    `json:"words"`
		Who   string    `json:"who"`
		More  string    `json:"more"`
	} `json:"journey"`
}

// journey waits for the record of the act's call and prints it line by line.
func (c *cast) journey(ctx context.Context, caller string) error {
	desk := &worker{c: c, id: "1019"}
	if err := desk.login(ctx); err != nil {
		return err
	}
	id, err := c.newest(ctx, desk, caller)
	if err != nil {
		return err
	}
	var r kept
	if err := desk.asks(ctx, http.MethodGet, "/records/"+id, nil, &r); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "  记录 record %s\n", r.ID)
	for _, e := range r.Journey {
		fmt.Fprintf(c.out, "    +%6.2fs  %-14s %s  %s %s\n", e.At.Sub(r.Arrived).Seconds(), e.What, e.Words, e.Who, e.More)
	}
	fmt.Fprintf(c.out, "  结果 outcome %s（%s），等待 waited %.1fs，通话 talked %.1fs，孩子独自一人 alone %d ms\n",
		r.Outcome, r.Reason, float64(r.Waited)/1000, float64(r.Talked)/1000, r.Alone)
	for _, t := range r.Transfers {
		fmt.Fprintf(c.out, "  报备 filing %s: %s\n", t.Filing, t.Outcome)
	}
	fmt.Fprintf(c.out, "  录音 recording %s sha256 %.16s…\n", r.Recording.File, r.Recording.SHA256)
	switch {
	case r.Alone != 0:
		return fmt.Errorf("the child was alone for %d ms", r.Alone)
	case r.Recording.Fault != "" || r.Recording.SHA256 == "":
		return errors.New("the recording is not whole: " + r.Recording.Fault)
	}
	return nil
}

// newest waits for the record of a caller that began in this act.
func (c *cast) newest(ctx context.Context, desk *worker, caller string) (string, error) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	query := url.Values{"caller": {caller}, "from": {c.began.Format(time.RFC3339Nano)}}
	for {
		var page struct {
			Records []kept `json:"records"`
		}
		if err := desk.asks(ctx, http.MethodGet, "/records?"+query.Encode(), nil, &page); err != nil {
			return "", err
		}
		if len(page.Records) > 0 {
			return page.Records[0].ID, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return "", fmt.Errorf("no record of %s: %w", caller, ctx.Err())
		}
	}
}
