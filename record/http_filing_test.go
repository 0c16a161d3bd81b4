package record

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"weibao/call"
)

// filedAPI is an API over a registry with one filing of seat 1009.
func filedAPI(t *testing.T, store Store) (http.Handler, string) {
	t.Helper()
	r := registry(t, Options{Store: store})
	number, err := r.File(t.Context(), call.Filing{Call: "01A", Category: "其他", Place: "222404", Region: "222400", Agent: "1009", Caller: "13812345678", MadeAt: at(1)})
	if err != nil {
		t.Fatal(err)
	}
	return Handler(HandlerOptions{Store: store, Acks: r, Entering: r, User: testUser}), number
}

// filed is the API with one filing.
type filed struct {
	t *testing.T
	h http.Handler
}

func (f filed) requested(who, line, accept, body string) (int, string, http.Header) {
	f.t.Helper()
	method, target, _ := strings.Cut(line, " ")
	req := httptest.NewRequestWithContext(f.t.Context(), method, target, strings.NewReader(body))
	req.Header.Set("Test-User", who)
	req.Header.Set("Accept", accept)
	rec := httptest.NewRecorder()
	f.h.ServeHTTP(rec, req)
	return rec.Code, rec.Body.String(), rec.Header()
}

func TestTheSheetIsThereAsPageTextAndJSONForWhoMaySeeTheFiling(t *testing.T) {
	t.Parallel()
	h, number := filedAPI(t, emptyStore(t))
	for _, row := range []struct {
		who, accept string
		status      int
		kind, want  string
	}{
		{"1009 agent", "text/html,application/xhtml+xml", 200, "text/html; charset=utf-8", "<td>13812345678</td>"},
		{"1019 supervisor", "text/plain", 200, "text/plain; charset=utf-8", "回拨电话：13812345678"},
		{"p province", "*/*", 200, "application/json", `"code":"` + CheckCode(number, "222404", "13812345678") + `"`},
		{"1001 agent", "text/html", 404, "application/problem+json", ""},
		{"", "text/html", 401, "application/problem+json", ""},
	} {
		status, body, header := filed{t, h}.requested(row.who, "GET /api/v1/filings/"+number+"/sheet", row.accept, "")
		if status != row.status || header.Get("Content-Type") != row.kind || !strings.Contains(body, row.want) {
			t.Errorf("%s, %s: %d %s\n%s", row.who, row.accept, status, header.Get("Content-Type"), body)
		}
		if status == 200 && header.Get("Cache-Control") != "no-store" {
			t.Error("a sheet must not stay in a cache")
		}
	}
}

func TestTheSheetIsThereWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	store := emptyStore(t)
	h, number := filedAPI(t, store)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	status, body, _ := filed{t, h}.requested("1009 agent", "POST /api/v1/filings/"+number+"/police-case", "", `{"case":"珲公110-7"}`)
	if status != 200 || !strings.Contains(body, "珲公110-7") {
		t.Errorf("%d %s", status, body)
	}
	if status, body, _ := (filed{t, h}).requested("1009 agent", "GET /api/v1/filings/"+number+"/sheet", "text/plain", ""); status != 200 || !strings.Contains(body, "110警单号：珲公110-7") {
		t.Errorf("%d %s", status, body)
	}
}

func TestTheCaseNumberIsCorrectedOnlyWithAReasonAndItsPastStays(t *testing.T) {
	t.Parallel()
	store := emptyStore(t)
	h, number := filedAPI(t, store)
	for _, row := range []struct {
		who, what, body string
		status          int
		want            string
	}{
		{"1009 agent", "police-case", `{"case":"珲公110-1"}`, 200, `"police_case":"珲公110-1"`},
		{"1009 agent", "police-case", `{"case":" 珲公110-1 "}`, 200, `"police_case":"珲公110-1"`},
		{"1009 agent", "police-case", `{"case":"珲公110-7"}`, 400, "更正须写明原因"},
		{"1019 supervisor", "police-case", `{"case":"珲公110-7","reason":"念错一位"}`, 200, `"police_case":"珲公110-7"`},
		{"1009 agent", "police-case", `{"case":""}`, 400, "请填写"},
		{"1009 agent", "police-case", `{"case":"` + strings.Repeat("1", 65) + `"}`, 400, "64"},
		{"1009 agent", "police-case", `{"number":"1"}`, 400, "unknown field"},
		{"1001 agent", "police-case", `{"case":"1"}`, 404, ""},
		{"1009 agent", "category", `{"category":"被虐"}`, 400, "最接近的是“虐待”"},
		{"1009 agent", "category", `{"category":"性侵"}`, 200, `"items":[1,2,3]`},
		{"1009 agent", "result", `{"result":"孩子已接到亲属家，电话13812345678"}`, 200, `"result":"孩子已接到亲属家，电话138****5678"`},
	} {
		status, body, _ := filed{t, h}.requested(row.who, "POST /api/v1/filings/"+number+"/"+row.what, "", row.body)
		if status != row.status || !strings.Contains(body, row.want) {
			t.Errorf("%s %s %s: %d %s", row.who, row.what, row.body, status, body)
		}
	}
	f, err := store.Filing(t.Context(), number)
	if err != nil || len(f.Entries) != 4 {
		t.Fatalf("%+v, %v", f.Entries, err)
	}
	if first, second := f.Entries[0], f.Entries[1]; first.Text != "珲公110-1" || first.By != "1009" || second.By != "1019" || second.Reason != "念错一位" {
		t.Errorf("history %+v", f.Entries)
	}
}

func TestAFilingThatNeverWasIsNotFound(t *testing.T) {
	t.Parallel()
	r := registry(t, Options{Store: emptyStore(t)})
	if _, err := r.Filing(t.Context(), "JL-20261123-0001"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}
