package publish

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"vedetta/internal/cputime"
	"vedetta/news"
)

func TestWhen(t *testing.T) {
	zone := rome(t)
	at := func(s string) time.Time {
		d, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, tt := range []struct{ now, t, it, en string }{
		{"2026-11-21 10:00", "2026-11-21 09:05", "oggi, 09:05", "today, 09:05"},
		{"2026-11-21 00:01", "2026-11-20 23:59", "ieri, 23:59", "yesterday, 23:59"},
		{"2026-11-21 10:00", "2026-11-20 00:00", "ieri", "yesterday"},
		{"2026-11-21 10:00", "2026-11-19 14:05", "giovedì, 14:05", "Thursday, 14:05"},
		{"2026-11-21 10:00", "2026-11-15 14:05", "domenica, 14:05", "Sunday, 14:05"},
		{"2026-11-21 10:00", "2026-11-14 14:05", "14 novembre, 14:05", "14 November, 14:05"},
		{"2026-11-21 10:00", "2026-03-01 14:05", "1º marzo, 14:05", "1 March, 14:05"},
		{"2026-01-02 10:00", "2026-01-01 14:05", "ieri, 14:05", "yesterday, 14:05"},
		{"2026-01-02 10:00", "2025-12-31 14:05", "mercoledì, 14:05", "Wednesday, 14:05"},
		{"2026-01-20 10:00", "2025-12-31 14:05", "31 dicembre 2025, 14:05", "31 December 2025, 14:05"},
		{"2026-11-21 10:00", "2026-11-22 08:00", "domani, 08:00", "tomorrow, 08:00"},
		{"2026-11-21 10:00", "2026-11-30 08:00", "30 novembre, 08:00", "30 November, 08:00"},
		// The nights in which clocks change have 23 and 25 hours.
		{"2026-03-30 00:30", "2026-03-28 23:30", "sabato, 23:30", "Saturday, 23:30"},
		{"2026-03-29 12:00", "2026-03-28 12:00", "ieri, 12:00", "yesterday, 12:00"},
		{"2026-10-25 23:30", "2026-10-25 00:10", "oggi, 00:10", "today, 00:10"},
		{"2026-10-26 00:10", "2026-10-25 00:10", "ieri, 00:10", "yesterday, 00:10"},
	} {
		for l, want := range map[lang]string{italian: tt.it, english: tt.en} {
			c := calendar{lang: l, zone: zone, now: at(tt.now).UTC()}
			if got := c.when(at(tt.t).UTC()); got != want {
				t.Errorf("%s at %s in %s: %q, want %q", tt.t, tt.now, l, got, want)
			}
		}
	}
	if got := (calendar{lang: italian, zone: zone}).when(time.Time{}); got != "" {
		t.Errorf("no time is %q", got)
	}
}

func TestDates(t *testing.T) {
	zone := rome(t)
	c := calendar{lang: italian, zone: zone, now: time.Date(2026, 11, 21, 10, 0, 0, 0, zone)}
	e := calendar{lang: english, zone: zone, now: c.now}
	day := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 12, 0, 0, 0, zone) }
	for _, tt := range []struct{ got, want string }{
		{c.day(day(11, 21)), "Oggi, sabato 21 novembre"},
		{c.day(day(11, 20)), "Ieri, venerdì 20 novembre"},
		{c.day(day(11, 19)), "Giovedì 19 novembre"},
		{c.day(day(1, 1).AddDate(-1, 0, 0)), "Mercoledì 1º gennaio 2025"},
		{e.day(day(11, 21)), "Today, Saturday 21 November"},
		{c.month(day(8, 1)), "agosto 2026"},
		{c.with("dal", day(3, 1)), "dal 1º marzo 2026"},
		{c.with("dal", day(3, 8)), "dall’8 marzo 2026"},
		{c.with("al", day(3, 11)), "all’11 marzo 2026"},
		{c.with("del", day(3, 18)), "del 18 marzo 2026"},
		{c.with("il", day(3, 8)), "l’8 marzo 2026"},
		{e.with("from", day(3, 8)), "from 8 March 2026"},
		{c.between(day(3, 8), day(3, 11)), "dall’8 all’11 marzo 2026"},
		{c.between(day(3, 30), day(4, 1)), "dal 30 marzo al 1º aprile 2026"},
		{c.between(day(3, 30).AddDate(-1, 0, 0), day(4, 1)), "dal 30 marzo 2025 al 1º aprile 2026"},
		{c.between(day(3, 8), day(3, 8)), "8 marzo 2026"},
		{e.between(day(3, 8), day(3, 11)), "from 8 to 11 March 2026"},
		{c.span(time.Minute), "1 minuto"},
		{c.span(20 * time.Minute), "20 minuti"},
		{c.span(89 * time.Minute), "89 minuti"},
		{c.span(90 * time.Minute), "2 ore"},
		{c.span(time.Hour * 30), "30 ore"},
		{c.span(48 * time.Hour), "2 giorni"},
		{c.span(70 * 24 * time.Hour), "2 mesi"},
		{c.span(3 * 366 * 24 * time.Hour), "3 anni"},
		{c.span(0), ""},
		{e.span(48 * time.Hour), "2 days"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	it, en := words{lang: italian}, words{lang: english}
	for _, tt := range []struct{ got, want string }{
		{it.n("stories.count", 0), "0 notizie"},
		{it.n("stories.count", 1), "una notizia"},
		{it.n("stories.count", 2), "2 notizie"},
		{it.n("stories.count", 1234), "1234 notizie"},
		{it.n("stories.count", 12345), "12.345 notizie"},
		{it.n("stories.count", 1234567), "1.234.567 notizie"},
		{en.n("stories.count", 1), "one story"},
		{en.n("stories.count", 1234), "1,234 stories"},
		{it.n("also", 1), "ripresa da un’altra testata"},
		{it.n("also", 3), "ripresa da altre 3 testate"},
		{it.percent(0.914), "91\u00a0%"},
		{it.percent(0.0047), "0,5\u00a0%"},
		{en.percent(0.0047), "0.5%"},
		{it.percent(0), "0\u00a0%"},
		{it.percent(1), "100\u00a0%"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

// used finds the names of messages in our templates and code.
var used = regexp.MustCompile(`(?:\.(?:T|N|t|n)\(?\s?|\$?f?\.(?:T|N) )"([a-z0-9. ]+)"`)

// TestMessages checks that every message that is used is there, that none
// lies idle, and that both languages take the same arguments.
func TestMessages(t *testing.T) {
	asked := map[string]bool{}
	for _, fsys := range []fs.FS{os.DirFS("."), os.DirFS("templates")} {
		for _, pattern := range []string{"*.go", "*.html"} {
			files, err := fs.Glob(fsys, pattern)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				if strings.HasSuffix(f, "_test.go") {
					continue
				}
				data, err := fs.ReadFile(fsys, f)
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range used.FindAllStringSubmatch(string(data), -1) {
					asked[m[1]] = true
				}
			}
		}
	}
	for _, s := range []news.Health{
		news.HealthDisabled, news.HealthNew, news.HealthGood, news.HealthSilent, news.HealthMoved, news.HealthDegraded,
		news.HealthFailing, news.HealthBlocked, news.HealthGone, stateDead, stateOffline,
	} {
		asked["state."+string(s)] = true
	}
	for _, n := range []int{400, 404, 405, 500, 503} {
		asked[fmt.Sprintf("error.%d", n)], asked[fmt.Sprintf("error.%d.do", n)] = true, true
	}
	for _, why := range []string{"same text", "contained", "edited", "rewritten", "editor"} {
		asked[why] = true
	}
	for name := range messages { // named by the stages that judge and extract
		if strings.HasPrefix(name, "against.") || strings.HasPrefix(name, "refused.") || strings.HasPrefix(name, "fault.") {
			asked[name] = true
		}
	}
	for _, beginning := range []string{"state.", "against.", "refused.", "fault."} {
		delete(asked, beginning)
	}
	verb := regexp.MustCompile(`%[sd]`)
	for name := range asked {
		m, ok := messages[name]
		if !ok || m.it == "" || m.en == "" {
			t.Errorf("message %q is missing", name)
			continue
		}
		if a, b := verb.FindAllString(m.it, -1), verb.FindAllString(m.en, -1); fmt.Sprint(a) != fmt.Sprint(b) || strings.Count(m.it, "|") != strings.Count(m.en, "|") {
			t.Errorf("message %q takes %v in Italian and %v in English", name, a, b)
		}
		if strings.Contains(m.it, "'") {
			t.Errorf("message %q has a typewriter's apostrophe", name)
		}
	}
	for name := range messages {
		if !asked[name] {
			t.Errorf("message %q is not used", name)
		}
	}
}

// TestStagesSpeak expects a message for each reason that a stage gives in its
// own language.
func TestStagesSpeak(t *testing.T) {
	for _, tt := range []struct {
		file, prefix string
		names        *regexp.Regexp
		least        int
	}{
		{"../topic/explain.go", "against.", regexp.MustCompile(`(?:\t\{|Theme: )"([a-z-]+)", (?:Detail: )?"`), 6},
		{"../extractor/refuse.go", "refused.", regexp.MustCompile(`(?m)^\t[a-zA-Z]+ += "([a-z ]+)"$`), 8},
	} {
		source, err := os.ReadFile(tt.file)
		if err != nil {
			t.Fatal(err)
		}
		found := tt.names.FindAllStringSubmatch(string(source), -1)
		if len(found) < tt.least {
			t.Errorf("%s: only %q", tt.file, found)
		}
		for _, m := range found {
			if _, ok := messages[tt.prefix+m[1]]; !ok {
				t.Errorf("%s: no message for %q", tt.file, m[1])
			}
		}
	}
}

func TestPreferred(t *testing.T) {
	for header, want := range map[string]lang{
		"": italian, "it": italian, "en": english, "en-GB,en;q=0.9": english, "fr, en;q=0.5, it;q=0.4": english,
		"fr": italian, "it-IT,it;q=0.9,en;q=0.8": italian, "en;q=0": italian, "en;q=x": english, "de,it;q=0.2,en;q=0.1": italian,
	} {
		if got := preferred(header, italian); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
	h := handler(t, fixture(t))
	for _, tt := range []struct{ path, accept, want, link string }{
		{"/", "", `<html lang="it">`, `href="/stories/s-gcap"`},
		{"/", "en", `<html lang="en">`, `href="/stories/s-gcap"`},
		{"/?lang=en", "it", `<html lang="en">`, `href="/stories/s-gcap?lang=en"`},
		{"/?facet=gcap&lang=it", "en", `<html lang="it">`, `href="/?facet=gcap&amp;lang=en"`},
		{"/?lang=fr", "en", `<html lang="en">`, ""},
	} {
		page := get(h, tt.path, "Accept-Language", tt.accept).Body.String()
		if !strings.Contains(page, tt.want) || !strings.Contains(page, tt.link) {
			t.Errorf("%s with %q has no %s or %s", tt.path, tt.accept, tt.want, tt.link)
		}
	}
}

func TestPlain(t *testing.T) {
	for _, tt := range []struct {
		in    string
		limit int
		want  string
	}{
		{"  due\n\tparole\u00a0e una ", 40, "due parole e una"},
		{"più lungo, di così", 10, "più lungo…"},
		{"giusto", 6, "giusto"},
		{"giusto x", 7, "giusto…"},
		{"", 5, ""},
		{"a\u202eb\u2066c\x00d\u0085e", 10, "abcd e"}, // U+0085 is white space to Unicode
		{"\xff\xfe", 10, ""},
		{strings.Repeat("è", 10_000), 3, "èèè…"},
		{"🗼🗼🗼🗼", 2, "🗼🗼…"},
		{"🇮🇹 e 🇯🇵, 👨\u200d👩\u200d👧", 40, "🇮🇹 e 🇯🇵, 👨\u200d👩\u200d👧"},
		{"Z" + strings.Repeat("\u0335\u0301", 50) + "a", 40, "Z\u0335\u0301\u0335\u0301a"},
		{"na\u200bsco\u2060sto\U000E0041", 40, "nascosto"},
		{"parole che continuano ancora", 24, "parole che continuano…"},
	} {
		if got := plain(tt.in, tt.limit); got != tt.want {
			t.Errorf("plain(%.20q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
	for _, nothing := range []string{"\u200d\u200e", "\u3164\u115f", "\u0301\u0301", " \u00ad "} {
		if got := title(nothing, 40); got != "" {
			t.Errorf("a title that shows nothing: %q", got)
		}
	}
	if got := title("Cieli &amp; Motori &#8211; l&rsquo;intervista", 90); got != "Cieli & Motori – l’intervista" {
		t.Errorf("entities: %q", got)
	}
}

func TestPictured(t *testing.T) {
	const text = `<p>a</p><img src="https://x.example/foto/nave-levante-300x200.jpg" alt=""/>`
	for src, want := range map[string]bool{
		"https://x.example/foto/nave-levante-300x200.jpg":      true,
		"https://x.example/foto/nave-levante-1024x683.jpg?w=9": true,
		"https://y.example/nave-levante.webp":                  true,
		"https://x.example/foto/altra-nave.jpg":                false,
		"https://x.example/a.jpg":                              false,
		"https://x.example/immagine?id=7":                      false,
	} {
		if got := pictured(text, src); got != want {
			t.Errorf("%s: %v, want %v", src, got, want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	for in, want := range map[string]string{
		"Il testo continua […]":     "Il testo continua…",
		"Il testo continua, [...]":  "Il testo continua…",
		"Il testo continua...":      "Il testo continua…",
		"Il testo continua (...) …": "Il testo continua…",
		"Il testo finisce.":         "Il testo finisce.",
		"Cita […] nel mezzo.":       "Cita […] nel mezzo.",
		"":                          "",
	} {
		if got := excerpt(in, 90); got != want {
			t.Errorf("excerpt(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestHighlight(t *testing.T) {
	r := func(sentence string, terms ...string) reason { return reason{Pieces: pieces(sentence, terms)} }
	for name, tt := range map[string]struct {
		html    string
		reasons []reason
		want    string
		targets string
	}{
		"one":              {"<p>La NATO c’è.</p>", []reason{r("La NATO c’è.", "NATO")}, `<p>La <mark id="p0">NATO</mark> c’è.</p>`, "[p0]"},
		"across elements":  {"<p>Il <b>segretario</b> <i>generale</i> parla.</p>", []reason{r("Il segretario generale parla.", "segretario generale")}, `<p>Il <b><mark id="p0">segretario</mark></b><mark> </mark><i><mark>generale</mark></i> parla.</p>`, "[p0]"},
		"white space":      {"<p>La\n   NATO\u00a0c’è.</p>", []reason{r("La NATO c’è.", "NATO c’è")}, "<p>La\n   <mark id=\"p0\">NATO\u00a0c’è</mark>.</p>", "[p0]"},
		"entities":         {"<p>R&amp;S &lt;NATO&gt;</p>", []reason{r("R&S <NATO>", "NATO")}, `<p>R&amp;S &lt;<mark id="p0">NATO</mark>&gt;</p>`, "[p0]"},
		"not there":        {"<p>Altro.</p>", []reason{r("La NATO c’è.", "NATO")}, "<p>Altro.</p>", "[]"},
		"title":            {"<p>La NATO c’è.</p>", []reason{{Title: true, Pieces: pieces("La NATO c’è.", []string{"NATO"})}}, "<p>La NATO c’è.</p>", "[]"},
		"two reasons":      {"<p>Italia e Giappone. La NATO no.</p>", []reason{r("Italia e Giappone.", "Italia", "Giappone"), r("La NATO no.", "NATO")}, `<p><mark id="p0">Italia</mark> e <mark>Giappone</mark>. La <mark id="p1">NATO</mark> no.</p>`, "[p0 p1]"},
		"overlapping":      {"<p>Alleanza Atlantica</p>", []reason{r("Alleanza Atlantica", "Alleanza", "Alleanza Atlantica"), r("Alleanza Atlantica", "Atlantica")}, `<p><mark id="p0">Alleanza Atlantica</mark></p>`, "[p0 p0]"},
		"inside a word":    {"<p>La nato rinata.</p>", []reason{r("La nato rinata.", "nato")}, `<p>La <mark id="p0">nato</mark> rinata.</p>`, "[p0]"},
		"paragraphs":       {"<p>Uno.</p><p>La NATO.</p>", []reason{r("Uno. La NATO.", "NATO")}, `<p>Uno.</p><p>La <mark id="p0">NATO</mark>.</p>`, "[p0]"},
		"headings":         {"<h1>A</h1><h4>B</h4>", nil, "<h2>A</h2><h3>B</h3>", "[]"},
		"low headings":     {"<h4>A</h4><h6>B</h6><h3>C</h3><h4>D</h4>", nil, "<h2>A</h2><h3>B</h3><h2>C</h2><h3>D</h3>", "[]"},
		"cut sentence":     {"<p>èèè NATO èè</p>", []reason{{Pieces: []piece{{Text: "èèè "}, {Text: "NATO…", Mark: true}}}}, `<p>èèè <mark id="p0">NATO</mark> èè</p>`, "[p0]"},
		"image":            {`<figure><img src="https://x.example/a.png" alt="Il porto"/><figcaption>Il porto</figcaption></figure>`, nil, `<figure><a href="https://x.example/a.png" rel="external noreferrer" class="image">Immagine</a><figcaption>Il porto</figcaption></figure>`, "[]"},
		"image in a link":  {`<a href="https://x.example/"><img src="https://x.example/a.png" alt=""/></a>`, nil, `<a href="https://x.example/"><span>Immagine</span></a>`, "[]"},
		"image alone":      {`<p><img src="https://x.example/a.png" alt="Il porto"/></p>`, nil, `<p><a href="https://x.example/a.png" rel="external noreferrer" class="image">Immagine: Il porto</a></p>`, "[]"},
		"image of nothing": {`<p><img alt="x"/> dopo</p>`, nil, `<p><span>Immagine: x</span> dopo</p>`, "[]"},
		"nothing to go on": {"", []reason{r("")}, "", "[]"},
	} {
		got, targets := highlight(tt.html, tt.reasons, "Immagine")
		if got != tt.want || strings.TrimSpace(fmt.Sprint(targets)) != tt.targets && strings.Trim(fmt.Sprint(targets), "[ ]") != strings.Trim(tt.targets, "[]") {
			t.Errorf("%s:\n got %s %v\nwant %s %s", name, got, targets, tt.want, tt.targets)
		}
	}
}

func TestCompare(t *testing.T) {
	for name, tt := range map[string]struct{ before, after, want string }{
		"same":         {"a b\n\nc", "a  b\n\nc", "2"},
		"word":         {"Le manovre saranno in estate al largo.", "Le manovre saranno in autunno al largo.", "Le manovre saranno in [-estate-] [+autunno+] al largo."},
		"added":        {"uno due tre", "uno due nuovo tre", "uno due [+nuovo+] tre"},
		"removed":      {"uno due tre quattro", "uno due quattro", "uno due [-tre-] quattro"},
		"paragraph":    {"uno\n\ndue", "uno\n\nnuovo\n\ndue", "1|[+nuovo+]|1"},
		"gone":         {"uno\n\ndue", "uno", "1|[-due-]"},
		"all else":     {"a b c", "x y z", "[-a b c-] [+x y z+]"},
		"from nothing": {"", "x", "[+x+]"},
		"to nothing":   {"x", "", "[-x-]"},
		"nothing":      {"", "", ""},
	} {
		cs := compare(tt.before, tt.after)
		if got := inLine(cs); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
		if strings.ContainsAny(tt.want, "+-") != changed(cs) {
			t.Errorf("%s: changed is %v", name, changed(cs))
		}
	}
}

// inLine writes a comparison in one line.
func inLine(cs []change) string {
	var out []string
	for _, c := range cs {
		if c.Same > 0 {
			out = append(out, fmt.Sprint(c.Same))
			continue
		}
		var b strings.Builder
		for _, r := range c.Runs {
			if r.Op == '=' {
				b.WriteString(r.Text)
			} else {
				b.WriteString("[" + string(r.Op) + r.Text + string(r.Op) + "]")
			}
		}
		out = append(out, b.String())
	}
	return strings.Join(out, "|")
}

// TestCompareBounds compares texts that share nothing and are very long.
func TestCompareBounds(t *testing.T) {
	var a, b strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&a, "a%d ", i)
		fmt.Fprintf(&b, "b%d ", i)
		if i%10 == 0 {
			a.WriteString("\n\n")
			b.WriteString("\n\n")
		}
	}
	start := cputime.Used(t)
	if !changed(compare(a.String(), b.String())) {
		t.Error("no change found")
	}
	if d := cputime.Used(t) - start; d > hostileMost {
		t.Errorf("took %v", d)
	}
}

func FuzzCompare(f *testing.F) {
	f.Add("uno due\n\ntre", "uno tre\n\nquattro")
	f.Add("", "\n\n\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		var was, is strings.Builder
		for _, c := range compare(a, b) {
			was.WriteByte('\n')
			is.WriteByte('\n')
			for _, r := range c.Runs {
				if r.Op != '+' {
					was.WriteString(r.Text)
				}
				if r.Op != '-' {
					is.WriteString(r.Text)
				}
			}
		}
		for text, got := range map[string]string{strip(a): was.String(), strip(b): is.String()} {
			for w := range strings.FieldsSeq(got) {
				if !strings.Contains(strings.Join(strings.Fields(text), " "), w) {
					t.Errorf("compare(%q, %q) tells %q", a, b, w)
				}
			}
		}
	})
}

func TestBecause(t *testing.T) {
	w := words{lang: italian}
	topic := testTopic()
	for name, tt := range map[string]struct {
		verdict news.Verdict
		want    string
	}{
		"property":     {news.Verdict{Near: true, Reason: "no sentence ties the two parties", Against: []news.Against{{Theme: "apart", Detail: "no sentence ties the two parties"}}}, "Nessuna frase lega le due parti"},
		"new property": {news.Verdict{Near: true, Reason: "it rhymes", Against: []news.Against{{Theme: "verse", Detail: "it rhymes"}}}, "Un altro tratto dell’articolo"},
		"theme":        {news.Verdict{Near: true, Reason: "the matter is sport", Against: []news.Against{{Theme: "sport", Term: "gol"}}}, "L’argomento principale è un altro: Sport"},
		"loose":        {news.Verdict{Near: true, Reason: "the parties are tied too loosely (score 0.38)", Against: []news.Against{{Theme: "sport", Term: "gol"}}}, "Le parti sono legate troppo debolmente"},
		"no evidence":  {news.Verdict{Near: true, Reason: "something"}, "Le parti sono legate troppo debolmente"},
		"far off":      {news.Verdict{Reason: "the article has no words"}, ""},
		"on":           {news.Verdict{On: true}, ""},
	} {
		if got := w.because(entry{Verdict: tt.verdict, Against: against(tt.verdict, topic)}); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	for in, want := range map[string]string{
		"consent wall": "richiesta di consenso ai cookie", "bot challenge: Cloudflare": "controllo anti-robot (Cloudflare)", "anything else": "anything else", "": "",
		"extractor failed: index out of range": "un errore nell’estrarre il testo",
		"page not fetched: HTTP 404 Not Found": "pagina non raggiunta, errore 404", "page not fetched: dial tcp: i/o timeout": "pagina non raggiunta",
	} {
		if got := w.refusal(in); got != want {
			t.Errorf("refusal(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestHealth tells every state in words.
func TestHealth(t *testing.T) {
	now := fixtureNow(t)
	w := words{lang: italian, cal: calendar{lang: italian, zone: rome(t), now: now}}
	day := 24 * time.Hour
	for name, tt := range map[string]struct {
		off     bool
		poll    news.Poll
		state   news.Health
		trouble bool
		reason  string
	}{
		"off":     {off: true, state: news.HealthDisabled, reason: "avvisi di gara"},
		"new":     {state: news.HealthNew},
		"ok":      {poll: news.Poll{Last: now, Success: now, Newest: now, Gap: day}, state: news.HealthGood},
		"failing": {poll: news.Poll{Last: now, Err: "HTTP 500", Fault: news.FaultServer, Status: 500, Failures: 2, FailingSince: now.Add(-3 * day)}, state: news.HealthFailing, trouble: true, reason: "Non si legge dall’8 marzo 2026, 18:30: il sito ha un guasto (errore 500)"},
		"dead":    {poll: news.Poll{Last: now, Err: "no such host", Fault: news.FaultDNS, Failures: 90, FailingSince: now.Add(-40 * day)}, state: stateDead, trouble: true, reason: "il nome del sito non si trova"},
		"offline": {poll: news.Poll{Last: now, Err: "unreachable", Fault: news.FaultOffline}, state: stateOffline, reason: "non c’entra"},
		"blocked": {poll: news.Poll{Last: now, Err: "403", Fault: news.FaultBlocked, FailingSince: now}, state: news.HealthBlocked, trouble: true, reason: "contro i robot"},
		"lost":    {poll: news.Poll{Last: now, Err: "HTTP 404 Not Found", Fault: news.FaultClient, Status: 404, FailingSince: now}, state: news.HealthFailing, trouble: true, reason: "non c’è più nulla"},
		"unknown": {poll: news.Poll{Last: now, Err: "whatever", Fault: "whatever", FailingSince: now}, state: news.HealthFailing, trouble: true, reason: "un errore"},
		"gone":    {poll: news.Poll{Last: now, Err: "410", Fault: news.FaultGone, FailingSince: now}, state: news.HealthGone, trouble: true, reason: "410"},
		"refused": {poll: news.Poll{Last: now, Success: now, RecentRefusals: []string{"", "", "consent wall", "consent wall", "consent wall", "consent wall", "consent wall", "consent wall", "consent wall", "consent wall"}}, state: news.HealthDegraded, trouble: true, reason: "consenso"},
		"shorter": {poll: news.Poll{Last: now, Success: now, Lengths: append(slices.Repeat([]int{4000}, 15), slices.Repeat([]int{300}, 5)...)}, state: news.HealthDegraded, trouble: true, reason: "meno della metà"},
		"silent":  {poll: news.Poll{Last: now, Success: now, Newest: now.Add(-90 * day), Gap: 30 * time.Hour}, state: news.HealthSilent, trouble: true, reason: "Nessun articolo nuovo"},
		"moved":   {poll: news.Poll{Last: now, Moved: "https://nuovo.example/", MovedSince: now.Add(-4 * day), MovedCount: 6}, state: news.HealthMoved, trouble: true, reason: "https://nuovo.example/"},
	} {
		r := health(SourceInfo{Source: news.Source{ID: "x", Name: "X"}, Enabled: !tt.off, Reason: "solo avvisi di gara"}, tt.poll, now, w)
		if r.State != tt.state || r.Trouble != tt.trouble || !strings.Contains(r.Reason, tt.reason) || tt.trouble && r.Reason == "" {
			t.Errorf("%s: %+v", name, r)
		}
		if tt.trouble && !r.Since.IsZero() && (r.Since.After(now) || name == "silent" && r.Since.Sub(tt.poll.Newest) < day) {
			t.Errorf("%s: since %v", name, r.Since)
		}
		if tt.poll.Err != "" && (strings.Contains(r.Reason, tt.poll.Err) && tt.poll.Err != "410" || tt.trouble && tt.state != news.HealthGone && r.Detail != tt.poll.Err) {
			t.Errorf("%s: the failure's own words stand in %q, apart %q", name, r.Reason, r.Detail)
		}
		if strings.Contains(r.Reason, "%!") {
			t.Errorf("%s: %s", name, r.Reason)
		}
	}
}
