package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"weibao/configs"
)

// there is nil when the folder of the configuration can be read.
func (w *where) there() error {
	if _, err := os.Stat(w.configs); err != nil {
		return wrong(fmt.Errorf("配置目录读不到，用 --configs 指明 (folder of the configuration): %w", err))
	}
	return nil
}

// load reads the configuration and says every fault.
func load(io streams, at *where) (*configs.Snapshot, error) {
	if err := at.there(); err != nil {
		return nil, err
	}
	snapshot, faults := configs.Read(os.DirFS(at.configs), time.Now())
	if len(faults) > 0 {
		fmt.Fprintln(io.err, faults)
		return nil, wrong(fmt.Errorf("%s 中有 %d 处错误，原配置继续有效 (%d faults)", at.configs, len(faults), len(faults)))
	}
	return snapshot, nil
}

const checkHelp = `检查配置：每一处错误都说文件、行、列、应该怎么写；没有错误时说版本。快要出问题的（如节假日还是暂定的）另作提醒。

--cases cases.yaml 再把一张表的来电逐条问一遍，核对结果。每条写一通来电和应有的结果，只核对写了的：
  at: 2026-10-01T02:00+08:00                  # 没有写时间的来电按这个时间算
  cases:
    - name: 延边夜里没有坐席
      region: "222400"                        # 还有 dialled、caller、trunk、keys、at、places，和 explain 的同名
      keys: "6"
      facts: {repeat: lost}                   # 或 risk: flagged
      load: none                              # 或 [yanbian=5/1, province=0/0]
      want:
        route: 没等到人又打来
        region: "222400"
        steps: [queue:yanbian, queue:province, duty:222400]   # 全部步骤，按顺序
        reaches: [duty:222400]                # 步骤里要有的
        on_duty: [金哲, "139****0433"]        # 会被拨到的值班员或打码的号码
        priority: 20
        handles: "220000"                     # places 的事由谁处理
不符的逐条说应为什么、结果是什么、为什么。这个文件可以放在配置目录里，名字就叫 cases.yaml。

--json：没有 --cases 时是错误的列表 [{file, line, column, path, what {zh, en}, want, near, source}]；
有 --cases 时是 {faults, cases [{name, held, want [{what, want, got, held}], explanation}]}，explanation 见 weibao explain --help。

退出码：0 没有错误，全部符合 · 1 有错误或有不符 · 2 用法有误

Checks the configuration, and with --cases a table of calls with what is expected of each. Exit: 0 good,
1 faults or a case is not as wanted, 2 wrong use.`

// checking are the flags of check.
type checking struct {
	json        bool
	cases, lang string
}

func newCheck(io streams, at *where) *cobra.Command {
	var c checking
	cmd := &cobra.Command{
		Use: "check", Short: "检查配置，逐条列出错误 every fault in the YAML, with line and caret", Long: checkHelp, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return c.run(io, at) },
	}
	cmd.Flags().BoolVar(&c.json, "json", false, "以 JSON 输出 as JSON")
	cmd.Flags().StringVar(&c.cases, "cases", "", "再核对一张表的来电 a table of calls with what is expected of each")
	cmd.Flags().StringVar(&c.lang, "lang", "zh", "--cases 说明用的语言 zh | en")
	return cmd
}

func (c checking) run(io streams, at *where) error {
	if c.lang != "zh" && c.lang != "en" {
		return wrong(fmt.Errorf("--lang %q: 写 zh 或 en (want zh or en)", c.lang))
	}
	files := os.DirFS(at.configs)
	if _, err := os.Stat(at.configs); err != nil {
		files = configs.Shipped()
		fmt.Fprintf(io.err, "%s 不存在，检查内置的配置 (not there; the built-in files are checked)\n", at.configs)
	}
	snapshot, faults := configs.Read(files, time.Now())
	if len(faults) > 0 {
		return c.refuse(io, faults)
	}
	for _, warning := range snapshot.Warnings(time.Now()) {
		fmt.Fprintf(io.err, "注意 warning: %s\n", warning)
	}
	if c.cases != "" {
		report, err := judge(snapshot, c.cases, c.lang)
		if err != nil {
			return err
		}
		return report.answer(io, c.json)
	}
	if c.json {
		return c.encode(io, faults)
	}
	fmt.Fprintf(io.out, "配置无误 good: version %s, %d agents, %d queues, %d posts\n",
		snapshot.Version, len(snapshot.Agents), len(snapshot.Guide.Queues), snapshot.Guide.Rotas.Len())
	return nil
}

// refuse tells the faults of a configuration.
func (c checking) refuse(io streams, faults configs.Faults) error {
	switch {
	case c.json && c.cases != "":
		return casesReport{Faults: faults, Cases: []judgedCase{}}.answer(io, true)
	case c.json:
		if err := c.encode(io, faults); err != nil {
			return err
		}
	default:
		fmt.Fprintln(io.out, faults)
	}
	return no()
}

func (c checking) encode(io streams, faults configs.Faults) error {
	if err := json.NewEncoder(io.out).Encode(faults); err != nil {
		return notDone(err)
	}
	return nil
}
