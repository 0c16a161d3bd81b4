package configs

import (
	"maps"
	"slices"
	"strings"

	"weibao/routing"
)

// agentsFile is the shape of agents.yaml.
type agentsFile struct {
	// Skills are the names of skills with their titles.
	Skills map[name]string `yaml:"skills" zh:"技能的名字和屏幕上的叫法"`
	// Agents are the people who log in. Their passwords are not in the files.
	Agents []agentShape `yaml:"agents" need:"yes" zh:"能登录的人；密码不写在这里"`
}

// agentShape is one person who logs in.
type agentShape struct {
	// ID is the login and the user of the SIP phone: "1001".
	ID name `yaml:"id" need:"yes" zh:"登录名，也是话机的用户名"`
	// Name is the person's name.
	Name string `yaml:"name" need:"yes" zh:"姓名"`
	// Role is agent, supervisor, province or admin. Default: agent.
	Role Role `yaml:"role" zh:"身份"`
	// Region is the code of the unit that the person belongs to.
	Region string `yaml:"region" need:"yes" zh:"所属单位的代码"`
	// Queues are the queues that the person serves. Agents and supervisors
	// serve at least one.
	Queues some `yaml:"queues" zh:"在哪些队列接电话；坐席和班长至少一个"`
	// Skills are names from skills above. Default: none.
	Skills some `yaml:"skills" zh:"技能，上面 skills 里的名字；不写就没有"`
	// Languages are what the person speaks with callers. Default: zh.
	Languages []language `yaml:"languages" zh:"会和来电人说的语言"`
}

func (a *agentShape) defaults() { a.Role, a.Languages = RoleAgent, []language{"zh"} }

// Agent is a person who logs in, as the files say it. Presence and work are
// not in the files.
type Agent struct {
	ID        routing.AgentID
	Name      string
	Role      Role
	Region    string
	Queues    []string
	Skills    []string
	Languages []string
}

// TakesCalls reports whether the person has a seat with a phone.
func (a Agent) TakesCalls() bool { return a.Role != RoleProvince && a.Role != RoleAdmin }

// agentBook is the people while the files are checked.
type agentBook struct {
	src  *source
	file agentsFile
}

func readAgents(src *source, queues *queueBook, regions *regionBook) *agentBook {
	b := &agentBook{src: src}
	src.decode(&b.file)
	first := make(map[name]int)
	for i, a := range b.file.Agents {
		p := place{"agents", i}
		if at, twice := first[a.ID]; twice && a.ID != "" {
			src.wrong(p.with("id"), Fault{What: say("编号 %s 重复，第 %d 行已经有了", "the id %s is there twice, first in line %d", a.ID, src.at(place{"agents", at}).Line)})
		} else {
			first[a.ID] = i
		}
		if taken := []string{"anonymous", "carrier", "police"}; slices.Contains(taken, string(a.ID)) {
			src.wrong(p.with("id"), Fault{What: say("编号 %s 是线路的名字，不能给人用", "%s is the name of a line and can not be a person's", a.ID)})
		}
		regions.known(src, p.with("region"), a.Region)
		b.checkAgent(p, a, queues)
	}
	b.checkServed(queues)
	return b
}

func (b *agentBook) checkAgent(p place, a agentShape, queues *queueBook) {
	for i, queue := range a.Queues {
		queues.known(b.src, b.src.item(p.with("queues"), i), queue)
	}
	skills := texts(slices.Sorted(maps.Keys(b.file.Skills)))
	for i, skill := range a.Skills {
		if !slices.Contains(skills, skill) {
			b.src.wrong(b.src.item(p.with("skills"), i), Fault{What: say("没有技能 %s", "there is no skill %s", skill), Near: nearest(skill, skills)})
		}
	}
	if len(a.Queues) == 0 && !b.src.faulty(p) && (Agent{Role: a.Role}).TakesCalls() {
		b.src.wrong(p, Fault{What: say("%s 不在任何队列里，永远接不到电话", "%s is in no queue and would never be rung", a.ID), Want: Words{ZH: "queues: [" + strings.Join(queues.names(), ", ") + "]"}})
	}
}

// checkServed checks that every queue has seats.
func (b *agentBook) checkServed(queues *queueBook) {
	if len(b.file.Agents) == 0 || queues.src.broken {
		return
	}
	served := make(map[string]bool)
	for _, a := range b.file.Agents {
		for _, queue := range a.Queues {
			if (Agent{Role: a.Role}).TakesCalls() {
				served[queue] = true
			}
		}
	}
	for _, queue := range queues.names() {
		if !served[queue] {
			queues.src.wrongKey(place{"queues", queue}, Fault{
				What: say("队列 %s 没有坐席", "no seat serves the queue %s", queue),
				Want: say("agents.yaml 里至少一人的 queues 写上 %s", "%s among the queues of a person in agents.yaml", queue),
			})
		}
	}
}

// compile makes the list of people.
func (b *agentBook) compile() []Agent {
	agents := make([]Agent, 0, len(b.file.Agents))
	for _, a := range b.file.Agents {
		agents = append(agents, Agent{
			ID: routing.AgentID(a.ID), Name: a.Name, Role: a.Role, Region: a.Region,
			Queues: a.Queues, Skills: a.Skills, Languages: texts(a.Languages),
		})
	}
	return agents
}
