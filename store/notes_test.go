package store

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vedetta/news"
)

// filled sets all there is in a value to something that is not zero.
func filled(v reflect.Value, n int) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(day.Add(time.Duration(n) * 1001 * time.Millisecond).In(time.FixedZone("", 3600*(n%3)))))
			return
		}
		for i := range v.NumField() {
			filled(v.Field(i), 2*n+i+1)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 3)) // the last stays zero
		filled(v.Index(0), n)
		filled(v.Index(1), n+1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		filled(v.Elem(), n)
	case reflect.String:
		v.SetString("Città “" + string(rune('a'+n%26)) + "”")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(float64(n) / 7)
	default:
		v.SetInt(int64(1 - 2*n))
	}
}

// Nothing of a source's state may be left out by its record: a field that is
// new in news.Poll is filled here by itself.
func TestPollRoundTrip(t *testing.T) {
	var all news.Poll
	filled(reflect.ValueOf(&all).Elem(), 1)
	hex := all
	hex.Body, hex.Cut = "00c3e85c6b7499100182a50603ee719c", "0c3e85"
	same := all
	same.Configured, same.Self = same.Address, same.Address
	for name, want := range map[string]news.Poll{
		"nothing": {}, "all": all, "digests": hex, "one address": same,
		"no address": {Configured: "https://a.example/", Last: day}, "last second of the year 1": {Last: time.Date(1, 12, 31, 23, 59, 59, 0, time.UTC)},
	} {
		got, err := decodePoll(appendPoll(nil, &want))
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("%s: %v\n%s", name, err, cmp.Diff(want, got))
		}
	}
	if _, err := decodePoll(nil); err == nil {
		t.Error("an empty record can be read")
	}
}

