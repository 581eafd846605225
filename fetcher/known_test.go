package fetcher

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"vedetta/news"
)

// readAgain reads a document after another of the same source, with what is
// remembered of that one and without, and compares: what was recognised must
// be in the document, as it was before. It returns how many items that were.
func readAgain(t *testing.T, first, second []byte) (known int) {
	t.Helper()
	now := time.Date(2026, 1, 20, 12, 0, 0, 0, time.UTC)
	src, address := news.Source{ID: "gazzetta"}, "https://a.example/feed"
	m := newMemory()
	before := &recollection{memory: m}
	earlier, _, err := repairing{marks: true, recollection: before}.parse(src, first, "", address, now)
	if err != nil {
		return 0
	}
	all, allMeta, allErr := ParseFeed(src, second, "", address, now)
	after := &recollection{memory: m, before: before.result}
	items, meta, err := repairing{marks: true, recollection: after}.parse(src, second, "", address, now)
	if diff := cmp.Diff(fmt.Sprint(allErr), fmt.Sprint(err)) + cmp.Diff(allMeta, meta); diff != "" {
		t.Errorf("-all read +recognised:\n%s", diff)
	}
	read := make(map[string]bool)
	for _, it := range earlier {
		read[it.Key()+it.Digest()] = true
	}
	var fresh []news.Item
	for _, it := range items {
		if it.Known {
			known++
		} else {
			fresh = append(fresh, it)
		}
	}
	// Without those that were read before and are missing among the fresh ones,
	// the items are the fresh ones.
	rest := slices.DeleteFunc(slices.Clone(all), func(it news.Item) bool {
		return read[it.Key()+it.Digest()] && !slices.ContainsFunc(fresh, func(f news.Item) bool { return cmp.Equal(f, it) })
	})
	if diff := cmp.Diff(rest, fresh, cmpopts.EquateEmpty()); diff != "" || len(all) != len(items) {
		t.Errorf("of %d items %d were recognised, %d read. -to be read +read:\n%s", len(all), known, len(fresh), diff)
	}
	dates := func(items []news.Item) (d []int64) {
		for _, it := range items {
			d = append(d, max(it.Published.Unix(), 0))
		}
		slices.Sort(d)
		return d
	}
	if diff := cmp.Diff(dates(all), dates(items)); diff != "" {
		t.Errorf("dates: -all +recognised\n%s", diff)
	}
	// What is remembered next must tell as much as what a whole reading leaves.
	third := &recollection{memory: m}
	if _, _, err := (repairing{marks: true, recollection: third}).parse(src, second, "", address, now); err == nil {
		if diff := cmp.Diff(third.result, after.result, cmp.AllowUnexported(remembered{}, rememberedItem{})); diff != "" {
			t.Errorf("remembered: -after reading all +after recognising\n%s", diff)
		}
	}
	return known
}

func knownItem(n int, more string) string {
	return fmt.Sprintf("<item><guid isPermaLink='false'>g%d</guid><title>Notizia %d</title><link>/n/%d</link><pubDate>Mon, 19 Jan 2026 10:%02d:00 +0100</pubDate><description>%s%s</description></item>\n", n, n, n, n, strings.Repeat("La nave è rientrata. ", 10), more)
}

func knownEntry(n int) string {
	return fmt.Sprintf("<entry><id>tag:a.example,2026:%d</id><title>Notizia %d</title><link href='/n/%d'/><updated>2026-01-19T10:%02d:00Z</updated><content type='html'>%s</content></entry>\n", n, n, n, n, strings.Repeat("&lt;p&gt;La nave è rientrata. ", 10))
}

