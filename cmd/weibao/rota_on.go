package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weibao/routing"
)

// dutyQuestion is what rota on is asked.
type dutyQuestion struct {
	at, lang    string
	json, whole bool
}

// onDuty is the answer as JSON.
type onDuty struct {
	At    time.Time `json:"at"`
	Asked string    `json:"asked"`
	On    bool      `json:"on"`
	// Date is the day that the shift belongs to, Day what the calendar says of
	// it.
	Date string `json:"date,omitempty"`
	Day  string `json:"day,omitempty"`
	routing.Duty
	Why []string `json:"why"`
}

func newRotaOn(io streams, at *where) *cobra.Command {
	var q dutyQuestion
	cmd := &cobra.Command{
		Use: "on POST", Short: "这一刻谁值班，为什么 who is on duty at that time, and why", Args: cobra.ExactArgs(1),
		Example: "  weibao rota on 222400\n  weibao rota on 延边 --at \"2027-02-06 03:00\"",
		RunE: func(_ *cobra.Command, args []string) error {
			if q.lang != "zh" && q.lang != "en" {
				return wrong(fmt.Errorf("--lang %q: zh 或 en (zh or en)", q.lang))
			}
			b, err := openBook(io, at)
			if err != nil {
				return err
			}
			answer, err := b.onDuty(args[0], q)
			if err != nil {
				return err
			}
			if err := answer.print(io, q); err != nil {
				return notDone(err)
			}
			if !answer.On {
				return no()
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&q.at, "at", "", "时间 e.g. 2026-10-01T02:00+08:00 or \"2026-10-01 02:00\"; empty: now")
	f.StringVar(&q.lang, "lang", "zh", "说明的语言 zh | en")
	f.BoolVar(&q.json, "json", false, "以 JSON 输出 as JSON")
	f.BoolVar(&q.whole, "numbers", false, "号码不打码 numbers unmasked")
	return cmd
}

// onDuty asks the function that the calls ask.
func (b book) onDuty(asked string, q dutyQuestion) (onDuty, error) {
	region, err := b.region(asked)
	if err != nil {
		return onDuty{}, wrong(err)
	}
	rota, err := b.post(region.Code)
	if err != nil {
		return onDuty{}, err
	}
	when, err := wallTime(q.at, rota)
	if err != nil {
		return onDuty{}, err
	}
	duty, on := b.rotas.On(b.regions, region.Code, when)
	if !q.whole {
		duty = hidden(duty)
	}
	answer := onDuty{At: when.In(rota.Zone()), Asked: region.Code, On: on, Duty: duty, Why: duty.Why(q.lang)}
	if duty.Date != (routing.Date{}) {
		answer.Date, answer.Day = duty.Date.String(), duty.Day.Say(q.lang)
	}
	return answer, nil
}

// hidden is a duty whose numbers can be shown to anybody.
func hidden(d routing.Duty) routing.Duty {
	hide := func(numbers []string) []string {
		short := make([]string, len(numbers))
		for i, number := range numbers {
			short[i] = routing.Number(number).Masked()
		}
		return short
	}
	d.Numbers = hide(d.Numbers)
	d.Officers = slices.Clone(d.Officers)
	for i := range d.Officers {
		d.Officers[i].Numbers = hide(d.Officers[i].Numbers)
	}
	return d
}

func (a onDuty) print(io streams, q dutyQuestion) error {
	if q.json {
		out := json.NewEncoder(io.out)
		out.SetIndent("", "  ")
		return out.Encode(a)
	}
	fmt.Fprintf(io.out, "%s %s\n", a.At.Format("2006-01-02 15:04"), a.At.Location())
	if !a.On {
		fmt.Fprintln(io.out, "没有人值班 nobody is on duty")
	}
	for i, officer := range a.Officers {
		fmt.Fprintf(io.out, "  %d. %s  %s\n", i+1, officer.Name, strings.Join(officer.Numbers, " "))
	}
	for _, line := range a.Why {
		fmt.Fprintf(io.out, "· %s\n", line)
	}
	return nil
}
