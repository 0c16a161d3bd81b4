package asterisk

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"weibao/call"
	"weibao/routing"
)

// Options says how a Line reaches its Asterisk.
type Options struct {
	// URL is the root of ARI: "http://127.0.0.1:8088/ari".
	URL string
	// User and Password are those of ari.conf.
	User, Password string
	// App is the application that the dialplan's Stasis() names.
	App string
	// Sounds is the folder of the prompts as Asterisk sees it: a subfolder for
	// each language, a file for each prompt.
	Sounds string
	// RecordingDir is where Asterisk puts recordings: its spool/recording. The
	// folder "second" in it is for when it takes nothing more, see SecondFolder.
	RecordingDir string
	// TrunkChannels is how many calls each trunk can carry that we place; 0 for
	// no limit. Reserved of them are for 110 only: any other leg is unreachable
	// while no more than these are left. A call to 110 is never held back.
	TrunkChannels, Reserved int
	// RecordingRoom is how many bytes must be free where a recording begins.
	// Default: 32 MiB, an hour and a half of talk in all calls together.
	RecordingRoom int64
	// Trouble is told, in words for people, what is wrong with the recording of a
	// call. It must not block.
	Trouble func(of call.ID, what string)
	// Log receives what people must know; nil drops it.
	Log *slog.Logger
	// Registerer takes the metrics; nil keeps them to ourselves. Several nodes
	// in one process need one each, with a label (prometheus.WrapRegistererWith).
	Registerer prometheus.Registerer
	// CallID names the call of a caller's channel, which came into being at that
	// time. It always gives the same name, so that a gateway that starts anew
	// knows the callers it finds.
	CallID func(caller call.LegID, came time.Time) call.ID
	// Reachable is told whether a seat's phone can be rung: once for each seat
	// after every connect, then at each change. It must not block.
	Reachable func(agent routing.AgentID, ok bool)
	// Replaced is told, once, that another gateway has taken the application
	// over. Run ends with ErrReplaced; what was connected goes on.
	Replaced func()
}

// Calls is who takes the events: a *call.Exchange. None of it may block.
type Calls interface {
	// Deliver brings an event to the call that the leg belongs to.
	Deliver(leg call.LegID, ev call.Event)
	// DeliverTo brings an event to a call by its id.
	DeliverTo(id call.ID, ev call.Event)
	// Knows reports whether the leg belongs to a live call.
	Knows(leg call.LegID) bool
	// Live returns copies of the calls that have not ended.
	Live() []call.Call
}

var _ Calls = (*call.Exchange)(nil)

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Registerer == nil {
		o.Registerer = prometheus.NewRegistry()
	}
	if o.RecordingRoom <= 0 {
		o.RecordingRoom = 32 << 20
	}
	if o.Trouble == nil {
		o.Trouble = func(call.ID, string) {}
	}
	if o.Reachable == nil {
		o.Reachable = func(routing.AgentID, bool) {}
	}
	if o.Replaced == nil {
		o.Replaced = func() {}
	}
	return o
}

// room is how many legs a trunk may have before this one; less than 0 for no
// limit.
func (o Options) room(d call.Dial) int {
	if d.Urgent || o.TrunkChannels == 0 {
		return -1
	}
	return max(0, o.TrunkChannels-o.Reserved)
}

func (o Options) validate() error {
	var faults []error
	u, err := url.Parse(o.URL)
	switch {
	case err != nil:
		faults = append(faults, fmt.Errorf("ARI address: %w", err))
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		faults = append(faults, fmt.Errorf("ARI address %q: want http://host:port/ari", o.URL))
	}
	if o.User == "" || o.Password == "" || o.App == "" {
		faults = append(faults, errors.New("ARI user, password and application must be given"))
	}
	if !filepath.IsAbs(o.Sounds) || !filepath.IsAbs(o.RecordingDir) {
		faults = append(faults, fmt.Errorf("sounds %q and recordings %q must be absolute folders", o.Sounds, o.RecordingDir))
	}
	if o.CallID == nil {
		faults = append(faults, errors.New("nobody makes ids for calls"))
	}
	return errors.Join(faults...)
}
