package static

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"vedetta/publish"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

const (
	manifestName  = ".vedetta-static.json"
	stagingPrefix = ".vedetta-new-"
)

// record is what is remembered of a file that we wrote. One without a sum was
// about to be written.
type record struct {
	Sum    string    `json:"sum,omitempty"`
	Size   int64     `json:"size,omitempty"`
	Time   time.Time `json:"time,omitzero"`
	Packed bool      `json:"packed,omitempty"` // has compressed forms beside it
}

// manifest is the file that says what we wrote.
type manifest struct {
	Version int               `json:"version"`
	Files   map[string]record `json:"files"`
}

// folder is where the site goes. Nothing outside of it can be reached, whatever
// links are planted in it.
type folder struct {
	root    *os.Root
	staging string
	files   map[string]record
}

func openFolder(dir string) (*folder, error) {
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	f := &folder{root: root, files: map[string]record{}, staging: stagingPrefix + strconv.Itoa(os.Getpid())}
	if err := f.load(); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return f, nil
}

// load reads the manifest and removes what a writing that was cut off left.
func (f *folder) load() error {
	data, err := f.root.ReadFile(manifestName)
	entries, listing := fs.ReadDir(f.root.FS(), ".")
	if listing != nil {
		return listing
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		for _, e := range entries {
			if !strings.HasPrefix(e.Name(), ".") {
				return ErrForeign
			}
		}
	case err != nil:
		return err
	default:
		var m manifest
		if err := json.Unmarshal(data, &m); err != nil || m.Version != 1 {
			return fmt.Errorf("%s cannot be read (%w): empty the folder to start anew", manifestName, cmpError(err))
		}
		for name, r := range m.Files {
			if fs.ValidPath(name) {
				f.files[name] = r
			}
		}
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), stagingPrefix) {
			if err := f.root.RemoveAll(e.Name()); err != nil {
				return err
			}
		}
	}
	return f.root.Mkdir(f.staging, 0o700)
}

func cmpError(err error) error {
	if err == nil {
		return errors.New("a newer version wrote it")
	}
	return err
}

func (f *folder) close() {
	_ = f.root.RemoveAll(f.staging)
	_ = f.root.Close()
}

// names are the files that we wrote, sorted.
func (f *folder) names() []string { return slices.Sorted(maps.Keys(f.files)) }

// digest identifies a content.
func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}

// standing is how a file stands to what it should be.
type standing int

const (
	other   standing = iota // missing, or not what it should be
	current                 // just so
	foreign                 // somebody else's
)

// has compares a file with what it should hold.
func (f *folder) has(name, sum string, data []byte) (standing, error) {
	r, ours := f.files[name]
	info, err := f.root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return other, nil
	case err != nil:
		return other, err
	case !ours && info.Mode().IsRegular():
		there, err := f.root.ReadFile(name)
		if err != nil || !bytes.Equal(there, data) {
			return foreign, err
		}
		return other, nil // as ours would be: from now on it is ours
	case !ours:
		return foreign, nil
	case r.Sum != sum || !info.Mode().IsRegular() || info.Size() != r.Size || !info.ModTime().Equal(r.Time):
		return other, nil
	}
	for _, form := range forms {
		_, err := f.root.Lstat(name + form.suffix)
		switch {
		case err == nil != r.Packed:
			return other, nil
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return other, err
		}
	}
	return current, nil
}

// staged is a document that waits to be put in its place.
type staged struct {
	name   string
	path   string // in the staging folder; compressed forms have their suffixes
	old    bool   // there is one in its place
	record record
}

func (s staged) isOld() int {
	if s.old {
		return 1
	}
	return 0
}

