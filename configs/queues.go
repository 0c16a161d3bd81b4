package configs

import (
	"maps"
	"slices"
	"time"

	"weibao/routing"
)

// queuesFile is the shape of queues.yaml.
type queuesFile struct {
	// Supervisors is the queue that is rung when a child's listener is gone
	// or a second listener is wanted.
	Supervisors string `yaml:"supervisors" need:"yes" zh:"班长队列：孩子的接听人掉线时找谁"`
	// Queues are the lines of callers, by name.
	Queues map[name]queueShape `yaml:"queues" need:"yes" zh:"队列"`
	// Pools are names for several queues, in the order in which they help.
	// Default: none.
	Pools map[name][]string `yaml:"pools" zh:"几个队列合在一起的名字，路由里写 pool:名字"`
}

// queueShape is one line of callers and the rules of its seats.
type queueShape struct {
	// Title is what people see.
	Title string `yaml:"title" need:"yes" zh:"屏幕上的名称"`
	// Region is the code of the city whose own queue this is. Default: none,
	// a pool that routes name.
	Region string `yaml:"region" zh:"哪个市（州）自己的队列；不写就是共用的"`
	// Strategy says which of several free seats is rung, in the words of
	// app_queue. Default: leastrecent.
	Strategy strategy `yaml:"strategy" zh:"几个坐席都空闲时先响谁：leastrecent 空闲最久的、fewestcalls 接得最少的、linear 编号最小的、rrmemory 轮流"`
	// RingFor is how long one seat is rung before the next. Default: 15s.
	RingFor time.Duration `yaml:"ring_for" min:"5s" max:"60s" zh:"一个坐席响多久，没人接换下一个"`
	// WrapUp is the rest after a talk before the seat is rung again.
	// Default: 10s.
	WrapUp time.Duration `yaml:"wrap_up" min:"0s" max:"30m" zh:"通话后休息多久再派下一个"`
	// GraveWrapUp is the rest after a grave call, one in which 110 was asked for
	// or whose form says severity: 紧急; never less than wrap_up. Default: 2m.
	GraveWrapUp time.Duration `yaml:"grave_wrap_up" min:"0s" max:"2h" zh:"重大来电（转过 110，或登记表 severity 填了紧急、特急）之后休息多久，不少于 wrap_up"`
	// RejectDelay is how long a seat that rejected a ring is not rung again.
	// Default: 30s.
	RejectDelay time.Duration `yaml:"reject_delay" min:"1s" max:"30m" zh:"坐席拒接后多久不再派给它"`
	// BusyDelay is the same for a seat whose phone was busy. Default: 10s.
	BusyDelay time.Duration `yaml:"busy_delay" min:"1s" max:"30m" zh:"话机占线后多久不再派给它"`
	// NoAnswerDelay is the same for a seat that did not answer. Default: 10s.
	NoAnswerDelay time.Duration `yaml:"no_answer_delay" min:"1s" max:"30m" zh:"振铃未接后多久不再派给它"`
	// UnreachableDelay is the same for a seat whose phone gave no sign.
	// Default: 30s.
	UnreachableDelay time.Duration `yaml:"unreachable_delay" min:"1s" max:"30m" zh:"话机没有回应后多久不再派给它"`
	// MaxNoAnswer is how many rings in a row may come to nothing, not answered
	// or without a sign of the phone, before the seat is made away. Default: 2.
	MaxNoAnswer int `yaml:"max_no_answer" min:"1" max:"20" zh:"连续几次未接（或话机没有回应）就改为暂离，并通知班长"`
}

func (q *queueShape) defaults() {
	q.Strategy, q.RingFor = strategy(routing.LeastRecent), 15*time.Second
	q.WrapUp, q.GraveWrapUp = 10*time.Second, 2*time.Minute
	q.RejectDelay, q.BusyDelay, q.NoAnswerDelay, q.UnreachableDelay = 30*time.Second, 10*time.Second, 10*time.Second, 30*time.Second
	q.MaxNoAnswer = 2
}

