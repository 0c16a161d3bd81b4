// Package e2e tries the product as its people do: on the real Asterisk, with
// telephones that hear each other. Every test ends with the looks of
// [stage.Stage]: the ledger is 0, no child was alone, no channel is left, the
// journal's chain is whole.
package e2e

import (
	"fmt"
	"os"
	"testing"

	"weibao/tests/stage"
)

func TestMain(m *testing.M) {
	if _, err := stage.Build(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// hunchun is the child's place in the tests with the police: its area code is
// 0433.
const hunchun = "222404"
