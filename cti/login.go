package cti

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"weibao/routing"
)

// ErrLogin is returned for a wrong id and a wrong password alike.
var ErrLogin = errors.New("wrong id or password")

// ErrSession is returned for a token that is not, or no more, valid.
var ErrSession = errors.New("not logged in")

// LockedError is returned after too many wrong tries, whether or not the
// password was right this time.
type LockedError struct{ For time.Duration }

// Error says how long to wait.
func (e *LockedError) Error() string {
	return "too many wrong tries, try again in " + e.For.Round(time.Second).String()
}

// LoginOptions are what Logins are made of. Path is required; every other zero
// value means its default.
type LoginOptions struct {
	// Path is the secrets file. One that does not exist has no logins.
	Path string
	// Key signs the sessions. With the same key a desk stays logged in when
	// the gateway starts again, or when another gateway takes over. Default:
	// a random one; otherwise at least 32 bytes.
	Key []byte
	// Life is how long a session is valid: one shift. Default 12 h.
	Life time.Duration
	// Tries is how many wrong passwords an id may have from one source, and
	// LockFor how long it is locked after them. Default 5 and 5 min.
	Tries   int
	LockFor time.Duration
	Log     *slog.Logger
}

func (o *LoginOptions) validate() error {
	if o.Path == "" {
		return errors.New("logins: a path is required")
	}
	if len(o.Key) == 0 {
		o.Key = make([]byte, 32)
		_, _ = rand.Read(o.Key) // never fails; see crypto/rand
	}
	if len(o.Key) < 32 {
		return fmt.Errorf("logins: the session key has %d bytes, want at least 32", len(o.Key))
	}
	if o.Life == 0 {
		o.Life = 12 * time.Hour
	}
	if o.Tries == 0 {
		o.Tries = 5
	}
	if o.LockFor == 0 {
		o.LockFor = 5 * time.Minute
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// Logins knows who may log in with which password, and who is logged in.
//
// A session is a signed token; nothing of it is kept but the ones that were
// ended before their time. The signature covers the hash of the password, so
// a new password ends every session of its login, in every gateway.
type Logins struct {
	opts    LoginOptions
	secrets *secrets
	guard   *guard
	// hashing bounds the work of checking passwords: each takes 19 MiB and
	// 20 ms of a core, which the calls need more.
	hashing chan struct{}
	dummy   string

	mu    sync.Mutex
	ended map[string]time.Time // nonce of a session → when its token expires
}

// Session is one login in force.
type Session struct {
	ID      routing.AgentID
	Expires time.Time
	nonce   string
}

// OpenLogins reads the secrets file.
func OpenLogins(o LoginOptions) (*Logins, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	file, err := openSecrets(o.Path, o.Log)
	if err != nil {
		return nil, err
	}
	dummy, err := HashPassword(rand.Text())
	if err != nil {
		return nil, err
	}
	return &Logins{
		opts: o, secrets: file, guard: newGuard(o.Tries, o.LockFor), dummy: dummy,
		hashing: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)),
		ended:   make(map[string]time.Time),
	}, nil
}

// NewSecret is a login as Set takes it. What is empty stays as it was.
type NewSecret struct {
	ID          routing.AgentID
	Password    string
	SIPPassword string
}

// Set adds logins or changes their passwords, all in one rewriting of the
// file. A running gateway notices at its next request.
func (l *Logins) Set(news ...NewSecret) error {
	hashes := make([]string, len(news))
	for i, n := range news {
		if n.ID == "" || len(n.ID) > maxID {
			return fmt.Errorf("login %q: want an id of 1 to %d bytes", n.ID, maxID)
		}
		if n.Password == "" {
			continue
		}
		hash, err := HashPassword(n.Password)
		if err != nil {
			return fmt.Errorf("login %s: %w", n.ID, err)
		}
		hashes[i] = hash
	}
	return l.secrets.change(func(byID map[routing.AgentID]Secret) {
		for i, n := range news {
			secret := byID[n.ID]
			if hashes[i] != "" {
				secret.Password = hashes[i]
			}
			if n.SIPPassword != "" {
				secret.SIPPassword = n.SIPPassword
			}
			byID[n.ID] = secret
		}
	})
}

