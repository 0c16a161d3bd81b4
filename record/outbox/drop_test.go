package outbox_test

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aead.dev/minisign"

	"weibao/record/outbox"
)

// gap is a drop folder with a gateway on one side of it.
type gap struct {
	*ground
	folder string
	drop   *outbox.Drop
	event  string
}

func newGap(t *testing.T) *gap {
	t.Helper()
	g := &gap{ground: newGround(t, "sqlite:"+filepath.Join(t.TempDir(), "outbox.db")), folder: filepath.Join(t.TempDir(), "drop")}
	key, err := outbox.SigningKey(filepath.Join(t.TempDir(), "secrets", "filings.key"))
	if err != nil {
		t.Fatal(err)
	}
	if g.drop, err = outbox.NewDrop(g.folder, key, false, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	return g
}

// receivers are the drop folder alone.
func (g *gap) receivers() []outbox.Receiver {
	return []outbox.Receiver{{Name: "police", Kind: "drop", Owner: "公安联络员", Limit: time.Second, Sender: g.drop}}
}

// sends has a filing put into the folder, and leaves it there.
func (g *gap) sends() string {
	g.t.Helper()
	g.register(g.receivers()...)
	g.apply(filing(number, g.now))
	g.works(outbox.Sent)
	g.event = g.all()[0].Event
	return g.event + ".json"
}

// works runs a gateway until the filing is so.
func (g *gap) works(want outbox.State) {
	g.t.Helper()
	run := start(g.t, newBox(g.t, g.one, outbox.Options{Poll: 10 * time.Millisecond}), g.receivers())
	defer run.stop()
	g.until(func(d outbox.Standing) bool { return d.State == want })
}

func (g *gap) read(name string) []byte {
	g.t.Helper()
	text, err := os.ReadFile(filepath.Join(g.folder, name))
	if err != nil {
		g.t.Fatal(err)
	}
	return text
}

func (g *gap) returns(name, text string) {
	g.t.Helper()
	if err := os.WriteFile(filepath.Join(g.folder, "receipts", name), []byte(text), 0o600); err != nil {
		g.t.Fatal(err)
	}
}

func TestAFileInTheDropFolderIsVerifiedByMinisign(t *testing.T) {
	t.Parallel()
	g := newGap(t)
	name := g.sends()
	public, err := minisign.PublicKeyFromFile(filepath.Join(g.folder, "weibao.pub"))
	if err != nil {
		t.Fatal(err)
	}
	text, signature := g.read(name), g.read(name+".minisig")
	if !minisign.Verify(public, text, signature) {
		t.Error("the signature does not hold")
	}
	if minisign.Verify(public, append(text, ' '), signature) {
		t.Error("the signature holds for another text")
	}
	if strings.Contains(string(text), "13812345678") {
		t.Error("the number is not masked")
	}
	left, err := filepath.Glob(filepath.Join(g.folder, ".weibao-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	open, err := g.one.Open(t.Context(), time.Now())
	if err != nil || len(open) != 1 || open[0].Owner != "公安联络员" {
		t.Errorf("open: %+v, %v: want the file without a receipt, with its owner", open, err)
	}
}

func TestAReceiptThatIsPutBackAcknowledgesAlsoWhenTheFileWasCarriedAway(t *testing.T) {
	t.Parallel()
	g := newGap(t)
	name := g.sends()
	sum := sha256.Sum256(g.read(name))
	if err := os.Remove(filepath.Join(g.folder, name)); err != nil {
		t.Fatal(err)
	}
	g.returns(name+".receipt", strings.ToUpper(hex.EncodeToString(sum[:]))+"  "+name+"\n") // as sha256sum prints it
	g.works(outbox.Acknowledged)
	g.read("receipts/done/" + name + ".receipt")
}

func TestAReceiptThatFitsNothingIsPutAsideAndAcknowledgesNothing(t *testing.T) {
	t.Parallel()
	g := newGap(t)
	name := g.sends()
	old := time.Now().Add(-time.Hour)
	for receipt, text := range map[string]string{
		name + ".receipt": "0000", "JL-20261123-9999.json.receipt": "0000", "large.receipt": strings.Repeat("x", 1<<20),
	} {
		g.returns(receipt, text)
		if err := os.Chtimes(filepath.Join(g.folder, "receipts", receipt), old, old); err != nil {
			t.Fatal(err)
		}
	}
	g.returns("young.receipt", "") // a copy that may be under way
	returned, err := g.drop.Returned(t.Context())
	if err != nil || len(returned) > 0 {
		t.Errorf("returned %+v, %v", returned, err)
	}
	aside, err := os.ReadDir(filepath.Join(g.folder, "receipts", "unmatched"))
	if err != nil || len(aside) != 3 {
		t.Errorf("put aside: %v, %v", aside, err)
	}
	g.read("receipts/young.receipt")
	g.wants(number, "police made sent")
}

func TestAFolderThatCanNotBeWrittenIsTriedAgain(t *testing.T) {
	t.Parallel()
	g := newGap(t)
	if err := os.RemoveAll(g.folder); err != nil {
		t.Fatal(err)
	}
	if _, err := g.drop.Send(t.Context(), delivery(t)); err == nil {
		t.Error("sent into a folder that is not there")
	}
}

func TestTheSigningKeyIsMadeOnceAndIsItsOwnersOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secrets", "filings.key")
	first, err := outbox.SigningKey(path)
	if err != nil {
		t.Fatal(err)
	}
	second, err := outbox.SigningKey(path)
	if err != nil || !first.Equal(second) {
		t.Errorf("another key at the second start, %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if err := os.WriteFile(path, []byte("not a key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := outbox.SigningKey(path); err == nil {
		t.Error("a broken key was taken, or replaced by a new one that nobody knows")
	}
}
