package record

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Entering is how the API reads filings and adds to them: a *Registry.
type Entering interface {
	Filing(ctx context.Context, number string) (Filing, error)
	Enter(ctx context.Context, e FilingEntry) error
	// Flush waits until the store shows what was entered.
	Flush(ctx context.Context) error
}

// printed is an answer that is no JSON.
type printed struct {
	kind string
	body []byte
}

// filingFor finds a filing that the user may see.
func (a *api) filingFor(req *http.Request, u user) (Filing, error) {
	f, err := a.Entering.Filing(req.Context(), req.PathValue("number"))
	if err == nil && !u.maySee(f.Agent) {
		err = ErrNotFound
	}
	return f, err
}

// sheet answers with the hand-over sheet: a page to print, text to read out, or
// JSON, as the request accepts. It shows the whole number of the caller, which
// 110 must be told; who looked at it is logged.
func (a *api) sheet(req *http.Request, u user) (any, error) {
	f, err := a.filingFor(req, u)
	if err != nil {
		return nil, err
	}
	a.Log.Info("hand-over sheet read", "filing", f.Number, "call", f.Call, "by", u.id)
	s := SheetOf(f, a.Rules())
	switch accept := req.Header.Get("Accept"); {
	case strings.Contains(accept, "text/html"):
		var b bytes.Buffer
		if err := s.HTML(&b); err != nil {
			return nil, err
		}
		return printed{"text/html; charset=utf-8", b.Bytes()}, nil
	case strings.Contains(accept, "text/plain"):
		return printed{"text/plain; charset=utf-8", []byte(s.Text())}, nil
	}
	return s, nil
}

// entryBody is what is entered; each request has its one field.
type entryBody struct {
	Case     string `json:"case"`
	Category string `json:"category"`
	Result   string `json:"result"`
	// Reason is why what stands there is corrected.
	Reason string `json:"reason"`
}

// The limits of what is entered, in characters.
const (
	mostCase   = 64
	mostResult = 2000
)

// enterCase enters 110's own case number.
func (a *api) enterCase(req *http.Request, u user) (any, error) {
	return a.enter(req, u, entering{EntryCase, mostCase, func(b entryBody) string { return b.Case }, func(f Filing) string { return f.PoliceCase }})
}

// enterResult enters what came of it.
func (a *api) enterResult(req *http.Request, u user) (any, error) {
	return a.enter(req, u, entering{EntryResult, mostResult, func(b entryBody) string { return b.Result }, func(f Filing) string { return f.Result }})
}

// enterCategory puts the category right.
func (a *api) enterCategory(req *http.Request, u user) (any, error) {
	return a.enter(req, u, entering{EntryCategory, mostCase, func(b entryBody) string { return b.Category }, func(Filing) string { return "" }})
}

// entering is one kind of entry: how long it may be, what the request says, and
// what stands there already.
type entering struct {
	what   EntryKind
	most   int
	said   func(entryBody) string
	stands func(Filing) string
}

// enter adds to a filing and answers with it as it is then. What stands there
// is only replaced with a reason; the same again changes nothing.
func (a *api) enter(req *http.Request, u user, kind entering) (any, error) {
	var body entryBody
	if err := read(req, &body); err != nil {
		return nil, err
	}
	f, err := a.filingFor(req, u)
	if err != nil {
		return nil, err
	}
	text, before := strings.TrimSpace(kind.said(body)), kind.stands(f)
	switch {
	case text == "" || len([]rune(text)) > kind.most || len([]rune(body.Reason)) > mostResult:
		return nil, &problem{http.StatusBadRequest, fmt.Sprintf("请填写，最多 %d 字 (want 1 to %d characters)", kind.most, kind.most)}
	case text == before:
		return f.Masked(), nil
	case before != "" && strings.TrimSpace(body.Reason) == "":
		return nil, &problem{http.StatusBadRequest, "已经填过“" + before + "”，更正须写明原因 (reason): it stands there already"}
	}
	e := FilingEntry{Number: f.Number, What: kind.what, At: moment(time.Now()), By: u.id, Text: text, Reason: body.Reason}
	if kind.what == EntryCategory {
		if e.Text, e.Items, err = a.rightCategory(text); err != nil {
			return nil, err
		}
	}
	if err := a.Entering.Enter(req.Context(), e); err != nil {
		return nil, err
	}
	a.Log.Info("filing added to", "filing", f.Number, "what", kind.what, "by", u.id)
	shown, cancel := context.WithTimeout(req.Context(), time.Second)
	defer cancel()
	if a.Entering.Flush(shown) == nil {
		return a.filing(req, u)
	}
	f.take(e) // on the disk, and on its way into the database
	return f.Masked(), nil
}

// rightCategory is the category of that name, or a refusal that names the
// nearest.
func (a *api) rightCategory(said string) (string, []int, error) {
	rules := a.Rules()
	found, near, known := rules.Category(said)
	if known {
		return found.Name, found.Items, nil
	}
	words := "没有“" + said + "”这个类别，可选：" + strings.Join(rules.Names(), "、")
	if near != "" {
		words = "没有“" + said + "”这个类别，最接近的是“" + near + "”；可选：" + strings.Join(rules.Names(), "、")
	}
	return "", nil, &problem{http.StatusBadRequest, words}
}