// TestKnownItems changes a feed of twelve items.
func TestKnownItems(t *testing.T) {
	items := func(list ...int) string {
		var b strings.Builder
		for _, n := range list {
			b.WriteString(knownItem(n, ""))
		}
		return b.String()
	}
	rss := func(items string) string {
		return "<rss version='2.0'><channel><title>T</title><link>https://a.example/</link>" + items + "</channel></rss>"
	}
	atom := func(items string) string {
		return "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title>" + items + "</feed>"
	}
	old := items(12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)
	first := rss(old)
	entries := knownEntry(3) + knownEntry(2) + knownEntry(1)
	tests := map[string]struct {
		first, second string
		known         int
	}{
		"same":                  {first, first, 12},
		"one new":               {first, rss(items(13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2)), 11},
		"three new":             {first, rss(items(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4)), 9},
		"at the end":            {first, rss(old + items(13)), 12},
		"some gone":             {first, rss(items(12, 9, 8, 7, 1)), 5},
		"backwards":             {first, rss(items(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)), 1},
		"head changed":          {first, strings.Replace(first, "<title>T", "<lastBuildDate>Tue, 20 Jan 2026 10:00:00 +0100</lastBuildDate><title>T2", 1), 12},
		"one corrected":         {first, strings.Replace(first, "Notizia 8", "Smentita 8", 1), 11},
		"text corrected":        {first, rss(items(12, 11) + knownItem(10, "Non è vero.") + items(9)), 3},
		"corrected, on top":     {first, rss(knownItem(5, "Non è vero.") + items(12, 11, 10, 9, 8, 7, 6, 4, 3, 2, 1)), 11},
		"GUID given again":      {first, rss(strings.Replace(items(13), "g13", "g4", 1) + old), 0},
		"given twice":           {first, rss(knownItem(5, "Non è vero.") + old), 0},
		"twice at first":        {rss(old + items(3)), first, 0},
		"other base":            {first, strings.Replace(first, "https://a.example/", "https://b.example/", 1), 0},
		"namespace":             {first, strings.Replace(first, "<channel>", "<channel xmlns='http://x.example/'>", 1), 0},
		"root":                  {first, strings.Replace(first, "'2.0'", "'0.9'", 1), 0},
		"breaks off":            {first, first[:len(first)-100], 0},
		"broke off":             {first[:len(first)-100], first, 0},
		"elsewhere":             {first, "<rss version='2.0'><channel></channel>" + old + "</rss>", 0},
		"own namespaces":        {rss("<item xmlns:a='x'><guid>a</guid></item>" + items(1, 2)), rss("<item xmlns:a='x'><guid>a</guid></item>" + items(1, 2)), 2},
		"in the future":         {rss(strings.Replace(items(1, 2), "2026", "2027", 1)), rss(strings.Replace(items(1, 2), "2026", "2027", 1)), 1},
		"nested sections":       {rss(items(1) + knownItem(2, "<![CDATA[a<![CDATA[b]]>c]]>")), rss(items(1, 2)), 0},
		"channel in channel":    {"<rss><channel><channel>" + old + "</channel></channel></rss>", first, 0},
		"in what is no channel": {first, "<rss><guid>" + old + "</guid></rss>", 0},
		"not parsed":            {rss("<url>" + items(1, 2) + "</url>" + items(3)), rss(items(3, 4)), 0},
		"an empty item":         {rss(old + "<item/>"), rss(old), 0},
		"another kind":          {first, atom(entries), 0},
		"atom":                  {atom(entries), atom(knownEntry(4) + entries), 3},
		"atom, corrected":       {atom(entries), atom(strings.Replace(entries, "Notizia 2", "Smentita 2", 1)), 2},
		"atom, a base":          {atom(entries), atom("<entry xml:base='https://b.example/'><id>x</id><title>x</title></entry>" + entries), 0},
		"not a feed":            {first, "<html><body>Manutenzione", 0},
		"empty":                 {first, rss(""), 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if known := readAgain(t, []byte(tt.first), []byte(tt.second)); known != tt.known {
				t.Errorf("%d items recognised, want %d", known, tt.known)
			}
		})
	}
}

func FuzzKnownItems(f *testing.F) {
	for _, body := range feedFiles(f) {
		f.Add(body, len(body)/2, 3, []byte("<item>"))
	}
	feed := []byte(rssOf("") + knownItem(2, "") + knownItem(1, ""))
	f.Add(feed, 10, 0, []byte("x"))
	f.Add(feed, len(feed)-50, 5, []byte("]]>"))
	f.Add([]byte(atomOf("<summary>x</summary>")), 30, 0, []byte(knownEntry(1)))
	f.Fuzz(func(t *testing.T, body []byte, at, cut int, insert []byte) {
		at = min(max(at, 0), len(body))
		cut = min(max(cut, 0), len(body)-at)
		readAgain(t, body, slices.Concat(body[:at], insert, body[at+cut:]))
		readAgain(t, slices.Concat(body[:at], insert, body[at+cut:]), body)
	})
}

