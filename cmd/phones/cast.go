package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"weibao/cmd/phones/phone"
)

// The tones of those who answer outside numbers.
const (
	policeTone = 1150
	dutyTone   = 1350
)

// cast is everybody who plays in the demo, and how to reach the system.
type cast struct {
	out        io.Writer
	base       string // of the API
	server     string // SIP
	loginsFile string
	logins     map[string]account
	carrier    *phone.Phone
	police     *phone.Phone
	citizen    *phone.Phone
	began      time.Time
}

// account is a login of var/demo-logins.json.
type account struct {
	ID          string `json:"id"`
	Password    string `json:"password"`
	SIPUser     string `json:"sip_user"`
	SIPPassword string `json:"sip_password"`
}

// or is a variable, or what it is by default.
func or(variable, value string) string {
	if set := os.Getenv(variable); set != "" {
		return set
	}
	return value
}

// assemble reads the logins and opens the telephones of those who wait to be
// called: the duty officers behind the carrier, and the police.
func assemble(ctx context.Context, out io.Writer) (*cast, error) {
	c := &cast{
		out: out, logins: make(map[string]account),
		base:       "http://127.0.0.1:" + or("WEIBAO_HTTP_PORT", "8080"),
		server:     "127.0.0.1:" + or("WEIBAO_SIP_PORT", "5060"),
		loginsFile: filepath.Join(or("WEIBAO_VAR", "var"), "demo-logins.json"),
	}
	text, err := os.ReadFile(c.loginsFile)
	if err != nil {
		return nil, fmt.Errorf("系统没有启动？先 make up (is the system up?): %w", err)
	}
	var file struct {
		Agents     []account `json:"agents"`
		Supervisor account   `json:"supervisor"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", c.loginsFile, err)
	}
	for _, a := range append(file.Agents, file.Supervisor) {
		if known, has := c.logins[a.ID]; !has || known.SIPPassword == "" {
			c.logins[a.ID] = a
		}
	}
	if c.carrier, err = c.peer(ctx, "carrier", or("WEIBAO_CARRIER", "127.0.0.1:5090"), dutyTone); err != nil {
		return nil, err
	}
	if c.police, err = c.peer(ctx, "police", or("WEIBAO_POLICE", "127.0.0.1:5091"), policeTone); err != nil {
		c.carrier.Close()
		return nil, err
	}
	return c, nil
}

func (c *cast) dismiss() {
	c.carrier.Close()
	c.police.Close()
}

func (c *cast) peer(ctx context.Context, name, address string, tone float64) (*phone.Phone, error) {
	host, port, found := strings.Cut(address, ":")
	n, err := strconv.Atoi(port)
	if !found || err != nil {
		return nil, fmt.Errorf("%s %q: want host:port", name, address)
	}
	return c.phone(ctx, phone.Options{Name: name, Host: host, SIPPort: n, Tone: tone})
}

func (c *cast) phone(ctx context.Context, o phone.Options) (*phone.Phone, error) {
	o.Server, o.Listen = c.server, []float64{420, 540, policeTone, dutyTone}
	return phone.New(ctx, o)
}

// worker is a seat: a registered telephone and a login at the API.
type worker struct {
	c     *cast
	id    string
	phone *phone.Phone
	token string
}

// seat brings an agent to work.
func (c *cast) seat(ctx context.Context, id string, tone float64) (*worker, error) {
	a := c.logins[id]
	w := &worker{c: c, id: id}
	if err := w.login(ctx); err != nil {
		return nil, err
	}
	var err error
	if w.phone, err = c.phone(ctx, phone.Options{Name: id, Password: a.SIPPassword, Tone: tone}); err != nil {
		return nil, err
	}
	if err := w.phone.Register(ctx); err != nil {
		w.phone.Close()
		return nil, err
	}
	if err := w.presence(ctx, "ready"); err != nil {
		w.leave(ctx)
		return nil, err
	}
	c.say("坐席 " + id + " 已登记并就绪 registered and ready")
	return w, nil
}

func (w *worker) login(ctx context.Context) error {
	var reply struct{ Token string }
	err := w.asks(ctx, http.MethodPost, "/login", map[string]string{"id": w.id, "password": w.c.logins[w.id].Password}, &reply)
	w.token = reply.Token
	return err
}

func (w *worker) presence(ctx context.Context, what string) error {
	return w.asks(ctx, http.MethodPut, "/me/presence", map[string]string{"presence": what}, nil)
}

// leave ends the shift, so that the next act finds the seat empty.
func (w *worker) leave(ctx context.Context) {
	err := errors.Join(w.presence(ctx, "offline"), w.phone.Unregister(ctx))
	w.phone.Close()
	if err != nil {
		w.c.say("坐席下班时 when the seat left: " + err.Error())
	}
}

// answers waits for the ring and answers.
func (w *worker) answers(ctx context.Context) (*phone.Call, error) {
	in, err := w.phone.Next(ctx)
	if err != nil {
		return nil, fmt.Errorf("seat %s is not rung: %w", w.id, err)
	}
	w.c.say("坐席 " + w.id + " 振铃 rings")
	return in, errors.Join(in.Ring(), in.Answer(ctx))
}

// call is the id of the call that the seat is in.
func (w *worker) call(ctx context.Context) (string, error) {
	var reply struct {
		Calls []struct {
			ID    string `json:"id"`
			Phase string `json:"phase"`
		} `json:"calls"`
	}
	if err := w.asks(ctx, http.MethodGet, "/calls", nil, &reply); err != nil {
		return "", err
	}
	for _, call := range reply.Calls {
		if call.Phase == "talking" {
			return call.ID, nil
		}
	}
	return "", fmt.Errorf("seat %s sees no call of its own", w.id)
}

// asks speaks to the API.
func (w *worker) asks(ctx context.Context, method, path string, body, reply any) error {
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, w.c.base+"/api/v1"+path, &content)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if w.token != "" {
		request.Header.Set("Authorization", "Bearer "+w.token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s %s: %s: %s", method, path, response.Status, text)
	}
	if err == nil && reply != nil {
		err = json.Unmarshal(text, reply)
	}
	return err
}
