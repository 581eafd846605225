package search

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vedetta/news"
)

// archive is an Archive in memory.
type archive struct {
	articles []news.Article // in the order of Seen
	stories  map[string]news.Story
	merged   map[string]string
	changes  []news.StoryChange
	revision uint64
	forgot   uint64 // changes up to this revision are no longer known
	broken   error
	reads    int // articles given out
}

func newArchive() *archive {
	return &archive{stories: map[string]news.Story{}, merged: map[string]string{}}
}

func (a *archive) Revision() uint64   { return a.revision }
func (a *archive) Size() (int, error) { return len(a.articles), a.broken }

func (a *archive) Since(t time.Time, f func(news.Article) error) error {
	for _, art := range slices.Clone(a.articles) {
		if art.Seen.Before(t) {
			continue
		}
		a.reads++
		if err := f(art); err != nil {
			return err
		}
	}
	return a.broken
}

func (a *archive) Stories(ids ...string) (out []news.Story, err error) {
	for _, id := range ids {
		if to, ok := a.merged[id]; ok {
			id = to
		}
		if st, ok := a.stories[id]; ok {
			out = append(out, st)
		}
	}
	return out, a.broken
}

func (a *archive) Texts(ids ...string) (out []news.Article, err error) {
	for _, id := range ids {
		if i := slices.IndexFunc(a.articles, func(art news.Article) bool { return art.ID == id }); i >= 0 {
			out = append(out, a.articles[i])
			a.reads++
		}
	}
	return out, a.broken
}

func (a *archive) Changes(after uint64, limit int) (out []news.StoryChange, err error) {
	if after < a.forgot {
		return nil, fmt.Errorf("forgotten: %w", fs.ErrNotExist)
	}
	for _, c := range a.changes {
		if c.Revision > after && limit > 0 {
			out = append(out, c)
			limit -= len(c.Stories)
		}
	}
	return out, a.broken
}

func (a *archive) note(ids ...string) {
	a.revision++
	slices.Sort(ids)
	a.changes = append(a.changes, news.StoryChange{Revision: a.revision, Stories: ids})
}

// put writes articles; the first founds the story, the others are copies.
func (a *archive) put(as ...news.Article) {
	st := news.Story{ID: as[0].ID, Shown: as[0].ID, First: as[0].Published}
	for _, art := range as {
		art.Story = st.ID
		st.Members = append(st.Members, news.Member{Article: art.ID, Source: art.Source, Published: art.Published})
		if i := slices.IndexFunc(a.articles, func(o news.Article) bool { return o.ID == art.ID }); i >= 0 {
			a.articles[i] = art
		} else {
			a.articles = append(a.articles, art)
		}
	}
	a.stories[st.ID] = st
	a.note(st.ID)
}

var day = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// article is the nth of the archive.
func article(n int, title, text string) news.Article {
	return news.Article{
		ID: news.ArticleID(fmt.Sprintf("https://rivista.example/%d", n)), Source: "rivista", Lang: "it",
		Title: title, Text: text, Seen: day.Add(time.Duration(n) * time.Hour), Published: day.Add(time.Duration(n) * time.Hour),
	}
}

