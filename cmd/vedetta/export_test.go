package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vedetta/config"
	"vedetta/engine"
	"vedetta/store"
)

// polled is the data directory and the configuration of a daemon that has
// polled the newsroom and stopped.
func polled(t *testing.T) (data, cfg string) {
	t.Helper()
	w := newWorld(t)
	w.round(t)
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	return w.dir, filepath.Join(w.dir, "feeds.yaml")
}

// command runs a command that has to work, and returns its output.
func command(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	var o, e bytes.Buffer
	if code := run(context.Background(), args, strings.NewReader(stdin), &o, &e); code != exitDone {
		t.Fatalf("%s: exit %d: %s", strings.Join(args, " "), code, e.String())
	}
	return o.String()
}

// What was exported comes back into an empty store as it was, and importing it
// once more changes nothing.
func TestArchiveComesBack(t *testing.T) {
	data, cfg := polled(t)
	exported := command(t, "", "export", "--config", cfg, "--data", data, "--format", "jsonl")
	file := write(t, "archivio.jsonl", exported)
	empty := t.TempDir()
	out := command(t, "", "import", "--config", cfg, "--data", empty, "--dry-run", file)
	if !strings.Contains(out, "no faults") {
		t.Errorf("dry run: %s", out)
	}
	for i, want := range []string{" 0 were there already; ", "0 articles added, "} {
		if out = command(t, "", "import", "--config", cfg, "--data", empty, file); !strings.Contains(out, want) {
			t.Errorf("import %d: %q; want %q", i, out, want)
		}
		if again := command(t, "", "export", "--config", cfg, "--data", empty, "--format", "jsonl"); again != exported {
			t.Errorf("after import %d the archive is another one:\n%s", i, firstDifference(exported, again))
		}
	}
	for _, dir := range []string{data, empty} {
		s, err := store.Open(filepath.Join(dir, "vedetta.db"), store.Options{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		if problems, err := s.Verify(t.Context()); err != nil || len(problems) > 0 {
			t.Errorf("%s: %v, %v", dir, problems, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestExportBesideTheDaemon exports while a daemon has the database open and
// polls: the same as when it has ended, and nothing is left behind.
func TestExportBesideTheDaemon(t *testing.T) {
	w := newWorld(t)
	stopAdmin := w.service.serveAdmin(w.dir)
	t.Cleanup(stopAdmin)
	w.round(t)
	cfg := filepath.Join(w.dir, "feeds.yaml")
	export := func() map[string]string {
		t.Helper()
		out := map[string]string{}
		for _, format := range exportFormats {
			out[format] = command(t, "", "export", "--config", cfg, "--data", w.dir, "--format", format)
		}
		return out
	}
	polled := make(chan error, 1)
	go func() {
		_, err := w.service.engine.Round(t.Context(), w.setup.plan, true, func(engine.Outcome) {})
		polled <- err
	}()
	beside := export()
	site := filepath.Join(t.TempDir(), "sito")
	command(t, "", "export", "--config", cfg, "--data", w.dir, "--static", site)
	if page, err := os.ReadFile(filepath.Join(site, "index.html")); err != nil || !strings.Contains(string(page), "</html>") {
		t.Errorf("the site beside the daemon: %v\n%s", err, page)
	}
	if err := <-polled; err != nil {
		t.Fatal(err)
	}
	if rests, err := filepath.Glob(filepath.Join(w.dir, "vedetta.db.snapshot-*")); err != nil || len(rests) > 0 {
		t.Errorf("left behind: %v, %v", rests, err)
	}
	stopAdmin()
	code, _, errs := vedettaRun(t, "", "export", "--config", cfg, "--data", w.dir, "--format", "jsonl")
	if code != exitFailed || !strings.Contains(errs, "does not answer") {
		t.Errorf("without the socket: exit %d, %s", code, errs)
	}
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	for name, want := range export() {
		if want == "" || beside[name] != want {
			t.Errorf("%s: beside the daemon another one:\n%s", name, firstDifference(beside[name], want))
		}
	}
}

func firstDifference(a, b string) string {
	la, lb := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range la {
		if i >= len(lb) || la[i] != lb[i] {
			return la[i] + "\n" + strings.Join(lb[i:min(i+1, len(lb))], "")
		}
	}
	return ""
}

// A half of an archive joins the store that has the other half: the same
// articles, in the same stories.
func TestHalvesOfAnArchiveJoin(t *testing.T) {
	data, cfg := polled(t)
	exported := command(t, "", "export", "--config", cfg, "--data", data, "--format", "jsonl")
	want := stories(t, data, cfg)
	for name, second := range map[string]func(i int, line string) bool{
		"every other line": func(i int, _ string) bool { return i%2 == 1 },
		"founders last":    func(_ int, line string) bool { return strings.Contains(line, `"founds":`) },
	} {
		var halves [2]string
		i := 0
		for line := range strings.Lines(exported) {
			if second(i, line) {
				halves[1] += line
			} else {
				halves[0] += line
			}
			i++
		}
		joined := t.TempDir()
		for _, half := range halves {
			command(t, half, "import", "--config", cfg, "--data", joined, "-")
		}
		if got := stories(t, joined, cfg); got != want {
			t.Errorf("%s: stories:\n%s\nwant:\n%s", name, got, want)
		}
	}
}

// stories are an archive's articles by story, whatever the stories are called.
func stories(t *testing.T, data, cfg string) string {
	t.Helper()
	out := command(t, "", "export", "--config", cfg, "--data", data, "--format", "jsonl")
	members := map[string][]string{}
	var order []string
	for line := range strings.Lines(out) {
		var l struct{ ID, Story string }
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		order = append(order, l.Story)
		members[l.Story] = append(members[l.Story], l.ID)
	}
	var b strings.Builder
	for _, st := range order {
		if ids := members[st]; ids != nil {
			b.WriteString(strings.Join(ids, " ") + "\n")
			delete(members, st)
		}
	}
	return b.String()
}

func TestImportNamesTheFaultyLine(t *testing.T) {
	data, cfg := polled(t)
	exported := command(t, "", "export", "--config", cfg, "--data", data, "--format", "jsonl")
	good, _, _ := strings.Cut(exported, "\n")
	for bad, want := range map[string]string{
		`{"id":`:                   ":2: not a JSON object",
		`{"id":"1","tilte":"x"}`:   `:2: field "tilte" is not known`,
		`{"id":"1","title":7}`:     `:2: field "title": a JSON number does not fit there`,
		`{"url":"https://a.it/1"}`: ":2: id ",
		good:                       "stands in the file twice",
	} {
		empty := t.TempDir()
		code, _, stderr := vedettaRun(t, good+"\n"+bad+"\n", "import", "--config", cfg, "--data", empty, "-")
		if code != exitFailed || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit %d, %q; want %q", bad, code, stderr, want)
		}
		if s, err := store.Open(filepath.Join(empty, "vedetta.db"), store.Options{ReadOnly: true}); err == nil {
			st, err := s.Stats()
			if err != nil || st.Articles > 0 {
				t.Errorf("%s: something was written: %+v, %v", bad, st, err)
			}
			_ = s.Close()
		}
	}
}

func TestExportIsWholeOrNotThere(t *testing.T) {
	data, cfg := polled(t)
	for _, format := range []string{"opml", "jsonl", "md", "csl-json", "bibtex"} {
		file := filepath.Join(t.TempDir(), "out")
		command(t, "", "export", "--config", cfg, "--data", data, "--format", format, "-o", file)
		written, err := os.ReadFile(file)
		printed := command(t, "", "export", "--config", cfg, "--data", data, "--format", format)
		if err != nil || len(written) < 200 || string(written) != printed {
			t.Errorf("%s: %d bytes in the file, %d printed, %v", format, len(written), len(printed), err)
		}
	}
	file := write(t, "prima.jsonl", "quello di prima")
	code, _, stderr := vedettaRun(t, "", "export", "--config", cfg, "--data", t.TempDir(), "--format", "jsonl", "-o", file)
	if left, err := os.ReadFile(file); code != exitFailed || err != nil || string(left) != "quello di prima" {
		t.Errorf("exit %d, %s; the file is %q, %v", code, stderr, left, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(file)); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestExportUsage(t *testing.T) {
	cfg := write(t, "feeds.yaml", minimal)
	for args, want := range map[string]string{
		"":                           "--format or --static is wanted",
		"--format pdf":               "one of opml, jsonl, md, csl-json, bibtex is wanted",
		"--format md --topic x":      "there is patto",
		"--format md --facet x":      "no relation of topic patto",
		"--format md --since ieri":   "--since \"ieri\": a date",
		"--format md --lang fr":      "it or en is wanted",
		"--format jsonl --until 30g": "--until",
		"--format md --since 2026-02 --until 2026-01": "is not before",
	} {
		code, _, stderr := vedettaRun(t, "", append([]string{"export", "--config", cfg}, strings.Fields(args)...)...)
		if code != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit %d, %q; want %q", args, code, stderr, want)
		}
	}
}

// Sources go out as OPML and come in again: into a configuration that has them
// nothing is added, into an empty one all are, and they go out the same.
func TestSourcesGoRound(t *testing.T) {
	_, cfg := polled(t)
	exported := command(t, "", "export", "--config", cfg, "--format", "opml")
	file := write(t, "fonti.opml", exported)
	before, err := os.ReadFile(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if out := command(t, "", "import", "--config", cfg, file); !strings.Contains(out, "\n0 of ") || strings.Contains(out, "+ ") {
		t.Errorf("into what has them: %s", out)
	}
	if after, err := os.ReadFile(cfg); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file has changed: %v\n%s", err, after)
	}
	fresh := write(t, "feeds.yaml", "# Il mio file.\nserver: {title: \"Vedetta (dimostrazione)\"}\n"+minimal[strings.Index(minimal, "topics:"):]+"sources:\n  # La prima.\n  - {name: Prima, url: \"https://prima.example/feed\", enabled: false} # spenta\n")
	if out := command(t, "", "import", "--config", fresh, "--dry-run", file); !strings.Contains(out, "nothing was changed") {
		t.Errorf("dry run: %s", out)
	}
	command(t, exported, "import", "--config", fresh, "-")
	if again := command(t, "", "export", "--config", fresh, "--format", "opml"); again != exported {
		t.Errorf("out again:\n%s\nwas\n%s", again, exported)
	}
	text, err := os.ReadFile(fresh)
	if err != nil || !strings.HasPrefix(string(text), "# Il mio file.\n") || !strings.Contains(string(text), "  # La prima.\n") || !strings.Contains(string(text), "# spenta\n") {
		t.Errorf("%v\n%s", err, text)
	}
}

// An OPML file of somebody else: folders, doubles, names that are taken, and
// what is no feed.
func TestImportOPML(t *testing.T) {
	cfg := write(t, "feeds.yaml", minimal)
	in := `<opml version="1.0"><body>
<outline text="Difesa"><outline text="Marina">
<outline text="Alfa" xmlUrl="https://altra.example/feed"/>
<outline text="Nuova: # &quot;strana&quot;" xmlUrl="https://nuova.example/feed"/></outline></outline>
<outline text="Ancora" xmlUrl="http://www.nuova.example/feed"/>
<outline text="C'è già" xmlUrl="http://127.0.0.1:9/feed"/>
<outline text="Script" xmlUrl="javascript:alert(1)"/>
<outline text="File" xmlUrl="file:///etc/passwd"/>
<outline text="Parola d'ordine" xmlUrl="https://io:segreto@x.example/feed"/>
</body></opml>`
	out := command(t, in, "import", "--config", cfg, "-")
	want := `+ Alfa (altra.example)  https://altra.example/feed
+ Nuova: # "strana"  https://nuova.example/feed
= Ancora  http://www.nuova.example/feed  (there already)
= C'è già  http://127.0.0.1:9/feed  (there already)
= Script  javascript:alert(1)  (no web address)
= File  file:///etc/passwd  (no web address)
= Parola d'ordine  https://io:segreto@x.example/feed  (no web address)
2 of 7 feeds added to ` + cfg + "; a running daemon takes them up by itself\n"
	if out != want {
		t.Errorf("printed\n%s\nwant\n%s", out, want)
	}
	got, err := config.Load(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(got.Sources); n != 3 || got.Sources[1].Name != "Alfa (altra.example)" || strings.Join(got.Sources[1].Tags, " ") != "Difesa Marina" || got.Sources[2].Name != `Nuova: # "strana"` {
		t.Errorf("%d sources, %+v", n, got.Sources)
	}
	code, _, stderr := vedettaRun(t, "<html></html>", "import", "--config", cfg, "-")
	if code != exitFailed || !strings.Contains(stderr, "standard input: line 1: not OPML") {
		t.Errorf("exit %d, %q", code, stderr)
	}
}
