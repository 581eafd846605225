package store

import "fmt"

// Usage is the room that the store takes, in bytes.
type Usage struct {
	Size int64 // of the file
	Free int64 // of these, what writes reuse before the file grows
	Left int64 // on the file system, for users without privileges; -1 where it cannot be told
}

// Usage returns the room that the store takes. It reads no page of the file.
func (s *Store) Usage() (Usage, error) {
	s.files.RLock()
	defer s.files.RUnlock()
	info, err := s.file.Stat()
	if err != nil {
		return Usage{}, fmt.Errorf("read the size of the store: %w", err)
	}
	st := s.db.Stats()
	return Usage{
		Size: info.Size(),
		Free: int64((st.FreePageN + st.PendingPageN) * s.pageSize),
		Left: spaceLeft(s.path),
	}, nil
}

// Release gives back what of the process's memory is pages of the file that were
// read, of which the system keeps what it has room for. What is read next takes
// a little longer.
func (s *Store) Release() error {
	if err := s.tx(forgetMapped); err != nil {
		return fmt.Errorf("release the store's pages: %w", err)
	}
	return nil
}