// followed returns an index that is up to the archive, and its log.
func followed(t testing.TB, dir string, a *archive) (*Index, *strings.Builder) {
	t.Helper()
	var out strings.Builder
	x := New(dir)
	t.Cleanup(func() { _ = x.Close() })
	f := &follower{index: x, archive: a, log: slog.New(slog.NewTextHandler(&out, nil))}
	for range 2 { // the second where the first begins anew
		if err := f.step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return x, &out
}

func ask(t testing.TB, x *Index, q news.Search) news.Found {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	f, err := x.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func words(texts ...string) (q news.Search) {
	for _, text := range texts {
		c := news.Clause{Text: text}
		if c.Text, c.Not = strings.CutPrefix(c.Text, "-"); !c.Not {
			c.Text = text
		}
		c.Text, c.Prefix = strings.CutSuffix(c.Text, "*")
		q.Clauses = append(q.Clauses, c)
	}
	return q
}

func press() *archive {
	a := newArchive()
	on := func(art news.Article, facets ...string) news.Article {
		art.Verdicts = []news.Verdict{{Topic: "nato-giappone", On: true, Facets: facets}}
		return art
	}
	a.put(on(article(1, "Il caccia di sesta generazione", "Il programma GCAP unisce Italia e Giappone.\nIl ministro della Difesa ha firmato l’accordo militare."), "gcap"))
	a.put(article(2, "Missili in Polonia", "La NATO schiera i missili. Il ministro degli Esteri tace sulla difesa."))
	en := article(3, "Sixth-generation fighters", "The ministers of defence met in Tokyo. Missiles were not discussed.")
	en.Lang, en.Source = "en", "bulwark"
	a.put(en)
	copied := article(5, "Accordi militari, c’è la firma", "Il programma GCAP unisce Italia e Giappone.\nLa redazione aggiunge una riga sull’arcipelago.")
	copied.Source, copied.Authors = "piazza", []string{"Ada Ferri"}
	a.put(on(article(4, "Accordi militari a Tokyo", "Il programma GCAP unisce Italia e Giappone."), "gcap", "italia-giappone"), copied)
	a.put(article(6, "È nato il piccolo panda", "Perché no? Città in festa. Sovranita' alimentare."))
	return a
}

func TestSearch(t *testing.T) {
	a := press()
	x, _ := followed(t, t.TempDir(), a)
	id := func(n int) string { return article(n, "", "").ID }
	field := func(f news.SearchField, values ...string) news.Search {
		return news.Search{Clauses: []news.Clause{{Field: f, Values: values}}}
	}
	dated := func(q news.Search, after, before int) news.Search {
		if after > 0 {
			q.After = day.Add(time.Duration(after) * time.Hour)
		}
		if before > 0 {
			q.Before = day.Add(time.Duration(before) * time.Hour)
		}
		return q
	}
	cases := []struct {
		name string
		q    news.Search
		want []int // articles that founded the stories; any order
	}{
		{"inflected", words("missile"), []int{2, 3}},
		{"case", words("MISSILI"), []int{2, 3}},
		{"all words", words("missili", "ministro"), []int{2}},
		{"both numbers of -are", words("militare"), []int{1, 4}},
		{"english", words("fighter"), []int{3}},
		{"elided, either apostrophe", words("l'arcipelago"), []int{4}},
		{"elision apart", words("arcipelago"), []int{4}},
		{"accent typed either way", words("sovranità"), []int{6}},
		{"no accent typed", words("citta"), []int{6}},
		{"phrase over words without key", words("ministro della difesa"), []int{1}},
		{"phrase keeps distance", words("ministro difesa"), nil},
		{"phrase inflected", words("accordi militari"), []int{1, 4}},
		{"no phrase across texts", words("giappone ministro"), nil},
		{"excluded", words("gcap", "-ministro"), []int{4}},
		{"only excluded", words("-gcap", "-missile"), []int{6}},
		{"beginning", words("genera*"), []int{1, 3}},
		{"beginning longer than the stem", words("missili*"), []int{2, 3}},
		{"beginning that the stem cuts", words("generaz*"), []int{1}},
		{"beginning of a phrase's end", words("programma gc*"), []int{1, 4}},
		{"author", words("Ferri"), []int{4}},
		{"text of a copy alone", words("redazione"), []int{4}},
		{"title of a copy", words("firma"), []int{1, 4}},
		{"nothing", words("sommergibile"), nil},
		{"one of them nothing", words("gcap", "sommergibile"), nil},
		{"source", field(news.SearchSource, "bulwark"), []int{3}},
		{"source of a copy", field(news.SearchSource, "piazza"), []int{4}},
		{"either source", field(news.SearchSource, "piazza", "bulwark"), []int{3, 4}},
		{"topic", field(news.SearchTopic, "nato-giappone"), []int{1, 4}},
		{"relation", field(news.SearchRelation, "nato-giappone/italia-giappone"), []int{4}},
		{"unknown source", field(news.SearchSource, "nessuna"), nil},
		{"after", dated(words("gcap"), 2, 0), []int{4}},
		{"before", dated(words("gcap"), 0, 4), []int{1}},
		{"time alone", dated(news.Search{}, 2, 4), []int{2, 3}},
	}
	for _, c := range cases {
		f := ask(t, x, c.q)
		var want []string
		for _, n := range c.want {
			want = append(want, id(n))
		}
		got := slices.Sorted(slices.Values(f.Stories))
		slices.Sort(want)
		if !slices.Equal(got, want) || f.Total != len(want) || f.Share != 1 {
			t.Errorf("%s: got %d, want %v (total %d, share %v)", c.name, len(got), c.want, f.Total, f.Share)
		}
	}
}

func TestSearchOrder(t *testing.T) {
	a := newArchive()
	long := strings.Repeat("Parole che non dicono nulla di preciso. ", 40)
	a.put(article(1, "Vertice", "Si è parlato anche di portaerei."+long))
	a.put(article(2, "La portaerei", "Nel porto. "+long))
	a.put(article(3, "Vertice", "Portaerei, portaerei, portaerei: una nuova portaerei."))
	a.put(article(4, "Vertice", long))
	x, _ := followed(t, t.TempDir(), a)
	id := func(n int) string { return article(n, "", "").ID }
	q := words("portaerei")
	if got, want := ask(t, x, q).Stories, []string{id(3), id(2), id(1)}; !slices.Equal(got, want) {
		t.Errorf("best first: %v, want %v", got, want)
	}
	q.Newest = true
	if got, want := ask(t, x, q).Stories, []string{id(3), id(2), id(1)}; !slices.Equal(got, want) {
		t.Errorf("newest first: %v, want %v", got, want)
	}
	q.Offset, q.Limit = 1, 1
	if f := ask(t, x, q); !slices.Equal(f.Stories, []string{id(2)}) || f.Total != 3 {
		t.Errorf("second page: %v of %d", f.Stories, f.Total)
	}
	q.Offset = 7
	if f := ask(t, x, q); len(f.Stories) != 0 || f.Total != 3 {
		t.Errorf("page behind the last: %v of %d", f.Stories, f.Total)
	}
	if f := ask(t, x, words("portaerei", "sommergibile", "-corazzata")); !slices.Equal(f.Missing, []int{1}) {
		t.Errorf("missing %v, want the second", f.Missing)
	}
}

func TestFollow(t *testing.T) {
	dir := t.TempDir()
	a := press()
	x, _ := followed(t, dir, a)
	f := &follower{index: x, archive: a, log: slog.New(slog.DiscardHandler), ready: true, cursor: a.revision}
	steps := []struct {
		name string
		do   func()
		q    news.Search
		want int
	}{
		{"a new story", func() { a.put(article(7, "Sommergibili", "Un sommergibile.")) }, words("sommergibile"), 1},
		{"changed", func() { a.put(article(7, "Corvette", "Una corvetta.")) }, words("sommergibile"), 0},
		{"as it became", func() {}, words("corvetta"), 1},
		{"judged anew", func() {
			art := article(7, "Corvette", "Una corvetta.")
			art.Verdicts = []news.Verdict{{Topic: "nato-giappone", On: true, Facets: []string{"gcap"}}}
			a.put(art)
		}, news.Search{Clauses: []news.Clause{{Field: news.SearchRelation, Values: []string{"nato-giappone/gcap"}}}}, 3},
		{"merged", func() {
			from, to := article(7, "", "").ID, article(2, "", "").ID
			delete(a.stories, from)
			a.merged[from] = to
			a.note(from, to)
		}, words("corvetta"), 0},
		{"pruned", func() { a.put(article(2, "Missili in Polonia", "")) }, words("schiera"), 0},
		{"the rest stays", func() {}, words("gcap"), 2},
	}
	for _, s := range steps {
		s.do()
		if err := f.step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := ask(t, x, s.q).Total; got != s.want {
			t.Errorf("%s: %d found, want %d", s.name, got, s.want)
		}
	}
	// What is as it was is not written again.
	before := x.state.Next
	a.note(article(1, "", "").ID)
	if err := f.step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if x.state.Next != before || x.state.Cursor != a.revision {
		t.Errorf("a story that did not change made segment %d", x.state.Next)
	}
	// Another process sees the same.
	y := New(dir)
	if err := y.Open(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = y.Close() }()
	if got := ask(t, y, words("gcap")).Total; got != 2 {
		t.Errorf("opened again: %d found, want 2", got)
	}
}

// An index that cannot be used is made anew, with one line that says why.
func TestMadeAnew(t *testing.T) {
	edit := func(name string, f func([]byte) []byte) func(t *testing.T, dir string, a *archive) {
		return func(t *testing.T, dir string, _ *archive) {
			path := filepath.Join(dir, name)
			b, err := os.ReadFile(path)
			if err == nil {
				err = os.WriteFile(path, f(b), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	cases := []struct {
		name string
		harm func(t *testing.T, dir string, a *archive)
		line string // in the log
	}{
		{"nothing wrong", func(*testing.T, string, *archive) {}, ""},
		{"manifest cut", edit(manifestName, func(b []byte) []byte { return b[:len(b)/2] }), "decode manifest"},
		{"manifest empty", edit(manifestName, func([]byte) []byte { return nil }), "decode manifest"},
		{"another version", edit(manifestName, func(b []byte) []byte {
			return []byte(strings.Replace(string(b), `"version":1`, `"version":0`, 1))
		}), "version 0"},
		{"segment cut", edit("000000.seg", func(b []byte) []byte { return b[:len(b)-9] }), "malformed segment"},
		{"segment empty", edit("000000.seg", func([]byte) []byte { return nil }), "malformed segment"},
		{"a bit turned", edit("000000.seg", func(b []byte) []byte { b[20] ^= 4; return b }), "wrong checksum"},
		{"segment gone", func(t *testing.T, dir string, _ *archive) {
			if err := os.Remove(filepath.Join(dir, "000000.seg")); err != nil {
				t.Fatal(err)
			}
		}, "no such file"},
		{"all gone", func(t *testing.T, dir string, _ *archive) {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}, ""},
		{"an earlier archive", func(_ *testing.T, _ string, a *archive) { a.revision = 2; a.changes = a.changes[:2] }, "earlier"},
		{"another archive", func(_ *testing.T, _ string, a *archive) {
			a.revision += 10
			a.changes = []news.StoryChange{{Revision: a.revision, Stories: []string{"x"}}}
		}, "another one"},
		{"away for too long", func(_ *testing.T, _ string, a *archive) { a.revision += 10; a.forgot = a.revision - 1 }, "missed too much"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "search")
			a := press()
			x, log := followed(t, dir, a)
			if log.String() == "" || strings.Contains(log.String(), "anew") {
				t.Errorf("first run logs %q", log)
			}
			a.put(article(8, "Fregate", "Una fregata.")) // so that there is an anchor
			_ = x.Close()
			x, _ = followed(t, dir, a)
			_ = x.Close()
			c.harm(t, dir, a)
			x, log = followed(t, dir, a)
			if c.line == "" && strings.Contains(log.String(), "anew") || !strings.Contains(log.String(), c.line) {
				t.Errorf("log %q, want %q", log, c.line)
			}
			if n := strings.Count(log.String(), "anew"); c.line != "" && n != 1 {
				t.Errorf("%d lines say that it is made anew:\n%s", n, log)
			}
			if got := ask(t, x, words("gcap")); got.Total != 2 || got.Share != 1 {
				t.Errorf("%d found, share %v", got.Total, got.Share)
			}
		})
	}
}

// wide is an archive of many stories, each of which has a word of its own.
func wide(n int) *archive {
	a := newArchive()
	for i := range n {
		a.put(article(i, fmt.Sprintf("Notizia %d", i), fmt.Sprintf("Parola%d comune.", i)))
	}
	return a
}

// Whatever moment filling is stopped at, the next start goes on and ends with
// everything, once.
func TestFillIsStopped(t *testing.T) {
	a := wide(3*batchStories + 5)
	for _, stopAt := range []int{1, batchStories, batchStories + 1, 2*batchStories + 700} {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		x := New(dir)
		n := 0
		f := &follower{index: x, archive: stopping{a, func() {
			if n++; n == stopAt {
				cancel()
			}
		}}, log: slog.New(slog.DiscardHandler)}
		if err := f.step(ctx); err == nil {
			t.Fatal("not stopped")
		}
		// What is there can be searched, and says that it is not all.
		part := ask(t, x, words("comune"))
		if part.Share == 1 || part.Total != max(stopAt-2, 0)/batchStories*batchStories {
			t.Errorf("stopped at %d: %d found, share %v", stopAt, part.Total, part.Share)
		}
		_ = x.Close()
		a.reads = 0
		x, _ = followed(t, dir, a)
		if got := ask(t, x, words("comune")); got.Total != len(a.articles) || got.Share != 1 {
			t.Errorf("stopped at %d: %d found in the end, want %d", stopAt, got.Total, len(a.articles))
		}
		if want := len(a.articles) - part.Total + 1; a.reads > want {
			t.Errorf("stopped at %d: %d articles read again, want %d", stopAt, a.reads, want)
		}
	}
}

// stopping calls a function before each article.
type stopping struct {
	*archive
	before func()
}

func (s stopping) Since(t time.Time, f func(news.Article) error) error {
	return s.archive.Since(t, func(a news.Article) error {
		s.before()
		return f(a)
	})
}

// A process that dies between writing a segment and the manifest leaves a file
// that the next one removes.
func TestKilledBeforeManifest(t *testing.T) {
	dir := t.TempDir()
	a := press()
	x, _ := followed(t, dir, a)
	a.put(article(9, "Sommergibili", "Un sommergibile."))
	b := newBatch()
	st := a.stories[article(9, "", "").ID]
	b.add(st, []news.Article{article(9, "Sommergibili", "Un sommergibile.")}, 1)
	if err := b.write(segmentPath(dir, x.state.Next)); err != nil {
		t.Fatal(err)
	}
	_ = x.Close()
	x, log := followed(t, dir, a)
	if got := ask(t, x, words("sommergibile")).Total; got != 1 || strings.Contains(log.String(), "anew") {
		t.Errorf("%d found, want 1; log %s", got, log)
	}
}

// Many small changes make few segments, and none loses or doubles a story.
func TestSegmentsAreJoined(t *testing.T) {
	dir := t.TempDir()
	a := wide(20)
	x, _ := followed(t, dir, a)
	f := &follower{index: x, archive: a, log: slog.New(slog.DiscardHandler), ready: true, cursor: a.revision}
	for i := range 400 {
		a.put(article(i%150, "Notizia", fmt.Sprintf("Comune anche questa: parola%d, giro%d.", i%150, i/150)))
		if err := f.step(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := len(x.state.Segments); n > 2*fanout {
			t.Fatalf("%d segments", n)
		}
	}
	if got := ask(t, x, words("comune")); got.Total != 150 || len(slices.Compact(slices.Sorted(slices.Values(got.Stories)))) != 100 {
		t.Errorf("%d stories, want 150", got.Total)
	}
	for i := range 150 {
		want := []string{article(i, "", "").ID}
		if diff := cmp.Diff(want, ask(t, x, words(fmt.Sprintf("parola%d", i))).Stories); diff != "" {
			t.Fatalf("story %d: -want +got\n%s", i, diff)
		}
	}
	if got := ask(t, x, words("anche questa parola7")).Total; got != 1 {
		t.Errorf("phrase in joined segments: %d found", got)
	}
	for i, want := range []int{0, 50, 100} {
		if got := ask(t, x, words(fmt.Sprintf("giro%d", i))).Total; got != want {
			t.Errorf("%d stories of round %d, want %d", got, i, want)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.seg"))
	if err != nil || len(files) != len(x.state.Segments) {
		t.Errorf("%d files for %d segments (%v)", len(files), len(x.state.Segments), err)
	}
}

func TestBounds(t *testing.T) {
	x, _ := followed(t, t.TempDir(), wide(50))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := x.Search(ctx, words("comune")); err == nil {
		t.Error("a search goes on after its time")
	}
	for name, q := range map[string]news.Search{
		"clauses": words(strings.Split(strings.Repeat("a ", maxClauses+1), " ")...),
		"depth":   {Offset: maxDepth, Limit: 10},
		"offset":  {Offset: -1, Limit: 10},
	} {
		if _, err := x.Search(t.Context(), q); err == nil {
			t.Errorf("%s: not refused", name)
		}
	}
	for _, text := range []string{"", " ", "*", "\x00", "\xff\xfe", "della", strings.Repeat("parola ", 1000), "\x00srivista"} {
		if _, err := x.Search(t.Context(), news.Search{Clauses: []news.Clause{{Text: text, Prefix: true}, {Text: text}}, Limit: 10}); err != nil {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

// FuzzSegment reads segments that are not what was written.
func FuzzSegment(f *testing.F) {
	dir := f.TempDir()
	b := newBatch()
	for i := range 40 {
		a := article(i, fmt.Sprintf("Titolo %d", i), "Il ministro della Difesa ha parlato di parole e di navi.")
		b.add(news.Story{ID: a.ID, First: a.Published, Members: []news.Member{{Article: a.ID, Source: "rivista"}}}, []news.Article{a}, uint64(i))
	}
	path := filepath.Join(dir, "whole")
	if err := b.write(path); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint32(10), byte(7))
	f.Add(uint32(len(whole)-20), byte(0xff))
	f.Fuzz(func(t *testing.T, at uint32, with byte) {
		harmed := slices.Clone(whole)
		harmed[int(at)%len(harmed)] ^= with
		path := filepath.Join(t.TempDir(), "harmed")
		if err := os.WriteFile(path, harmed, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }()
		// Past the checksum, which would refuse it.
		s := &segment{file: file}
		if s.footer, err = readFooter(harmed); err != nil || s.check(int64(len(harmed)-footerLen)) != nil || s.loadBlocks() != nil {
			return
		}
		m := &manifest{Version: version, Segments: []listed{{Docs: 40, open: s}}}
		for _, q := range []news.Search{words("ministro della difesa"), words("par*", "-navi"), words("titolo")} {
			q.Limit = 10
			_, _ = m.search(t.Context(), q) // an error, or an answer
		}
	})
}
