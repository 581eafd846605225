package store

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vedetta/news"
)

// What the process has of the file in memory is given back, and read again when
// it is asked for.
func TestRelease(t *testing.T) {
	s := openTest(t)
	v := news.Visit{}
	for i := range 200 {
		v.Articles = append(v.Articles, article(i))
	}
	mustCommit(t, s, v)
	read := func() {
		t.Helper()
		for i := range 200 {
			if _, err := s.Article(article(i).ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	read()
	before := resident(t, s.Path())
	if err := s.Release(); err != nil {
		t.Fatal(err)
	}
	if after := resident(t, s.Path()); before == 0 || after > before/4 {
		t.Errorf("%d KB of the file are in the process's memory, %d before", after, before)
	}
	read()
	mustCommit(t, s, v)
	if faults, err := s.Verify(t.Context()); err != nil || len(faults) > 0 {
		t.Errorf("%v, %v", faults, err)
	}
}

// resident returns how many KB of a mapped file are in the process's memory.
func resident(t *testing.T, path string) (kb int) {
	t.Helper()
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Skip("SKIPPED: the system does not tell what is in memory: ", err)
	}
	defer func() { _ = f.Close() }()
	if path, err = filepath.EvalSymlinks(path); err != nil {
		t.Fatal(err)
	}
	of := false
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if fields := strings.Fields(line); strings.Contains(fields[0], "-") {
			of = strings.HasSuffix(line, path)
		}
		if n := 0; of && strings.HasPrefix(line, "Rss:") {
			if _, err := fmt.Sscanf(line, "Rss: %d kB", &n); err != nil {
				t.Fatal(err)
			}
			kb += n
		}
	}
	return kb
}
