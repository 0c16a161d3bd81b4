package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weibao/configs"
)

// gateway is a running gateway as a command reaches it: by its API, logged in
// as somebody.
type gateway struct {
	url, user, passwordFile string

	password string
	token    string
}

// gatewayLimit bounds one request: a gateway that does not answer is down.
const gatewayLimit = 10 * time.Second

func (g *gateway) flags(cmd *cobra.Command) {
	f := cmd.PersistentFlags()
	f.StringVar(&g.url, "gateway", "", "网关地址 address of the gateway; default: http.listen of the settings")
	f.StringVar(&g.user, "user", os.Getenv("WEIBAO_USER"), "登录名 login; default: WEIBAO_USER, or the demo's supervisor")
	f.StringVar(&g.passwordFile, "password-file", os.Getenv("WEIBAO_PASSWORD_FILE"), "密码文件 file of the password; default: WEIBAO_PASSWORD_FILE")
}

// login finds out where the gateway is and who asks, and begins a session.
func (g *gateway) login(ctx context.Context, at *where) error {
	settings, err := configs.ReadSettings(at.config)
	if err != nil {
		return wrong(err)
	}
	if g.url == "" {
		g.url = "http://" + dialable(settings.HTTP.Listen)
	}
	g.url = strings.TrimRight(g.url, "/")
	if err := g.identify(settings.Var); err != nil {
		return wrong(err)
	}
	var session struct{ Token string }
	if err := g.ask(ctx, http.MethodPost, "/login", map[string]string{"id": g.user, "password": g.password}, &session); err != nil {
		return err
	}
	g.token = session.Token
	return nil
}

// logout ends the session; one that is left ends by itself.
func (g *gateway) logout(ctx context.Context) {
	_ = g.ask(ctx, http.MethodPost, "/logout", nil, nil)
}

// dialable is an address that can be dialled where one of every interface is
// listened on.
func dialable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// identify finds the login: what was said, or the demo's supervisor.
func (g *gateway) identify(folder string) error {
	if g.user == "" && g.passwordFile == "" {
		return g.demo(filepath.Join(folder, "demo-logins.json"))
	}
	if g.user == "" || g.passwordFile == "" {
		return errors.New("--user 和 --password-file 要一起写 (give both, or WEIBAO_USER and WEIBAO_PASSWORD_FILE)")
	}
	text, err := os.ReadFile(g.passwordFile)
	if err != nil {
		return fmt.Errorf("密码文件 (password file): %w", err)
	}
	g.password = strings.TrimRight(string(text), "\r\n")
	return nil
}

func (g *gateway) demo(file string) error {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("谁在操作？请写 --user 和 --password-file，或设 WEIBAO_USER 和 WEIBAO_PASSWORD_FILE (who asks? give --user and --password-file)")
	}
	var logins struct {
		Supervisor struct{ ID, Password string }
	}
	if err == nil {
		err = json.Unmarshal(text, &logins)
	}
	if err == nil && logins.Supervisor.ID == "" {
		err = errors.New("没有班长的登录 (no supervisor in it)")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	g.user, g.password = logins.Supervisor.ID, logins.Supervisor.Password
	return nil
}

// ask makes one request. A gateway that is not there can not be asked; what it
// refuses is its no, in its own words.
func (g *gateway) ask(ctx context.Context, method, path string, body, answer any) error {
	ctx, stop := context.WithTimeout(ctx, gatewayLimit)
	defer stop()
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, g.url+"/api/v1"+path, content)
	if err != nil {
		return wrong(fmt.Errorf("--gateway %s: %w", g.url, err))
	}
	request.Header.Set("Content-Type", "application/json")
	if g.token != "" {
		request.Header.Set("Authorization", "Bearer "+g.token)
	}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return notDone(fmt.Errorf("网关没有应答：%s (the gateway does not answer)\n  请先启动：weibao serve 或 make up；在别处就写 --gateway http://地址:端口 (start it, or say where it is): %w", g.url, err))
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(io.LimitReader(reply.Body, 4<<20))
	if err != nil {
		return notDone(fmt.Errorf("网关没有答完 (the gateway broke off): %w", err))
	}
	if reply.StatusCode >= http.StatusBadRequest {
		return g.refusal(reply, text)
	}
	if answer == nil || len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return g.stranger(err)
	}
	return nil
}

// refusal is the gateway's no; what it could not do is no answer.
func (g *gateway) refusal(reply *http.Response, text []byte) error {
	var problem struct{ Title, Detail string }
	if err := json.Unmarshal(text, &problem); err != nil || problem.Title == "" {
		return g.stranger(errors.New(reply.Status))
	}
	cause := errors.New(cmp.Or(problem.Detail, problem.Title))
	if reply.StatusCode >= http.StatusInternalServerError {
		return notDone(cause)
	}
	return &exitError{code: exitNo, cause: cause}
}

// stranger is an answer that no gateway gives.
func (g *gateway) stranger(err error) error {
	return notDone(fmt.Errorf("%s 不是 weibao 网关的接口 (not the API of a gateway): %w", g.url, err))
}
