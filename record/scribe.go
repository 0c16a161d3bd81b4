package record

import (
	"time"
)

// scribe is the goroutine that writes the journal.
func (r *Registry) scribe() {
	defer r.workers.Done()
	defer close(r.scribed)
	again := time.NewTicker(max(r.retry/5, time.Millisecond))
	defer again.Stop()
	day := time.NewTicker(time.Minute) // a new day begins a new file also when nobody calls
	defer day.Stop()
	for {
		q, open := r.box.take()
		switch {
		case q != nil:
			r.write(q)
			continue
		case !open:
			r.pay()
			return
		}
		select {
		case <-r.box.bell:
		case <-again.C:
			r.pay()
		case <-day.C:
			r.tend()
		}
	}
}

// write does one request. Lines of one class stay in their order: behind one
// that is owed, the next is owed as well. A first filing is not held back by
// anything; it is either on the disk at once or comes again under another
// number.
func (r *Registry) write(q *request) {
	urgent := q.kind.urgent()
	var err error
	if q.retry {
		err = r.payClass(urgent)
	}
	if err == nil {
		err = r.append(q)
	}
	if err != nil && q.retry {
		r.metrics.owed.Set(float64(r.debts.add(q)))
		r.nudge()
	}
	q.done <- err
	r.tend()
}

// append writes one line and counts it.
func (r *Registry) append(q *request) error {
	if _, err := r.journal.Append(q.kind, q.body); err != nil {
		r.metrics.alarmed(alarmWrite)
		r.log.Error("journal can not be written", "kind", q.kind, "err", err)
		return err
	}
	r.metrics.entries.WithLabelValues(string(q.kind)).Inc()
	switch row := q.body.(type) {
	case Record:
		r.metrics.kept.WithLabelValues(string(row.Outcome)).Inc()
		r.kept(row.ID)
	case Filing:
		r.mu.Lock()
		r.synced[row.Number] = moment(time.Now())
		r.mu.Unlock()
	}
	r.nudge()
	return nil
}

// pay tries the lines again that the journal could not take.
func (r *Registry) pay() {
	for _, urgent := range []bool{true, false} {
		if err := r.payClass(urgent); err != nil {
			return
		}
	}
}

func (r *Registry) payClass(urgent bool) error {
	for q := r.debts.first(urgent); q != nil; q = r.debts.first(urgent) {
		if err := r.append(q); err != nil {
			return err
		}
		r.debts.paid(urgent)
		r.metrics.owed.Set(float64(r.debts.count()))
	}
	return nil
}

func (r *Registry) tend() {
	r.journal.Tend()
	r.metrics.room.Set(float64(r.journal.Room()))
}

// nudge wakes the clerk.
func (r *Registry) nudge() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}
