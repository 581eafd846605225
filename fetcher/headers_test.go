package fetcher

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestFreshUntil(t *testing.T) {
	now := time.Date(2026, 1, 20, 12, 0, 0, 0, time.UTC)
	const h = time.Hour
	tests := map[string]struct {
		header string
		want   time.Duration
	}{
		"none":                        {"", 0},
		"max-age":                     {"Cache-Control: public, max-age=7200", 2 * h},
		"quoted":                      {`Cache-Control: Max-Age="7200"`, 2 * h},
		"short":                       {"Cache-Control: max-age=10", freshFloor},
		"zero":                        {"Cache-Control: max-age=0", 0},
		"long":                        {"Cache-Control: max-age=31536000, immutable", freshCeiling},
		"absurd":                      {"Cache-Control: max-age=99999999999999999999999", freshCeiling},
		"negative":                    {"Cache-Control: max-age=-1", 0},
		"nonsense":                    {"Cache-Control: max-age=domani,,=,", 0},
		"no-cache":                    {"Cache-Control: no-cache, max-age=7200", 0},
		"two lines":                   {"Cache-Control: public\nCache-Control: max-age=7200", 2 * h},
		"aged":                        {"Cache-Control: max-age=7200\nAge: 3600", h},
		"stale":                       {"Cache-Control: max-age=7200\nAge: 9000", 0},
		"expires":                     {"Expires: Tue, 20 Jan 2026 15:00:00 GMT", 3 * h},
		"expires by the server clock": {"Expires: Tue, 20 Jan 2015 15:00:00 GMT\nDate: Tue, 20 Jan 2015 12:00:00 GMT", 3 * h},
		"expired":                     {"Expires: 0", 0},
		"max-age before expires":      {"Cache-Control: max-age=7200\nExpires: Tue, 20 Jan 2026 22:00:00 GMT", 2 * h},
		"s-maxage is for others":      {"Cache-Control: s-maxage=7200", 0},
	}
	for name, tt := range tests {
		got := freshUntil(headerOf(tt.header), now)
		if tt.want == 0 && !got.IsZero() || tt.want != 0 && !got.Equal(now.Add(tt.want)) {
			t.Errorf("%s: until %v, want %v", name, got.Sub(now), tt.want)
		}
	}
}

// headerOf reads lines of "Name: value".
func headerOf(text string) http.Header {
	h := http.Header{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			h.Add(strings.TrimSpace(name), strings.TrimSpace(value))
		}
	}
	return h
}

func FuzzHeaders(f *testing.F) {
	f.Add("max-age=60, no-cache", "120", "Tue, 20 Jan 2026 15:00:00 GMT", "30")
	f.Add("\"caff\xe8\"", "caffè", "ieri", "")
	f.Add(`max-age="9999999999999999999"`, "Tue, 20 Jan 2026 15:00:00 GMT", "0", "-1")
	now := time.Date(2026, 1, 20, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, cache, retry, expires, age string) {
		h := http.Header{"Cache-Control": {cache}, "Retry-After": {retry}, "Expires": {expires}, "Age": {age}, "Date": {expires}}
		if at := freshUntil(h, now); !at.IsZero() && (at.Before(now.Add(freshFloor)) || at.After(now.Add(freshCeiling))) {
			t.Errorf("fresh for %v", at.Sub(now))
		}
		if at := retryAfter(h, now); !at.IsZero() && (!at.After(now) || at.After(now.Add(maxRetryAfter))) {
			t.Errorf("retry after %v", at.Sub(now))
		}
		h = http.Header{"Etag": {cache}, "Last-Modified": {retry}}
		for _, name := range []string{"Etag", "Last-Modified"} {
			kept := validator(h, name)
			if v := onWire(kept); v != "" && v != h.Get(name) || strings.ContainsAny(v, "\r\n\x00") || !utf8.ValidString(kept) {
				t.Errorf("%s became %q, kept as %q", name, v, kept)
			}
		}
	})
}

