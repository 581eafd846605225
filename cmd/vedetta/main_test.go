package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vedetta"
)

// vedettaRun runs a command line as a user would.
func vedettaRun(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

// write makes a file in a new directory.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestUsageAndConfigurationErrorsExitWith2(t *testing.T) {
	shipped := write(t, "feeds.yaml", string(vedetta.Feeds))
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"unknown command": {[]string{"pol"}, `unknown command "pol"`},
		"unknown flag":    {[]string{"poll", "--forse"}, "unknown flag: --forse (see vedetta poll -h)"},
		"log format":      {[]string{"version", "--log-format", "xml"}, "text or json is wanted"},
		"log level":       {[]string{"version", "--log-level", "loud"}, "loud"},
		"no file":         {[]string{"check", "--config", "/nowhere/feeds.yaml"}, "no configuration: /nowhere/feeds.yaml does not exist"},
		"no input":        {[]string{"extract"}, "requires at least 1 arg"},
		"unknown source":  {[]string{"poll", "--config", shipped, "--data", t.TempDir(), "Nessuno"}, `no source "Nessuno"`},
		"faulty file": {
			[]string{"check", "--config", write(t, "feeds.yaml", "sources:\n  - {name: A, ulr: \"https://a.example/feed\"}\n")},
			`feeds.yaml:2:15: sources[0]: unknown key "ulr"`,
		},
		"faulty rule": {
			[]string{"check", "--config", write(t, "feeds.yaml", strings.Replace(string(vedetta.Feeds), "between: [nato, giappone]", "between: [nato, giapone]", 1))},
			"giapone",
		},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, stderr := vedettaRun(t, "", c.args...)
			if code != exitUsage || !strings.Contains(stderr, c.want) {
				t.Errorf("exit %d, stderr %q; want 2 with %q", code, stderr, c.want)
			}
		})
	}
}

func TestCheckShippedFile(t *testing.T) {
	path := write(t, "feeds.yaml", string(vedetta.Feeds))
	code, out, stderr := vedettaRun(t, "", "check", "--config", path)
	if code != exitDone || !strings.Contains(out, "is valid") {
		t.Errorf("exit %d, %q, %q", code, out, stderr)
	}
}

func TestVersion(t *testing.T) {
	code, out, _ := vedettaRun(t, "", "version", "--json")
	var b build
	if err := json.Unmarshal([]byte(out), &b); code != exitDone || err != nil || b.Go == "" || b.Version == "" {
		t.Errorf("exit %d, %q, %v", code, out, err)
	}
}

const page = `<!doctype html><html lang="it"><head><title>La visita a Tokyo | Il Faro</title>
<meta property="og:title" content="La visita a Tokyo"></head><body><nav><a href="/">Home</a> <a href="/esteri">Esteri</a></nav>
<article><h1>La visita a Tokyo</h1>
<p>Il segretario generale della NATO è arrivato a Tokyo per incontrare il primo ministro del Giappone e il ministro della Difesa, al termine di un viaggio che ha toccato anche Seul.</p>
<p>Al centro dei colloqui tra la NATO e il Giappone la sicurezza marittima nell'Indo-Pacifico, la difesa informatica e la partecipazione giapponese alle esercitazioni dell'Alleanza atlantica.</p>
<p>Le due parti hanno deciso di aprire un canale permanente tra la missione del Giappone presso la NATO e lo stato maggiore di Bruxelles, con incontri ogni sei mesi.</p>
</article><footer>© Il Faro</footer></body></html>`

