package record

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTheCheckCodeFindsOneWrongCharacterAndTwoThatChangedPlaces(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parts := []string{
			rapid.StringMatching(`JL-2026[01][0-9][0-3][0-9]-(n[1-9]-)?[0-9]{4}(-[A-Z2-7]{8})?`).Draw(t, "number"),
			rapid.StringMatching(`22[0-9]{4}`).Draw(t, "place"), rapid.StringMatching(`0?1[3-9][0-9]{9}`).Draw(t, "back"),
		}
		code := CheckCode(parts...)
		if !Checks(code, parts...) {
			t.Fatalf("the code %s of %v is not right", code, parts)
		}
		heard := []rune(strings.Join(append(parts, code), " "))
		var spoken []int // nobody reads out what is between
		for i, c := range heard {
			if c != '-' && c != ' ' {
				spoken = append(spoken, i)
			}
		}
		i := rapid.SampledFrom(spoken).Draw(t, "place of the slip")
		wrong, swapped := append([]rune{}, heard...), append([]rune{}, heard...)
		wrong[i] = otherThan(t, heard[i])
		if heardRight(wrong) {
			t.Errorf("%q was read, %q was heard", string(heard), string(wrong))
		}
		j := rapid.SampledFrom(spoken).Draw(t, "place of the other")
		swapped[i], swapped[j] = swapped[j], swapped[i]
		if digit(heard[i]) && digit(heard[j]) && heard[i] != heard[j] && heardRight(swapped) {
			t.Errorf("%q was read, %q was heard", string(heard), string(swapped))
		}
	})
}

func digit(r rune) bool { return r >= '0' && r <= '9' }

// otherThan is another character of the same kind.
func otherThan(t *rapid.T, r rune) rune {
	from := "0123456789"
	if !digit(r) {
		from = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	}
	from = strings.ReplaceAll(from, strings.ToUpper(string(r)), "")
	return rune(from[rapid.IntRange(0, len(from)-1).Draw(t, "heard instead")])
}

func heardRight(heard []rune) bool {
	parts := strings.Split(string(heard), " ")
	return Checks(parts[len(parts)-1], parts[:len(parts)-1]...)
}

func TestACodeThatIsNotTwoDigitsIsNeverRight(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"", "1", "A1", "123", "-1", CheckCode("1") + " "} {
		if Checks(code, "1") {
			t.Errorf("%q", code)
		}
	}
}
