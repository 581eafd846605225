package store

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"time"

	bolt "go.etcd.io/bbolt"
)

// write is something that a caller of update waits for.
type write struct {
	f    func(w *writer) error
	done bool
	err  error
}

var errNotRun = errors.New("write has not run")

// update runs f in a transaction, and counts it.
//
// Most of what a transaction costs, two waits for the disk, does not depend on
// what is in it. So those who come while one is running wait together, and the
// first of them takes all into the next. One that fails is rolled back alone.
func (s *Store) update(f func(w *writer) error) error {
	own := &write{f: f, err: errNotRun}
	s.queueMu.Lock()
	s.queue = append(s.queue, own)
	s.queueMu.Unlock()

	s.mu.Lock()
	defer s.mu.Unlock()
	if own.done {
		return own.err
	}
	s.queueMu.Lock()
	all := s.queue
	s.queue = nil
	s.queueMu.Unlock()
	err := s.run(all)
	for _, w := range all {
		if w.err = err; err != nil && len(all) > 1 {
			w.err = s.run([]*write{w})
		}
		w.done = true
	}
	return own.err
}

// run makes one transaction of some writes. When it returns an error, nothing
// of them is there.
func (s *Store) run(writes []*write) (err error) {
	start := time.Now()
	defer func() { s.wrote(len(writes), time.Since(start), err) }()
	s.notes.writing.Lock() // none is added to a revision that passes
	defer s.notes.writing.Unlock()
	if err := s.mend(); err != nil {
		return err
	}
	if err := s.keepHeads(); err != nil {
		return err
	}
	var revision uint64
	var listed, ending bool
	err = s.guard(func() error {
		return s.db.Update(func(tx *bolt.Tx) (err error) {
			revision, listed, err = s.write(tx, writes)
			ending = err == nil
			return err
		})
	})
	switch {
	case err == nil:
		if listed {
			s.listed.Store(revision)
		}
		s.revision.Store(revision)
		s.notes.taken()
		s.releaseWritten()
	case errors.As(err, new(*DamagedError)):
		s.broken = err
	case ending:
		s.doubtful = true
		if mending := s.mend(); mending != nil {
			err = fmt.Errorf("%w (and then: %w)", err, mending)
		}
	}
	return err
}

// write runs some writes in a transaction, and counts them. listed reports
// whether any wrote what a timeline leads to.
func (s *Store) write(tx *bolt.Tx, writes []*write) (revision uint64, listed bool, err error) {
	changed, placed := map[string]bool{}, false
	if err := newWriter(tx, s.codec).putNotes(&s.notes); err != nil {
		return 0, false, err
	}
	for _, wr := range writes {
		w := newWriter(tx, s.codec)
		if err := wr.f(w); err != nil {
			return 0, false, err
		}
		if err := w.finish(); err != nil {
			return 0, false, err
		}
		maps.Copy(changed, w.changed)
		listed, placed = listed || w.listed, placed || w.placed
	}
	meta := tx.Bucket(bucketMeta)
	revision = number(meta.Get(keyRevision)) + uint64(len(writes))
	if err := putChanges(tx, revision, changed); err != nil {
		return 0, false, fmt.Errorf("note changes: %w", err)
	}
	if placed {
		if err := meta.Put(keyMark, []byte(rand.Text())); err != nil {
			return 0, false, err
		}
	}
	return revision, listed, meta.Put(keyRevision, numberBytes(revision))
}

// muchWritten is how many bytes transactions write before pages are given back.
const muchWritten = 2 << 20

// releaseWritten gives pages of the file back when much was written: a first
// poll of many sources goes through nearly all of them with each transaction. The
// caller holds mu.
func (s *Store) releaseWritten() {
	stats := s.db.Stats().TxStats
	total := stats.GetPageAlloc() // less than before where the file was opened anew
	if total < s.released || total-s.released >= muchWritten {
		s.released = total
		_ = s.Release() // it is only about memory
	}
}
