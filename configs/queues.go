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
	Supervisors string `yaml:"supervisors" need:"yes"`
	// Queues are the lines of callers, by name.
	Queues map[name]queueShape `yaml:"queues" need:"yes"`
}

// queueShape is one line of callers and the rules of its seats.
type queueShape struct {
	// Title is what people see.
	Title string `yaml:"title" need:"yes"`
	// Region is the code of the city whose own queue this is. Default: none,
	// a pool that routes name.
	Region string `yaml:"region"`
	// RingFor is how long one seat is rung before the next. Default: 15s.
	RingFor time.Duration `yaml:"ring_for" min:"5s" max:"60s"`
	// WrapUp is the rest after a talk before the seat is rung again.
	// Default: 10s.
	WrapUp time.Duration `yaml:"wrap_up" min:"0s" max:"30m"`
}

func (q *queueShape) defaults() { q.RingFor, q.WrapUp = 15*time.Second, 10*time.Second }

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
	return b
}

func (b *queueBook) names() []string { return texts(slices.Sorted(maps.Keys(b.file.Queues))) }

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
		queues[string(n)] = routing.Queue{Name: string(n), Title: shape.Title, Region: shape.Region, RingFor: shape.RingFor, WrapUp: shape.WrapUp}
	}
	return queues
}
