package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestTheGatewayOfACallerIsShownWhenThereIsMoreThanOne(t *testing.T) {
	t.Parallel()
	shown := func(text string) string {
		var line theLine
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		line.print(&out, nil)
		return out.String()
	}
	const a, b = `{"call":"01A","gateway":"gw-1","position":1}`, `{"call":"01B","gateway":"gw-2","position":2}`
	if out := shown(`{"total":2,"line":[` + a + `,` + b + `]}`); !strings.Contains(out, "网关") || !strings.Contains(out, "gw-1  01A") || !strings.Contains(out, "gw-2  01B") {
		t.Errorf("two gateways:\n%s", out)
	}
	if out := shown(`{"total":1,"line":[` + a + `]}`); strings.Contains(out, "网关") || strings.Contains(out, "gw-1") {
		t.Errorf("one gateway:\n%s", out)
	}
}
