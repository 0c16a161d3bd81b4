package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"filippo.io/age"
	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

// The child process of TestAKillAtAnyStepLosesNothing is told by these what to
// encrypt and where to die.
const (
	childPlain = "WEIBAO_TEST_VAULT_PLAIN"
	childStep  = "WEIBAO_TEST_VAULT_STEP"
)

func TestMain(m *testing.M) {
	if plain := os.Getenv(childPlain); plain != "" {
		os.Exit(dieAt(plain, os.Getenv(childStep)))
	}
	goleak.VerifyTestMain(m)
}

// dieAt keeps a file and kills itself at a step; 3 when it never came there.
func dieAt(plain, step string) int {
	reached = func(at string) {
		if at == step {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	dir := filepath.Dir(plain)
	keys, _, err := OpenKeys(filepath.Join(dir, "key"), Cipher(os.Getenv("WEIBAO_TEST_VAULT_CIPHER")))
	if err == nil {
		_, err = keys.Keep(context.Background(), plain, filepath.Join(dir, "vault"), sumOf(plain))
	}
	fmt.Fprintln(os.Stderr, err)
	return 3
}

func sumOf(path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func keysOf(t *testing.T, path string, c Cipher) *Keys {
	t.Helper()
	keys, _, err := OpenKeys(path, c)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func plainFile(t *testing.T, size int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "01JD.wav")
	content := make([]byte, size)
	for i := range content {
		content[i] = byte(i * 7 >> 3)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAKillAtAnyStepLosesNothing(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range Ciphers() {
		for _, step := range []string{"copied", "written", "named"} {
			t.Run(string(c)+" "+step, func(t *testing.T) {
				t.Parallel()
				plain := plainFile(t, 3*sm4Segment+5)
				dir := filepath.Dir(plain)
				keys := keysOf(t, filepath.Join(dir, "key"), c)
				cmd := exec.CommandContext(t.Context(), self)
				cmd.Env = append(os.Environ(), childPlain+"="+plain, childStep+"="+step, "WEIBAO_TEST_VAULT_CIPHER="+string(c))
				out, err := cmd.CombinedOutput()
				if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
					t.Fatalf("the child was not killed at that step: %v\n%s", err, out)
				}
				sum := sumOf(plain)
				if len(sum) != 64 {
					t.Fatal("the plain file has gone: ", sum)
				}
				kept, err := keys.Keep(t.Context(), plain, filepath.Join(dir, "vault"), sum)
				if err != nil {
					t.Fatal(err)
				}
				if left, _ := filepath.Glob(filepath.Join(dir, "vault", "*"+part)); len(left) > 0 {
					t.Errorf("left behind: %v", left)
				}
				sound, err := keys.Open(kept.File)
				if err != nil {
					t.Fatal(err)
				}
				defer sound.Close()
				content, err := io.ReadAll(sound)
				if got := sha256.Sum256(content); err != nil || hex.EncodeToString(got[:]) != sum {
					t.Errorf("content is another: %v", err)
				}
				if sumOf(kept.File) != kept.SHA256 {
					t.Error("the hash of the encrypted file is not its own")
				}
			})
		}
	}
}

func TestContentOfAnyLengthIsReadAtAnyPlace(t *testing.T) {
	t.Parallel()
	for _, c := range Ciphers() {
		keys := keysOf(t, filepath.Join(t.TempDir(), "key"), c)
		t.Run(string(c), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				size := rapid.OneOf(rapid.IntRange(0, 5), rapid.IntRange(sm4Segment-2, sm4Segment+2),
					rapid.IntRange(2*sm4Segment-2, 2*sm4Segment+2), rapid.IntRange(0, 4*sm4Segment)).Draw(t, "size")
				content := bytes.Repeat([]byte("weibao未保"), size/12+1)[:size]
				sealed := encrypt(t, keys, content)
				got, length, err := keys.Decrypt(bytes.NewReader(sealed), int64(len(sealed)))
				if err != nil || length != int64(size) {
					t.Fatalf("length %d of %d: %v", length, size, err)
				}
				from := rapid.IntRange(0, size).Draw(t, "from")
				want := content[from:min(size, from+rapid.IntRange(0, sm4Segment+9).Draw(t, "n"))]
				p := make([]byte, len(want))
				if n, err := got.ReadAt(p, int64(from)); n != len(p) || err != nil && !errors.Is(err, io.EOF) || !bytes.Equal(p, want) {
					t.Fatalf("read %d of %d at %d: %v", n, len(p), from, err)
				}
			})
		})
	}
}

func encrypt(t interface{ Fatal(...any) }, keys *Keys, content []byte) []byte {
	var b bytes.Buffer
	w, err := keys.Encrypt(&b)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAFileThatWasChangedOrCutIsRefused(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("x"), 2*sm4Segment+100)
	for _, c := range Ciphers() {
		keys := keysOf(t, filepath.Join(t.TempDir(), "key"), c)
		whole := encrypt(t, keys, content)
		readAll := func(sealed []byte) error {
			r, n, err := keys.Decrypt(bytes.NewReader(sealed), int64(len(sealed)))
			if err == nil {
				_, err = io.Copy(io.Discard, io.NewSectionReader(r, 0, n))
			}
			return err
		}
		if err := readAll(whole); err != nil {
			t.Fatal(err)
		}
		header := len(whole) - len(content) - 3*16
		for name, damage := range map[string]func([]byte) []byte{
			"a bit of the first segment": func(b []byte) []byte { b[header+10] ^= 1; return b },
			"a bit of the last":          func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
			"the last segment gone":      func(b []byte) []byte { return b[:header+2*(sm4Segment+16)] },
			"cut in the middle":          func(b []byte) []byte { return b[:len(b)/2] },
			"cut in the header":          func(b []byte) []byte { return b[:20] },
			"nothing left":               func([]byte) []byte { return nil },
			"segments exchanged": func(b []byte) []byte {
				first := bytes.Clone(b[header : header+sm4Segment+16])
				copy(b[header:], b[header+sm4Segment+16:header+2*(sm4Segment+16)])
				copy(b[header+sm4Segment+16:], first)
				return b
			},
			"bytes behind the end": func(b []byte) []byte { return append(b, 0) },
		} {
			if readAll(damage(bytes.Clone(whole))) == nil {
				t.Errorf("%s: %s was not noticed", c, name)
			}
		}
	}
}

func TestARecordingThatWasChangedIsNotTakenIn(t *testing.T) {
	t.Parallel()
	plain := plainFile(t, 1000)
	dir := filepath.Dir(plain)
	keys := keysOf(t, filepath.Join(dir, "key"), Age)
	if _, err := keys.Keep(t.Context(), plain, filepath.Join(dir, "vault"), strings.Repeat("0", 64)); !errors.Is(err, ErrChanged) {
		t.Errorf("kept: %v", err)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "vault")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestAFalseCopyIsReplaced(t *testing.T) {
	t.Parallel()
	plain := plainFile(t, 1000)
	vault := filepath.Join(filepath.Dir(plain), "vault")
	keys := keysOf(t, filepath.Join(filepath.Dir(plain), "key"), SM4)
	if err := errors.Join(os.MkdirAll(vault, 0o700), os.WriteFile(filepath.Join(vault, "01JD.wav.sm4"), []byte("half"), 0o600)); err != nil {
		t.Fatal(err)
	}
	kept, err := keys.Keep(t.Context(), plain, vault, sumOf(plain))
	if err != nil || kept.Size < 1000 {
		t.Errorf("kept %+v, %v", kept, err)
	}
}

func TestANewKeyInFrontStillOpensWhatIsOld(t *testing.T) {
	t.Parallel()
	for _, c := range Ciphers() {
		dir := t.TempDir()
		old, fresh := filepath.Join(dir, "old"), filepath.Join(dir, "new")
		sealed := encrypt(t, keysOf(t, old, c), []byte("talk"))
		other := keysOf(t, fresh, c)
		if _, _, err := other.Decrypt(bytes.NewReader(sealed), int64(len(sealed))); !errors.Is(err, ErrKey) {
			t.Errorf("%s: a strange key gives %v", c, err)
		}
		a, _ := os.ReadFile(fresh)
		b, _ := os.ReadFile(old)
		if err := os.WriteFile(fresh, append(a, b...), 0o600); err != nil {
			t.Fatal(err)
		}
		both := keysOf(t, fresh, c)
		if _, _, err := both.Decrypt(bytes.NewReader(sealed), int64(len(sealed))); err != nil || both.Name() != other.Name() {
			t.Errorf("%s: both keys: %v, name %s", c, err, both.Name())
		}
	}
}

func TestTheKeyFileIsOneOfAgeAndForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secrets", "key")
	keys, made, err := OpenKeys(path, Age)
	if err != nil || !made {
		t.Fatal(made, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	identities, err := age.ParseIdentities(f) // as the program age reads it
	if err != nil || len(identities) != 1 {
		t.Fatalf("age reads %d identities: %v", len(identities), err)
	}
	r, err := age.Decrypt(bytes.NewReader(encrypt(t, keys, []byte("talk"))), identities...)
	if err != nil {
		t.Fatal(err)
	}
	if content, err := io.ReadAll(r); err != nil || string(content) != "talk" {
		t.Errorf("age reads %q, %v", content, err)
	}
	if _, made, err := OpenKeys(path, SM4); err != nil || made {
		t.Errorf("a second start makes another key: %v, %v", made, err)
	}
}

func TestAKeyFileThatCanNotBeReadIsNamedAndNotReplaced(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                "no line AGE-SECRET-KEY-1",
		"AGE-SECRET-KEY-1XYZ\n":           "not a key of age",
		"SM4-KEY-12\nAGE-SECRET-KEY-1X\n": "32 hex digits",
	} {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := OpenKeys(path, Age)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "XYZ") {
			t.Errorf("%q: %v", text, err)
		}
		if now, _ := os.ReadFile(path); string(now) != text {
			t.Errorf("%q was replaced", text)
		}
	}
}
