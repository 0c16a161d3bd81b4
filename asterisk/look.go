package asterisk

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/CyCoreSystems/ari/v5"

	"weibao/call"
	"weibao/routing"
)

// listed is a channel of GET /channels.
type listed struct {
	ari.ChannelData
	// app and args are those of Stasis(); app is "" outside of it.
	app  string
	args []string
}

// UnmarshalJSON reads what the library's struct leaves out, too.
func (c *listed) UnmarshalJSON(data []byte) error {
	var more struct {
		Dialplan struct {
			AppName string `json:"app_name"`
			AppData string `json:"app_data"`
		}
	}
	if err := json.Unmarshal(data, &more); err != nil {
		return err
	}
	if more.Dialplan.AppName == "Stasis" {
		args := strings.Split(more.Dialplan.AppData, ",")
		c.app, c.args = args[0], args[1:]
	}
	return c.ChannelData.UnmarshalJSON(data)
}

func (c *listed) leg() call.LegID { return call.LegID(c.ID) }

// placed reports a leg that we, or an earlier life, placed.
func (c *listed) placed() bool { return len(c.args) > 0 && c.args[0] == legArg }

// unrung reports a seat's leg that was made and never dialled: the gateway was
// killed between the two. A phone of our own rings within milliseconds.
func (c *listed) unrung() bool { return c.placed() && c.arg(2) != "" && c.State == "Down" }

// of is the call for which the leg was placed.
func (c *listed) of() call.ID { return call.ID(c.arg(1)) }

func (c *listed) arg(i int) string {
	if i < len(c.args) {
		return c.args[i]
	}
	return ""
}

// since is when the channel was made; zero when it does not say.
func (c *listed) since() time.Time {
	if c.created() == 0 {
		return time.Time{}
	}
	return time.Unix(0, c.created())
}

func (c *listed) created() int64 {
	if c.Creationtime == nil {
		return 0
	}
	return c.Creationtime.Seconds*1e9 + int64(c.Creationtime.Nanos)
}

// entered is the caller's channel as its StasisStart would have had it.
func (c *listed) entered() entered {
	e := entered{leg: c.leg(), args: c.args}
	if c.Caller != nil {
		e.caller = c.Caller.Number
	}
	if c.Dialplan != nil {
		e.exten = c.Dialplan.Exten
	}
	return e
}

// picture is what the node holds at one moment.
type picture struct {
	channels map[call.LegID]listed // all, of whatever application
	bridges  []ari.BridgeData      // ours
	rooms    map[call.LegID]string // in which of the bridges a channel is
	app      string
}

// look lists the node. Channels first: a leg that is in a bridge has a channel.
func (l *Line) look(ctx context.Context) (p picture, err error) {
	var channels []listed
	err = l.do(ctx, request{op: "channels", method: http.MethodGet, path: []string{"channels"}, out: &channels})
	if err != nil {
		return p, err
	}
	p = picture{channels: make(map[call.LegID]listed, len(channels)), rooms: make(map[call.LegID]string), app: l.o.App}
	for _, c := range channels {
		p.channels[c.leg()] = c
	}
	var bridges []ari.BridgeData
	err = l.do(ctx, request{op: "bridges", method: http.MethodGet, path: []string{"bridges"}, out: &bridges})
	for _, b := range bridges {
		// The name tells our bridges from those of another application.
		if _, room := roomOf(b.ID); room != call.NoRoom && b.Name == l.o.App {
			p.bridges = append(p.bridges, b)
			for _, leg := range b.ChannelIDs {
				p.rooms[call.LegID(leg)] = b.ID
			}
		}
	}
	return p, err
}

// roomOf is the reverse of bridge.
func roomOf(bridge string) (call.ID, call.Room) {
	for _, room := range []call.Room{call.Talk, call.Side} {
		if id, found := strings.CutSuffix(bridge, "-"+string(room)); found {
			return call.ID(id), room
		}
	}
	return "", call.NoRoom
}

// strangers are the channels of our application that satisfy no live call,
// oldest first, so that callers keep their order.
func (p picture) strangers(knows func(call.LegID) bool) []listed {
	var strangers []listed
	for leg, c := range p.channels {
		if c.app == p.app && !knows(leg) {
			strangers = append(strangers, c)
		}
	}
	slices.SortFunc(strangers, func(a, b listed) int {
		// Within a millisecond by the number that ends Asterisk's ids.
		return cmp.Or(cmp.Compare(a.created(), b.created()), cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	return strangers
}

// room is where a channel is.
func (p picture) room(leg call.LegID) (call.ID, call.Room) {
	return roomOf(p.rooms[leg])
}

// parties are the legs that were placed, by the call for which they were.
func (p picture) parties(among []listed) map[call.ID][]call.Party {
	with := make(map[call.ID][]call.Party)
	for i := range among {
		c := &among[i]
		if !p.foreign(c) || c.unrung() {
			continue
		}
		_, room := p.room(c.leg())
		with[c.of()] = append(with[c.of()], call.Party{
			Leg: c.leg(), Agent: routing.AgentID(c.arg(2)), Trunk: c.arg(3), Number: routing.Number(c.arg(4)),
			Up: c.State == "Up", Room: room, Memo: c.arg(5),
		})
	}
	return with
}

// party reads what a leg that we placed tells of a call of ours whose party it
// is.
func (c *listed) party() (ev call.Arrived, ours bool) {
	ev, ours = call.RecallPlaced(c.arg(5))
	ev.Caller = routing.Number(c.arg(4))
	return ev, ours && c.placed()
}

// foreign reports a leg that stands for nobody who must be helped: one that was
// placed for a caller, or the party of a call of ours that has not been joined.
func (p picture) foreign(c *listed) bool {
	_, ours := c.party()
	_, room := p.room(c.leg())
	return c.placed() && (!ours || room != call.Talk)
}
