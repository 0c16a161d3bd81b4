package main

import "testing"

func TestTheMajorVersionOfNodeIsTold(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]int{"v18.20.4": 18, "v20.20.2": 20, "v8.1.0": 8, "24": 24, "": 0, "nightly": 0} {
		if got := nodeMajor(version); got != want {
			t.Errorf("%q: %d, want %d", version, got, want)
		}
	}
}
