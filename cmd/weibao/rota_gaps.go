package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"weibao/routing"
)

// horizon is the time that rota gaps looks at.
type horizon struct {
	from string
	days int
}

func newRotaGaps(io streams, at *where) *cobra.Command {
	var h horizon
	cmd := &cobra.Command{
		Use: "gaps [POST…]", Short: "今后哪些时间没有人值班 when nobody is on duty", Args: cobra.ArbitraryArgs,
		Long: "今后哪些时间没有人值班，前后是哪个班次；不写岗位就是全部岗位。已批准的调整算在内。退出码：0 没有空档 · 1 有空档。",
		RunE: func(_ *cobra.Command, args []string) error {
			if h.days < 1 || h.days > 3660 {
				return wrong(fmt.Errorf("--days %d: 1 到 3660 (1 to 3660)", h.days))
			}
			b, err := openBook(io, at)
			if err != nil {
				return err
			}
			posts, err := b.posts(args)
			if err != nil {
				return err
			}
			found, err := b.gaps(io, posts, h)
			switch {
			case err != nil:
				return err
			case found > 0:
				return no()
			}
			fmt.Fprintf(io.out, "%d 个岗位 %d 天里每一分钟都有人值班 (posts %d, days %d: somebody is on duty at every minute)\n", len(posts), h.days, len(posts), h.days)
			return nil
		},
	}
	cmd.Flags().IntVar(&h.days, "days", 30, "看多少天 how many days")
	cmd.Flags().StringVar(&h.from, "from", "", "从什么时候起 from when; empty: now")
	return cmd
}

// posts are the rotas of those asked for, or all.
func (b book) posts(asked []string) ([]*routing.Rota, error) {
	if len(asked) == 0 {
		asked = b.rotas.Posts()
	}
	var posts []*routing.Rota
	for _, name := range asked {
		rota, err := b.post(name)
		if err != nil {
			return nil, err
		}
		posts = append(posts, rota)
	}
	return posts, nil
}

// gaps prints every gap and counts them.
func (b book) gaps(io streams, posts []*routing.Rota, h horizon) (int, error) {
	const layout = "2006-01-02 15:04"
	found := 0
	for _, rota := range posts {
		from, err := wallTime(h.from, rota)
		if err != nil {
			return found, err
		}
		to := rota.Instant(routing.DateOf(from).AddDays(h.days), routing.ClockOf(from))
		for _, gap := range rota.Gaps(from, to) {
			found++
			fmt.Fprintf(io.out, "%s %s 至 %s 没有人值班 nobody，%d 分钟 min", titled(rota.Post()),
				gap.From.In(rota.Zone()).Format(layout), gap.To.In(rota.Zone()).Format(layout), gap.Minutes())
			if gap.Before.Shift >= 0 {
				fmt.Fprintf(io.out, "；前一班 before “%s” 到 %s", gap.Before.Name, gap.Before.At.Format(layout))
			}
			if gap.After.Shift >= 0 {
				fmt.Fprintf(io.out, "；后一班 after “%s” 从 %s", gap.After.Name, gap.After.At.Format(layout))
			}
			fmt.Fprintln(io.out)
		}
	}
	return found, nil
}
