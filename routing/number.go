package routing

import (
	"log/slog"
	"strings"
)

// Number is a telephone number as it came or as it is dialled. Logs and
// screens show it masked; only the record keeps it whole.
type Number string

// Masked shows the first three and the last four digits of a longer number:
// "138****0000". Short numbers such as 110 or 12345 are services, not people,
// and stay whole.
func (n Number) Masked() string {
	s := []rune(string(n)) // a raw number may be written in any script
	switch {
	case len(s) <= 6 || emergency(string(s)):
		return string(s)
	case len(s) <= 8:
		return string(s[:2]) + strings.Repeat("*", len(s)-4) + string(s[len(s)-2:])
	}
	return string(s[:3]) + strings.Repeat("*", len(s)-7) + string(s[len(s)-4:])
}

// emergency reports an emergency number with an area code: "0433110".
func emergency(s string) bool {
	if len(s) > 7 || s[0] != '0' {
		return false
	}
	switch s[len(s)-3:] {
	case "110", "119", "120", "122":
		return true
	}
	return false
}

// LogValue masks the number in every log line.
func (n Number) LogValue() slog.Value { return slog.StringValue(n.Masked()) }

// String masks as well, so that a number printed by accident is not leaked;
// use string(n) where the digits are meant.
func (n Number) String() string { return n.Masked() }

// Digits reports whether s is a plain number of digits, as anything must be
// that is dialled on a trunk; every other character could carry a second
// endpoint or a parameter into the dial string.
func Digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
