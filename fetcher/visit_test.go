package fetcher

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vedetta/news"
)

// reply answers a request.
type reply func(*http.Request) *http.Response

// script answers requests by path, from a table that a test changes on its way.
type script struct {
	t       *testing.T
	answers map[string]reply
	asked   []string // path and validators
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.asked = append(s.asked, strings.TrimSpace(r.URL.Path+" "+r.Header.Get("If-None-Match")))
	if f := s.answers[r.URL.Path]; f != nil {
		return f(r), nil
	}
	return respond(r, 404, ""), nil
}

// took returns what was asked since the last call.
func (s *script) took() string {
	out := strings.Join(s.asked, ", ")
	s.asked = nil
	return out
}

func (s *script) want(asked string) {
	s.t.Helper()
	if got := s.took(); got != asked {
		s.t.Errorf("asked %q, want %q", got, asked)
	}
}

func feedOf(header ...string) reply {
	return func(r *http.Request) *http.Response {
		if tag := r.Header.Get("If-None-Match"); tag != "" {
			return respond(r, 304, "", header...)
		}
		return respond(r, 200, rssFeed(2, time.Now()), header...)
	}
}

func scripted(t *testing.T, answers map[string]reply) (*Fetcher, *script) {
	t.Helper()
	s := &script{t: t, answers: answers}
	f, err := New(Options{Transport: s})
	if err != nil {
		t.Fatal(err)
	}
	return f, s
}

const site = "https://a.example"

func TestAnotherAddressBeginsAnew(t *testing.T) {
	f, s := scripted(t, map[string]reply{"/1": feedOf("Etag", `"e"`), "/2": feedOf("Etag", `"e"`)})
	_, last, _ := f.Feed(t.Context(), news.Source{ID: "a", URL: site + "/1"}, news.Poll{Items: 7, Left: 5})
	_, last, _ = f.Feed(t.Context(), news.Source{ID: "a", Name: "Altro nome", URL: site + "/1", Tags: []string{"x"}}, last)
	s.want(`/1, /1 "e"`)
	last.Failures, last.Moved = 3, site+"/3"
	_, last, _ = f.Feed(t.Context(), news.Source{ID: "a", URL: site + "/2"}, last)
	s.want("/2")
	if last.Items != 7 || last.Left != 5 || last.Polls != 3 || last.Moved != "" || last.Configured != site+"/2" {
		t.Errorf("%+v", last)
	}
}

func TestAnotherListRuleBeginsAnew(t *testing.T) {
	f, s := scripted(t, map[string]reply{"/": func(r *http.Request) *http.Response {
		return respond(r, 200, `<ul><li><a href=/x>Uno</a></li></ul><ol><li><a href=/y>Due</a></li></ol>`, "Etag", `"e"`)
	}})
	src := news.Source{ID: "a", Page: site + "/", List: news.ListRule{Item: "ul li"}}
	items, last, err := f.Feed(t.Context(), src, news.Poll{})
	if err != nil || len(items) != 1 || items[0].Title != "Uno" {
		t.Fatal(items, err)
	}
	src.List.Item = "ol li"
	items, _, err = f.Feed(t.Context(), src, last)
	if err != nil || len(items) != 1 || items[0].Title != "Due" {
		t.Error(items, err)
	}
	s.want("/robots.txt, /, /")
}

func TestTheSameBodyIsUnchanged(t *testing.T) {
	body := rssFeed(2, time.Now())
	n := 0
	f, _ := scripted(t, map[string]reply{"/": func(r *http.Request) *http.Response {
		n++
		return respond(r, 200, body, "Etag", fmt.Sprintf(`"%d"`, n))
	}})
	src := news.Source{ID: "a", URL: site + "/"}
	_, last, _ := f.Feed(t.Context(), src, news.Poll{})
	items, next, err := f.Feed(t.Context(), src, last)
	if items != nil || err != nil || next.Unchanged != 1 || next.ETag != `"2"` {
		t.Errorf("%d items, %v, %+v", len(items), err, next)
	}
	// Items that were not all taken come again.
	items, _, _ = f.Feed(t.Context(), src, next.WithValidators(news.Poll{}))
	if len(items) != 2 {
		t.Errorf("%d items after a visit that did not take them", len(items))
	}
}