// Remove takes logins away and with them their sessions.
func (l *Logins) Remove(ids ...routing.AgentID) error {
	return l.secrets.change(func(byID map[routing.AgentID]Secret) {
		for _, id := range ids {
			delete(byID, id)
		}
	})
}

// IDs are the logins of the file in order.
func (l *Logins) IDs() []routing.AgentID {
	return slices.Sorted(maps.Keys(l.secrets.current().byID))
}

// SIPPassword is the password of the login's phone.
func (l *Logins) SIPPassword(id routing.AgentID) (string, bool) {
	secret := l.secrets.current().byID[id]
	return secret.SIPPassword, secret.SIPPassword != ""
}

// Verify checks a password. It takes the same time for an id that nobody has.
func (l *Logins) Verify(ctx context.Context, id routing.AgentID, password string) (bool, error) {
	select {
	case l.hashing <- struct{}{}:
		defer func() { <-l.hashing }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	hash := l.secrets.current().byID[id].Password
	known := hash != ""
	if !known {
		hash = l.dummy
	}
	right, err := verifyPassword(hash, password)
	return right && known, err
}

// Login checks a password and begins a session. source is the network that the
// try comes from; see LoginOptions.Tries.
func (l *Logins) Login(ctx context.Context, id routing.AgentID, password, source string) (Session, string, error) {
	if wait := l.guard.locked(id, source, time.Now()); wait > 0 {
		return Session{}, "", &LockedError{For: wait}
	}
	right, err := l.Verify(ctx, id, password)
	if err != nil {
		return Session{}, "", fmt.Errorf("verify password: %w", err)
	}
	if !right {
		// The id may be a password typed in the wrong field: it is not logged
		// unless somebody has it.
		who := routing.AgentID("unknown")
		if _, known := l.secrets.current().byID[id]; known {
			who = id
		}
		if l.guard.missed(id, source, time.Now()) {
			l.opts.Log.Error("login locked after wrong passwords", "agent", who, "source", source)
		}
		l.opts.Log.Warn("wrong password", "agent", who, "source", source)
		return Session{}, "", ErrLogin
	}
	l.guard.cleared(id, source)
	session := Session{ID: id, Expires: time.Now().Add(l.opts.Life).Truncate(time.Second), nonce: rand.Text()}
	return session, l.sign(session), nil
}

// sign writes a session as a token: what it says, a dot, and its signature.
func (l *Logins) sign(s Session) string {
	said := strconv.FormatInt(s.Expires.Unix(), 10) + "." + s.nonce + "." + hex.EncodeToString([]byte(s.ID))
	return said + "." + l.signature(said, s.ID)
}

func (l *Logins) signature(said string, id routing.AgentID) string {
	mac := hmac.New(sha256.New, l.opts.Key)
	mac.Write([]byte(said + "\x00" + l.secrets.current().byID[id].Password))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Session returns the session of a token, or ErrSession.
func (l *Logins) Session(token string) (Session, error) {
	parts := strings.Split(token, ".")
	if len(token) > maxToken || len(parts) != 4 {
		return Session{}, ErrSession
	}
	expires, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return Session{}, ErrSession
	}
	id, err := hex.DecodeString(parts[2])
	if err != nil {
		return Session{}, ErrSession
	}
	s := Session{ID: routing.AgentID(id), Expires: time.Unix(expires, 0), nonce: parts[1]}
	said := strings.Join(parts[:3], ".")
	if !hmac.Equal([]byte(parts[3]), []byte(l.signature(said, s.ID))) || !l.holds(s) {
		return Session{}, ErrSession
	}
	return s, nil
}

// The longest ids and tokens that are looked at.
const (
	maxID    = 64
	maxToken = 512
)

// holds reports whether a session with a good signature is still in force.
func (l *Logins) holds(s Session) bool {
	if secret, ok := l.secrets.current().byID[s.ID]; !ok || secret.Password == "" || !time.Now().Before(s.Expires) {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, over := l.ended[s.nonce]
	return !over
}

// Logout ends a session before its time.
func (l *Logins) Logout(s Session) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	maps.DeleteFunc(l.ended, func(_ string, expires time.Time) bool { return !expires.After(now) })
	l.ended[s.nonce] = s.Expires
}
