package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/spf13/cobra"

	"weibao/configs"
	"weibao/cti"
	"weibao/routing"
)

// newRotaOverride is what changes who is on duty without the files: it asks the
// running gateway.
func newRotaOverride(io streams, at *where) *cobra.Command {
	g, w := &gateway{}, &overrideWish{}
	cmd := &cobra.Command{
		Use: "override POST", Short: "值班调整 change who is on duty: POST | list | accept | approve | refuse | withdraw",
		Long: "值班调整（替班、换班）：由正在运行的网关登记，立即对电话、屏幕和通知生效。班长、省级、管理员的申请直接生效，坐席的要批准。\n" +
			"换班：再写 --back-from 和 --back-to，IN 的那一班由 OUT 来还。",
		Example: "  weibao rota override 222400 --from 2026-10-01T20:00+08:00 --to 2026-10-02T08:00+08:00 --out piao --in jin --why 发烧\n" +
			"  weibao rota override 222400 --from … --to … --name 李雪 --number 13800000099\n" +
			"  weibao rota override approve 20261001-7k3qx2",
		Args: onePost,
		RunE: func(cmd *cobra.Command, args []string) error {
			body, err := w.body()
			if err != nil {
				return wrong(err)
			}
			post, err := postCode(io, at, args[0])
			if err != nil {
				return err
			}
			return g.session(cmd.Context(), at, func(ctx context.Context) error {
				return g.step(ctx, io, "/rota/"+url.PathEscape(post)+"/override", body)
			})
		},
	}
	g.flags(cmd)
	w.flags(cmd)
	cmd.AddCommand(&cobra.Command{
		Use: "list POST", Short: "列出一个岗位的调整 those of a post, in every state, newest first", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			post, err := postCode(io, at, args[0])
			if err != nil {
				return err
			}
			return g.session(cmd.Context(), at, func(ctx context.Context) error { return g.listOverrides(ctx, io, post) })
		},
	})
	for _, step := range [...]struct{ verb, short string }{
		{"accept", "来替的人同意 who is to come agrees"},
		{"approve", "批准 from now on it counts"},
		{"refuse", "驳回 it is not to be"},
		{"withdraw", "撤回 it counts no longer"},
	} {
		cmd.AddCommand(&cobra.Command{
			Use: step.verb + " ID", Short: step.short, Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				return g.session(cmd.Context(), at, func(ctx context.Context) error {
					return g.step(ctx, io, "/rota/overrides/"+url.PathEscape(args[0])+"/"+step.verb, nil)
				})
			},
		})
	}
	return cmd
}

// onePost wants a post; what stands there besides may be a step that was
// mistyped.
func onePost(_ *cobra.Command, args []string) error {
	if len(args) == 1 {
		return nil
	}
	text := "要写一个岗位，或者 list、accept、approve、refuse、withdraw (want a POST or one of these)"
	if len(args) > 0 {
		if near := configs.Nearest(args[0], []string{"list", "accept", "approve", "refuse", "withdraw"}); near != "" {
			text += "，是否想写 did you mean: " + near
		}
	}
	return errors.New(text)
}

// postCode is the code of a post that is meant by code or, where the files of
// the configuration are at hand, by name.
func postCode(io streams, at *where, asked string) (string, error) {
	if _, err := os.Stat(at.configs); err != nil || routing.Digits(asked) {
		return asked, nil
	}
	b, err := openBook(io, at)
	if err != nil {
		return "", err
	}
	region, err := b.region(asked)
	if err != nil {
		return "", wrong(err)
	}
	return region.Code, nil
}

// session does something while logged in.
func (g *gateway) session(ctx context.Context, at *where, do func(context.Context) error) error {
	if err := g.login(ctx, at); err != nil {
		return err
	}
	defer g.logout(context.WithoutCancel(ctx))
	return do(ctx)
}

// overrideWish are the flags that say what is to change.
type overrideWish struct {
	from, to, out, in, name, why string
	backFrom, backTo             string
	numbers                      []string
	ask                          bool
}

func (w *overrideWish) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&w.from, "from", "", "从何时 from, as 2026-10-01T20:00+08:00 or \"2026-10-01 20:00\" on the post's clocks")
	f.StringVar(&w.to, "to", "", "到何时 to, exclusive")
	f.StringVar(&w.out, "out", "", "谁不来 who leaves, an officer of the post; empty: IN goes before everybody")
	f.StringVar(&w.in, "in", "", "谁来 who comes, an officer of the post")
	f.StringVar(&w.name, "name", "", "谁来：不在值班表里的人 who comes, anybody else")
	f.StringArrayVar(&w.numbers, "number", nil, "这个人的号码，可写多次 that person's number, several times if need be")
	f.StringVar(&w.why, "why", "", "原因 the reason")
	f.StringVar(&w.backFrom, "back-from", "", "换班：还的那一班从何时 swap: from when OUT stands in for IN")
	f.StringVar(&w.backTo, "back-to", "", "换班：到何时 swap: to when")
	f.BoolVar(&w.ask, "ask", false, "只申请，不直接批准 ask only, leave the approval to another")
}

