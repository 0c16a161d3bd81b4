package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weibao/call"
	"weibao/configs"
	"weibao/record"
)

func newRecordSheet(io streams, at *where) *cobra.Command {
	var page, asJSON bool
	var heard string
	cmd := &cobra.Command{
		Use: "sheet 报备编号", Short: "打印110警情移交单 the hand-over sheet of a filing", Args: cobra.MaximumNArgs(1),
		Long: `打印一份报备的110警情移交单（含来电人完整号码，须有审批）。
--check 核对电话里听记的内容，不需要数据库："报备编号 地区代码 回拨电话 校验码"。
Print the hand-over sheet of a filing, with the caller's whole number. --check tells whether what was heard is right.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case heard != "":
				return checkHeard(io, heard)
			case len(args) != 1:
				return wrong(errors.New("请写报备编号 (name the filing), 如 weibao record sheet JL-20261123-0001"))
			}
			return withStore(cmd.Context(), at, func(store record.Store) error {
				f, err := store.Filing(cmd.Context(), args[0])
				if errors.Is(err, record.ErrNotFound) {
					return no()
				}
				if err != nil {
					return notDone(err)
				}
				return printSheet(io, record.SheetOf(f, sheetRules(at)), page, asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&page, "html", false, "可打印的网页 a page to print")
	cmd.Flags().BoolVar(&asJSON, "json", false, "以 JSON 输出 as JSON")
	cmd.Flags().StringVar(&heard, "check", "", "听记的“编号 地区代码 回拨电话 校验码” what was heard, in this order")
	return cmd
}

// sheetRules are those of the present configuration; the defaults when it can
// not be read: a sheet must be printed even then.
func sheetRules(at *where) call.FilingRules {
	snapshot, _ := configs.Read(os.DirFS(at.configs), time.Now())
	if snapshot == nil {
		return call.DefaultFilingRules()
	}
	return snapshot.Guide.Filings
}

func printSheet(io streams, s record.Sheet, page, asJSON bool) error {
	var err error
	switch {
	case page:
		err = s.HTML(io.out)
	case asJSON:
		err = json.NewEncoder(io.out).Encode(s)
	default:
		_, err = fmt.Fprint(io.out, s.Text())
	}
	if err != nil {
		return notDone(err)
	}
	return nil
}

// checkHeard answers whether a code belongs to what was heard before it.
func checkHeard(io streams, heard string) error {
	parts := strings.Fields(heard)
	if len(parts) < 3 {
		return wrong(fmt.Errorf("--check %q: 依次写编号、地区代码、回拨电话、校验码 (want number, place, telephone, code)", heard))
	}
	last := len(parts) - 1
	if !record.Checks(parts[last], parts[:last]...) {
		fmt.Fprintln(io.out, "不符：请对方重念一遍 (wrong: have it read again)")
		return no()
	}
	fmt.Fprintln(io.out, "相符 (right)")
	return nil
}