// stage writes a document and its compressed forms aside.
func (f *folder) stage(n int, name, sum string, doc publish.File) (staged, error) {
	_, old := f.files[name]
	s := staged{name: name, old: old, path: f.staging + "/" + strconv.Itoa(n), record: record{Sum: sum, Size: int64(len(doc.Data))}}
	if err := f.write(s.path, doc.Data); err != nil {
		return s, err
	}
	if len(doc.Data) < leastPacked || !packs(doc.Type) {
		return s, nil
	}
	s.record.Packed = true
	for _, form := range forms {
		packed, err := form.pack(doc.Data)
		if err == nil {
			err = f.write(s.path+form.suffix, packed)
		}
		if err != nil {
			return s, err
		}
	}
	return s, nil
}

func (f *folder) write(name string, data []byte) error {
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Chmod(fileMode), file.Close())
}

// announce writes down what is about to be written.
func (f *folder) announce(list []staged) error {
	for _, s := range list {
		f.files[s.name] = record{}
	}
	return f.save()
}

// save writes the manifest.
func (f *folder) save() error {
	data, err := json.MarshalIndent(manifest{Version: 1, Files: f.files}, "", " ")
	if err != nil {
		return err
	}
	aside := f.staging + "/manifest"
	if err := f.write(aside, append(data, '\n')); err != nil {
		return err
	}
	return f.root.Rename(aside, manifestName)
}

// place puts a staged document where it belongs. Its forms share one time, by
// which servers tell whether it changed.
func (f *folder) place(s staged, now time.Time) error {
	now = now.Truncate(time.Second)
	if err := f.makeFolders(path.Dir(s.name)); err != nil {
		return err
	}
	suffixes := []string{""}
	for _, form := range forms {
		if s.record.Packed {
			suffixes = append(suffixes, form.suffix)
		} else if err := f.root.Remove(s.name + form.suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, suffix := range suffixes {
		if err := f.root.Chtimes(s.path+suffix, now, now); err != nil {
			return err
		}
	}
	for _, suffix := range suffixes {
		if err := f.root.Rename(s.path+suffix, s.name+suffix); err != nil {
			return err
		}
	}
	s.record.Time = now
	f.files[s.name] = s.record
	return nil
}

// makeFolders makes a folder and those above it, for everybody to read.
func (f *folder) makeFolders(name string) error {
	if name == "." {
		return nil
	}
	err := f.root.Mkdir(name, dirMode)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil
	case errors.Is(err, fs.ErrNotExist):
		if err := f.makeFolders(path.Dir(name)); err != nil {
			return err
		}
		if err := f.root.Mkdir(name, dirMode); err != nil {
			return err
		}
	case err != nil:
		return err
	}
	return f.root.Chmod(name, dirMode)
}

// remove removes a document, its forms, and the folders that it leaves empty.
func (f *folder) remove(name string) error {
	for _, suffix := range []string{"", forms[0].suffix, forms[1].suffix} {
		if err := f.root.Remove(name + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	delete(f.files, name)
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if f.root.Remove(dir) != nil {
			break // not empty: others are in it
		}
	}
	return nil
}

// leastPacked is the size under which compression does not pay.
const leastPacked = 600

// form is a compressed form of a document.
type form struct {
	suffix string
	pack   func([]byte) ([]byte, error)
}

var forms = [2]form{
	{".gz", func(data []byte) ([]byte, error) {
		var b bytes.Buffer
		z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if err == nil {
			_, err = z.Write(data)
		}
		if err == nil {
			err = z.Close()
		}
		return b.Bytes(), err
	}},
	{".br", func(data []byte) ([]byte, error) {
		var b bytes.Buffer
		z := brotli.NewWriterLevel(&b, brotliLevel)
		_, err := z.Write(data)
		if err == nil {
			err = z.Close()
		}
		return b.Bytes(), err
	}},
}

// brotliLevel is where more time hardly makes pages smaller.
const brotliLevel = 6

// packs reports whether documents of a type are text.
func packs(mediaType string) bool {
	kind, _, _ := strings.Cut(mediaType, ";")
	return strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "xml") || strings.HasSuffix(kind, "json")
}
