package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"weibao/configs/graph"
)

// drawing is what graph is asked for.
type drawing struct {
	format, region, at, lang, out string
}

func newGraph(io streams, at *where) *cobra.Command {
	var d drawing
	cmd := &cobra.Command{
		Use: "graph", Short: "画出路由、队列、后援和值班 draw plan, queues, overflow and duty", Args: cobra.NoArgs,
		Long: "画出来电怎么找到人：路由、步骤、队列（坐席数）、值班岗位（此刻谁在）。\n" +
			"只看配置，不需要网络和数据库。SVG 可以直接打印（A4 或 A3 横向）。\n\n" +
			"Draws how a call finds a person, from the configuration alone.\n\n" +
			"  weibao graph -o plan.svg                        全省 the whole plan\n" +
			"  weibao graph --region 222400 -o yanbian.svg     一个市（州） one city\n" +
			"  weibao graph --format mermaid                   Mermaid",
		RunE: func(*cobra.Command, []string) error {
			snapshot, err := load(io, at)
			if err != nil {
				return err
			}
			when, err := instant(d.at)
			if err != nil {
				return wrong(err)
			}
			if d.lang != "zh" && d.lang != "en" {
				return wrong(fmt.Errorf("--lang %q: 应为 zh 或 en (want zh or en)", d.lang))
			}
			chart, err := graph.New(snapshot, graph.Options{Region: d.region, At: when, Lang: d.lang})
			if err != nil {
				return wrong(err)
			}
			return d.write(io, chart)
		},
	}
	f := cmd.Flags()
	f.StringVar(&d.format, "format", "svg", "svg | mermaid")
	f.StringVar(&d.region, "region", "", "只画一个市（州）的来电，地区代码 calls of one region; empty: the whole plan")
	f.StringVar(&d.at, "at", "", "值班按这个时间 RFC 3339: who is on duty then; empty: now")
	f.StringVar(&d.lang, "lang", "zh", "zh | en")
	f.StringVarP(&d.out, "output", "o", "", "写到文件 file to write; empty: standard output")
	return cmd
}

// write puts the picture where it is wanted.
func (d drawing) write(io streams, chart *graph.Chart) error {
	var picture []byte
	switch d.format {
	case "svg":
		picture = chart.SVG()
	case "mermaid":
		picture = []byte(chart.Mermaid())
	default:
		return wrong(fmt.Errorf("--format %q: 应为 svg 或 mermaid (want svg or mermaid)", d.format))
	}
	if d.out != "" {
		if err := os.WriteFile(d.out, picture, 0o644); err != nil {
			return notDone(err)
		}
		return nil
	}
	if _, err := io.out.Write(picture); err != nil {
		return notDone(err)
	}
	return nil
}