func TestRobots(t *testing.T) {
	now := time.Date(2026, 1, 20, 12, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		file  string
		open  string // paths that may be asked
		close string // and that may not
		delay time.Duration
	}{
		"empty":               {"", "/ /a", "", 0},
		"a page":              {"<!doctype html><html>non trovato", "/ /a", "", 0},
		"all closed":          {"User-agent: *\nDisallow: /", "", "/ /a", 0},
		"closed to others":    {"User-agent: GPTBot\nDisallow: /", "/ /a", "", 0},
		"ours beats all":      {"User-agent: *\nDisallow: /\nUser-agent: vedetta\nDisallow: /x", "/ /a", "/x /x/y", 0},
		"shared group":        {"User-agent: altro\nUser-agent: Vedetta\nCrawl-delay: 9\nDisallow: /x\n", "/", "/x", 9 * time.Second},
		"with mark and CR":    {"\xef\xbb\xbfUser-agent: *\rDisallow: /x\r", "/", "/x", 0},
		"comments":            {"# saluti\nUser-agent: * # tutti\nDisallow: /x # no\n", "/", "/x", 0},
		"longest wins":        {"User-agent: *\nDisallow: /x\nAllow: /x/y\n", "/ /x/y/z", "/x /x/z", 0},
		"wildcards":           {"User-agent: *\nDisallow: /*?s=\nDisallow: /*.pdf$\n", "/ /a.pdf.html", "/?s=a /b?s= /a.pdf", 0},
		"empty disallow":      {"User-agent: *\nDisallow:\n", "/ /a", "", 0},
		"bad lines":           {"Disallow: /before\nUser-agent: *\nCrawl-delay: tanto\nDisallow /y\nBah\nDisallow: /x\nCrawl-delay: 600", "/ /before /y", "/x", maxCrawlDelay},
		"longest of patterns": {"User-agent: *\nDisallow: /*.pdf$\nAllow: /documenti/atti\n", "/documenti/atti.pdf /x.pdfx", "/x.pdf", 0},
		"a tie allows":        {"User-agent: *\nDisallow: /x\nAllow: /x\n", "/x", "", 0},
		"groups are merged":   {"User-agent: vedetta\nDisallow: /a\n\nUser-agent: *\nDisallow: /b\n\nUser-agent: VEDETTA\nDisallow: /c\n", "/b", "/a /c", 0},
		"of all as well":      {"User-agent: *\nDisallow: /a\nUser-agent: altro\nDisallow: /b\nUser-agent: *\nDisallow: /c\n", "/b", "/a /c", 0},
		"name of another":     {"User-agent: ved\nAllow: /\nUser-agent: vedettabot\nAllow: /\nUser-agent: *\nDisallow: /\n", "", "/ /a", 0},
		"name with version":   {"User-agent: Vedetta/1.4 (+x)\nDisallow: /x\nUser-agent: *\nDisallow: /\n", "/", "/x", 0},
		"lines between names": {"User-agent: vedetta\nSitemap: https://a.example/s.xml\nCrawl-delay: 2\nUser-agent: *\nDisallow: /x\n", "/", "/x", 2 * time.Second},
		"ours says nothing":   {"User-agent: *\nDisallow: /\nUser-agent: vedetta\nDisallow:\n", "/ /a", "", 0},
		"percent-encoding":    {"User-agent: *\nDisallow: /citt%c3%a0\nDisallow: /perché\nDisallow: /%7Eio\nDisallow: /a%2Fb\n", "/a/b", "/città /perch%C3%A9 /~io /a%2fb", 0},
		"literal star":        {"User-agent: *\nDisallow: /a%2Ab\nDisallow: /x%24\n", "/axb /xy", "/a*b /x$y", 0},
		"anchors":             {"User-agent: *\nDisallow: /a$\nDisallow: /*x*y$\nDisallow: /$\n", "/ab /xyz", "/a /1x2y / /xyy", 0},
		"path without slash":  {"User-agent: *\nDisallow: privato\n", "/ /x", "/privato/x", 0},
		"only stars":          {"User-agent: *\nDisallow: **\n", "", "/ /a", 0},
		"many rules":          {"User-agent: *\n" + strings.Repeat("Disallow: /y\n", 20_000) + "Disallow: /x\n", "/", "/x /y", 0},
		"huge":                {"User-agent: *\nDisallow: /x\n" + strings.Repeat("Disallow: /*a*b*c\n", 20_000), "/", "/x", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rules, delay, err := robotsFrom(answer{body: []byte(tt.file)}, nil, now, nil)
			if err != nil || rules.none || delay != tt.delay {
				t.Fatalf("%+v, %v, %v", rules, delay, err)
			}
			test := func(paths string, want bool) {
				for path := range strings.FieldsSeq(paths) {
					u, err := url.Parse(path)
					if err != nil {
						t.Fatal(err)
					}
					if got := permits(rules.rules, u.RequestURI()); got != want {
						t.Errorf("%s: %v", path, got)
					}
				}
			}
			test(tt.open, true)
			test(tt.close, false)
		})
	}
	for code, none := range map[int]bool{404: false, 403: false, 401: false, 429: true, 500: true, 503: true} {
		rules, _, err := robotsFrom(answer{}, &StatusError{Code: code}, now, nil)
		if err != nil || rules.none != none || !rules.until.After(now) {
			t.Errorf("%d: %+v, %v", code, rules, err)
		}
	}
	known, _, _ := robotsFrom(answer{body: []byte("User-agent: *\nDisallow: /x")}, nil, now, nil)
	if rules, _, _ := robotsFrom(answer{}, &StatusError{Code: 500}, now, known); rules.none || permits(rules.rules, "/x") || !permits(rules.rules, "/y") {
		t.Error("the rules known before did not hold while the file fails")
	}
}

func FuzzRobots(f *testing.F) {
	f.Add("User-agent: *\nDisallow: /x*y$\nCrawl-delay: 1.5", "/xay")
	f.Add("User-agent: vedetta/2\r\rAllow: *", "/")
	f.Fuzz(func(t *testing.T, file, path string) {
		rules, delay, err := robotsFrom(answer{body: []byte(file)}, nil, time.Time{}, nil)
		if err != nil || delay < 0 || delay > maxCrawlDelay {
			t.Fatalf("%v, %v", delay, err)
		}
		permits(rules.rules, path)
		for _, r := range rules.rules[:min(len(rules.rules), 5)] {
			text, anchored := strings.CutSuffix(r.pattern, "$")
			expr := `(?s)^` + strings.ReplaceAll(regexp.QuoteMeta(text), `\*`, `.*`)
			if anchored {
				expr += `$`
			}
			if want := regexp.MustCompile(expr).MatchString(path); utf8.ValidString(path) && want != robotsMatch(r.pattern, path) {
				t.Errorf("%q on %q: %v", r.pattern, path, !want)
			}
		}
	})
}
