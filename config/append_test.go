package config

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"vedetta"
	"vedetta/news"
)

// added is the source that the files of testdata/append gain.
var added = news.Source{Name: "Nuova", URL: "https://nuova.example/feed/", Tags: []string{"difesa", "esteri"}}

// TestAppendLayouts reads testdata/append/*.txtar: a file "before" and the
// file "after"; "\r" at the end of a line stands for CRLF, and a last line
// "(no break)" for a file that ends without one.
func TestAppendLayouts(t *testing.T) {
	files, err := filepath.Glob("testdata/append/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Append("feeds.yaml", special(a.Files[0].Data), added)
			if a.Files[1].Name == "error" {
				want := strings.TrimSpace(string(a.Files[1].Data))
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Fatalf("error %v, want %q\n%s", err, want, got.Data)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(special(a.Files[1].Data)), string(got.Data)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			shown, _, _ := strings.Cut(got.Added, "\n")
			if line := newPage(got.Data).line(got.Line); !strings.Contains(line, shown) {
				t.Errorf("line %d is %q, not %q", got.Line, line, shown)
			}
		})
	}
}

func special(data []byte) []byte {
	data = bytes.ReplaceAll(data, []byte("\\r\n"), []byte("\r\n"))
	return bytes.TrimSuffix(data, []byte("\n(no break)\n"))
}

func TestAppendToShippedFile(t *testing.T) {
	list := news.Source{
		Name: "Ministero: sala stampa", Page: "https://ministero.example/comunicati", Kind: news.Institution,
		List: news.ListRule{Item: "div.card[data-a='b']", Link: "h3 a", Date: `span[title="x"]`},
	}
	for _, s := range []news.Source{added, list, {Name: "Solo mappa", Sitemap: "https://mappa.example/news.xml?a=1&b=2#x"}} {
		got, err := Append("feeds.yaml", vedetta.Feeds, s)
		if err != nil {
			t.Fatal(err)
		}
		at := bytes.Index(got.Data, []byte("\n"+got.Added))
		if at < 0 {
			t.Fatalf("%q is not in the file", got.Added)
		}
		if before, _ := Parse("feeds.yaml", vedetta.Feeds); len(before.Sources) == 0 || before.at["sources"].line >= got.Line || before.at["topics"].line <= got.Line-1 {
			t.Errorf("added on line %d", got.Line)
		}
		c, err := Parse("feeds.yaml", got.Data)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Conflict(news.Source{Name: s.Name}); err == nil {
			t.Error("the new source is not found by its name")
		}
	}
}

func TestConflict(t *testing.T) {
	c, err := Parse("feeds.yaml", []byte("sources:\n  - name: Analisi Difesa\n    url: https://www.analisi.example/feed/\n  - name: B\n    page: https://b.example/x\n    list: {item: a}\n    enabled: false\n"))
	if err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]struct {
		s    news.Source
		want string
	}{
		"address":             {news.Source{Name: "C", URL: "http://analisi.example/feed"}, `feeds.yaml:2:5: sources[0]: the address "http://analisi.example/feed" is there already, as "Analisi Difesa"`},
		"disabled":            {news.Source{URL: "https://b.example/x"}, `feeds.yaml:4:5: sources[1]: the address "https://b.example/x" is there already, as "B"; it is disabled there: remove "enabled: false"`},
		"name":                {news.Source{Name: "analisi difesa", URL: "https://c.example/"}, `feeds.yaml:2:11: sources[0].name: the name "Analisi Difesa" is taken, by https://www.analisi.example/feed/; give the new source another name`},
		"name by identifier":  {news.Source{Name: "Analisi–Difesa!"}, `feeds.yaml:2:11`},
		"nothing in the way":  {news.Source{Name: "C", URL: "https://c.example/"}, ""},
		"nothing to compare":  {news.Source{}, ""},
		"not the same query":  {news.Source{URL: "https://b.example/x?page=2"}, ""},
		"no address but text": {news.Source{URL: "%zz"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.Conflict(k.s)
			if k.want == "" && err != nil || k.want != "" && (err == nil || !strings.HasPrefix(err.Error(), k.want)) {
				t.Errorf("%v, want %q", err, k.want)
			}
		})
	}
}

func TestAppendFileKeepsModeAndLink(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "real", "sources.yaml"), filepath.Join(dir, "feeds.yaml")
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(target, []byte("sources:\n- {name: A, url: \"https://a.example/\"}\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if _, err := AppendFile(link, added); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	if info, err := os.Stat(target); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if c, err := Load(link); err != nil || len(c.Sources) != 2 {
		t.Errorf("%v, %v", c, err)
	}
	if left, err := os.ReadDir(filepath.Dir(target)); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestAppendFileLeavesAFaultyFileAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "feeds.yaml")
	old := []byte("sources:\n  - {name: A, ulr: x}\n")
	if err := os.WriteFile(path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := AppendFile(path, added)
	if _, ok := errors.AsType[Faults](err); !ok {
		t.Errorf("error %v, want Faults", err)
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, old) {
		t.Errorf("%q, %v", now, err)
	}
}

func FuzzAppend(f *testing.F) {
	files, err := filepath.Glob("testdata/append/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(special(a.Files[0].Data), "Nuova", "div.a > b", "difesa")
	}
	f.Add([]byte(whole), "a: b # c", `"]}`, "- x")
	f.Fuzz(func(t *testing.T, data []byte, name, item, tag string) {
		s := news.Source{Name: name, Page: "https://nuova.example/pagina", List: news.ListRule{Item: item}, Tags: []string{tag}}
		got, err := Append("feeds.yaml", data, s)
		if err != nil {
			return
		}
		after, err := Parse("feeds.yaml", got.Data)
		if err != nil {
			t.Fatalf("the result has faults: %v\n%s", err, got.Data)
		}
		n := len(after.Sources) - 1
		if last := after.Sources[n]; last.Name != strings.TrimSpace(name) || last.Page != s.Page || last.List != s.List || last.Tags[0] != tag {
			t.Fatalf("added %+v", last)
		}
		if before, err := Parse("feeds.yaml", data); err == nil {
			if len(before.Sources) != n || cmp.Diff(before.Topics, after.Topics) != "" {
				t.Fatalf("something else changed\n%s", got.Data)
			}
		}
		if !bytes.Contains(bytes.ReplaceAll(got.Data, []byte("\r\n"), []byte("\n")), []byte(got.Added)) {
			t.Fatalf("%q is not what was added", got.Added)
		}
	})
}