type wishedOfficer struct {
	ID      string   `json:"id,omitempty"`
	Name    string   `json:"name,omitempty"`
	Numbers []string `json:"numbers,omitempty"`
}

type wishedChange struct {
	From string        `json:"from"`
	To   string        `json:"to"`
	Out  string        `json:"out,omitempty"`
	In   wishedOfficer `json:"in"`
}

type wishedOverride struct {
	Changes []wishedChange `json:"changes"`
	Why     string         `json:"why,omitempty"`
	Ask     bool           `json:"ask,omitempty"`
}

// body is what the API is asked for. What the flags say is judged there, once
// for everybody; here only what they leave out.
func (w *overrideWish) body() (wishedOverride, error) {
	asked := wishedOverride{Why: w.why, Ask: w.ask, Changes: []wishedChange{{
		From: w.from, To: w.to, Out: w.out, In: wishedOfficer{ID: w.in, Name: w.name, Numbers: w.numbers},
	}}}
	switch {
	case w.from == "" || w.to == "":
		return asked, errors.New("要写 --from 和 --to (both are needed)")
	case w.in == "" && w.name == "":
		return asked, errors.New("谁来？写 --in，或者 --name 和 --number (who comes? --in, or --name and --number)")
	case (w.backFrom == "") != (w.backTo == ""):
		return asked, errors.New("--back-from 和 --back-to 要一起写 (give both)")
	case w.backFrom != "" && (w.in == "" || w.out == ""):
		return asked, errors.New("换班要写 --out 和 --in (a swap needs both)")
	}
	if w.backFrom != "" {
		asked.Changes = append(asked.Changes, wishedChange{From: w.backFrom, To: w.backTo, Out: w.in, In: wishedOfficer{ID: w.out}})
	}
	return asked, nil
}

// step asks for a step and prints what the override is then.
func (g *gateway) step(ctx context.Context, io streams, path string, body any) error {
	var answer struct {
		Override answeredOverride
		Message  string
	}
	if err := g.ask(ctx, http.MethodPost, path, body, &answer); err != nil {
		return err
	}
	answer.Override.print(io)
	if answer.Message != "" {
		fmt.Fprintln(io.err, "注意 warning:", answer.Message)
	}
	return nil
}

func (g *gateway) listOverrides(ctx context.Context, io streams, post string) error {
	var answer struct {
		Post, Name string
		Overrides  []answeredOverride
	}
	if err := g.ask(ctx, http.MethodGet, "/rota/"+url.PathEscape(post)+"/overrides", nil, &answer); err != nil {
		return err
	}
	if len(answer.Overrides) == 0 {
		fmt.Fprintf(io.out, "%s（%s）没有值班调整 (no overrides)\n", answer.Name, answer.Post)
	}
	for _, o := range answer.Overrides {
		o.print(io)
	}
	return nil
}

// answeredOverride is an override in the API's answer.
type answeredOverride struct {
	ID, Post, State, Why string
	Changes              []struct {
		From, To time.Time
		Out      string
		OutName  string `json:"out_name"`
		In       wishedOfficer
	}
	Steps []struct {
		State, By string
		At        time.Time
	}
}

// print shows an override: who comes when for whom, and who has done what.
func (o answeredOverride) print(io streams) {
	fmt.Fprintf(io.out, "%s  %s %s  岗位 post %s\n", o.ID, cti.StateWord(routing.OverrideState(o.State)), o.State, o.Post)
	for _, c := range o.Changes {
		place := "先接 goes first"
		if c.Out != "" {
			place = "替 for " + c.OutName + "（" + c.Out + "）"
		}
		fmt.Fprintf(io.out, "  %s – %s  %s %v %s\n", clock(c.From), clock(c.To), c.In.Name, c.In.Numbers, place)
	}
	if o.Why != "" {
		fmt.Fprintf(io.out, "  原因 why: %s\n", o.Why)
	}
	for _, s := range o.Steps {
		fmt.Fprintf(io.out, "  %s %-9s %s  %s\n", cti.StateWord(routing.OverrideState(s.State)), s.State, clock(s.At), s.By)
	}
}

// clock is a time on Beijing's clocks, with its zone.
func clock(at time.Time) string { return at.In(routing.Beijing()).Format("2006-01-02 15:04-07:00") }
