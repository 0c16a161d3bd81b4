package main

import (
	"bufio"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"weibao/configs"
	"weibao/cti"
	"weibao/routing"
)

func newAgent(io streams, at *where) *cobra.Command {
	cmd := &cobra.Command{Use: "agent", Short: "坐席 agents: passwd | list | log"}
	cmd.AddCommand(
		&cobra.Command{
			Use: "passwd ID", Short: "设置密码，从标准输入读取 set a password, read from standard input", Args: cobra.ExactArgs(1),
			RunE: func(_ *cobra.Command, args []string) error { return passwd(io, at, args[0]) },
		},
		&cobra.Command{
			Use: "list", Short: "列出坐席 who is in agents.yaml, and who has a login", Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error { return listAgents(io, at) },
		},
		newAgentLog(io, at),
	)
	return cmd
}

func openLogins(at *where) (*cti.Logins, error) {
	settings, err := configs.ReadSettings(at.config)
	if err != nil {
		return nil, wrong(err)
	}
	if err := os.MkdirAll(filepath.Dir(settings.Logins), 0o700); err != nil {
		return nil, notDone(err)
	}
	logins, err := cti.OpenLogins(cti.LoginOptions{Path: settings.Logins, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, notDone(err)
	}
	return logins, nil
}

func passwd(io streams, at *where, id string) error {
	snapshot, err := load(io, at)
	if err != nil {
		return err
	}
	known := false
	for _, agent := range snapshot.Agents {
		known = known || string(agent.ID) == id
	}
	if !known {
		return wrong(fmt.Errorf("agents.yaml 中没有 %s (not in agents.yaml)", id))
	}
	logins, err := openLogins(at)
	if err != nil {
		return err
	}
	fmt.Fprintf(io.err, "%s 的新密码 new password: ", id)
	line, err := bufio.NewReader(io.in).ReadString('\n')
	password := strings.TrimRight(line, "\r\n")
	if len(password) < 12 {
		return wrong(errors.Join(errors.New("密码至少 12 个字符 (at least 12 characters)"), err))
	}
	sip, _ := logins.SIPPassword(routing.AgentID(id))
	if err := logins.Set(cti.NewSecret{ID: routing.AgentID(id), Password: password, SIPPassword: sip}); err != nil {
		return notDone(err)
	}
	fmt.Fprintln(io.err, "已设置 (set)")
	return nil
}

func listAgents(io streams, at *where) error {
	snapshot, err := load(io, at)
	if err != nil {
		return err
	}
	logins, err := openLogins(at)
	if err != nil {
		return err
	}
	has := make(map[routing.AgentID]bool)
	for _, id := range logins.IDs() {
		has[id] = true
	}
	for _, agent := range snapshot.Agents {
		login := "-"
		if has[agent.ID] {
			login = "login"
		}
		fmt.Fprintf(io.out, "%-10s %-12s %-8s %-12s %-6s %s\n", agent.ID, agent.Name, agent.Region, agent.Role, login, strings.Join(agent.Queues, ","))
	}
	return nil
}
