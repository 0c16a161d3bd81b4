package node

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Port is a port that the system needs, and the variable that moves it.
type Port struct {
	Network  string // "udp" or "tcp"
	Host     string
	Number   int
	Use      string // what it is for, such as "SIP"
	Variable string
}

// BusyPortError says that a port is taken, by whom if that can be known, and how to move ours.
type BusyPortError struct {
	Port
	Holder string
}

func (e *BusyPortError) Error() string {
	by := ""
	if e.Holder != "" {
		by = " by " + e.Holder
	}
	return fmt.Sprintf("%s port %d/%s is taken%s; set %s to another port", e.Use, e.Number, e.Network, by, e.Variable)
}

// Check reports a *BusyPortError when the port can not be bound.
func (p Port) Check(ctx context.Context) error {
	addr := net.JoinHostPort(p.Host, strconv.Itoa(p.Number))
	var lc net.ListenConfig
	var err error
	if p.Network == "udp" {
		var c net.PacketConn
		if c, err = lc.ListenPacket(ctx, "udp", addr); err == nil {
			return c.Close()
		}
	} else {
		var l net.Listener
		if l, err = lc.Listen(ctx, "tcp", addr); err == nil {
			return l.Close()
		}
	}
	if holder := p.holder(); holder != "" || p.Number >= 1024 {
		return &BusyPortError{Port: p, Holder: holder}
	}
	return fmt.Errorf("%s port %d/%s: %w; set %s to another port", p.Use, p.Number, p.Network, err, p.Variable)
}

// ports are what the node binds before its first call.
func (o Options) ports() []Port {
	return []Port{
		{Network: "udp", Host: o.Host, Number: o.SIPPort, Use: "SIP", Variable: "WEIBAO_SIP_PORT"},
		{Network: "tcp", Host: o.Host, Number: o.HTTPPort, Use: "ARI", Variable: "WEIBAO_ARI_PORT"},
	}
}

// holder names the process that has the port, as far as the caller may see it.
func (p Port) holder() string {
	for _, table := range []string{p.Network, p.Network + "6"} {
		b, err := os.ReadFile(filepath.Join("/proc/net", table))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(b)) {
			if inode := socketAt(strings.Fields(line), p); inode != "" {
				if who := processWith(inode); who != "" {
					return who
				}
				return "another user's process"
			}
		}
	}
	return ""
}

// socketAt is the inode of the socket in one line of /proc/net, when it is bound to the port: the local
// address is field 1, the state field 3 (0A listens; for udp 07 is unconnected), the inode field 9.
func socketAt(f []string, p Port) string {
	if len(f) < 10 || (f[3] != "0A" && f[3] != "07") || !strings.HasSuffix(f[1], fmt.Sprintf(":%04X", p.Number)) {
		return ""
	}
	return f[9]
}

func processWith(inode string) string {
	fds, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return ""
	}
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err != nil || to != "socket:["+inode+"]" {
			continue
		}
		pid := strings.Split(fd, "/")[2]
		if name := nameOf(pid); name != "" {
			return fmt.Sprintf("%s (pid %s)", name, pid)
		}
	}
	return ""
}

// nameOf is the program's name; Asterisk run by a loader of its own would go by the loader's.
func nameOf(pid string) string {
	line, err := os.ReadFile(filepath.Join("/proc", pid, "cmdline"))
	if err != nil {
		return ""
	}
	args := strings.Split(string(line), "\x00")
	name := filepath.Base(args[0])
	if strings.HasPrefix(name, "ld-linux") && len(args) > 3 {
		name = filepath.Base(args[3])
	}
	name, _, _ = strings.Cut(name, " ")
	return name
}