func TestAFoundFeedThatGoesIsLookedForAgain(t *testing.T) {
	page := func(href string) reply {
		return func(r *http.Request) *http.Response {
			return respond(r, 200, `<html><link rel="alternate" type="application/atom+xml" href="`+href+`">`, "Content-Type", "text/html")
		}
	}
	f, s := scripted(t, map[string]reply{"/": page("/1"), "/1": feedOf()})
	src := news.Source{ID: "a", URL: site + "/"}
	_, last, _ := f.Feed(t.Context(), src, news.Poll{})
	s.answers["/"], s.answers["/1"], s.answers["/2"] = page("/2"), nil, feedOf()
	_, last, err := f.Feed(t.Context(), src, last)
	s.want("/, /1, /1, /, /2")
	if err != nil || last.Found != site+"/2" {
		t.Errorf("found %q, %v", last.Found, err)
	}
	s.answers["/2"], s.answers["/"] = nil, page("/")
	_, last, err = f.Feed(t.Context(), src, last)
	if !errors.Is(err, ErrNotFeed) || last.Found != "" || last.Failures != 1 {
		t.Errorf("a page that advertises itself: %v, %+v", err, last)
	}
	// In the end the address may serve the feed itself.
	s.answers["/"] = feedOf()
	if _, last, err = f.Feed(t.Context(), src, last); err != nil || last.Found != "" {
		t.Errorf("%v, found %q", err, last.Found)
	}
}

func TestAMoveThatIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := func(r *http.Request) *http.Response { return respond(r, 301, "", "Location", "/new") }
		f, s := scripted(t, map[string]reply{"/old": gone, "/new": feedOf("Etag", `"e"`)})
		src, last := news.Source{ID: "a", URL: site + "/old"}, news.Poll{}
		for range 4 {
			_, last, _ = f.Feed(t.Context(), src, last)
			time.Sleep(25 * time.Hour)
		}
		s.want(`/old, /new, /old, /new "e", /old, /new "e", /new "e"`)
		s.answers["/old"], s.answers["/new"] = feedOf(), nil
		items, last, err := f.Feed(t.Context(), src, last)
		if err != nil || len(items) != 2 || last.Moved != "" {
			t.Errorf("%d items, %v, moved to %q", len(items), err, last.Moved)
		}
		s.want(`/new "e", /old`)

		// A temporary redirect is none, nor one that leads to no feed.
		s.answers["/old"] = func(r *http.Request) *http.Response { return respond(r, 302, "", "Location", "/new") }
		s.answers["/new"] = feedOf()
		if _, last, err = f.Feed(t.Context(), src, last); err != nil || last.Moved != "" {
			t.Errorf("%v, moved to %q", err, last.Moved)
		}
		s.answers["/old"], s.answers["/new"] = gone, func(r *http.Request) *http.Response { return respond(r, 200, "<html>Benvenuti") }
		if _, last, err = f.Feed(t.Context(), src, last); err == nil || last.Moved != "" {
			t.Errorf("%v, moved to %q", err, last.Moved)
		}
	})
}

func TestWhatAFeedSaysOutlivesA304(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, _ := scripted(t, map[string]reply{"/": func(r *http.Request) *http.Response {
			if r.Header.Get("If-None-Match") != "" {
				return respond(r, 304, "", "Cache-Control", "max-age=3600")
			}
			body := strings.Replace(rssFeed(2, time.Now()), "<item>", "<ttl>240</ttl><skipDays><day>Friday</day></skipDays><item>", 1)
			return respond(r, 200, body, "Etag", `"e"`, "Cache-Control", "max-age=18000")
		}})
		src, last := news.Source{ID: "a", URL: site + "/"}, news.Poll{}
		for i, want := range []time.Duration{5 * time.Hour, 4 * time.Hour, 4 * time.Hour} {
			_, last, _ = f.Feed(t.Context(), src, last)
			if got := time.Until(last.NotBefore); got != want {
				t.Errorf("visit %d: not before %v, want %v", i, got, want)
			}
			if len(last.SkipDays) != 1 || last.SkipDays[0] != time.Friday {
				t.Errorf("visit %d: skip %v", i, last.SkipDays)
			}
		}
	})
}

func TestALargeFeedWithoutValidatorsIsAskedDaily(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, _ := scripted(t, map[string]reply{"/": func(r *http.Request) *http.Response {
			return respond(r, 200, rssFeed(2, time.Now())+strings.Repeat(" ", largeBody))
		}})
		_, last, err := f.Feed(t.Context(), news.Source{ID: "a", URL: site + "/"}, news.Poll{})
		if got := time.Until(last.NotBefore); err != nil || got != 24*time.Hour {
			t.Errorf("not before %v, %v", got, err)
		}
	})
}

