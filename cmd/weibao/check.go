package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"weibao/configs"
)

// load reads the configuration and says every fault.
func load(io streams, at *where) (*configs.Snapshot, error) {
	if _, err := os.Stat(at.configs); err != nil {
		return nil, wrong(fmt.Errorf("配置目录读不到，用 --configs 指明 (folder of the configuration): %w", err))
	}
	snapshot, faults := configs.Read(os.DirFS(at.configs))
	if len(faults) > 0 {
		fmt.Fprintln(io.err, faults)
		return nil, wrong(fmt.Errorf("%s 中有 %d 处错误，原配置继续有效 (%d faults)", at.configs, len(faults), len(faults)))
	}
	return snapshot, nil
}

func newCheck(io streams, at *where) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use: "check", Short: "检查配置，逐条列出错误 every fault in the YAML, with line and caret", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			files := os.DirFS(at.configs)
			if _, err := os.Stat(at.configs); err != nil {
				files = configs.Shipped()
				fmt.Fprintf(io.err, "%s 不存在，检查内置的配置 (not there; the built-in files are checked)\n", at.configs)
			}
			snapshot, faults := configs.Read(files)
			if asJSON {
				if err := json.NewEncoder(io.out).Encode(faults); err != nil {
					return notDone(err)
				}
			} else if len(faults) > 0 {
				fmt.Fprintln(io.out, faults)
			}
			if len(faults) > 0 {
				return no()
			}
			for _, warning := range snapshot.Warnings(time.Now()) {
				fmt.Fprintf(io.err, "注意 warning: %s\n", warning)
			}
			if !asJSON {
				fmt.Fprintf(io.out, "配置无误 good: version %s, %d agents, %d queues, %d posts\n",
					snapshot.Version, len(snapshot.Agents), len(snapshot.Guide.Queues), len(snapshot.Guide.Rotas))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "以 JSON 输出 as JSON")
	return cmd
}
