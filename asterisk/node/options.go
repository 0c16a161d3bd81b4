package node

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"path/filepath"
	"regexp"
	"strings"
)

// socketLimit is the longest path of a control socket that the kernel takes.
const socketLimit = 107

// Options says what a node is. Every port and the folders must be given.
type Options struct {
	// Root is a private root that holds Asterisk; "" is the asterisk on the PATH.
	Root string
	// Dir is the node's own folder, absolute: etc, run, log, spool, lib, cache and share below it.
	Dir string
	// Name is the systemname; the entity id of channel ids is derived from it. Default "node1".
	Name string
	// Host is the address of SIP, RTP and ARI. Default 127.0.0.1.
	Host string
	// SIPPort (udp), HTTPPort (ARI, tcp) and the RTP range from RTPStart to RTPEnd (udp).
	SIPPort, HTTPPort, RTPStart, RTPEnd int
	// App is the ARI application that takes the calls; ARIUser and ARIPassword open it.
	App, ARIUser, ARIPassword string
	// Carrier and Police are the SIP peers, host:port, of all outside numbers.
	Carrier, Police string
	// Seats are the phones that may register.
	Seats []Seat
	// DutyNumber is rung through the carrier when there is no gateway and no seat answers.
	DutyNumber string
	// Sounds is the folder of the prompts, one subfolder a language; hold music is in its music.
	Sounds string
	// Log receives what Asterisk says; nil drops it.
	Log io.Writer
}

// Seat is one phone that may register, by digest.
type Seat struct {
	// ID is the endpoint's name and the digest user, Name is shown as caller, Password is the digest password.
	ID, Name, Password string
}

// word is what may stand as a name in Asterisk's configuration without being read as anything else.
var word = regexp.MustCompile(`^[0-9A-Za-z_.-]{1,40}$`)

// secret keeps to characters that no line of the configuration gives a meaning.
var secret = regexp.MustCompile(`^[0-9A-Za-z_.~!@$%^&*+=:/-]{8,128}$`)

// peer is host:port with nothing that could end the line or the URI.
var peer = regexp.MustCompile(`^([0-9A-Za-z.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$`)

func (o Options) withDefaults() Options {
	if o.Name == "" {
		o.Name = "node1"
	}
	if o.Host == "" {
		o.Host = "127.0.0.1"
	}
	return o
}

func (o Options) validate() error {
	var faults []error
	bad := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	bad(filepath.IsAbs(o.Dir), "folder %q is not absolute", o.Dir)
	bad(plain(o.Dir) && plain(o.Sounds) && plain(o.Root), "a folder's name holds a character that Asterisk's files cannot hold")
	bad(len(o.socket()) <= socketLimit, "folder %q is too long: the control socket's path must stay below %d bytes", o.Dir, socketLimit)
	bad(o.Sounds == "" || filepath.IsAbs(o.Sounds), "sounds folder %q is not absolute", o.Sounds)
	_, err := netip.ParseAddr(o.Host)
	bad(err == nil, "host %q is not an IP address", o.Host)
	bad(o.SIPPort > 0 && o.HTTPPort > 0, "the SIP port and the ARI port must be given")
	bad(o.RTPStart > 0 && o.RTPEnd > o.RTPStart && o.RTPEnd < 1<<16, "RTP range %d-%d is not a range", o.RTPStart, o.RTPEnd)
	for what, s := range map[string]string{"node name": o.Name, "ARI application": o.App, "ARI user": o.ARIUser} {
		bad(word.MatchString(s), "%s %q: letters, digits, dot, dash and underscore only", what, s)
	}
	bad(secret.MatchString(o.ARIPassword), "the ARI password must have 8 to 128 characters and no quote, space, comma or semicolon")
	bad(peer.MatchString(o.Carrier), "carrier %q is not host:port", o.Carrier)
	bad(peer.MatchString(o.Police), "police %q is not host:port", o.Police)
	bad(o.DutyNumber == "" || word.MatchString(o.DutyNumber), "duty number %q", o.DutyNumber)
	for _, s := range o.Seats {
		bad(word.MatchString(s.ID), "seat %q: letters, digits, dot, dash and underscore only", s.ID)
		bad(s.ID != "anonymous" && s.ID != "carrier" && s.ID != "police", "seat %q has a name that is taken", s.ID)
		bad(secret.MatchString(s.Password), "the password of seat %s must have 8 to 128 characters and no quote, space, comma or semicolon", s.ID)
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("asterisk options: %w", err)
	}
	return nil
}

// plain reports whether a path can stand in a line of Asterisk's configuration.
func plain(path string) bool {
	return !strings.ContainsAny(path, ";\n\r\"$")
}

func (o Options) socket() string { return filepath.Join(o.Dir, "run", "asterisk.ctl") }

func (o Options) config() string { return filepath.Join(o.Dir, "etc", "asterisk.conf") }

// entityID is shaped like a hardware address of local administration, made from the name.
func (o Options) entityID() string {
	sum := sha256.Sum256([]byte(o.Name))
	return fmt.Sprintf("02:%02x:%02x:%02x:%02x:%02x", sum[0], sum[1], sum[2], sum[3], sum[4])
}

// Shown is the seat's name with everything taken out that a quoted caller id cannot hold.
func (s Seat) Shown() string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`"\;<>$`, r) {
			return -1
		}
		return r
	}, s.Name)
}