// What is remembered is stored as JSON, which would spoil a validator that is
// no UTF-8.
func TestValidatorsAreSentBackByteForByte(t *testing.T) {
	for _, tag := range []string{`W/"a"`, "a b", "\"caffè\"", "\"caff\xe8\"", "\xff\xfe", `""`} {
		f, s := scripted(t, map[string]reply{"/": feedOf("Etag", tag)})
		src, last := news.Source{ID: "a", URL: site + "/"}, news.Poll{}
		for range 3 {
			_, next, err := f.Feed(t.Context(), src, last)
			if err != nil {
				t.Fatal(err)
			}
			stored, err := json.Marshal(next)
			if err != nil {
				t.Fatal(err)
			}
			if last = (news.Poll{}); json.Unmarshal(stored, &last) != nil {
				t.Fatalf("stored as %s", stored)
			}
		}
		s.want("/, / " + tag + ", / " + tag)
	}
}

func TestPagesWaitForARobotsFileThatFails(t *testing.T) {
	f, s := scripted(t, map[string]reply{"/robots.txt": func(r *http.Request) *http.Response { return respond(r, 503, "") }})
	_, err := f.Page(t.Context(), news.Source{ID: "a", URL: site + "/"}, site+"/x")
	if !errors.Is(err, ErrRobots) || !f.Passes(err) {
		t.Errorf("%v: to be tried again: %v", err, f.Passes(err))
	}
	s.want("/robots.txt")
}

// A site that sends from https to http does not get a password in clear.
func TestSecretsAreNotSentInClear(t *testing.T) {
	var got []string
	to := func(where string) reply {
		return func(r *http.Request) *http.Response {
			got = append(got, r.URL.Scheme+" "+r.Header.Get("X-Chiave")+r.Header.Get("Authorization"))
			return respond(r, 302, "", "Location", where)
		}
	}
	f, _ := scripted(t, map[string]reply{"/": to("http://a.example/in-chiaro"), "/in-chiaro": to(site + "/fine"), "/fine": to("")})
	src := news.Source{ID: "a", URL: "https://io:segreto@a.example/", Request: news.RequestRule{Headers: map[string]string{"X-Chiave": "42"}}}
	_, _, _ = f.Feed(t.Context(), src, news.Poll{})
	if want := []string{"https 42Basic aW86c2VncmV0bw==", "http ", "https 42"}; !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
}

func TestRobotsRulesAreBounded(t *testing.T) {
	p := newPolite()
	pattern := strings.Repeat("x", maxRules/10)
	for i := range 50 {
		site := fmt.Sprintf("https://%d.example", i%20)
		p.learn(site, site, &robots{rules: []robotsRule{{pattern: pattern}}, until: time.Now().Add(robotsFor)}, 0)
		if _, fresh := p.rules(site); !fresh {
			t.Fatalf("%s is forgotten at once", site)
		}
		size := 0
		for _, r := range p.robots {
			size += r.size()
		}
		if size > maxRules || size != p.rulesSize {
			t.Fatalf("after %d files %d bytes are remembered, %d counted", i+1, size, p.rulesSize)
		}
	}
}

func TestBadGUIDsAreRemembered(t *testing.T) {
	two := `<rss><channel><item><guid>0</guid><link>/a</link></item><item><guid>0</guid><link>/b</link></item></channel></rss>`
	one := `<rss><channel><item><guid>0</guid><link>/b</link></item></channel></rss>`
	body := two
	f, _ := scripted(t, map[string]reply{"/": func(r *http.Request) *http.Response { return respond(r, 200, body) }})
	src := news.Source{ID: "a", URL: site + "/"}
	first, last, _ := f.Feed(t.Context(), src, news.Poll{})
	body = one
	second, _, _ := f.Feed(t.Context(), src, last)
	if len(first) != 2 || len(second) != 1 || second[0].Key() != first[1].Key() {
		t.Errorf("%v, then %v", first, second)
	}
}

