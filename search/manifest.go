package search

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// version is that of the files and of the analysis: another one means another
// index.
const version = 1

const manifestName = "manifest.json"

// manifest says what the index holds.
type manifest struct {
	Version  int          `json:"version"`
	Next     int          `json:"next"` // number of the next segment
	Segments []listed     `json:"segments"`
	Filling  *filling     `json:"filling,omitempty"` // until all of the archive was gone through once
	Cursor   uint64       `json:"cursor"`            // the archive's revision up to which its changes are in the index
	Anchor   *changeTrace `json:"anchor,omitempty"`  // the last of these
}

// listed is a segment of the manifest.
type listed struct {
	Number  int    `json:"number"`
	Docs    int    `json:"docs"`
	Deleted docSet `json:"deleted,omitempty"`
	Gone    int    `json:"gone,omitempty"` // how many are deleted
	open    *segment
}

// filling is how far the archive was gone through.
type filling struct {
	From  time.Time `json:"from"` // articles seen from here on are still to come
	Done  int       `json:"done"` // articles
	Total int       `json:"total"`
}

// changeTrace tells a change of this archive from one of another.
type changeTrace struct {
	Revision uint64 `json:"revision"`
	Digest   uint32 `json:"digest"`
}

// docSet is a set of document numbers: a bit for each.
type docSet []byte

func (d docSet) has(doc uint32) bool {
	return int(doc/8) < len(d) && d[doc/8]&(1<<(doc%8)) != 0
}

// add puts a document into the set, which may move.
func (d *docSet) add(doc uint32) {
	if n := int(doc/8) + 1; n > len(*d) {
		*d = append(*d, make([]byte, n-len(*d))...)
	}
	(*d)[doc/8] |= 1 << (doc % 8)
}

// MarshalText writes the set for the manifest.
func (d docSet) MarshalText() ([]byte, error) {
	return base64.StdEncoding.AppendEncode(nil, d), nil
}

// UnmarshalText reads what MarshalText wrote.
func (d *docSet) UnmarshalText(b []byte) (err error) {
	*d, err = base64.StdEncoding.AppendDecode(nil, b)
	return err
}

func readManifest(dir string) (*manifest, error) {
	b, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, err
	}
	m := &manifest{}
	if err := json.Unmarshal(b, m); err != nil {
		return nil, fmt.Errorf("decode manifest: %w", err)
	}
	if m.Version != version {
		return nil, fmt.Errorf("version %d, this program has %d", m.Version, version)
	}
	return m, nil
}

// writeManifest replaces the manifest as a whole.
func writeManifest(dir string, m *manifest) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, manifestName)
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func segmentPath(dir string, number int) string {
	return filepath.Join(dir, fmt.Sprintf("%06d.seg", number))
}

// sweep removes the segments that the manifest does not name.
func (m *manifest) sweep(dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	keep := map[string]bool{}
	for _, s := range m.Segments {
		keep[filepath.Base(segmentPath(dir, s.Number))] = true
	}
	for _, f := range files {
		if name := f.Name(); strings.HasSuffix(name, ".seg") && !keep[name] || name == manifestName+".new" {
			err = errors.Join(err, os.Remove(filepath.Join(dir, name)))
		}
	}
	return err
}
