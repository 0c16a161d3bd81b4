package cti

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"weibao/call"
	"weibao/routing"
)

// Notice is something that supervisors should know at once.
type Notice struct {
	// N counts the notices of this gateway since its start, from 1; Hub.Notify
	// sets it.
	N    uint64
	At   time.Time
	Kind string
	// Agent and Call are whom it is about, if anybody.
	Agent routing.AgentID
	Call  call.ID
	// Say is the notice as a sentence in Chinese, numbers masked.
	Say string
}

// The kinds of notice of the floor. Others have kinds of their own.
const (
	NoticeNoAnswer    = "no_answer"   // a seat was made away: it did not answer
	NoticeUnreachable = "unreachable" // a seat was made away: its phone gave no sign
	NoticeDesk        = "desk"        // the desk of a ready seat has gone
	NoticeReaped      = "reaped"      // a seat was freed whose call did not own it any more
)

// noticesKept is how many notices are kept for those who come later.
const noticesKept = 200

// notices are the last ones, oldest first.
type notices struct {
	mu   sync.Mutex // a leaf
	n    uint64
	last []Notice
}

// Notify tells every supervisor. It never waits; it fits FloorOptions.Notice.
func (h *Hub) Notify(n Notice) {
	h.Publish(ChangeNotice, viewNotice(h.notices.keep(n)))
}

// Notices are the last ones, the newest first.
func (h *Hub) Notices() []Notice {
	h.notices.mu.Lock()
	defer h.notices.mu.Unlock()
	last := slices.Clone(h.notices.last)
	slices.Reverse(last)
	return last
}

func (k *notices) keep(n Notice) Notice {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.n++
	n.N = k.n
	if len(k.last) == noticesKept {
		k.last = slices.Delete(k.last, 0, 1)
	}
	k.last = append(k.last, n)
	return n
}

// Why a seat is reaped, as the log has it and as people read it.
const (
	reapedGone    = "call is gone"
	reapedRing    = "ring never ended"
	reapedEarlier = "left by an earlier life"
	reapedUnrung  = "claimed by an earlier life, rung by nobody"
)

var reapedWords = map[string]string{
	reapedGone:    "通话已经不在",
	reapedRing:    "振铃一直没有结束",
	reapedUnrung:  "网关重新启动前派给它的来电没有打到话机",
	reapedEarlier: "网关重新启动前的通话已经不在",
}

var workWords = map[routing.Work]string{
	routing.Claimed: "正要派话", routing.Ringing: "振铃", routing.Talking: "通话", routing.Wrapping: "话后整理",
}

func (f *floor) noticeReaped(c *chair, why string, at time.Time) {
	f.notice(Notice{
		At: at, Kind: NoticeReaped, Agent: c.now.Agent, Call: c.now.Call,
		Say: fmt.Sprintf("坐席 %s的状态（%s）已由系统收回：%s", c.name(), workWords[c.now.Work], reapedWords[why]),
	})
}

// notice tells supervisors at the end of the step.
func (f *floor) notice(n Notice) { f.notices = append(f.notices, n) }

// noticeMany is from how many of a kind in one step a single one tells of all:
// when a gateway dies, a supervisor need not read of every seat.
const noticeMany = 10

func (f *floor) sayNotices() {
	if len(f.notices) == 0 {
		return // most steps
	}
	count := make(map[string]int, len(f.notices))
	for _, n := range f.notices {
		count[n.Kind]++
	}
	for _, n := range f.notices {
		switch many := count[n.Kind]; {
		case many == 0: // said
		case many < noticeMany:
			f.opts.Notice(n)
		default:
			count[n.Kind] = 0
			f.opts.Notice(Notice{At: n.At, Kind: n.Kind, Say: fmt.Sprintf("%s，另有 %d 个坐席同样", n.Say, many-1)})
		}
	}
	f.notices = f.notices[:0]
}
