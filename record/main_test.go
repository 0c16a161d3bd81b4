package record

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain is also the child process of the tests that need limits or a disk
// of their own.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(fillDisk(dir))
	}
	if dir := os.Getenv(archiveDir); dir != "" {
		os.Exit(workAndDie(dir, os.Getenv(archiveStep)))
	}
	goleak.VerifyTestMain(m)
}
