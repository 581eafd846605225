package fetcher

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
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
			if v := validator(h, name); v != "" && v != h.Get(name) || strings.ContainsAny(validator(h, name), "\r\n\x00") {
				t.Errorf("%s became %q", name, v)
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
		"empty":            {"", "/ /a", "", 0},
		"a page":           {"<!doctype html><html>non trovato", "/ /a", "", 0},
		"all closed":       {"User-agent: *\nDisallow: /", "", "/ /a", 0},
		"closed to others": {"User-agent: GPTBot\nDisallow: /", "/ /a", "", 0},
		"ours beats all":   {"User-agent: *\nDisallow: /\nUser-agent: vedetta\nDisallow: /x", "/ /a", "/x /x/y", 0},
		"shared group":     {"User-agent: altro\nUser-agent: Vedetta\nCrawl-delay: 9\nDisallow: /x\n", "/", "/x", 9 * time.Second},
		"with mark and CR": {"\xef\xbb\xbfUser-agent: *\rDisallow: /x\r", "/", "/x", 0},
		"comments":         {"# saluti\nUser-agent: * # tutti\nDisallow: /x # no\n", "/", "/x", 0},
		"longest wins":     {"User-agent: *\nDisallow: /x\nAllow: /x/y\n", "/ /x/y/z", "/x /x/z", 0},
		"wildcards":        {"User-agent: *\nDisallow: /*?s=\nDisallow: /*.pdf$\n", "/ /a.pdf.html", "/?s=a /b?s= /a.pdf", 0},
		"empty disallow":   {"User-agent: *\nDisallow:\n", "/ /a", "", 0},
		"bad lines":        {"Disallow: /before\nUser-agent: *\nCrawl-delay: tanto\nDisallow /y\nBah\nDisallow: /x\nCrawl-delay: 600", "/ /before /y", "/x", maxCrawlDelay},
		"huge":             {"User-agent: *\nDisallow: /x\n" + strings.Repeat("Disallow: /*a*b*c\n", 20_000), "/", "/x", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rules, delay, err := robotsFrom(answer{body: []byte(tt.file)}, nil, now, nil)
			if err != nil || rules.none || delay != tt.delay {
				t.Fatalf("%+v, %v, %v", rules, delay, err)
			}
			test := func(paths string, want bool) {
				for path := range strings.FieldsSeq(paths) {
					u := &url.URL{Path: path}
					if q, query, ok := strings.Cut(path, "?"); ok {
						u = &url.URL{Path: q, RawQuery: query}
					}
					if got := rules.group == nil || rules.group.Test(u.RequestURI()); got != want {
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
	if rules, _, _ := robotsFrom(answer{}, &StatusError{Code: 500}, now, known); rules.none || rules.group.Test("/x") || !rules.group.Test("/y") {
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
		if rules.group != nil {
			rules.group.Test(path)
		}
	})
}
