package search

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"sync/atomic"
)

// Index is the index in a directory. It may be searched concurrently with the
// one [Index.Follow] that fills it.
type Index struct {
	dir   string
	slots chan struct{} // searches at a time

	mu         sync.RWMutex // guards state and its segments: held for reading by searches
	state      *manifest    // replaced as a whole by the one writer
	generation atomic.Uint64
}

// searches at a time. More would only make each of them slower.
const maxSearches = 4

// New returns the index of a directory without looking at it.
func New(dir string) *Index {
	return &Index{dir: dir, slots: make(chan struct{}, maxSearches), state: &manifest{}}
}

// Generation changes when answers may have changed.
func (x *Index) Generation() uint64 { return x.generation.Load() }

// Open opens the index for searching alone. An index that is not there is
// empty. [Index.Follow] does the same and mends what it finds.
func (x *Index) Open() error {
	m, err := readManifest(x.dir)
	if err != nil {
		return fmt.Errorf("open index: %w", err)
	}
	for i := range m.Segments {
		if m.Segments[i].open, err = openSegment(segmentPath(x.dir, m.Segments[i].Number)); err == nil &&
			uint64(m.Segments[i].Docs) != m.Segments[i].open.N {
			err = errSegment
		}
		if err != nil {
			return fmt.Errorf("open index: %w", errors.Join(err, m.close()))
		}
	}
	x.replace(m)
	return nil
}

// Close closes the files. Searches find nothing afterwards.
func (x *Index) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	err := x.state.close()
	x.state = &manifest{}
	return err
}

func (m *manifest) close() error {
	var err error
	for _, s := range m.Segments {
		if s.open != nil {
			err = errors.Join(err, s.open.close())
		}
	}
	return err
}

// replace makes a state the one that is searched.
func (x *Index) replace(m *manifest) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, old := range x.state.Segments {
		if old.open != nil && !slices.ContainsFunc(m.Segments, func(s listed) bool { return s.open == old.open }) {
			_ = old.open.close() // was read only
		}
	}
	x.state = m
	x.generation.Add(1)
}

// openOrReset opens the index, or begins a new one where there is none that
// can be used. The reason is nil where there was none at all.
func (x *Index) openOrReset() (reason, err error) {
	if err := os.MkdirAll(x.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the index's directory: %w", err)
	}
	reason = x.Open()
	if reason == nil {
		return nil, nil
	}
	if errors.Is(reason, fs.ErrNotExist) {
		if _, err := os.Stat(x.dir + "/" + manifestName); errors.Is(err, fs.ErrNotExist) {
			reason = nil
		}
	}
	return reason, x.reset()
}

// reset begins a new index.
func (x *Index) reset() error {
	m := &manifest{Version: version, Filling: &filling{}}
	if err := writeManifest(x.dir, m); err != nil {
		return fmt.Errorf("begin index: %w", err)
	}
	x.replace(m)
	return m.sweep(x.dir)
}

// change is what a writer wants of the index: a new state, by what is in it.
type change struct {
	batch  *batch
	gone   []string          // ids of stories that are no more
	update func(m *manifest) // of what else the manifest says
}

// commit writes a change. Until it returns searches see the state before.
func (x *Index) commit(c change) error {
	m := *x.state // this goroutine is the only writer
	m.Segments = slices.Clone(m.Segments)
	ids := c.gone
	if c.batch != nil {
		for id := range c.batch.numbers {
			ids = append(ids, id)
		}
	}
	own := make([]bool, len(m.Segments)) // sets that searches do not see
	for _, id := range ids {
		for i := range m.Segments {
			e, ok, err := m.Segments[i].open.find(id)
			if err != nil {
				return fmt.Errorf("find story in index: %w", err)
			}
			if ok && !m.Segments[i].Deleted.has(e.doc) {
				if !own[i] {
					own[i] = true
					m.Segments[i].Deleted = slices.Clone(m.Segments[i].Deleted)
				}
				m.Segments[i].Deleted.add(e.doc)
				m.Segments[i].Gone++
			}
		}
	}
	if c.batch != nil && len(c.batch.docs) > 0 {
		s := listed{Number: m.Next, Docs: len(c.batch.docs)}
		for doc := range c.batch.gone {
			s.Deleted.add(uint32(doc))
			s.Gone++
		}
		path := segmentPath(x.dir, s.Number)
		if err := c.batch.write(path); err != nil {
			return fmt.Errorf("write segment: %w", err)
		}
		var err error
		if s.open, err = openSegment(path); err != nil {
			return err
		}
		m.Next++
		m.Segments = append(m.Segments, s)
	}
	c.update(&m)
	return x.install(&m)
}

// install makes a state the one on the disk and the one that is searched.
func (x *Index) install(m *manifest) error {
	if err := writeManifest(x.dir, m); err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	x.replace(m)
	return nil
}

// holds returns the digest under which a story is in the index.
func (x *Index) holds(id string) (digest uint64, ok bool, err error) {
	for _, s := range x.state.Segments {
		e, found, err := s.open.find(id)
		if err != nil {
			return 0, false, fmt.Errorf("find story in index: %w", err)
		}
		if found && !s.Deleted.has(e.doc) {
			return e.digest, true, nil
		}
	}
	return 0, false, nil
}
