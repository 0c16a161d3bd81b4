package routing

import (
	"fmt"
	"strings"
	"testing"
)

func TestEveryWrittenFormOfANumberIsUnderstood(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		home, raw, e164 string
		kind            NumberKind
		area, hint      string
	}{
		// mobiles: never a hint
		{"220100", "13800000001", "+8613800000001", Mobile, "", ""},
		{"220100", "013800000001", "+8613800000001", Mobile, "", ""},
		{"220100", "+8613800000001", "+8613800000001", Mobile, "", ""},
		{"220100", "008613800000001", "+8613800000001", Mobile, "", ""},
		{"220100", "8613800000001", "+8613800000001", Mobile, "", ""},
		{"220100", "+86013800000001", "+8613800000001", Mobile, "", ""},
		{"220100", "138 0000 0001", "+8613800000001", Mobile, "", ""},
		{"220100", "138-0000-0001", "+8613800000001", Mobile, "", ""},
		{"220100", "(+86) 138－0000－0001", "+8613800000001", Mobile, "", ""},
		{"220100", "１３８００００　０００１", "+8613800000001", Mobile, "", ""},
		{"220100", "＋８６１３８００００００００", "+8613800000000", Mobile, "", ""},
		{"220100", "\u202a13800000001\u202c", "+8613800000001", Mobile, "", ""},
		{"220100", "19200000001", "+8619200000001", Mobile, "", ""}, // a range newer than the lists
		{"220100", "16600000001", "+8616600000001", Mobile, "", ""},
		{"220100", "1795113800000001", "+8613800000001", Mobile, "", ""},
		{"220100", "17951013800000001", "+8613800000001", Mobile, "", ""},
		{"220100", "1259313800000001", "+8613800000001", Mobile, "", ""},
		{"220100", "17909 0086 13800000001", "+8613800000001", Mobile, "", ""},
		// landlines
		{"222400", "043184001234", "+8643184001234", Landline, "0431", "220100"},
		{"222400", "0431-84001234", "+8643184001234", Landline, "0431", "220100"},
		{"222400", "（0431）84001234", "+8643184001234", Landline, "0431", "220100"},
		{"222400", "+86 431 8400 1234", "+8643184001234", Landline, "0431", "220100"},
		{"222400", "+86 (0)431 8400 1234", "+8643184001234", Landline, "0431", "220100"},
		{"222400", "008643184001234", "+8643184001234", Landline, "0431", "220100"},
		{"222400", "8643184001234", "+8643184001234", Landline, "0431", "220100"},
		{"222400", "43184001234", "+8643184001234", Landline, "0431", "220100"},
		{"222400", "17909043184001234", "+8643184001234", Landline, "0431", "220100"},
		{"220100", "04332512345", "+864332512345", Landline, "0433", "222400"},
		{"220100", "4332512345", "+864332512345", Landline, "0433", "222400"},
		{"220100", "84001234", "+8643184001234", Landline, "0431", "220100"},
		{"220100", "86123456", "+8643186123456", Landline, "0431", "220100"}, // its 86 is no prefix
		{"222400", "2512345", "+864332512345", Landline, "0433", "222400"},
		{"222404", "251 2345", "+864332512345", Landline, "0433", "222400"},
		{"220581", "4212345", "+864354212345", Landline, "0435", "220500"},
		{"220000", "84001234", "", Landline, "", ""}, // the province's line has no area
		{"nowhere", "84001234", "", Landline, "", ""},
		{"220100", "01065551234", "+861065551234", Landline, "010", ""},
		{"220100", "+861065551234", "+861065551234", Landline, "010", ""},
		{"220100", "075586001234", "+8675586001234", Landline, "0755", ""},
		// services
		{"222400", "110", "", Service, "", ""},
		{"222400", "12345", "", Service, "", ""},
		{"222400", "+8612345", "", Service, "", ""},
		{"222400", "10086", "", Service, "", ""},
		{"222400", "118114", "", Service, "", ""},
		{"222400", "96118", "", Service, "", ""},
		{"222400", "961180", "", Service, "", ""},
		{"222400", "95588", "", Service, "", ""},
		{"222400", "12110433", "", Service, "", ""},
		{"222400", "043112345", "+8643112345", Service, "0431", "220100"},
		{"222400", "+8643112345", "+8643112345", Service, "0431", "220100"},
		{"222400", "0431 96118", "+8643196118", Service, "0431", "220100"},
		{"220100", "0433110", "", Service, "0433", "222400"},
		{"220100", "075512345", "+8675512345", Service, "0755", ""},
		{"220100", "400-810-0000", "+864008100000", Service, "", ""},
		// nobody
		{"220100", "", "", Anonymous, "", ""},
		{"220100", " \t", "", Anonymous, "", ""},
		{"220100", "Anonymous", "", Anonymous, "", ""},
		{"220100", "<unknown>", "", Anonymous, "", ""},
		{"220100", "RESTRICTED", "", Anonymous, "", ""},
		{"220100", "匿名", "", Anonymous, "", ""},
		// abroad
		{"220100", "+85223456789", "+85223456789", Foreign, "", ""},
		{"220100", "0082212345678", "+82212345678", Foreign, "", ""},
		{"220100", "+886 2 1234 5678", "+886212345678", Foreign, "", ""},
		// not read
		{"220100", "1380000000", "", UnknownNumber, "", ""},
		{"220100", "138000000012", "", UnknownNumber, "", ""},
		{"220100", "17900000001", "", UnknownNumber, "", ""}, // a carrier and half a number
		{"220100", "04318400123", "", UnknownNumber, "", ""}, // a digit is missing
		{"220100", "8400123", "", UnknownNumber, "", ""},
		{"220100", "0431", "", UnknownNumber, "", ""},
		{"220100", "+0123456789", "", UnknownNumber, "", ""},
		{"220100", "+1234567890123456", "", UnknownNumber, "", ""},
		{"220100", "+86", "", UnknownNumber, "", ""},
		{"220100", "+86 84001", "", UnknownNumber, "", ""},
		{"220100", "1+3800000001", "", UnknownNumber, "", ""},
		{"220100", "2125551234", "", UnknownNumber, "", ""}, // without 0 only areas of the table
		{"220100", "13800000001、13900000002", "", UnknownNumber, "", ""},
		{"220100", "8612345", "", UnknownNumber, "", ""}, // half a number of 长春, or +86 12345: not told
		{"220100", "86110", "", UnknownNumber, "", ""},
		{"220100", "alice", "", UnknownNumber, "", ""},
		{"220100", "138\xff00000001", "", UnknownNumber, "", ""},
	} {
		got := Normalise(row.raw, jilin(), row.home)
		want := Caller{Raw: Number(row.raw), E164: Number(row.e164), Kind: row.kind, AreaCode: row.area, Hint: row.hint}
		if got != want {
			t.Errorf("%q at %s: %s %q %q %q, want %s %q %q %q", row.raw, row.home,
				got.Kind, string(got.E164), got.AreaCode, got.Hint, want.Kind, row.e164, row.area, row.hint)
		}
		sound(t, row.raw, row.home)
	}
}

