package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"maps"
	"os"
	"slices"
	"sync"

	"vedetta/news"
)

// A visit that brought nothing changes only what is known of its source. A
// transaction for each, with its two waits for the disk, would be most of what
// such a visit costs. So it is noted: at the end of a file beside the store,
// which takes one system call and no wait. The next transaction, whatever it
// is for, takes all notes into the store.
//
// What was written to a file outlives the process, however that ends, so after
// a kill no source is asked before its time. A power cut may lose the notes of
// the last minute: then those sources are asked once more, with the validators
// of the visit before.
//
// The notes begin with the revision that they add to. The store's grows with
// each transaction, so that notes that it has taken in, or those of another
// store, are never taken again.

// notesHead begins a file of notes, before the revision.
const notesHead = "vedetta notes 1\n"

// maxNotes is the length at which the notes are taken into the store at once.
const maxNotes = 1 << 20

func notesPath(path string) string { return path + ".notes" }

// notes are what was learned of sources since the last transaction.
type notes struct {
	writing sync.Mutex   // held by who notes, and while a transaction takes the notes in
	reading sync.RWMutex // guards polls
	polls   map[string][]byte

	file     *os.File // nil while there is none
	revision uint64   // that the file's notes add to
	size     int64    // of the file; 0 when it holds no notes
	buf      []byte
}

// get returns the note on a source, nil if there is none.
func (n *notes) get(source string) []byte {
	n.reading.RLock()
	defer n.reading.RUnlock()
	return n.polls[source]
}

// all returns a copy of the notes.
func (n *notes) all() map[string][]byte {
	n.reading.RLock()
	defer n.reading.RUnlock()
	return maps.Clone(n.polls)
}

// Note remembers what a visit learned of its source that brought nothing else.
// It is read back at once and outlives the process, but perhaps not a power
// cut in the minute before it is taken into the store: by the next write, or
// by Flush.
func (s *Store) Note(source string, p news.Poll) error {
	if err := s.addNote(source, p); err != nil {
		return fmt.Errorf("note visit: %w", err)
	}
	return nil
}

func (s *Store) addNote(source string, p news.Poll) error {
	n := &s.notes
	n.writing.Lock()
	full := n.size > maxNotes
	var err error
	if !full {
		err = n.add(notesPath(s.path), s.revision.Load(), source, &p)
	}
	n.writing.Unlock()
	if full || err != nil {
		// As good as a note, and it tells what is wrong with the disk.
		return s.Commit(news.Visit{Source: source, Poll: p})
	}
	return nil
}

// add writes a note. The caller holds writing.
func (n *notes) add(path string, revision uint64, source string, p *news.Poll) error {
	if n.file == nil {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return err
		}
		n.file, n.size = f, 0
	}
	b := n.buf[:0]
	if n.size == 0 || n.revision != revision {
		if err := n.file.Truncate(0); err != nil {
			return err
		}
		n.size, n.revision = 0, revision
		b = append(b, notesHead...)
		b = binary.BigEndian.AppendUint64(b, revision)
	}
	head := len(b)
	b = append(b, make([]byte, 8)...) // length and checksum
	b = binary.AppendUvarint(b, uint64(len(source)))
	b = append(b, source...)
	at := len(b)
	b = appendPoll(b, p)
	binary.BigEndian.PutUint32(b[head:], uint32(len(b)-head-8))
	binary.BigEndian.PutUint32(b[head+4:], checksum(b[head+8:]))
	n.buf = b
	if _, err := n.file.WriteAt(b, n.size); err != nil {
		return errors.Join(err, n.file.Truncate(n.size))
	}
	n.size += int64(len(b))
	n.reading.Lock()
	defer n.reading.Unlock()
	n.polls[source] = bytes.Clone(b[at:])
	return nil
}

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// taken forgets the notes, which are in the store now. The caller holds
// writing.
func (n *notes) taken() {
	n.reading.Lock()
	clear(n.polls)
	n.reading.Unlock()
	if n.size > 0 && n.file.Truncate(0) == nil { // else its revision tells
		n.size = 0
	}
}

// load reads the notes that an earlier process left on a revision of the store.
// Where they break off, the rest was never written. With keep it goes on
// writing behind them.
func (n *notes) load(path string, revision uint64, keep bool) error {
	n.polls = map[string][]byte{}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	size := n.read(data, revision)
	if !keep {
		return nil
	}
	if size == 0 {
		return os.Remove(path)
	}
	if n.file, err = os.OpenFile(path, os.O_RDWR, 0); err != nil {
		return err
	}
	n.size, n.revision = size, revision
	return n.file.Truncate(size)
}

// read takes the notes that are whole, and returns how long they are.
func (n *notes) read(data []byte, revision uint64) (size int64) {
	rest, ok := bytes.CutPrefix(data, []byte(notesHead))
	if !ok || len(rest) < 8 || binary.BigEndian.Uint64(rest) != revision {
		return 0
	}
	rest = rest[8:]
	for len(rest) >= 8 {
		length, sum := binary.BigEndian.Uint32(rest), binary.BigEndian.Uint32(rest[4:])
		if uint64(length) > uint64(len(rest)-8) {
			break
		}
		note := rest[8 : 8+length]
		if checksum(note) != sum {
			break
		}
		source, poll, err := cutBytes(note)
		if err != nil {
			break
		}
		if _, err := decodePoll(poll); err != nil {
			break
		}
		n.polls[string(source)] = poll
		rest = rest[8+length:]
	}
	return int64(len(data) - len(rest))
}

// close lets go of the file, and removes it where it holds nothing.
func (n *notes) close(path string) error {
	if n.file == nil {
		return nil
	}
	err := n.file.Close()
	if n.size == 0 {
		err = errors.Join(err, os.Remove(path))
	}
	n.file = nil
	return err
}

// putNotes writes the notes into the store.
func (w *writer) putNotes(n *notes) error {
	all := n.all()
	for _, source := range slices.Sorted(maps.Keys(all)) {
		if err := w.bucket(bucketPolls).Put([]byte(source), all[source]); err != nil {
			return fmt.Errorf("put poll of %s: %w", source, err)
		}
	}
	return nil
}

// Flush takes the notes into the store, where there are any.
func (s *Store) Flush() error {
	s.notes.writing.Lock()
	none := s.notes.size == 0
	s.notes.writing.Unlock()
	if none {
		return nil
	}
	if err := s.update(func(*writer) error { return nil }); err != nil {
		return fmt.Errorf("write what was noted: %w", err)
	}
	return nil
}