func TestExtractKeepsTheOrder(t *testing.T) {
	shipped := write(t, "feeds.yaml", string(vedetta.Feeds))
	good := write(t, "pagina.html", page)
	args := []string{"extract", "--config", shipped}
	for range 20 {
		args = append(args, good, "/nowhere.html")
	}
	code, out, stderr := vedettaRun(t, "", args...)
	if code != exitFailed || !strings.Contains(stderr, "20 of 40 inputs could not be read") {
		t.Errorf("exit %d, stderr %q", code, stderr)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 40 {
		t.Fatalf("%d lines; want one an input", len(lines))
	}
	for i, line := range lines {
		var e extracted
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		switch {
		case i%2 == 0 && (e.Input != good || !strings.Contains(e.Text, "sicurezza marittima") || strings.Contains(e.Text, "Home")):
			t.Errorf("line %d = %+v", i, e)
		case i%2 == 1 && (e.Input != "/nowhere.html" || e.Refused == ""):
			t.Errorf("line %d = %+v", i, e)
		}
	}
}

func TestExtractFields(t *testing.T) {
	_, out, _ := vedettaRun(t, page, "extract", "--config", write(t, "feeds.yaml", string(vedetta.Feeds)), "--url", "https://ilfaro.example/1", "-")
	var m map[string]any
	if err := json.Unmarshal([]byte(out), &m); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"input", "url", "title", "author", "published", "lang", "site", "image", "text", "html", "method", "confidence", "refused"} {
		if _, ok := m[f]; !ok {
			t.Errorf("field %q is missing", f)
		}
	}
	if m["title"] != "La visita a Tokyo" || m["lang"] != "it" || m["url"] != "https://ilfaro.example/1" {
		t.Errorf("extracted %v", m)
	}
}

func TestExplain(t *testing.T) {
	shipped := write(t, "feeds.yaml", string(vedetta.Feeds))
	for name, in := range map[string]string{
		"page":  page,
		"plain": "La NATO e il Giappone a Tokyo\nIl segretario generale della NATO ha incontrato a Tokyo il ministro della Difesa del Giappone. La NATO e il Giappone rafforzano la cooperazione militare.",
		"json":  `{"id":"1","title":"La NATO e il Giappone","text":"Il segretario generale della NATO ha incontrato a Tokyo il ministro della Difesa del Giappone. La NATO e il Giappone rafforzano la cooperazione militare.","published":"2026-02-01T10:00:00Z"}`,
	} {
		t.Run(name, func(t *testing.T) {
			code, out, stderr := vedettaRun(t, in, "explain", "--config", shipped, "-")
			if code != exitDone || !strings.Contains(out, "nato-giappone-italia: on topic") || !strings.Contains(out, "giappone: “Giappone”") {
				t.Errorf("exit %d, stderr %q, out:\n%s", code, stderr, out)
			}
			code, out, _ = vedettaRun(t, in, "explain", "--config", shipped, "--json", "-")
			var v map[string]any
			if err := json.Unmarshal([]byte(out), &v); code != exitDone || err != nil || v["topics"] == nil {
				t.Errorf("exit %d, %v, %s", code, err, out)
			}
		})
	}
}

func TestJudgeReportsTheFaultyLine(t *testing.T) {
	shipped := write(t, "feeds.yaml", string(vedetta.Feeds))
	for in, want := range map[string]string{
		"{\"id\":\"1\"}\n{\"id\":":         "-:2: ",
		"{\"id\":\"1\"}\n\n{\"id\":\"1\"}": `-:3: id "1" stands on line 1 already`,
	} {
		code, _, stderr := vedettaRun(t, in, "judge", "--config", shipped)
		if code != exitFailed || !strings.Contains(stderr, want) {
			t.Errorf("exit %d, stderr %q; want %q", code, stderr, want)
		}
	}
}

func TestJudgeFields(t *testing.T) {
	in := `{"id":"a","url":"https://x.example/1","title":"Ricetta","html":"<p>Sbattere le uova.</p>","published":"2026-02-01T10:00:00Z","source":"x"}`
	code, out, stderr := vedettaRun(t, in, "judge", "--config", write(t, "feeds.yaml", string(vedetta.Feeds)))
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	var j struct {
		ID     string
		Topics []map[string]json.RawMessage
		Story  *string
		CopyOf *string `json:"copy_of"`
		Thread *string
	}
	if err := json.Unmarshal([]byte(out), &j); err != nil {
		t.Fatal(err)
	}
	if j.ID != "a" || j.Story == nil || *j.Story != "a" || j.CopyOf == nil || *j.CopyOf != "" || j.Thread == nil || len(j.Topics) != 1 {
		t.Errorf("judged %s", out)
	}
	for _, f := range []string{"topic", "on", "score", "facets", "evidence", "against"} {
		if v, ok := j.Topics[0][f]; !ok || string(v) == "null" {
			t.Errorf("field %q is missing or null in %s", f, out)
		}
	}
}
