package record

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weibao/call"
)

// emergencyFiling is a filing with everything in it.
func emergencyFiling() Filing {
	made := moment(time.Date(2026, 11, 23, 22, 5, 9, 0, zone()))
	return Filing{
		Number: "JL-20261123-0007", Call: "01A", Category: "虐待", Place: "222404", Region: "222400", Agent: "1009", Caller: "13812345678",
		FilingDetails: FilingDetails{
			Items: []int{4}, PlaceWords: "吉林省延边朝鲜族自治州珲春市", Language: "ko", Notice: "请核实孩子所在地",
			Form: map[string]string{"what": "门反锁了\n<b>有人喊</b>", "age": "8"},
		},
		MadeAt: made, PoliceCase: "珲公110-7",
		Attempts: []Attempt{{Number: "0433110", DialledAt: made, Result: string(call.Busy)}, {Number: "04335550110", DialledAt: made, PickedAt: made}},
	}
}

func TestTheSheetSaysEverythingThat110AsksFirst(t *testing.T) {
	t.Parallel()
	rules := call.FilingRules{Key: "*110", Items: map[int]string{4: "身体多处损伤等"}, Rows: []call.SheetRow{{Field: "age", Title: "年龄"}, {Field: "what", Title: "正在发生什么"}, {Field: "injury", Title: "受伤情况"}}}
	s := SheetOf(emergencyFiling(), rules)
	want := `未成年人保护热线　110警情移交单

报备编号　JL-20261123-0007
校 验 码　` + CheckCode("JL-20261123-0007", "222404", "13812345678") + `
请 注 意　请核实孩子所在地

报备时间：2026年11月23日 22:05:09
类别：虐待（强制报告：第4项 身体多处损伤等）
孩子所在地：吉林省延边朝鲜族自治州珲春市（222404）
回拨电话：13812345678
语言：朝鲜语
年龄：8
正在发生什么：门反锁了 <b>有人喊</b>
受伤情况：未问清
坐席：1009
通话编号：01A
拨打110（第1次）：2026年11月23日 22:05:09 0433110 忙线
拨打110（第2次）：2026年11月23日 22:05:09 04335550110 接通 22:05:09
110警单号：珲公110-7
处理结果：

校验码按 ISO 7064 MOD 97-10 对“报备编号、地区代码、回拨电话”依次计算；听记后可核对。
`
	if diff := cmp.Diff(want, s.Text()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var html strings.Builder
	if err := s.HTML(&html); err != nil {
		t.Fatal(err)
	}
	for _, line := range s.Lines {
		if !strings.Contains(html.String(), "<th>"+line.Title+"</th>") {
			t.Errorf("the page has no %s", line.Title)
		}
	}
	if strings.Contains(html.String(), "<b>有人喊</b>") || !strings.Contains(html.String(), "&lt;b&gt;有人喊") || strings.Contains(html.String(), "http") {
		t.Error("what a seat writes is text on the page, and the page needs nothing from elsewhere")
	}
}

func TestTheNumberToRingBackIsThatOfTheFormWhenThereIsOne(t *testing.T) {
	t.Parallel()
	f := emergencyFiling()
	f.Form["callback"] = "04335550001"
	if s := SheetOf(f, call.FilingRules{}); s.CodeOf[2] != "04335550001" || s.Code != CheckCode(s.CodeOf...) {
		t.Errorf("%+v", s)
	}
}
