package call

import (
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
)

// orders is how many random lives the property test drives: 100,000 in CI,
// more with WEIBAO_ORDERS (make test-long).
func orders(t *testing.T) int {
	t.Helper()
	text := os.Getenv("WEIBAO_ORDERS")
	if text == "" {
		return 100_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("WEIBAO_ORDERS=%q: want a number of random orders", text)
	}
	return n
}

// The promises of DESIGN §1 over random orders of events: never alone, exactly
// one record, no command for a leg that is gone, a deadline in every state
// that is not final, every wish answered, no seat held by an ended call, every
// filing with one outcome, nobody hung up on.
func TestWhateverHappensInWhateverOrderThePromisesHold(t *testing.T) {
	t.Parallel()
	n, workers := orders(t), runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			for seed := worker; seed < n && !t.Failed(); seed += workers {
				if newWorld(uint64(seed)).live() == "" {
					continue
				}
				again := newWorld(uint64(seed))
				again.log = true
				t.Errorf("seed %d: %s", seed, again.live())
			}
		})
	}
	wg.Wait()
}
