package store

import (
	"fmt"

	"vedetta/news"
)

// backlog is how the items that a source has still to be read are kept.
type backlog struct {
	Items []news.Item `json:"i"`
}

// Backlog returns the items of a source that are still to be read, as the
// latest visit that wrote any left them.
func (s *Store) Backlog(source string) ([]news.Item, error) {
	var kept backlog
	err := s.view(func(r reader) error {
		v := r.tx.Bucket(bucketBacklog).Get([]byte(source))
		if v == nil {
			return nil
		}
		return r.codec.decode(v, &kept)
	})
	if err != nil {
		return nil, fmt.Errorf("read backlog of %s: %w", source, err)
	}
	return kept.Items, nil
}

// putBacklog replaces what is kept; nil takes it away.
func (w *writer) putBacklog(source string, value []byte) error {
	b := w.bucket(bucketBacklog)
	if value == nil {
		return b.Delete([]byte(source))
	}
	return b.Put([]byte(source), value)
}
