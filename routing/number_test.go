package routing

import (
	"fmt"
	"testing"
)

func TestANumberIsMaskedWhereverItIsPrinted(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ number, want string }{
		{"13800000001", "138****0001"},
		{"043184001234", "043*****1234"},
		{"8400123", "84***23"},
		{"0433110", "0433110"}, // a service, not a person
		{"12345", "12345"},
		{"１３８０００００００１", "１３８****０００１"},
		{"anonymous", "ano**mous"},
		{"", ""},
	} {
		if got := fmt.Sprint(Number(row.number)); got != row.want {
			t.Errorf("%s is printed as %s, want %s", row.number, got, row.want)
		}
		if got := Number(row.number).LogValue().String(); got != row.want {
			t.Errorf("%s is logged as %s, want %s", row.number, got, row.want)
		}
	}
}

func TestOnlyDigitsAreDialled(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"", "110&PJSIP/evil", "0431;user=phone", "110 ", "+86110", "１１０"} {
		if Digits(number) {
			t.Errorf("%q passes for a number to be dialled", number)
		}
	}
	if !Digits("0433110") {
		t.Error("0433110 is refused")
	}
}
