package record

import (
	"fmt"
	"strings"
)

// CheckCode is the two digits that are read out behind the parts of a filing:
// its number, the code of the place and the number to ring back, in this order.
// It is that of ISO 7064 MOD 97-10, as in an IBAN: letters count as 10 to 35,
// everything but letters and digits is left out, and the whole with the two
// digits behind it leaves 1 when it is divided by 97. So every single wrong
// character and every two digits that changed places are found, in the parts
// and in the code itself.
func CheckCode(parts ...string) string {
	return fmt.Sprintf("%02d", 98-mod97(parts, "00"))
}

// Checks reports whether a code that was heard belongs to the parts that were
// heard.
func Checks(code string, parts ...string) bool {
	return len(code) == 2 && strings.Trim(code, "0123456789") == "" && mod97(parts, code) == 1
}

func mod97(parts []string, end string) int {
	rest := 0
	for _, c := range strings.ToUpper(strings.Join(parts, "") + end) {
		switch {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			rest = (rest*100 + int(c-'A') + 10) % 97
		}
	}
	return rest
}
