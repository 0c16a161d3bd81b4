package cti

import (
	"strings"
	"testing"
)

func TestPasswordIsHashedAsPHC(t *testing.T) {
	t.Parallel()
	hash, err := HashPassword("密码 with spaces")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash is %s", hash)
	}
	other, err := HashPassword("密码 with spaces")
	if err != nil || other == hash {
		t.Error("two hashes of a password are the same")
	}
	for password, want := range map[string]bool{"密码 with spaces": true, "密码 with space": false, "": false} {
		if got, err := verifyPassword(hash, password); err != nil || got != want {
			t.Errorf("%q: %v, %v", password, got, err)
		}
	}
	if _, err := HashPassword(""); err == nil {
		t.Error("an empty password was taken")
	}
}

func TestHashOfAnotherProgramIsVerified(t *testing.T) {
	t.Parallel()
	// Of the argon2 command: echo -n password | argon2 somesalt -id -t 2 -k 256 -p 1 -l 32 -e
	const hash = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	if ok, err := verifyPassword(hash, "password"); err != nil || !ok {
		t.Errorf("%v, %v", ok, err)
	}
}

func TestHashThatIsNoneOrCostsTooMuchIsRefused(t *testing.T) {
	t.Parallel()
	const salt, sum = "c2FsdHNhbHRzYWx0c2FsdA", "bm9ibm9ibm9ibm9ibm9ibm9i"
	for _, hash := range []string{
		"", "plain", "$argon2i$v=19$m=64,t=1,p=1$" + salt + "$" + sum, "$argon2id$v=16$m=64,t=1,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=4294967295,t=1,p=1$" + salt + "$" + sum, "$argon2id$v=19$m=64,t=1000000,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=64,t=0,p=1$" + salt + "$" + sum, "$argon2id$v=19$m=64,t=1,p=0$" + salt + "$" + sum,
		"$argon2id$v=19$m=64,t=1,p=1$" + salt, "$argon2id$v=19$m=64,t=1,p=1$!$" + sum, "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$!",
		"$argon2id$v=19$m=64,t=1,p=1$" + salt + "$", "$argon2id$v=19$m=64,t=1,p=1$c2FsdA$" + sum, "$argon2id$v=19$m=64,t=1,p=1$" + salt + "$" + sum + "$x",
	} {
		if ok, err := verifyPassword(hash, "x"); err == nil || ok {
			t.Errorf("%q was computed", hash)
		}
	}
}

func FuzzPHC(f *testing.F) {
	f.Add(cheapHash("x"))
	f.Add("$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parsePHC(s)
		if err != nil {
			return
		}
		again, err := parsePHC(p.String())
		if err != nil || again.String() != p.String() {
			t.Errorf("%q is read as %s, which is read as %s, %v", s, p, again, err)
		}
	})
}