// sound checks what must hold for every string: the raw form is kept, the
// international one is well formed and read as itself through any line, and a
// mobile has no place.
func sound(t *testing.T, raw, home string) {
	t.Helper()
	c := Normalise(raw, jilin(), home)
	e164 := string(c.E164)
	digits, plus := strings.CutPrefix(e164, "+")
	switch {
	case string(c.Raw) != raw, c.Kind > Foreign:
		t.Errorf("%q: %+v", raw, c)
	case e164 != "" && (!plus || !Digits(digits) || len(digits) < 7 || len(digits) > 15):
		t.Errorf("%q: E.164 is %q", raw, e164)
	case c.Kind != Foreign && e164 != "" && !strings.HasPrefix(e164, "+86"):
		t.Errorf("%q: %s of China is %q", raw, c.Kind, e164)
	case (c.Kind == UnknownNumber || c.Kind == Anonymous) && (e164 != "" || c.AreaCode != ""):
		t.Errorf("%q: %s, yet %q %q", raw, c.Kind, e164, c.AreaCode)
	case c.Kind != Landline && c.Kind != Service && (c.AreaCode != "" || c.Hint != ""):
		t.Errorf("%q: a %s with area %q, hint %q", raw, c.Kind, c.AreaCode, c.Hint)
	case c.Hint != "" && c.AreaCode == "":
		t.Errorf("%q: hint %q without an area code", raw, c.Hint)
	}
	if e164 == "" {
		return
	}
	for _, line := range []string{home, "220000", "222404"} {
		again := Normalise(e164, jilin(), line)
		if again.Raw = c.Raw; again != c {
			t.Errorf("%q is %#v, and its own E.164 at %s is %#v", raw, c, line, again)
		}
	}
}

func TestAllNumbersBehindATellingBeginningAreReadSoundly(t *testing.T) {
	t.Parallel()
	// Behind each of these beginnings stand all numbers of three digits.
	for _, begin := range []string{"", "1", "12", "121", "95", "96", "010", "0431", "0433", "+86", "+86431", "+8695", "+861", "00", "1795101380000", "8613800000", "4008000", "0951", "0400", "84001", "8643184001", "123"} {
		for n := range 1000 {
			sound(t, fmt.Sprintf("%s%03d", begin, n), "220100")
		}
	}
}

func TestACallerIsPrintedMasked(t *testing.T) {
	t.Parallel()
	c := Normalise("013800000001", jilin(), "220100")
	for _, format := range []string{"%v", "%+v", "%s"} {
		if got := fmt.Sprintf(format, c); strings.Contains(got, "00000") {
			t.Errorf("%s prints %s", format, got)
		}
	}
}

func TestAKindOfNumberIsPrintedAsItsWord(t *testing.T) {
	t.Parallel()
	for kind, want := range map[NumberKind]string{UnknownNumber: "unknown", Mobile: "mobile", Landline: "landline", Service: "service", Anonymous: "anonymous", Foreign: "foreign"} {
		if got := kind.String(); got != want {
			t.Errorf("%d is %s, want %s", kind, got, want)
		}
	}
}

func TestANumberIsReadWithoutATableOfRegions(t *testing.T) {
	t.Parallel()
	if c := Normalise("043184001234", Regions{}, ""); c.E164 != "+8643184001234" || c.Hint != "" {
		t.Errorf("%#v", c)
	}
}

func FuzzNormalise(f *testing.F) {
	for _, raw := range []string{"", "13800000001", "+86 (0)431-84001234", "008643112345", "17951013800000001", "１２５９３13800000001", "anonymous", "0433110", "+85223456789", "4008100000", "8695112345", "2512345"} {
		f.Add(raw, "220100")
	}
	f.Fuzz(sound)
}