func FuzzDecodePoll(f *testing.F) {
	var all news.Poll
	filled(reflect.ValueOf(&all).Elem(), 1)
	f.Add(appendPoll(nil, &all))
	f.Add([]byte(`{"etag":"x"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := decodePoll(b)
		if err != nil {
			return
		}
		if again, err := decodePoll(appendPoll(nil, &p)); err != nil || !cmp.Equal(again, p) {
			t.Errorf("%v\n%s", err, cmp.Diff(p, again))
		}
	})
}

// killed returns the path of what a store would leave if its process were
// killed now.
func killed(t *testing.T, s *Store) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vedetta.db")
	for _, name := range []func(string) string{func(p string) string { return p }, notesPath, notePath} {
		b, err := os.ReadFile(name(s.path))
		if os.IsNotExist(err) {
			continue
		}
		if err == nil {
			err = os.WriteFile(name(path), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func mustNote(t testing.TB, s *Store, source string, p news.Poll) {
	t.Helper()
	if err := s.Note(source, p); err != nil {
		t.Fatal(err)
	}
}

// mustKnow opens a store and fails the test where it does not know of its
// sources what it should.
func mustKnow(t *testing.T, path string, o Options, want map[string]news.Poll) {
	t.Helper()
	s, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Polls(); err != nil || !cmp.Equal(got, want) {
		t.Errorf("%v\n%s", err, cmp.Diff(want, got))
	}
	for source, p := range want {
		if got, err := s.Poll(source); err != nil || !cmp.Equal(got, p) {
			t.Errorf("%s: %v\n%s", source, err, cmp.Diff(p, got))
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// Notes are read at once, outlive a kill however often, and are in the store
// after a write and after its end.
func TestNotes(t *testing.T) {
	s := openTest(t)
	mustCommit(t, s, visit(article(1)))
	a, b := news.Poll{ETag: "a", Last: day}, news.Poll{ETag: "b", Last: day.Add(time.Hour), Polls: 3}
	want := map[string]news.Poll{"rivista": visit().Poll, "a": a, "b": b}
	mustNote(t, s, "a", b)
	mustNote(t, s, "b", b)
	mustNote(t, s, "a", a)
	if got, err := s.Polls(); err != nil || !cmp.Equal(got, want) {
		t.Errorf("%v\n%s", err, cmp.Diff(want, got))
	}
	revision := s.Revision()
	path := killed(t, s)
	mustKnow(t, path, Options{ReadOnly: true}, want)
	again, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	mustNote(t, again, "b", a) // behind those of the process before
	path = killed(t, again)
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	mustKnow(t, path, Options{ReadOnly: true}, map[string]news.Poll{"rivista": want["rivista"], "a": a, "b": a})

	// What a transaction took in does not come back, nor overtakes what came later.
	mustCommit(t, s, news.Visit{Source: "a", Poll: b})
	want["a"] = b
	mustKnow(t, killed(t, s), Options{}, want)
	if s.Revision() != revision+1 {
		t.Errorf("revision %d after %d", s.Revision(), revision)
	}
	mustNote(t, s, "b", a)
	want["b"] = a
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	path = killed(t, s)
	if err := os.Remove(notesPath(path)); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	mustKnow(t, path, Options{}, want)
	mustNote(t, s, "a", a)
	want["a"] = a
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(notesPath(s.path)); !os.IsNotExist(err) {
		t.Errorf("notes after the end: %v", err)
	}
	mustKnow(t, s.path, Options{}, want)
}

// Notes on another state of the store, and what a power cut left of them, are
// not taken for what they are not.
func TestNotesThatDoNotBelong(t *testing.T) {
	s := openTest(t)
	mustNote(t, s, "a", news.Poll{ETag: "1"})
	first, err := os.ReadFile(notesPath(s.path))
	if err != nil {
		t.Fatal(err)
	}
	mustNote(t, s, "b", news.Poll{ETag: "2"})
	both, err := os.ReadFile(notesPath(s.path))
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(both) {
		path := killed(t, s)
		if err := os.WriteFile(notesPath(path), both[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		want := map[string]news.Poll{}
		if cut >= len(first) {
			want["a"] = news.Poll{ETag: "1"}
		}
		mustKnow(t, path, Options{ReadOnly: true}, want)
		if cut%16 == 0 || cut >= len(first) {
			mustKnow(t, path, Options{}, want)
		}
	}
	path := killed(t, s)
	turned := bytes.Clone(both)
	turned[len(turned)-1] ^= 1
	if err := os.WriteFile(notesPath(path), turned, 0o600); err != nil {
		t.Fatal(err)
	}
	mustKnow(t, path, Options{}, map[string]news.Poll{"a": {ETag: "1"}})

	mustCommit(t, s, news.Visit{Source: "a", Poll: news.Poll{ETag: "3"}})
	path = killed(t, s)
	if err := os.WriteFile(notesPath(path), both, 0o600); err != nil { // of the revision before
		t.Fatal(err)
	}
	mustKnow(t, path, Options{}, map[string]news.Poll{"a": {ETag: "3"}, "b": {ETag: "2"}})
}

// Notes do not grow for ever.
func TestManyNotes(t *testing.T) {
	s := openTest(t)
	p := news.Poll{Err: string(bytes.Repeat([]byte("x"), 1<<14))}
	for i := range 200 {
		p.Polls = i
		mustNote(t, s, "a", p)
		if info, err := os.Stat(notesPath(s.path)); err != nil || info.Size() > maxNotes+1<<15 {
			t.Fatal(info, err)
		}
	}
	if got, err := s.Poll("a"); err != nil || got.Polls != 199 {
		t.Errorf("%v, %v", got.Polls, err)
	}
}

// Where notes cannot be written, visits are.
func TestNotesThatCannotBeWritten(t *testing.T) {
	s := openTest(t)
	if err := os.Mkdir(notesPath(s.path), 0o700); err != nil {
		t.Fatal(err)
	}
	mustNote(t, s, "a", news.Poll{ETag: "1"})
	if s.Revision() != 1 {
		t.Errorf("revision %d", s.Revision())
	}
	if got, err := s.Poll("a"); err != nil || got.ETag != "1" {
		t.Errorf("%v, %v", got, err)
	}
}

// BenchmarkNote is what a visit that brought nothing costs the store.
func BenchmarkNote(b *testing.B) {
	s := openSync(b)
	p := news.Poll{
		ETag: `"112-1"`, LastModified: "Sun, 01 Nov 2026 06:00:00 GMT", Address: "https://testata.example/feed.xml",
		Configured: "https://testata.example/feed.xml", Body: "00c3e85c6b7499100182a50603ee719c", Bytes: 63254,
		Last: day, Success: day, Newest: day, Gap: time.Hour, Polls: 7, Lengths: make([]int, 40),
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Note("testata", p); err != nil {
			b.Fatal(err)
		}
		if _, err := s.Poll("testata"); err != nil {
			b.Fatal(err)
		}
	}
}
