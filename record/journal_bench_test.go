package record

import (
	"fmt"
	"testing"
)

// BenchmarkFilingOnTheDisk is the time between the key press and the call to
// 110 that the journal takes.
func BenchmarkFilingOnTheDisk(b *testing.B) {
	j, err := OpenJournal(JournalOptions{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		if _, err := j.Append(KindFiling, Filing{Number: fmt.Sprintf("JL-20261123-%04d", i)}); err != nil {
			b.Fatal(err)
		}
		j.Tend()
	}
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
}
