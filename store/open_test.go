package store

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	bolt "go.etcd.io/bbolt"

	"vedetta/news"
)

// These make the test binary hold the store that they name until its input
// ends, write to it until it is killed, or migrate it.
const (
	holdEnv    = "VEDETTA_TEST_HOLD"
	writeEnv   = "VEDETTA_TEST_WRITE"
	migrateEnv = "VEDETTA_TEST_MIGRATE"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(holdEnv); path != "" {
		os.Exit(hold(path))
	}
	if path := os.Getenv(writeEnv); path != "" {
		_, _ = os.Stderr.WriteString(writeForever(path).Error() + "\n")
		os.Exit(1)
	}
	if path := os.Getenv(migrateEnv); path != "" {
		s, err := open(path, Options{}, append(migrations(), rewriteAll))
		if err == nil {
			err = s.Close()
		}
		if err != nil {
			_, _ = os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func hold(path string) int {
	s, err := Open(path, Options{Now: func() time.Time { return day }})
	if err == nil {
		_, err = os.Stdout.WriteString("held\n")
	}
	if err == nil {
		_, _ = os.Stdin.Read(make([]byte, 1)) // ends when the test closes it
		err = s.Close()
	}
	if err != nil {
		_, _ = os.Stderr.WriteString(err.Error() + "\n")
		return 1
	}
	return 0
}

// holder starts a process that holds the store, and returns once it does.
func startHolder(t *testing.T, path string) (pid int, kill func()) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, "run", "--data", "secret")
	cmd.Env = append(os.Environ(), holdEnv+"="+path)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := stdout.Read(make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid, func() {
		t.Helper()
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = stdin.Close()
		_ = cmd.Wait() // reports the kill
	}
}

func TestLocked(t *testing.T) {
	if processStart(os.Getpid()) == "" {
		t.Skip("needs /proc")
	}
	path := filepath.Join(t.TempDir(), "vedetta.db")
	mustCreate(t, path)
	pid, kill := startHolder(t, path)

	want := &LockedError{Path: path, PID: pid, Command: filepath.Base(os.Args[0]) + " run", Since: day}
	var got *LockedError
	if _, err := Open(path, Options{}); !errors.As(err, &got) || !cmp.Equal(got, want) {
		t.Fatalf("got %v (%+v), want %+v", err, got, want)
	}
	// A reader cannot come in either, and says the same.
	if _, err := Open(path, Options{ReadOnly: true}); !errors.As(err, &got) || !cmp.Equal(got, want) {
		t.Errorf("reader got %v (%+v), want %+v", err, got, want)
	}
	// Without the note, or with one left over by another process, the
	// kernel still tells who.
	note, err := os.ReadFile(notePath(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, content := range []string{"", "{", `{"pid":1,"started":"1","command":"other"}`} {
		if err := os.WriteFile(notePath(path), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if lockHolder(path) == 0 {
			t.Log("the kernel does not tell who locks on this file system")
			break
		}
		want.Since = time.Time{}
		if got := lockedBy(path); !cmp.Equal(got, want) {
			t.Errorf("note %q: got %+v, want %+v", content, got, want)
		}
	}
	if err := os.WriteFile(notePath(path), note, 0o600); err != nil {
		t.Fatal(err)
	}

	// After a crash the note is still there, and the store opens.
	kill()
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	mustVerify(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(notePath(path)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("note after Close: %v", err)
	}
}

// TestKill kills a process that writes as fast as it can, again and again, and
// looks each time whether all that it reported written is there and sound.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vedetta.db")
	next := 0
	for round := range 8 {
		exe, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), exe, strconv.Itoa(next))
		cmd.Env = append(os.Environ(), writeEnv+"="+path)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for range 3 + 5*round {
			if !lines.Scan() {
				t.Fatalf("the writer ended: %v", cmd.Wait())
			}
			next++
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() { // reported before it died
			next++
		}
		_ = cmd.Wait() // reports the kill

		s, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		mustVerify(t, s)
		st, err := s.Stats()
		if err != nil {
			t.Fatal(err)
		}
		// One more may have been written than reported.
		if st.Articles != 2*next && st.Articles != 2*next+2 {
			t.Errorf("round %d: %d articles, want %d or 2 more", round, st.Articles, 2*next)
		}
		if got := int(s.Revision()); 2*got != st.Articles {
			t.Errorf("round %d: revision %d with %d articles", round, got, st.Articles)
		}
		next = st.Articles / 2
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// rewriteAll is a migration that touches every article.
var rewriteAll = migration{"mark every article", func(tx *bolt.Tx) error {
	marks, err := tx.CreateBucketIfNotExists([]byte("marks"))
	if err != nil {
		return err
	}
	return tx.Bucket(bucketArticles).ForEach(func(k, v []byte) error { return marks.Put(k, v) })
}}

// startMigration starts a process that migrates a file.
func startMigration(t *testing.T, path string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), migrateEnv+"="+path)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// TestKillMigration kills a process that migrates, at ever later instants, until
// one gets through: the file is of the old version or of the new, and whole; and
// with the new there is the copy of the old.
func TestKillMigration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vedetta.db")
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	fillTest(t, s)
	want := len(allOf(t, s))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// How long one takes that is left alone says at which instants to kill.
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	step := time.Duration(math.MaxInt64)
	for range 3 {
		begin := time.Now()
		if err := startMigration(t, mustWrite(t, before)).Wait(); err != nil {
			t.Fatal(err)
		}
		step = min(step, time.Since(begin)/40)
	}
	killed, newest := 0, uint64(len(migrations()))
	for wait := time.Duration(0); ; wait += step {
		cmd := startMigration(t, path)
		kill := time.AfterFunc(wait, func() { _ = cmd.Process.Kill() })
		done := cmd.Wait() == nil
		kill.Stop()
		version, err := checkFile(path, newest+1)
		if err != nil {
			t.Fatalf("killed after %v: %v", wait, err)
		}
		if version == newest+1 {
			if _, err := Check(t.Context(), fmt.Sprintf("%s.v%d", path, newest)); err != nil {
				t.Errorf("the copy: %v", err)
			}
			break
		}
		if st, err := check(t.Context(), path, newest+1); err != nil || st.Version != newest {
			t.Fatalf("killed after %v: version %d, %v", wait, st.Version, err)
		}
		if done {
			t.Fatal("it ended well without migrating")
		}
		killed++
	}
	t.Logf("%d kills", killed)
	if s, err = open(path, Options{}, append(migrations(), rewriteAll)); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	mustVerify(t, s)
	if got := len(allOf(t, s)); got != want {
		t.Errorf("%d articles, want %d", got, want)
	}
}

// writeForever commits visits from a number on, and reports each when it is
// written.
func writeForever(path string) error {
	s, err := Open(path, Options{})
	if err != nil {
		return err
	}
	from, err := strconv.Atoi(os.Args[1])
	if err != nil {
		return err
	}
	for i := from; ; i++ {
		if err := s.Commit(visit(article(2*i), article(2*i+1))); err != nil {
			return err
		}
		if _, err := os.Stdout.WriteString("written\n"); err != nil {
			return err
		}
	}
}

func TestLockedErrorText(t *testing.T) {
	now := time.Now()
	for _, tt := range []struct {
		e    LockedError
		want string
	}{
		{LockedError{Path: "vedetta.db"}, "vedetta.db is held by another process"},
		{LockedError{Path: "vedetta.db", PID: 7}, "vedetta.db is held by process 7"},
		{LockedError{Path: "vedetta.db", PID: 7, Command: "vedetta run", Since: now}, "vedetta.db is held by process 7 (vedetta run, since " + now.Format("15:04") + ")"},
		{LockedError{Path: "vedetta.db", PID: 7, Since: day}, "vedetta.db is held by process 7 (since " + day.Local().Format("2006-01-02 15:04") + ")"},
	} {
		if got := tt.e.Error(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// mustCreate makes a store with two articles in it.
func mustCreate(t *testing.T, path string) {
	t.Helper()
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	mustCommit(t, s, visit(article(1), article(2)))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vedetta.db")
	if _, err := Open(path, Options{ReadOnly: true}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	mustCreate(t, path)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var readers []*Store
	for range 2 {
		s, err := Open(path, Options{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		readers = append(readers, s)
	}
	mustVerify(t, readers[0])
	if got := readers[1].Revision(); got != 1 {
		t.Errorf("revision %d, want 1", got)
	}
	if err := readers[0].Commit(visit(article(3))); err == nil {
		t.Error("a reader could write")
	}
	if _, err := Open(path, Options{}); !errors.As(err, new(*LockedError)) {
		t.Errorf("writer beside readers: %v", err)
	}
	for _, s := range readers {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file changed: %v", err)
	}
}

func TestBadPlace(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		path, want string
	}{
		"no folder":       {filepath.Join(dir, "none", "vedetta.db"), "create it, or name another with --data"},
		"folder is file":  {filepath.Join(file, "vedetta.db"), "is not a folder"},
		"file is folder":  {dir, "is not a regular file"},
		"device":          {os.DevNull, "is not a regular file"},
		"something else":  {mustBolt(t), "is damaged (it holds something else)"},
		"not a database":  {mustWrite(t, bytes.Repeat([]byte("<html>"), 4096)), "is damaged (invalid database): restore a backup"},
		"shorter than it": {mustWrite(t, []byte("x")), "is damaged"},
	} {
		s, err := Open(tt.path, Options{})
		if err == nil {
			_ = s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want … %s …", name, err, tt.want)
		}
	}
}

func mustWrite(t *testing.T, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vedetta.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// mustBolt makes a bbolt file of another program.
func mustBolt(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "other.db")
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		_, err := tx.CreateBucket([]byte("other"))
		return err
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestUnwritable(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "vedetta.db")
	chmod := func(name string, mode fs.FileMode) {
		t.Helper()
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	chmod(dir, 0o500)
	t.Cleanup(func() { chmod(dir, 0o700) })
	check := func(name string) {
		t.Helper()
		_, err := Open(path, Options{})
		if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "give that user the folder, or name another with --data") {
			t.Errorf("%s: %v", name, err)
		}
	}
	check("folder")
	chmod(dir, 0o700)
	mustCreate(t, path)
	chmod(dir, 0o500)
	check("folder of an existing file")
	chmod(dir, 0o700)
	chmod(path, 0o400)
	check("file")
}

func TestMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vedetta.db")
	mustCreate(t, path)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode())
	}
}

func TestTooNew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vedetta.db")
	mustCreate(t, path)
	steps := append(migrations(), migration{"from the future", func(*bolt.Tx) error { return nil }})
	s, err := open(path, Options{}, steps)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, opts := range []Options{{}, {ReadOnly: true}} {
		if _, err := Open(path, opts); !errors.Is(err, ErrTooNew) {
			t.Errorf("got %v, want ErrTooNew", err)
		}
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file changed: %v", err)
	}
}

// A step that fails leaves the file as it was; one that works leaves a copy of
// it.
func TestMigrate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vedetta.db")
	mustCreate(t, path)
	marker := []byte("marker")
	put := migration{"put a marker", func(tx *bolt.Tx) error {
		return tx.Bucket(bucketMeta).Put(marker, []byte("x"))
	}}
	errStep := errors.New("step failed")
	fail := migration{"fail", func(*bolt.Tx) error { return errStep }}

	if _, err := open(path, Options{ReadOnly: true}, append(migrations(), put)); err == nil || !strings.Contains(err.Error(), "open it for writing once") {
		t.Errorf("old file, read only: %v", err)
	}
	if _, err := open(path, Options{}, append(migrations(), put, fail)); !errors.Is(err, errStep) {
		t.Errorf("got %v, want the step's error", err)
	}
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatalf("after a failed migration: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s, err = open(path, Options{}, append(migrations(), put))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.db.View(func(tx *bolt.Tx) error {
		meta := tx.Bucket(bucketMeta)
		if number(meta.Get(keyVersion)) != uint64(len(migrations())+1) || meta.Get(marker) == nil {
			t.Error("not migrated")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	mustVerify(t, s)

	old, err := Open(fmt.Sprintf("%s.v%d", path, len(migrations())), Options{})
	if err != nil {
		t.Fatalf("copy: %v", err)
	}
	defer old.Close()
	if _, err := old.Article(article(1).ID); err != nil {
		t.Errorf("copy: %v", err)
	}
	mustVerify(t, old)
}

var update = flag.Bool("update", false, "write the file of the current version into testdata")

// Files of all versions open, and hold what was put into them. Before a
// migration is added, -update writes the one that it will start from.
func TestOldFiles(t *testing.T) {
	if *update {
		writeCurrent(t)
	}
	files, err := filepath.Glob("testdata/*.db.zst")
	if err != nil || len(files) == 0 {
		t.Fatalf("no old files: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			s, err := Open(unpack(t, file), Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			mustVerify(t, s)
			want := oldContent()
			for _, a := range want.Articles {
				a.Story = want.StoryOf[a.ID]
				if got, err := s.Article(a.ID); err != nil || !cmp.Equal(got, a) {
					t.Errorf("article: %v\n%s", err, cmp.Diff(a, got))
				}
			}
			if got, err := s.Poll(want.Source); err != nil || !cmp.Equal(got, want.Poll) {
				t.Errorf("poll: %v, %v", got, err)
			}
			for _, sighting := range want.Sightings {
				if got, err := s.Known([]string{sighting.Key}); err != nil || got[sighting.Key] != sighting {
					t.Errorf("sighting: %v, %v", got, err)
				}
			}
			if got, err := s.Thread(want.Threads[0].ID); err != nil || !cmp.Equal(got, want.Threads[0]) {
				t.Errorf("thread: %v, %v", got, err)
			}
			if got, err := s.Timeline(news.Query{Topic: "gcap", Facet: "italia-giappone"}); err != nil || len(got) != 2 {
				t.Errorf("timeline: %v, %v", got, err)
			}
			if got, err := s.Story(oldMerged); err != nil || got.ID != want.Stories[0].ID {
				t.Errorf("merged story: %v, %v", got, err)
			}
		})
	}
}

func writeCurrent(t *testing.T) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vedetta.db")
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	mustCommit(t, s, oldContent())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("testdata/v%d.db.zst", len(migrations()))
	if err := os.WriteFile(name, enc.EncodeAll(b, nil), 0o600); err != nil {
		t.Fatal(err)
	}
}

// unpack returns the path of a decompressed copy of a file.
func unpack(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dec, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	if b, err = dec.DecodeAll(b, nil); err != nil {
		t.Fatal(err)
	}
	return mustWrite(t, b)
}

// oldMerged is the id of a story that oldContent merges.
const oldMerged = "0123456789abcdef01234567"

// oldContent is what the files in testdata hold.
func oldContent() news.Visit {
	v := visit(article(1), article(2))
	for i := range v.Stories {
		v.Stories[i].Thread = v.Stories[0].ID
	}
	v.Threads = []news.Thread{{
		ID: v.Stories[0].ID, Stories: []string{v.Stories[0].ID, v.Stories[1].ID}, First: day, Last: day,
		Links: []news.Link{{A: v.Stories[0].ID, B: v.Stories[1].ID, Score: 0.7, Shared: []string{"GCAP"}}},
	}}
	v.MergedStories = map[string]string{oldMerged: v.Stories[0].ID}
	return v
}

// usedSize is how many bytes of a file hold something; the rest is room to grow.
func usedSize(t *testing.T, path string) (n int) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	err = db.View(func(tx *bolt.Tx) error { n = int(tx.Size()); return nil })
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestDamaged cuts and overwrites a file everywhere: opening and verifying it
// gives an error or a problem or works, and never ends the process.
func TestDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vedetta.db")
	mustCreate(t, path)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page, used := os.Getpagesize(), usedSize(t, path)
	try := func(name string, b []byte) bool {
		t.Helper()
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		// As after a crash: all pages are looked at.
		if err := os.WriteFile(notePath(path), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(path, Options{})
		if err != nil {
			if !errors.As(err, new(*DamagedError)) {
				t.Errorf("%s: %v", name, err)
			}
			return true
		}
		problems, err := s.Verify(t.Context())
		return errors.Join(err, s.Close()) != nil || len(problems) > 0
	}
	for n := page; n < used; n += page {
		if !try("cut", whole[:n]) {
			t.Errorf("cut to %d of %d bytes: not noticed", n, used)
		}
	}
	noticed := 0
	for n := 2 * page; n < used; n += page {
		b := bytes.Clone(whole)
		copy(b[n:n+page], bytes.Repeat([]byte{0xa5}, page))
		if try("overwritten", b) {
			noticed++
		}
	}
	if noticed == 0 {
		t.Error("no overwritten page noticed")
	}
	b := bytes.Clone(whole)
	clear(b[:2*page])
	if !try("zeroed", b) {
		t.Error("zeroed meta pages not noticed")
	}
}
