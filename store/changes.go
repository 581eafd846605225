package store

import (
	"encoding/binary"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	bolt "go.etcd.io/bbolt"

	"vedetta/news"
)

// The changes are kept for as many revisions, which is a week of a daemon that
// writes every half minute.
const keepChanges = 20_000

// bucketChanges is not among the buckets that a file must have: whoever follows
// the changes can start from the articles instead.
var bucketChanges = []byte("changes")

// ErrForgotten says that the changes since a revision are no longer known. It
// is an [fs.ErrNotExist].
var ErrForgotten = fmt.Errorf("changes are no longer known: %w", fs.ErrNotExist)

// Changes returns the changes of stories after a revision, oldest first, and
// no more of them once they name limit stories. It returns ErrForgotten where
// the first of them may be missing.
func (s *Store) Changes(after uint64, limit int) (cs []news.StoryChange, err error) {
	err = s.view(func(r reader) error {
		if number(r.tx.Bucket(bucketMeta).Get(keyRevision)) > after+keepChanges {
			return ErrForgotten
		}
		b := r.tx.Bucket(bucketChanges)
		if b == nil {
			return nil
		}
		c := b.Cursor()
		for k, v := c.Seek(numberBytes(after + 1)); k != nil && limit > 0; k, v = c.Next() {
			ids, err := decodeIDs(v)
			if err != nil {
				return fmt.Errorf("revision %d: %w", number(k), err)
			}
			cs = append(cs, news.StoryChange{Revision: number(k), Stories: ids})
			limit -= len(ids)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read changes after revision %d: %w", after, err)
	}
	return cs, nil
}

// putChanges notes which stories a transaction wrote, and drops the oldest
// notes.
func putChanges(tx *bolt.Tx, revision uint64, stories map[string]bool) error {
	if len(stories) == 0 {
		return nil
	}
	b, err := tx.CreateBucketIfNotExists(bucketChanges)
	if err != nil {
		return err
	}
	b.FillPercent = 0.95 // grows at its end only
	c := b.Cursor()
	for k, _ := c.First(); k != nil && number(k)+keepChanges < revision; k, _ = c.First() {
		if err := c.Delete(); err != nil {
			return err
		}
	}
	var ids []byte
	for _, id := range slices.Sorted(maps.Keys(stories)) {
		key := idKey(id)
		ids = append(binary.AppendUvarint(ids, uint64(len(key))), key...)
	}
	return b.Put(numberBytes(revision), ids)
}

func decodeIDs(b []byte) (ids []string, err error) {
	for len(b) > 0 {
		var key []byte
		if key, b, err = cutBytes(b); err != nil {
			return nil, errKey
		}
		id, err := cutID(key)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// Mark tells what the store holds of articles, stories and threads from what it
// held at any other time, also after a restored backup. It is empty as long as
// none was written.
func (s *Store) Mark() (mark string, err error) {
	err = s.view(func(r reader) error {
		mark = string(r.tx.Bucket(bucketMeta).Get(keyMark))
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("read the store's mark: %w", err)
	}
	return mark, nil
}
