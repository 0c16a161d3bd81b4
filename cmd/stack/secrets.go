package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"weibao/asterisk/node"
)

// login opens the desk and the API.
type login struct {
	ID       string `json:"id"`
	Password string `json:"password"`
}

// agentLogin is an agent's login with the phone's account.
type agentLogin struct {
	login
	SIPUser     string   `json:"sip_user"`
	SIPPassword string   `json:"sip_password"`
	Region      string   `json:"region"`
	Skills      []string `json:"skills"`
}

// logins is var/demo-logins.json. Passwords are made once and kept.
type logins struct {
	Agents     []agentLogin `json:"agents"`
	Admin      login        `json:"admin"`
	Supervisor login        `json:"supervisor"`
	Province   login        `json:"province"`
}

// secrets are what the parts need to trust one another.
type secrets struct {
	ari    string
	logins logins
}

// secret is 26 characters, at least 128 bits, of letters and digits only: it can stand in any file.
func secret() string { return rand.Text() }

// makeSecrets reads the secrets, and makes those that are missing.
func (s settings) makeSecrets(agents []Agent) (secrets, error) {
	if err := os.MkdirAll(s.in("secrets"), 0o700); err != nil {
		return secrets{}, err
	}
	ari, err := once(s.in("secrets", "ari-password"))
	if err != nil {
		return secrets{}, err
	}
	path := s.in("demo-logins.json")
	var old logins
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &old)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return secrets{}, stuck("删除后重来 delete it and run again (all demo passwords change): "+path, fmt.Errorf("%s: %w", path, err))
	}
	all := old.completed(agents)
	b, err = json.MarshalIndent(all, "", "  ")
	if err != nil {
		return secrets{}, err
	}
	return secrets{ari: ari, logins: all}, replace(path, append(b, '\n'))
}

// completed keeps every password that is there and makes the missing ones; agents who are gone are left out.
func (l logins) completed(agents []Agent) logins {
	known := map[string]agentLogin{}
	for _, a := range l.Agents {
		known[a.ID] = a
	}
	keep := func(old login, id string) login {
		if old.Password == "" {
			old.Password = secret()
		}
		return login{ID: id, Password: old.Password}
	}
	out := logins{
		Agents: []agentLogin{},
		Admin:  keep(l.Admin, "admin"), Province: keep(l.Province, "province"),
	}
	for _, a := range agents {
		k := known[a.ID]
		k.login = keep(k.login, a.ID)
		if k.SIPPassword == "" {
			k.SIPPassword = secret()
		}
		k.SIPUser, k.Region, k.Skills = a.ID, a.Region, append([]string{}, a.Skills...)
		out.Agents = append(out.Agents, k)
		if a.ID == supervisorID {
			out.Supervisor = k.login
		}
	}
	return out
}

// seats are the agents' phones.
func (l logins) seats(agents []Agent) []node.Seat {
	names := map[string]string{}
	for _, a := range agents {
		names[a.ID] = a.Name
	}
	var out []node.Seat
	for _, a := range l.Agents {
		out = append(out, node.Seat{ID: a.SIPUser, Name: names[a.ID], Password: a.SIPPassword})
	}
	return out
}

// once is the secret in a file, made when it is not there.
func once(path string) (string, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		made := secret()
		return made, replace(path, []byte(made+"\n"))
	}
	if err != nil {
		return "", err
	}
	text := strings.TrimSpace(string(b))
	if text == "" {
		return "", stuck("删除后重来 delete it and run again: "+path, fmt.Errorf("%s is empty", path))
	}
	return text, nil
}

// replace writes a file that only its owner reads, in one step.
func replace(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path+".part", b, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}
