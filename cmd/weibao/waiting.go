package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// theLine is what the API says of the line and of the seats.
type theLine struct {
	At       time.Time `json:"at"`
	Degraded bool      `json:"degraded"`
	Total    int       `json:"total"`
	Line     []struct {
		Call     string   `json:"call"`
		Gateway  string   `json:"gateway"`
		Queues   []string `json:"queues"`
		WaitedMS int64    `json:"waited_ms"`
		Boost    int      `json:"boost"`
		Position int      `json:"position"`
		Offered  string   `json:"offered"`
		Why      []struct {
			Fact string `json:"fact"`
			Say  string `json:"say"`
		} `json:"why"`
	} `json:"line"`
}

// newWaiting shows who waits, and why: once, or again and again on a terminal.
func newWaiting(io streams, at *where) *cobra.Command {
	g, every, asJSON := &gateway{}, time.Duration(0), false
	cmd := &cobra.Command{
		Use: "waiting", Short: "谁在等，为什么 who waits, and why (live)", Args: cobra.NoArgs,
		Long: "正在排队的来电：第几位、等了多久、在哪些队列、为什么还没有接上。终端上每 2 秒刷新，Ctrl+C 结束；\n" +
			"输出到文件或管道时只显示一次。--every 0 只显示一次。",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("every") && isTerminal(io.out) && !asJSON {
				every = 2 * time.Second
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return g.session(ctx, at, func(ctx context.Context) error { return g.watch(ctx, io.out, every, asJSON) })
		},
	}
	g.flags(cmd)
	cmd.Flags().DurationVar(&every, "every", 0, "多久刷新一次 how often to look; 0: once")
	cmd.Flags().BoolVar(&asJSON, "json", false, "以 JSON 输出 as JSON")
	return cmd
}

// isTerminal reports an output that a person looks at.
func isTerminal(out io.Writer) bool {
	file, is := out.(*os.File)
	if !is {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// watch shows the line, and again after every such time until the context is
// over.
func (g *gateway) watch(ctx context.Context, out io.Writer, every time.Duration, asJSON bool) error {
	for {
		var line theLine
		var seats struct{ Agents []seatNow }
		if err := g.ask(ctx, http.MethodGet, "/waiting", nil, &line); err != nil {
			return ended(ctx, err)
		}
		if err := g.ask(ctx, http.MethodGet, "/agents", nil, &seats); err != nil {
			return ended(ctx, err)
		}
		var text bytes.Buffer
		if asJSON {
			if err := json.NewEncoder(&text).Encode(line); err != nil {
				return notDone(err)
			}
		} else {
			line.print(&text, seats.Agents)
		}
		if every > 0 && !asJSON {
			fmt.Fprint(out, "\x1b[H\x1b[2J") // from the top of an empty screen
		}
		if _, err := text.WriteTo(out); err != nil {
			return notDone(err)
		}
		if every <= 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(every):
		}
	}
}

// ended is no fault when a person has ended the command.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// seatNow is a seat as the API shows it.
type seatNow struct {
	Presence string `json:"presence"`
	Work     string `json:"work"`
	Free     bool   `json:"free"`
}

// mostReasons is how many reasons of one caller are shown.
const mostReasons = 3

func (l *theLine) print(out io.Writer, seats []seatNow) {
	free, busy, away := 0, 0, 0
	for _, seat := range seats {
		switch {
		case seat.Free:
			free++
		case seat.Presence == "ready":
			busy++
		default:
			away++
		}
	}
	fmt.Fprintf(out, "%s  排队 waiting %d  坐席 seats：空闲 free %d，在忙 busy %d，不在岗 away %d\n",
		l.At.Local().Format(time.TimeOnly), l.Total, free, busy, away)
	if l.Degraded {
		fmt.Fprintln(out, "Redis 不通，只看得到这个网关的 (Redis is away: this gateway only)")
	}
	if len(l.Line) == 0 {
		fmt.Fprintln(out, "没有人在等 nobody waits")
		return
	}
	const gateway = 4 // its column, for a floor of several
	rows := [][]string{{"位置", "已等", "优先", "队列", "网关", "通话", "为什么"}}
	for _, w := range l.Line {
		var reasons []string
		if w.Offered != "" {
			reasons = append(reasons, "坐席 "+w.Offered+" 正在振铃")
		}
		for _, why := range w.Why {
			if why.Fact != "place" {
				reasons = append(reasons, why.Say)
			}
		}
		if n := len(reasons); n > mostReasons { // the last says what comes next
			reasons = append(reasons[:mostReasons-1], reasons[n-1])
		}
		rows = append(rows, []string{
			strconv.Itoa(w.Position), (time.Duration(w.WaitedMS) * time.Millisecond).Round(time.Second).String(),
			strconv.Itoa(w.Boost), strings.Join(w.Queues, " "), w.Gateway, w.Call, strings.Join(reasons, "；"),
		})
	}
	if !l.shared() {
		for i := range rows {
			rows[i] = slices.Delete(rows[i], gateway, gateway+1)
		}
	}
	for _, line := range aligned(rows) {
		fmt.Fprintln(out, line)
	}
	if more := l.Total - len(l.Line); more > 0 {
		fmt.Fprintf(out, "还有 %d 人 (and %d more)\n", more, more)
	}
}

// shared reports whether callers of more than one gateway wait.
func (l *theLine) shared() bool {
	for _, w := range l.Line {
		if w.Gateway != l.Line[0].Gateway {
			return true
		}
	}
	return false
}