// strategy is a strategy of queues.
type strategy string

func (strategy) choices() []string { return texts(routing.Strategies()) }

func (s strategy) check() (Words, bool) {
	return oneOf(s.choices()), slices.Contains(s.choices(), string(s))
}

// queueBook finds queues while the files are checked.
type queueBook struct {
	src  *source
	file queuesFile
}

func readQueues(src *source, regions *regionBook) *queueBook {
	b := &queueBook{src: src}
	src.decode(&b.file)
	owner := make(map[string]string)
	for _, n := range b.names() {
		region := b.file.Queues[name(n)].Region
		p := place{"queues", n, "region"}
		if region == "" || !regions.known(src, p, region) {
			continue
		}
		if regions.notCity(region) {
			src.wrong(p, Fault{What: say("%s 不是市（州），来电按市（州）排队", "%s is not a prefecture; callers stand in line by prefecture", region), Near: regions.city(region).Code})
		}
		if other, taken := owner[region]; taken {
			src.wrong(p, Fault{What: say("%s 已有自己的队列 %s", "%s has a queue of its own already: %s", region, other)})
			continue
		}
		owner[region] = n
	}
	b.known(src, place{"supervisors"}, b.file.Supervisors)
	b.checkPools()
	return b
}

func (b *queueBook) names() []string { return texts(slices.Sorted(maps.Keys(b.file.Queues))) }

// checkPools checks that a pool is queues that exist, each once.
func (b *queueBook) checkPools() {
	for _, pool := range slices.Sorted(maps.Keys(b.file.Pools)) {
		p := place{"pools", string(pool)}
		queues := b.file.Pools[pool]
		if len(queues) == 0 && !b.src.faulty(p) {
			b.src.wrong(p, Fault{What: say("%s 里没有队列", "the pool %s has no queue", pool)})
		}
		for i, queue := range queues {
			if b.known(b.src, p.with(i), queue); slices.Contains(queues[:i], queue) {
				b.src.wrong(p.with(i), Fault{What: say("队列 %s 写了两次", "the queue %s is there twice", queue)})
			}
		}
	}
}

// knownPool adds a fault at that place when there is no such pool.
func (b *queueBook) knownPool(src *source, p place, pool string) {
	if _, ok := b.file.Pools[name(pool)]; ok || b.src.broken {
		return
	}
	src.wrong(p, Fault{What: say("没有 %s 这个 pool", "there is no pool %s", pool), Near: nearest(pool, texts(slices.Sorted(maps.Keys(b.file.Pools))))})
}

// pools are the pools as the plan has them.
func (b *queueBook) pools() map[string][]string {
	pools := make(map[string][]string, len(b.file.Pools))
	for pool, queues := range b.file.Pools {
		pools[string(pool)] = queues
	}
	return pools
}

// known adds a fault at that place when there is no such queue.
func (b *queueBook) known(src *source, p place, queue string) {
	if _, ok := b.file.Queues[name(queue)]; ok || len(b.file.Queues) == 0 || queue == "" {
		return
	}
	src.wrong(p, Fault{What: say("没有队列 %s", "there is no queue %s", queue), Near: nearest(queue, b.names())})
}

// compile makes the queues.
func (b *queueBook) compile() map[string]routing.Queue {
	queues := make(map[string]routing.Queue, len(b.file.Queues))
	for n, shape := range b.file.Queues {
		queues[string(n)] = routing.Queue{
			Name: string(n), Title: shape.Title, Region: shape.Region, Strategy: routing.Strategy(shape.Strategy),
			RingFor: shape.RingFor, WrapUp: shape.WrapUp, GraveWrapUp: shape.GraveWrapUp,
			Refusals: routing.Refusals{
				RejectDelay: shape.RejectDelay, BusyDelay: shape.BusyDelay, NoAnswerDelay: shape.NoAnswerDelay,
				UnreachableDelay: shape.UnreachableDelay, MaxNoAnswer: shape.MaxNoAnswer,
			},
		}
	}
	return queues
}