func TestPagesAreHeldAgainstRobotsAfterARedirect(t *testing.T) {
	to := func(where string) reply {
		return func(r *http.Request) *http.Response { return respond(r, 302, "", "Location", where) }
	}
	f, s := scripted(t, map[string]reply{
		"/robots.txt": func(r *http.Request) *http.Response {
			return respond(r, 200, "User-agent: *\nDisallow: /chiuso")
		},
		"/a": to("/chiuso"), "/b": to("/aperto"),
		"/aperto": func(r *http.Request) *http.Response { return respond(r, 200, "x", "Content-Type", "text/html") },
		"/pdf":    func(r *http.Request) *http.Response { return respond(r, 200, "x", "Content-Type", "application/pdf") },
		"/muro": func(r *http.Request) *http.Response {
			return respond(r, 200, "<html><title>Just a moment...</title>", "Content-Type", "text/html")
		},
	})
	src := news.Source{ID: "a", URL: site + "/feed"}
	for path, want := range map[string]error{"/a": ErrRobots, "/b": nil, "/pdf": ErrNotPage} {
		if _, err := f.Page(t.Context(), src, site+path); !errors.Is(err, want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	_, err := f.Page(t.Context(), src, site+"/muro")
	if e, ok := errors.AsType[*StatusError](err); !ok || e.Blocked != "Cloudflare" {
		t.Errorf("wall: %v", err)
	}
	for _, bad := range []string{"", "file:///x", "http://", "mailto:a@b.example", "http://a.example/" + strings.Repeat("x", maxAddress)} {
		if _, err := f.Page(t.Context(), src, bad); !errors.Is(err, ErrPrivate) {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
	if strings.Contains(s.took(), "/chiuso") {
		t.Error("asked for what robots.txt forbids")
	}
}

func TestIsPartial(t *testing.T) {
	for content, want := range map[string]bool{
		"": false, "<p>Intero.</p>": false, "<p>Dove si andrà? Chissà… ma tanto.</p>": false,
		"<p>Tagliato [&#8230;]</p>": true, "<p>Tagliato […]</p>": true, "<p>Tagliato…</p>\n": true, "Tagliato...": true,
		`<p>Testo. <a href="x">Leggi tutto »</a></p>`:                                              true,
		`<p>Testo. <a href="x">Continua a leggere <span>Il titolo</span> →</a></p>`:                true,
		`<p>Testo [&hellip;]</p> <p>The post <a href="x">T</a> appeared first on <a>S</a>.</p>`:    true,
		`<p>Testo intero.</p> <p>The post <a href="x">T…</a> appeared first on <a>S</a>.</p>`:      false,
		"<p>Leggi tutto il programma.</p>" + strings.Repeat("<p>E poi un altro capoverso.</p>", 9): false,
	} {
		if got := isPartial(content); got != want {
			t.Errorf("%q: %v", content, got)
		}
	}
}

func TestIdleHostsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPolite()
		p.limit("limited.example", "https://limited.example/a", time.Now().Add(24*time.Hour))
		for i := range 3 * maxHosts {
			leave, err := p.enter(t.Context(), fmt.Sprintf("%d.example", i), "")
			if err != nil {
				t.Fatal(err)
			}
			leave()
			p.learn(fmt.Sprintf("https://%d.example", i), fmt.Sprintf("%d.example", i), &robots{until: time.Now().Add(time.Second)}, 0)
			if i%1000 == 0 {
				time.Sleep(time.Minute)
			}
		}
		if len(p.hosts) > maxHosts+2000 || len(p.robots) > maxHosts+2000 {
			t.Errorf("%d hosts and %d robots.txt are remembered", len(p.hosts), len(p.robots))
		}
		if p.hosts["limited.example"] == nil {
			t.Error("forgot what an address asked for")
		}
	})
}

// The first 500 KiB of a robots.txt count (RFC 9309 §2.5); the line that the
// limit cuts through does not.
func TestALongRobotsFileCountsToItsLimit(t *testing.T) {
	rules := "User-agent: *\nDisallow: /chiuso\n# "
	f, _ := scripted(t, map[string]reply{
		"/robots.txt": func(r *http.Request) *http.Response {
			return respond(r, 200, rules+strings.Repeat("x", maxRobots-len(rules)-len("\nDisallow: /ap"))+"\nDisallow: /aperto\nDisallow: /\n")
		},
		"/aperto": func(r *http.Request) *http.Response { return respond(r, 200, "<p>x</p>", "Content-Type", "text/html") },
	})
	src := news.Source{ID: "a", URL: site + "/feed"}
	if _, err := f.Page(t.Context(), src, site+"/chiuso"); !errors.Is(err, ErrRobots) {
		t.Errorf("within the limit: %v", err)
	}
	if _, err := f.Page(t.Context(), src, site+"/aperto"); err != nil {
		t.Errorf("beyond the limit: %v", err)
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	f, base := origin(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "9000000")
	})
	for address, want := range map[string]string{
		base:                     "body is too large: more than 8 MB",
		"http://127.0.0.1:9/":    "poll.allow in feeds.yaml",
		"http://[::1]:9/":        "poll.allow in feeds.yaml",
		"file:///etc/passwd":     `scheme "file"`,
		"http://2130706433/feed": "address in numbers",
	} {
		if _, p, err := f.Feed(t.Context(), news.Source{ID: "a", URL: address}, news.Poll{}); err == nil || !strings.Contains(p.Err, want) {
			t.Errorf("%s: %v, want %q", address, p.Err, want)
		}
	}
}

