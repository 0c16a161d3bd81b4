package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"weibao/cmd/stack/voice"
	"weibao/configs"
	"weibao/cti"
	"weibao/routing"
)

// Agent is what the local system must know of an agent to give it passwords and a phone.
type Agent struct {
	ID, Name, Region string
	Skills           []string
	// Role is "agent" or "supervisor".
	Role string
}

// supervisorID is the seat whose login the demo's "supervisor" is.
const supervisorID = "1019"

// configuration is what the local system takes from configs/: the seats, what is said on the telephone,
// and the number that Asterisk itself rings.
type configuration struct {
	agents []Agent
	lines  []voice.Line
	duty   string
}

// configuration reads configs/; every fault is told at once.
func (s settings) configuration() (configuration, error) {
	snapshot, faults := configs.Read(os.DirFS(filepath.Join(s.home, "configs")), time.Now())
	if err := faults.Err(); err != nil {
		return configuration{}, stuck("改正后重来 mend the files and run again: bin/weibao check", err)
	}
	c := configuration{duty: snapshot.Fallback}
	for _, a := range snapshot.Agents {
		if a.TakesCalls() {
			c.agents = append(c.agents, Agent{
				ID: string(a.ID), Name: a.Name, Region: a.Region, Skills: a.Skills, Role: string(a.Role),
			})
		}
	}
	for _, p := range snapshot.Prompts {
		c.lines = append(c.lines, voice.Line{Lang: p.Lang, Name: p.Name, Text: p.Text, Pinyin: p.Pinyin})
	}
	return c, nil
}

// tellGateway writes the logins that the gateway knows, hashed; those that it has already are kept.
func (s settings) tellGateway(l logins) (string, error) {
	known, err := cti.OpenLogins(cti.LoginOptions{Path: s.in("secrets", "logins.json")})
	if err != nil {
		return "", err
	}
	has := make(map[routing.AgentID]bool)
	for _, id := range known.IDs() {
		has[id] = true
	}
	var news []cti.NewSecret
	add := func(id, password, sip string) {
		if !has[routing.AgentID(id)] {
			has[routing.AgentID(id)] = true
			news = append(news, cti.NewSecret{ID: routing.AgentID(id), Password: password, SIPPassword: sip})
		}
	}
	for _, a := range l.Agents {
		add(a.ID, a.Password, a.SIPPassword)
	}
	for _, person := range []login{l.Admin, l.Supervisor, l.Province} {
		add(person.ID, person.Password, "")
	}
	if len(news) > 0 {
		err = known.Set(news...)
	}
	return fmt.Sprintf("%d 个登录 logins, %d 个新的 new", len(has), len(news)), err
}
