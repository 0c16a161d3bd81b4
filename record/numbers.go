package record

import (
	"crypto/rand"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// numbers makes the numbers of filings: JL-20261123-0001, with a node's name
// JL-20261123-n1-0001. The sequence of each day is kept by itself, so a clock
// that goes back goes on where that day had stopped, and one that runs ahead
// spoils nothing. What was given out before a restart comes from the journal.
//
// A number that the journal could not take at once is not known after a
// crash. Such a filing gets random letters behind its number
// (JL-20261123-0007-7QF2ABCD), so that even then no number comes twice.
type numbers struct {
	prefix string
	node   string
	shape  *regexp.Regexp

	mu   sync.Mutex
	last map[string]int // by day: "20261123"
}

// Words that may stand in a number.
const (
	prefixShape = `^[A-Z]{1,8}$`
	nodeShape   = `^[A-Za-z0-9._-]{1,40}$`
)

func newNumbers(prefix, node string) (*numbers, error) {
	if !regexp.MustCompile(prefixShape).MatchString(prefix) {
		return nil, fmt.Errorf("prefix %q of filing numbers: want 1 to 8 capital letters", prefix)
	}
	if node != "" && !regexp.MustCompile(nodeShape).MatchString(node) {
		return nil, fmt.Errorf("node name %q: want 1 to 40 letters, digits and . _ -", node)
	}
	mine := prefix + `-(\d{8})-`
	if node != "" {
		mine += regexp.QuoteMeta(node) + "-"
	}
	return &numbers{
		prefix: prefix, node: node, last: make(map[string]int),
		shape: regexp.MustCompile(mine + `(\d{4,9})\b`),
	}, nil
}

// next is the next number of the day.
func (n *numbers) next(at time.Time) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	day := at.In(zone()).Format("20060102")
	n.last[day]++
	parts := []string{n.prefix, day}
	if n.node != "" {
		parts = append(parts, n.node)
	}
	return strings.Join(append(parts, fmt.Sprintf("%04d", n.last[day])), "-")
}

// unsaved is the number of a filing that is not on the disk yet.
func unsaved(number string) string { return number + "-" + rand.Text()[:8] }

// see takes note of every number of ours in a text. It reads raw bytes, so
// that a damaged line counts as well.
func (n *numbers) see(raw []byte) {
	for _, found := range n.shape.FindAllSubmatch(raw, -1) {
		if i, err := strconv.Atoi(string(found[2])); err == nil {
			n.raise(string(found[1]), i)
		}
	}
}

func (n *numbers) raise(day string, to int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last[day] = max(n.last[day], to)
}

// raiseAll takes the counts of a segment's head over.
func (n *numbers) raiseAll(counts map[string]int) {
	for day, to := range counts {
		n.raise(day, to)
	}
}

// counts is for the head of a new segment, so that a start reads only the
// last segment however old the journal is.
func (n *numbers) counts() map[string]int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return maps.Clone(n.last)
}
