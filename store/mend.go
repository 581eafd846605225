package store

import "fmt"

// A transaction of bbolt that fails at its end leaves it open whether it
// happened: its meta page may be in the kernel's memory and not on the disk,
// and a kernel that could not write a page does not try again. Nothing may be
// written over such a state, because the pages that the transaction gave free
// are those that the disk may still need.
//
// So before each transaction the two meta pages are kept. After one that
// failed they are written back and brought to the disk; only then, and with a
// free list that was read anew, is anything written again. Its own pages do
// not matter: no meta page that is left points to them.

// keepHeads reads the meta pages.
func (s *Store) keepHeads() error {
	if n := 2 * s.pageSize; len(s.heads) != n {
		s.heads = make([]byte, n)
	}
	if _, err := s.file.ReadAt(s.heads, 0); err != nil {
		return fmt.Errorf("read meta pages: %w", err)
	}
	return nil
}

// mend undoes a transaction that failed at its end. While it cannot, nothing
// can be written, and what is read is as it was before.
func (s *Store) mend() error {
	if s.broken != nil {
		return fmt.Errorf("a write was given up: %w", s.broken)
	}
	if !s.doubtful {
		return nil
	}
	if s.file != nil {
		if _, err := s.file.WriteAt(s.heads, 0); err != nil {
			return fmt.Errorf("undo failed write: %w", err)
		}
		if err := s.file.Sync(); err != nil {
			return fmt.Errorf("undo failed write: %w", err)
		}
	}
	if err := s.reopen(); err != nil {
		return fmt.Errorf("open anew after a failed write: %w", err)
	}
	s.doubtful = false
	return nil
}

// reopen closes the file and opens it again. When it fails the store is
// without a file until the next attempt.
func (s *Store) reopen() error {
	s.files.Lock()
	defer s.files.Unlock()
	if err := s.db.Close(); err != nil {
		return err
	}
	old := s.db
	return s.guard(func() error {
		err := s.openFile(false)
		if err != nil {
			s.db, s.file = old, nil // a closed one answers with an error
		}
		return err
	})
}
