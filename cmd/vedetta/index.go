package main

import (
	"path/filepath"
	"time"

	"vedetta/search"
	"vedetta/store"
)

// indexInterval is how often the search index looks for what has changed.
const indexInterval = 5 * time.Second

// newIndex is the search index of a store: a directory beside its file.
func newIndex(s *store.Store) *search.Index {
	return search.New(filepath.Join(filepath.Dir(s.Path()), "search"))
}

// indexed makes a store what the search index is made from.
type indexed struct{ *store.Store }

// Size implements search.Archive.
func (a indexed) Size() (int, error) {
	st, err := a.Stats()
	return st.Articles, err
}
