package e2e

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weibao/call"
)

// malformed are messages that a scanner, a broken gateway or somebody angry
// may send; after them the talk goes on and the next call is served.
func malformed() []string {
	const via = "Via: SIP/2.0/UDP 127.0.0.1:5999;branch=z9hG4bK1\r\nFrom: <sip:x@127.0.0.1>;tag=1\r\nTo: <sip:12345@127.0.0.1>\r\nCall-ID: bad\r\n"
	return []string{
		"",
		"\r\n\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
		"INVITE sip:12345@127.0.0.1 SIP/2.0\r\n\r\n",
		"INVITE sip:12345@127.0.0.1 SIP/7.0\r\n" + via + "CSeq: 1 INVITE\r\n\r\n",
		"INVITE sip:12345@127.0.0.1 SIP/2.0\r\n" + via + "CSeq: 99999999999999999999 INVITE\r\nContent-Length: 0\r\n\r\n",
		"INVITE sip:12345@127.0.0.1 SIP/2.0\r\n" + via + "CSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n",
		"INVITE sip:12345@127.0.0.1 SIP/2.0\r\n" + via + "CSeq: 1 INVITE\r\nContent-Type: application/sdp\r\nContent-Length: 9999\r\n\r\nv=0",
		"INVITE sip:12345@127.0.0.1 SIP/2.0\r\n" + via + "CSeq: 1 INVITE\r\nContent-Type: application/sdp\r\nContent-Length: 12\r\n\r\nv=x\r\nm=\r\na=\r\n",
		"INVITE sip:12345@127.0.0.1 SIP/2.0\r\n" + via + "CSeq: 1 INVITE\r\nX-Region: ';DROP TABLE records;--&PJSIP/evil\r\nContent-Length: -1\r\n\r\n",
		"REGISTER sip:127.0.0.1 SIP/2.0\r\n" + via + "CSeq: 1 REGISTER\r\nContact: *\r\nExpires: 0\r\nContent-Length: 0\r\n\r\n",
		"BYE sip:12345@127.0.0.1 SIP/2.0\r\n" + via + "CSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n",
		"SIP/2.0 200 OK\r\n\r\n",
		strings.Repeat("A", 60000),
		"INVITE sip:" + strings.Repeat("9", 3000) + "@127.0.0.1 SIP/2.0\r\n" + via + "CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
		"\x00\xff\xfe\x01INVITE\x00",
	}
}

func TestMalformedSIPDisturbsNobody(t *testing.T) {
	t.Parallel()
	s, li, child, _ := scene(t)
	conn, err := net.Dial("udp", s.SIP())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for range 20 {
		for _, message := range malformed() {
			if _, err := conn.Write([]byte(message)); err != nil {
				t.Fatal(err)
			}
		}
	}
	child.Hears(li)
	li.Hears(child)
	child.HangsUp()
	li.IsLeft()
	if r := s.Record(child); r.Outcome != call.Answered {
		t.Errorf("outcome %s", r.Outcome)
	}
	li.Is("ready")
	next := s.Citizen("13800000002")
	next.Dials("12345", "X-Region", "9'; DROP TABLE records; --")
	next.Presses("6")
	li.Answers()
	next.Hears(li)
	next.HangsUp()
	if r := s.Record(next); r.Region != "220100" {
		t.Errorf("region %s, want home", r.Region)
	}
}

func TestABrokenConfigurationIsRefusedWithItsLineAndNobodyNotices(t *testing.T) {
	t.Parallel()
	s, li, child, _ := scene(t)
	plan := filepath.Join(s.Folder(), "plan.yaml")
	good, err := os.ReadFile(plan)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty":       "",
		"half":        string(good[:len(good)/2]),
		"unknown key": string(good) + "\nhangup: yes\n",
		"not yaml":    "\t{{{",
	} {
		if err := os.WriteFile(plan, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		status, answer := s.Admin(http.MethodPost, "/-/reload")
		if status == http.StatusOK || !strings.Contains(answer, "plan.yaml") {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	child.Hears(li)
	if successful := s.Metric("weibao_config_last_reload_successful"); successful != 0 {
		t.Error("the gauge says that the last reload was good")
	}
	if err := os.WriteFile(plan, good, 0o600); err != nil {
		t.Fatal(err)
	}
	if status, answer := s.Admin(http.MethodPost, "/-/reload"); status != http.StatusOK {
		t.Errorf("mended: %d %s", status, answer)
	}
	child.HangsUp()
	s.Record(child)
}
