package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weibao/configs"
	"weibao/routing"
)

const rotaHelp = `值班表：某个岗位某一刻谁值班、哪些时间没有人、一个月的月表、导出日历、临时调整。

岗位 POST 写代码（222400）或名称（延边、珲春市）。没有自己岗位的县（市、区）就是上级的岗位。
时间 --at 写 2026-10-01T02:00+08:00，或岗位当地的 "2026-10-01 02:00"、2026-10-01。
已批准的值班调整从本机的日志里读，和运行中的网关答得一样。

The duty rota: who is on duty, gaps, a month, a calendar, overrides. A POST is a code or a name.`

func newRota(io streams, at *where) *cobra.Command {
	cmd := &cobra.Command{Use: "rota", Short: "值班表 the duty rota: on | gaps | month | ics | override", Long: rotaHelp}
	cmd.AddCommand(newRotaOn(io, at), newRotaGaps(io, at), newRotaMonth(io, at), newRotaICS(io, at), newRotaOverride(io, at))
	return cmd
}

// book is the rotas of a configuration and what people call their posts.
type book struct {
	rotas   routing.Rotas
	regions routing.Regions
}

// openBook reads the configuration and the overrides. Gaps do not keep it from
// being read: they are what these commands show.
func openBook(io streams, at *where) (book, error) {
	if err := at.there(); err != nil {
		return book{}, err
	}
	snapshot, faults := configs.Read(os.DirFS(at.configs), time.Now())
	if snapshot == nil {
		fmt.Fprintln(io.err, faults)
		return book{}, wrong(fmt.Errorf("%s 中有 %d 处错误 (%d faults)", at.configs, len(faults), len(faults)))
	}
	if len(faults) > 0 {
		fmt.Fprintf(io.err, "注意 warning: 这份配置有空档或缺节假日，不会生效，见 weibao check (these files are refused, see weibao check)\n")
	}
	overrides, err := loadOverrides(io, at)
	if err != nil {
		fmt.Fprintf(io.err, "注意 warning: 读不到值班调整，只按文件回答 (without overrides): %v\n", err)
	}
	return book{rotas: snapshot.Guide.Rotas.With(overrides), regions: snapshot.Guide.Regions}, nil
}

// region finds what is meant by a code or by a name; the beginning of a name is
// enough when it begins no other.
func (b book) region(asked string) (routing.Region, error) {
	if region, known := b.regions.Find(asked); known {
		return region, nil
	}
	var begun []routing.Region
	var names []string
	for _, region := range b.regions.All() {
		called := []string{region.Name}
		if rota, has := b.rotas.Post(region.Code); has {
			called = append(called, rota.Post().Name)
		}
		for _, name := range called {
			switch {
			case name == asked:
				return region, nil
			case strings.HasPrefix(name, asked) && (len(begun) == 0 || begun[len(begun)-1].Code != region.Code):
				begun = append(begun, region)
			}
		}
		names = append(names, region.Code)
		for _, name := range called {
			names = append(names, name, beginning(name, asked))
		}
	}
	switch len(begun) {
	case 1:
		return begun[0], nil
	case 0:
		text := fmt.Sprintf("没有岗位 %q (no such post)", asked)
		if near := configs.Nearest(asked, names); near != "" {
			text += "，是否想写 did you mean: " + near
		}
		return routing.Region{}, errors.New(text)
	}
	meant := make([]string, len(begun))
	for i, region := range begun {
		meant[i] = region.Code + " " + region.Name
	}
	return routing.Region{}, fmt.Errorf("%q 不止一个 (more than one): %s", asked, strings.Join(meant, "、"))
}

// beginning is as much of a name as was asked for.
func beginning(name, asked string) string {
	runes := []rune(name)
	return string(runes[:min(len(runes), len([]rune(asked)))])
}

// post is the rota that serves what is asked for.
func (b book) post(asked string) (*routing.Rota, error) {
	region, err := b.region(asked)
	if err != nil {
		return nil, wrong(err)
	}
	rota, has := b.rotas.Of(b.regions, region.Code)
	if !has {
		return nil, wrong(fmt.Errorf("%s（%s）和上级都没有值班岗位 (no duty post)", region.Name, region.Code))
	}
	return rota, nil
}

// wallTime reads a time: an instant with its zone, or a time or a day on the
// clocks of a post; empty is now.
func wallTime(text string, rota *routing.Rota) (time.Time, error) {
	if day, is := routing.ParseDate(text); is {
		return rota.Instant(day, 0), nil
	}
	day, hour, _ := strings.Cut(strings.Replace(text, "T", " ", 1), " ")
	date, isDay := routing.ParseDate(day)
	clock, isClock := routing.ParseClock(hour)
	if isDay && isClock {
		return rota.Instant(date, clock), nil
	}
	at, err := instant(text)
	if err != nil {
		return time.Time{}, wrong(err)
	}
	return at.In(rota.Zone()), nil
}

// titled is a post as people read it.
func titled(post routing.Post) string { return fmt.Sprintf("%s（%s）", post.Name, post.Code) }
