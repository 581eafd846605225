package store

import "fmt"

// settingKey is the key in meta of a setting; no key of the store itself
// holds a colon.
func settingKey(name string) []byte { return []byte("setting:" + name) }

// Setting returns a value that SetSetting stored, "" when there is none.
func (s *Store) Setting(name string) (value string, err error) {
	err = s.view(func(r reader) error {
		value = string(r.tx.Bucket(bucketMeta).Get(settingKey(name)))
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("read setting %s: %w", name, err)
	}
	return value, nil
}

// SetSetting stores a short value that belongs to the archive as a whole,
// such as by which rules it was judged.
func (s *Store) SetSetting(name, value string) error {
	err := s.update(func(w *writer) error {
		return w.tx.Bucket(bucketMeta).Put(settingKey(name), []byte(value))
	})
	if err != nil {
		return fmt.Errorf("write setting %s: %w", name, err)
	}
	return nil
}
