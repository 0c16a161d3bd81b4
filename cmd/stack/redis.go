package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"text/template"
	"time"

	"weibao/asterisk/node"
)

//go:embed etc/redis.conf
var redisConf string

// redisServer finds the server's program. Debian builds the server, the AOF check and the RDB check as one
// program that looks at its own name, so the check under the server's name is the server.
func redisServer() (string, error) {
	if path, err := exec.LookPath("redis-server"); err == nil {
		return path, nil
	}
	check, err := exec.LookPath("redis-check-rdb")
	if err != nil {
		return "", stuck("make setup", errors.New("redis is missing"))
	}
	root, err := node.PrivateRoot()
	if err != nil {
		return "", err
	}
	link := filepath.Join(filepath.Dir(root), "bin", "redis-server")
	if to, err := os.Readlink(link); err == nil && to == check {
		return link, nil
	}
	if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
		return "", err
	}
	if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return link, os.Symlink(check, link)
}

// redisVersion runs the server's program: one that is something else is found here, not at the first call.
func redisVersion(ctx context.Context, server string) (string, error) {
	out, err := exec.CommandContext(ctx, server, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("%s --version: %w", server, err)
	}
	for f := range bytes.FieldsSeq(out) {
		if v, ok := bytes.CutPrefix(f, []byte("v=")); ok {
			return string(v), nil
		}
	}
	return "", fmt.Errorf("%s --version says %q", server, out)
}

// redisCommand writes the configuration and is the server to start.
func (s settings) redisCommand(ctx context.Context, server string) (*exec.Cmd, node.Account, error) {
	dir := s.in("redis")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, node.Account{}, err
	}
	t, err := template.New("redis.conf").Parse(redisConf)
	if err != nil {
		return nil, node.Account{}, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, map[string]any{"Host": host, "Port": s.redis, "Dir": dir}); err != nil {
		return nil, node.Account{}, err
	}
	conf := filepath.Join(dir, "redis.conf")
	if err := os.WriteFile(conf, b.Bytes(), 0o600); err != nil {
		return nil, node.Account{}, err
	}
	who, err := node.Ordinary(conf, server)
	if err != nil {
		return nil, who, err
	}
	if err := who.Own(dir); err != nil {
		return nil, who, err
	}
	cmd := who.Command(ctx, server, conf)
	cmd.Dir = "/"
	return cmd, who, nil
}

// ping asks Redis over TCP whether it serves.
func (s settings) ping(ctx context.Context) error {
	d := net.Dialer{Timeout: time.Second}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(s.redis)))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	b := make([]byte, 256)
	n, err := conn.Read(b)
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(b[:n], []byte("+PONG")) {
		return fmt.Errorf("redis answers %q", b[:n])
	}
	return nil
}
