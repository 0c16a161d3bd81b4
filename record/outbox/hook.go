package outbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"
)

// HookOptions say where a web hook is and how it is signed. URL, Secret and
// Algorithm are needed.
type HookOptions struct {
	// URL is https, or http on this host; the configuration sees to that.
	URL string
	// Secret is the key: text, or whsec_ and base64.
	Secret string
	// Algorithm is one of Algorithms.
	Algorithm string
	// CAFile holds the certificates that the receiver's must come from; those of
	// the system when empty.
	CAFile string
	// WholeNumbers sends telephone numbers unmasked.
	WholeNumbers bool
}

// algorithms are the ways to sign, by their names in the configuration: the
// version that stands before the signature, and the hash.
func algorithms() map[string]algorithm {
	return map[string]algorithm{
		"hmac-sha256": {"v1", sha256.New},
		"hmac-sm3":    {"v1sm3", sm3.New}, // GB/T 32905-2016, GB/T 15852.2
	}
}

type algorithm struct {
	version string
	hash    func() hash.Hash
}

// Algorithms are the names of the ways to sign.
func Algorithms() []string { return slices.Sorted(maps.Keys(algorithms())) }

// Hook is a receiver that is told by HTTP, as standard-webhooks describe it:
// the signature is over id, timestamp and body. A status of 2xx acknowledges;
// a redirect is a refusal, because the address is a matter of the
// configuration and not of whoever answers there.
type Hook struct {
	o      HookOptions
	secret []byte
	sign   algorithm
	client *http.Client
}

// How much of an answer is read.
const (
	mostHeader = 64 << 10
	mostAnswer = 4 << 10
)

// leastSecret is the length of a key, in bytes, below which it can be guessed.
const leastSecret = 16

// NewHook makes a hook; nothing is sent yet.
func NewHook(o HookOptions) (*Hook, error) {
	sign, known := algorithms()[o.Algorithm]
	if !known {
		return nil, fmt.Errorf("web hook %s: algorithm %q: want %s", o.URL, o.Algorithm, strings.Join(Algorithms(), " or "))
	}
	secret := []byte(o.Secret)
	if coded, is := strings.CutPrefix(o.Secret, "whsec_"); is {
		var err error
		if secret, err = base64.StdEncoding.DecodeString(coded); err != nil {
			return nil, fmt.Errorf("web hook %s: the secret begins with whsec_, but what follows is not base64", o.URL)
		}
	}
	if len(secret) < leastSecret {
		return nil, fmt.Errorf("web hook %s: the secret has %d bytes, want at least %d", o.URL, len(secret), leastSecret)
	}
	trust := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CAFile != "" {
		text, err := os.ReadFile(o.CAFile)
		if err != nil {
			return nil, fmt.Errorf("web hook %s: certificates: %w", o.URL, err)
		}
		trust.RootCAs = x509.NewCertPool()
		if !trust.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("web hook %s: %s holds no certificate", o.URL, o.CAFile)
		}
	}
	return &Hook{o: o, secret: secret, sign: sign, client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			TLSClientConfig: trust, MaxResponseHeaderBytes: mostHeader, DisableCompression: true,
			// An attempt is rare; a connection that has grown old is one more fault.
			DisableKeepAlives: true,
		},
	}}, nil
}

// Send implements Sender.
func (h *Hook) Send(ctx context.Context, d Delivery) (Receipt, error) {
	text, err := body(d.Event, h.o.WholeNumbers)
	if err != nil {
		return Receipt{}, fmt.Errorf("%w: %w", ErrFinal, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.o.URL, bytes.NewReader(text))
	if err != nil {
		return Receipt{}, fmt.Errorf("web hook %s: %w", h.o.URL, err)
	}
	at := strconv.FormatInt(time.Now().Unix(), 10)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "weibao")
	request.Header.Set("Webhook-Id", d.ID)
	request.Header.Set("Webhook-Timestamp", at)
	request.Header.Set("Webhook-Signature", h.signature(d.ID, at, text))
	answer, err := h.client.Do(request)
	if err != nil {
		return Receipt{}, err // it names the method and the address
	}
	said, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswer))
	err = errors.Join(err, answer.Body.Close())
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return Receipt{}, fmt.Errorf("web hook %s answered %s: %s", h.o.URL, answer.Status, brief(said))
	}
	detail := answer.Status
	if err != nil { // the status has come, and that is the acknowledgement
		detail += ", then broke off"
	}
	return Receipt{AcknowledgedAt: time.Now(), By: "hook", Detail: detail}, nil
}

func (h *Hook) signature(id, at string, text []byte) string {
	mac := hmac.New(h.sign.hash, h.secret)
	mac.Write([]byte(id + "." + at + "."))
	mac.Write(text)
	return h.sign.version + "," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// brief is the beginning of an answer, in one line.
func brief(said []byte) string {
	const most = 200
	return strings.Join(strings.Fields(plain(string(said[:min(most, len(said))]))), " ")
}
