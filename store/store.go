package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
)

// The buckets and the keys of meta.
var (
	bucketMeta          = []byte("meta")
	bucketPolls         = []byte("polls")
	bucketSeen          = []byte("seen")
	bucketIDs           = []byte("ids")
	bucketArticles      = []byte("articles")
	bucketBundles       = []byte("bundles")
	bucketPruned        = []byte("pruned")
	bucketStories       = []byte("stories")
	bucketThreads       = []byte("threads")
	bucketMergedStories = []byte("merged-stories")
	bucketMergedThreads = []byte("merged-threads")
	bucketTimeline      = []byte("timeline")
	bucketBacklog       = []byte("backlog")

	keyVersion  = []byte("version")
	keyRevision = []byte("revision")
	keyMark     = []byte("mark")
)

// buckets returns the names of all buckets of the current version.
func buckets() [][]byte {
	return [][]byte{
		bucketMeta, bucketPolls, bucketSeen, bucketIDs, bucketArticles, bucketBundles, bucketPruned,
		bucketStories, bucketThreads, bucketMergedStories, bucketMergedThreads, bucketTimeline, bucketBacklog,
	}
}

// ErrNotFound says that there is no record of that id. It is an
// [fs.ErrNotExist].
var ErrNotFound = fmt.Errorf("not in the store: %w", fs.ErrNotExist)

// ErrTooNew says that the file was written by a newer version of the program.
// The file has not been touched.
var ErrTooNew = errors.New("file was written by a newer version")

// DamagedError says that a file cannot be trusted.
type DamagedError struct {
	Path   string
	Reason string
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("%s is damaged (%s): restore a backup, or move the file away to start anew", e.Path, e.Reason)
}

// Options says how a store is opened. The zero value is for the daemon.
type Options struct {
	// ReadOnly opens an existing file for reading, beside other readers but
	// not beside a writer. It changes nothing on disk.
	ReadOnly bool
	// Now is the clock for the note of who holds the file; nil means time.Now.
	Now func() time.Time
	// Wrote is told of every attempt at a write transaction: how many writes
	// it took in, how long it took and how it ended. Nil: nobody is.
	Wrote func(writes int, took time.Duration, err error)
}

// Store is an open file. Its methods may be called concurrently: reads see the
// last committed state and do not wait for writes.
type Store struct {
	path     string
	codec    *codec
	note     *holderNote // nil when read only
	revision atomic.Uint64
	listed   atomic.Uint64 // of the last write of what a timeline leads to
	suspect  atomic.Bool   // the file was found faulty: the next start has to look at all pages
	wrote    func(writes int, took time.Duration, err error)

	files    sync.RWMutex // held by those who use db and file; locked to exchange them
	db       *bolt.DB
	file     *os.File // that db has open
	pageSize int      // of db, which tells it only while nothing is written or closed

	mu       sync.Mutex // one writer: transaction, then revision
	heads    []byte     // the file's meta pages before the latest transaction
	doubtful bool       // the latest transaction failed at its end: heads must come back
	released int64      // what had been written when pages were given back last
	broken   error      // bbolt panicked while writing, and cannot be used for that any more
	queueMu  sync.Mutex // guards queue
	queue    []*write   // waiting for mu
	notes    notes
}

// Close waits for running transactions and closes the file.
func (s *Store) Close() error {
	unwritten := s.Flush() // else the notes stay
	s.mu.Lock()
	defer s.mu.Unlock()
	err := errors.Join(s.mend(), s.notes.close(notesPath(s.path)))
	if err == nil && !s.suspect.Load() {
		// The note goes while the lock is held: whoever opens the file next
		// writes its own.
		err = s.note.remove()
	}
	if s.broken == nil { // else bbolt would wait for its own lock
		err = errors.Join(err, s.db.Close())
	}
	s.codec.close()
	if err = errors.Join(unwritten, err); err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}

// Folder is where the store lies.
func (s *Store) Folder() string { return filepath.Dir(s.path) }

// Path is the path of the file.
func (s *Store) Path() string { return s.path }

// Revision is a number that grows with every write, over restarts too. What
// was computed from the store is still true while it stays the same.
func (s *Store) Revision() uint64 { return s.revision.Load() }

// ListedRevision is the revision of the last write that changed what Timeline
// leads to: its stories, their articles and their threads. It grows with fewer
// writes than Revision, and is the file's revision after opening it.
func (s *Store) ListedRevision() uint64 { return s.listed.Load() }

// view runs f on the state of the last commit. f has to be quick: pages that
// it might see are not reused meanwhile.
func (s *Store) view(f func(r reader) error) error {
	return s.tx(func(tx *bolt.Tx) error { return f(newReader(tx, s.codec)) })
}

// tx runs f in a transaction that reads.
func (s *Store) tx(f func(tx *bolt.Tx) error) error {
	s.files.RLock()
	defer s.files.RUnlock()
	return s.guard(func() error { return s.db.View(f) })
}

// guard is the function guard, and remembers that something was wrong.
func (s *Store) guard(f func() error) error {
	err := guard(s.path, f)
	if errors.As(err, new(*DamagedError)) {
		s.suspect.Store(true)
	}
	return err
}

// number reads a number of bucket meta; 0 where there is none.
func number(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

func numberBytes(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
