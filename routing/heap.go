package routing

import stdheap "container/heap"

// heap keeps the least of its elements at hand; every element knows its place,
// so that it can be taken out or moved when it changes.
type heap[T comparable] struct{ h *slots[T] }

// slots is the heap as container/heap wants it.
type slots[T comparable] struct {
	all     []T
	compare func(a, b T) int
	place   func(T) *int
}

func newHeap[T comparable](compare func(a, b T) int, place func(T) *int) heap[T] {
	return heap[T]{&slots[T]{compare: compare, place: place}}
}

func (h heap[T]) len() int { return len(h.h.all) }
func (h heap[T]) peek() T  { return h.h.all[0] }
func (h heap[T]) all() []T { return h.h.all }
func (h heap[T]) push(x T) { stdheap.Push(h.h, x) }
func (h heap[T]) fix(x T)  { stdheap.Fix(h.h, *h.h.place(x)) }
func (h heap[T]) remove(x T) {
	stdheap.Remove(h.h, *h.h.place(x))
}

func (h heap[T]) pop() T {
	first := h.peek()
	h.remove(first)
	return first
}

// Len implements heap.Interface.
func (s *slots[T]) Len() int { return len(s.all) }

// Less implements heap.Interface.
func (s *slots[T]) Less(i, j int) bool { return s.compare(s.all[i], s.all[j]) < 0 }

// Swap implements heap.Interface.
func (s *slots[T]) Swap(i, j int) {
	s.all[i], s.all[j] = s.all[j], s.all[i]
	*s.place(s.all[i]), *s.place(s.all[j]) = i, j
}

// Push implements heap.Interface.
func (s *slots[T]) Push(x any) {
	element, _ := x.(T) // only push calls it
	*s.place(element) = len(s.all)
	s.all = append(s.all, element)
}

// Pop implements heap.Interface.
func (s *slots[T]) Pop() any {
	last := s.all[len(s.all)-1]
	var none T
	s.all[len(s.all)-1] = none
	s.all = s.all[:len(s.all)-1]
	*s.place(last) = -1
	return last
}