// TestKnownItemsOfASource visits a site: items are recognised only where what
// was read of the answer before has been saved.
func TestKnownItemsOfASource(t *testing.T) {
	var body string
	f, err := New(Options{Transport: trip(func(r *http.Request) (*http.Response, error) { return respond(r, 200, body), nil })})
	if err != nil {
		t.Fatal(err)
	}
	src := news.Source{ID: "a", URL: "https://a.example/feed"}
	visit := func(last news.Poll, items string) (next news.Poll, known int) {
		t.Helper()
		body = "<rss version='2.0'><channel><title>T</title>" + items + "</channel></rss>"
		read, next, err := f.Feed(t.Context(), src, last)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range read {
			if it.Known {
				known++
			}
		}
		return next, known
	}
	a, b, c := knownItem(1, ""), knownItem(2, ""), knownItem(3, "")
	first, known := visit(news.Poll{}, a)
	if known != 0 {
		t.Errorf("%d known at the first visit", known)
	}
	second, known := visit(first, b+a)
	if known != 1 || second.Newest.IsZero() || second.Gap != time.Minute {
		t.Errorf("%d known at the second visit, newest %v, gap %v", known, second.Newest, second.Gap)
	}
	if _, known := visit(first, c+b+a); known != 0 {
		t.Errorf("%d known though the second visit was not saved", known)
	}
	last, known := visit(second, b+a+"\n")
	if known != 0 {
		t.Errorf("%d known though the third visit was not saved", known)
	}
	if last, known = visit(last, c+b+a); known != 2 {
		t.Errorf("%d known of the visit before", known)
	}
	d := news.Delivery{Source: "a", ContentType: "text/xml", Body: []byte(body)}
	if _, last, err = f.Delivery(src, last, d); err != nil {
		t.Fatal(err)
	}
	if last, known = visit(last, c+b); known != 0 {
		t.Errorf("%d known after a delivery", known)
	}
	last.BadGUIDs = true
	if _, known = visit(last, c); known != 0 {
		t.Errorf("%d known though addresses tell the items apart", known)
	}
}

// TestKnownItemsCostLittle gives a document items that nearly are those that
// are remembered.
func TestKnownItemsCostLittle(t *testing.T) {
	m := newMemory()
	c := &recollection{memory: m}
	big := bytes.Repeat([]byte("x"), 100_000)
	for n := range 10 {
		c.known(big, 2, 0)
		c.whole(big[:len(big)-n])
	}
	items := make([]news.Item, 10)
	for i := range items {
		items[i].Title = fmt.Sprint(i)
	}
	c.remember(repaired{}, parsed{items: items}, time.Now())
	again := &recollection{memory: m, before: c.result}
	text := bytes.Repeat([]byte(">"), 200_000)
	for len(text) > 0 {
		if again.known(text, 2, 200_000) > 0 {
			t.Fatal("recognised")
		}
		text = text[1:]
	}
	if again.tried > 2*knownAhead*200_000 {
		t.Errorf("%d bytes hashed of 200,000 that the document has", again.tried)
	}
}

// TestItemsOutliveTheBody visits twice in the same room.
func TestItemsOutliveTheBody(t *testing.T) {
	bodies := []string{
		rssOf("<description>" + strings.Repeat("prima ", 500) + "</description>"),
		strings.Repeat("x", 4000),
		`{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": "1", "content_text": "` + strings.Repeat("prima ", 500) + `"}]}`,
		strings.Repeat("y", 4000),
		"<html><head><link rel=alternate type=application/rss+xml href=/feed></head>" + strings.Repeat("<p>", 500),
		strings.Repeat("z", 4000),
	}
	f, err := New(Options{Transport: trip(func(r *http.Request) (*http.Response, error) {
		body := bodies[0]
		bodies = bodies[1:]
		return respond(r, 200, body), nil
	})})
	if err != nil {
		t.Fatal(err)
	}
	src := news.Source{ID: "a", URL: "https://a.example/feed"}
	for range len(bodies) / 2 {
		read, first := f.ask(t.Context(), src, news.Poll{}, src.URL)
		before := fmt.Sprintf("%+v %v", read.items, first)
		if _, err := f.ask(t.Context(), src, news.Poll{}, src.URL); err == nil {
			t.Error("read as a feed")
		}
		if after := fmt.Sprintf("%+v %v", read.items, first); before != after {
			t.Errorf("%s\nbecame %s", before, after)
		}
	}
}
