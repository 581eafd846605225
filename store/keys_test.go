package store

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"vedetta/news"
)

// clampTime makes a time of what a fuzzer gives.
func clampTime(sec int64, nsec uint32) time.Time {
	return time.Unix(sec%(1<<50), int64(nsec%1e9))
}

func FuzzArticleKeyOrder(f *testing.F) {
	f.Add(int64(0), uint32(0), "aa", int64(-1), uint32(999_999_999), "ab")
	f.Add(int64(-62135596800), uint32(0), "", int64(1<<40), uint32(1), "x")
	f.Fuzz(func(t *testing.T, sec1 int64, ns1 uint32, id1 string, sec2 int64, ns2 uint32, id2 string) {
		t1, t2 := clampTime(sec1, ns1), clampTime(sec2, ns2)
		k1, k2 := articleKey(t1, id1), articleKey(t2, id2)
		got := bytes.Compare(k1, k2)
		if want := t1.Compare(t2); want != 0 && got != want {
			t.Errorf("%v, %v: keys compare %d", t1, t2, got)
		}
		if t1.Equal(t2) && (got == 0) != (id1 == id2) {
			t.Errorf("ids %q, %q: keys compare %d", id1, id2, got)
		}
		seen, id, err := cutArticleKey(k1)
		if err != nil || !seen.Equal(t1) || id != id1 {
			t.Errorf("decoded %v %q %v, want %v %q", seen, id, err, t1, id1)
		}

		prefix := timelinePrefix(false, "t", "f")
		d1, d2 := timelineKey(prefix, t1, id1), timelineKey(prefix, t2, id2)
		if want := t2.Compare(t1); want != 0 && bytes.Compare(d1, d2) != want {
			t.Errorf("%v, %v: timeline keys compare %d", t1, t2, bytes.Compare(d1, d2))
		}
		first, id, err := cutTimeline(d1[len(prefix):])
		if err != nil || !first.Equal(t1) || id != id1 {
			t.Errorf("decoded %v %q %v, want %v %q", first, id, err, t1, id1)
		}
	})
}

// Ids of articles keep their order, so that ties are broken the same way
// everywhere.
func FuzzIDOrder(f *testing.F) {
	f.Add([]byte{0}, []byte{1})
	f.Fuzz(func(t *testing.T, b1, b2 []byte) {
		id1, id2 := news.ArticleID(string(b1)), news.ArticleID(string(b2))
		if got, want := bytes.Compare(idKey(id1), idKey(id2)), cmp.Compare(id1, id2); got != want {
			t.Errorf("%s, %s: keys compare %d", id1, id2, got)
		}
	})
}

func FuzzTimelinePrefix(f *testing.F) {
	f.Add("a", "bc", "ab", "c")
	f.Add("a", "", "a", "\x00")
	f.Fuzz(func(t *testing.T, topic1, facet1, topic2, facet2 string) {
		if max(len(topic1), len(facet1), len(topic2), len(facet2)) > 127 {
			t.Skip("refused by checkVerdicts")
		}
		p1, p2 := timelinePrefix(true, topic1, facet1), timelinePrefix(true, topic2, facet2)
		if bytes.HasPrefix(p1, p2) != (topic1 == topic2 && facet1 == facet2) {
			t.Errorf("%q/%q and %q/%q run into each other", topic1, facet1, topic2, facet2)
		}
	})
}

// Damaged keys and values are errors, never panics.
func FuzzDecode(f *testing.F) {
	c, err := newCodec()
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(c.close)
	val, err := encodeSighting(news.Sighting{Key: "k", Digest: "00ff", Article: "a", First: day})
	if err != nil {
		f.Fatal(err)
	}
	packed, err := c.encodeJSON(backlog{[]news.Item{{Content: strings.Repeat("Il ministro ha detto. ", 50)}}})
	if err != nil {
		f.Fatal(err)
	}
	a := article(1)
	state, story := stateOf(a, 7), storyRecord{Story: alone(a)}.disk()
	f.Add(c.encode(&state))
	f.Add(c.encode(&story))
	f.Add(c.encode(&threadRecord{news.Thread{ID: "00", Stories: []string{"00", "01"}, Links: []news.Link{{A: "00", B: "02"}}}}))
	f.Add(newEntry(&a).body)
	f.Add(val)
	f.Add(packed)
	f.Add(c.encodeBundle([]entry{{id: "00ff", seen: day, body: []byte("{}")}}))
	f.Add(articleKey(day, "00ff"))
	f.Add(appendTimeDown(nil, day))
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = decodeSighting("k", b)
		_, _, _ = cutArticleKey(b)
		_, _, _ = cutTimeline(b)
		_ = c.decode(b, new(backlog))
		_ = c.decode(b, new(articleState))
		_ = c.decode(b, new(storyDisk))
		_ = c.decode(b, new(threadRecord))
		_, _ = decodeBody(b, true)
		_, _ = c.decodeBundle(b)
	})
}

func TestAfter(t *testing.T) {
	for in, want := range map[string]string{"": "", "a": "b", "a\xff": "b", "\xff": "", "ab": "ac"} {
		if got := string(after([]byte(in))); got != want {
			t.Errorf("after(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestBundles(t *testing.T) {
	for _, tt := range []struct {
		name  string
		sizes []int // KiB
		want  []int // entries
	}{
		{"none", nil, nil},
		{"empty", []int{0}, []int{1}},
		{"one", []int{1}, []int{1}},
		{"fit", []int{60, 60, 60}, []int{3}},
		{"one too many", []int{60, 60, 60, 60}, []int{2, 2}},
		{"large", []int{5000}, []int{1}},
		{"large and small", []int{1, 5000, 1}, []int{2, 1}},
		{"many", slices.Repeat([]int{10}, 60), []int{15, 15, 15, 15}},
	} {
		var es []entry
		for _, kb := range tt.sizes {
			es = append(es, entry{body: make([]byte, kb<<10)})
		}
		var got []int
		for _, b := range bundles(es) {
			got = append(got, len(b))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