// What breaks off between two items looks whole but for its end: saving its
// validators would lose what is behind the break to a 304.
func TestAFeedThatBreaksOff(t *testing.T) {
	whole := rssFeed(3, time.Now())
	second := strings.Index(whole, "</item>") + len("</item>")
	body := whole
	f, s := scripted(t, map[string]reply{"/": func(r *http.Request) *http.Response {
		if r.Header.Get("If-None-Match") == fmt.Sprintf(`"%d"`, len(body)) {
			return respond(r, 304, "")
		}
		return respond(r, 200, body, "Etag", fmt.Sprintf(`"%d"`, len(body)))
	}})
	src := news.Source{ID: "a", URL: site + "/"}
	ask := func(last news.Poll, items int) news.Poll {
		t.Helper()
		got, next, err := f.Feed(t.Context(), src, last)
		if err != nil || len(got) != items {
			t.Errorf("%d items, %v; want %d", len(got), err, items)
		}
		return next
	}
	for name, at := range map[string]int{"between items": second, "inside an item": second + 20, "inside the end": len(whole) - 8} {
		body = whole[:at]
		items := strings.Count(body, "</item>")
		last := ask(news.Poll{}, items)
		if last.ETag != "" {
			t.Errorf("%s: its validators are kept", name)
		}
		s.took()
		body = whole
		last = ask(last, 3)
		s.want("/")
		if last.ETag == "" || last.Cut != "" {
			t.Errorf("%s: the whole one: %+v", name, last)
		}
		// A feed that always ends so is not asked without validators for ever.
		body = whole[:at]
		last = ask(ask(ask(last, items), items), 0)
		if last.Unchanged != 1 || last.Status != 304 {
			t.Errorf("%s: the third time: %+v", name, last)
		}
		s.took()
	}
	body = whole[:strings.Index(whole, "<item>")]
	if _, next, err := f.Feed(t.Context(), src, news.Poll{}); !errors.Is(err, ErrNotFeed) || next.Failures != 1 {
		t.Errorf("broken off before the first item: %v", err)
	}
}

func TestOneSlowAddressIsNotItsHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := map[string]int{}
		f := simulated(t, 0, func(r *http.Request) (*http.Response, error) {
			asked[r.URL.Path]++
			if strings.HasPrefix(r.URL.Path, "/lenta") {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			return respond(r, 200, rssFeed(1, time.Now())), nil
		})
		feed := func(path string) error {
			_, _, err := f.Feed(t.Context(), news.Source{ID: path, URL: site + path}, news.Poll{})
			return err
		}
		if err := feed("/lenta/1"); faultOf(err) != news.FaultTimeout {
			t.Error(err)
		}
		if err := feed("/svelta"); err != nil {
			t.Errorf("another address: %v", err)
		}
		for i := range 4 {
			if err := feed(fmt.Sprintf("/lenta/%d", i)); faultOf(err) != news.FaultTimeout {
				t.Error(err)
			}
		}
		if err := feed("/svelta"); !errors.Is(err, ErrHostDown) || asked["/lenta/2"] != 0 {
			t.Errorf("after two in a row: %v, asked %v", err, asked)
		}
	})
}

func TestTransformedAnswerIsAnAnswer(t *testing.T) {
	f, _ := scripted(t, map[string]reply{"/": func(r *http.Request) *http.Response { return respond(r, 203, rssFeed(2, time.Now()), "Etag", `"e"`) }})
	items, next, err := f.Feed(t.Context(), news.Source{ID: "a", URL: site + "/"}, news.Poll{})
	if err != nil || len(items) != 2 || next.ETag != `"e"` {
		t.Errorf("%d items, %v, %+v", len(items), err, next)
	}
}
