package publish

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vedetta/news"
)

// rome is the zone of all tests.
func rome(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Skip("no zone data on this machine: ", err)
	}
	return z
}

// memory is a Reader over maps. Who changes stories while documents are made holds
// mu.
type memory struct {
	mu       sync.RWMutex
	stories  map[string]news.Story
	merged   map[string]string
	threads  map[string]news.Thread
	articles map[string]news.Article
	polls    map[string]news.Poll
	revision atomic.Uint64 // of what is listed
	polled   atomic.Uint64 // commits that changed nothing of that
	queries  atomic.Int64
	broken   error
}

func newMemory() *memory {
	return &memory{
		stories: map[string]news.Story{}, merged: map[string]string{}, threads: map[string]news.Thread{},
		articles: map[string]news.Article{}, polls: map[string]news.Poll{},
	}
}

func (m *memory) Timeline(q news.Query) ([]news.Story, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	m.queries.Add(1)
	if m.broken != nil {
		return nil, m.broken
	}
	var out []news.Story
	for _, st := range m.stories {
		if (q.Before.IsZero() || st.First.Before(q.Before)) && !st.First.Before(q.After) && m.on(st, q) {
			out = append(out, st)
		}
	}
	slices.SortFunc(out, func(a, b news.Story) int {
		return cmp.Or(b.First.Compare(a.First), cmp.Compare(a.ID, b.ID))
	})
	return out[:min(len(out), cmp.Or(q.Limit, 100))], nil
}

func (m *memory) on(st news.Story, q news.Query) bool {
	for _, mb := range st.Members {
		v, ok := m.articles[mb.Article].Verdict(q.Topic)
		if !ok {
			continue
		}
		if q.Near {
			if v.Near && !v.On {
				return true
			}
			continue
		}
		if v.On && (q.Facet == "" || slices.Contains(v.Facets, q.Facet)) {
			return true
		}
	}
	return false
}

func (m *memory) Story(id string) (news.Story, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if to := m.merged[id]; to != "" {
		id = to
	}
	if st, ok := m.stories[id]; ok {
		return st, nil
	}
	return news.Story{}, fmt.Errorf("story %s: %w", id, fs.ErrNotExist)
}

func (m *memory) Thread(id string) (news.Thread, error) {
	if t, ok := m.threads[id]; ok {
		return t, nil
	}
	return news.Thread{}, fmt.Errorf("thread %s: %w", id, fs.ErrNotExist)
}

func (m *memory) Articles(ids ...string) ([]news.Article, error) {
	var out []news.Article
	for _, id := range ids {
		if a, ok := m.articles[id]; ok {
			out = append(out, a)
		}
	}
	return out, nil
}

func (m *memory) Polls() (map[string]news.Poll, error) { return m.polls, m.broken }
func (m *memory) Revision() uint64                     { return m.revision.Load() + m.polled.Load() }
func (m *memory) ListedRevision() uint64               { return m.revision.Load() }

// testTopic is the topic of all tests.
func testTopic() news.Topic {
	return news.Topic{
		ID: "nato-giappone-italia", Title: "NATO – Giappone – Italia",
		Actors: map[string]news.Actor{
			"nato": {Label: "NATO"}, "giappone": {Label: "Giappone"}, "italia": {Label: "Italia"}, "gcap": {Label: "GCAP"},
		},
		Themes:  map[string]news.Theme{"difesa": {Label: "Difesa"}},
		Against: map[string]news.Theme{"sport": {Label: "Sport"}},
		Relations: []news.Relation{
			{ID: "nato-giappone", Label: "NATO – Giappone"},
			{ID: "italia-giappone", Label: "Italia – Giappone"},
			{ID: "gcap", Label: "GCAP"},
		},
	}
}

func testSources() []SourceInfo {
	src := func(id, name string, kind news.Kind) SourceInfo {
		return SourceInfo{
			Source:  news.Source{ID: id, Name: name, URL: "https://" + id + ".example/feed.xml", Site: "https://" + id + ".example/", Kind: kind, Lang: "it"},
			Enabled: true,
		}
	}
	off := src("bollettino", "Bollettino dell’Ammiragliato", news.Outlet)
	off.Enabled, off.Reason = false, "il feed porta solo avvisi di gara"
	page := SourceInfo{Source: news.Source{ID: "ministero", Name: "Ministero dei Fari", Page: "https://ministero.example/notizie", Kind: news.Institution}, Enabled: true}
	return []SourceInfo{
		src("orizzonte", "Orizzonte Difesa", news.Outlet), src("agenzia-molo", "Agenzia Molo", news.Agency),
		src("il-faro", "Il Faro Quotidiano", news.Outlet), src("rotte", "Rotte e Alleanze", news.Outlet),
		src("cieli", "Cieli & Motori", news.Outlet), page, off,
	}
}

// told is how one article of the fixture is told; marked terms stand between
// asterisks, with the relation and actor of each in order.
type told struct {
	id, source, title string
	hours             float64 // before the fixture's now
	author            string
	paragraphs        []string
	facets            []string
	score             float64
	near              bool
	reason            string
	copies            []string // "source hours why likeness"
	origin            string
	thread            string
	versions          []string // a former last paragraph
	image             string
	lang              string
}

// fixtureNow is when the fixture is looked at.
func fixtureNow(t testing.TB) time.Time {
	return time.Date(2026, time.March, 11, 18, 30, 0, 0, rome(t))
}

func fixture(t testing.TB) *memory {
	m := newMemory()
	now := fixtureNow(t)
	for _, p := range places() {
		m.add(p, now)
	}
	m.threads["s-vertice"] = news.Thread{
		ID: "s-vertice", Stories: []string{"s-vertice", "s-visita", "s-porto"},
		Links: []news.Link{
			{A: "s-vertice", B: "s-visita", Score: 0.6, Shared: []string{"Tokyo", "ammiraglio Serra", "11 marzo"}},
			{A: "s-visita", B: "s-porto", Score: 0.5, Shared: []string{"Tokyo", "nave Levante"}},
		},
		First: m.stories["s-vertice"].First, Last: m.stories["s-porto"].First,
	}
	m.merged["s-vecchia"] = "s-vertice"
	m.polls = testPolls(now)
	m.revision.Store(1)
	return m
}

func testPolls(now time.Time) map[string]news.Poll {
	hour := func(n float64) time.Time { return now.Add(-time.Duration(n * float64(time.Hour))) }
	return map[string]news.Poll{
		"orizzonte":    {Last: hour(0.4), Success: hour(0.4), Newest: hour(2), Gap: 5 * time.Hour, Items: 412, OnTopic: 37, Polls: 900, Unchanged: 700},
		"agenzia-molo": {Last: hour(0.2), Success: hour(0.2), Newest: hour(1), Gap: 20 * time.Minute, Items: 12840, OnTopic: 61, Recovered: hour(30), Outage: 50 * time.Hour},
		"il-faro":      {Last: hour(1), Success: hour(60), Failures: 12, FailingSince: hour(59), Err: "HTTP 503 Service Unavailable", Fault: news.FaultServer, Status: 503, Items: 1900, OnTopic: 12, Newest: hour(61), Gap: 90 * time.Minute},
		"rotte":        {Last: hour(0.6), Success: hour(0.6), Newest: hour(24 * 40), Gap: 30 * time.Hour, Items: 88, OnTopic: 19},
		"cieli":        {Last: hour(0.6), Success: hour(0.6), Newest: hour(7), Gap: 9 * time.Hour, Items: 240, OnTopic: 21, Moved: "https://cieli.example/nuovo/feed", MovedSince: hour(80), MovedCount: 5},
	}
}

// add turns what is told into an article with its copies and a story.
func (m *memory) add(p told, now time.Time) {
	at := func(h float64) time.Time { return now.Add(-time.Duration(h * float64(time.Hour))) }
	a := news.Article{
		ID: "a-" + p.id, Source: p.source, URL: "https://" + p.source + ".example/" + p.id, Published: at(p.hours), Seen: at(p.hours - 0.1),
		Lang: cmp.Or(p.lang, "it"), Image: p.image, Story: "s-" + p.id,
	}
	if p.author != "" {
		a.Authors = []string{p.author}
	}
	v := news.Verdict{Topic: "nato-giappone-italia", On: !p.near && p.score > 0, Near: p.near, Score: p.score, Facets: p.facets, Reason: p.reason}
	var ev []news.Evidence
	a.Title, ev = marks(p.title, news.InTitle, 0, p.facets)
	v.Evidence = append(v.Evidence, ev...)
	var paras []string
	offset := 0
	for _, para := range p.paragraphs {
		text, ev := marks(para, news.InText, offset, p.facets)
		v.Evidence = append(v.Evidence, ev...)
		paras = append(paras, text)
		offset += len(text) + 2
	}
	if p.near {
		v.Against = []news.Against{{Theme: "sport", Term: "partita", Sentence: "La partita finì in parità.", Where: news.InText, Weight: 0.3}}
	}
	a.Text = strings.Join(paras, "\n\n")
	if len(paras) > 0 {
		a.Summary = paras[0]
		a.HTML = "<p>" + strings.Join(paras, "</p>\n<p>") + "</p>"
	}
	if p.score > 0 {
		a.Verdicts = []news.Verdict{v}
	}
	for i, former := range p.versions {
		a.Versions = append(a.Versions, news.Version{Until: at(p.hours - float64(i+1)), Title: a.Title, Text: strings.Join(append(slices.Clone(paras[:len(paras)-1]), former), "\n\n")})
	}
	m.articles[a.ID] = a
	st := news.Story{
		ID: "s-" + p.id, Shown: a.ID, Origin: p.origin, Thread: cmp.Or(p.thread, "s-"+p.id), First: a.Published, Updated: a.Published,
		Members: []news.Member{{Article: a.ID, Source: a.Source, Published: a.Published}},
	}
	if len(a.Versions) > 0 {
		st.Updated = a.Versions[len(a.Versions)-1].Until
	}
	for i, c := range p.copies {
		var source, why string
		var h, alike float64
		if _, err := fmt.Sscan(c, &source, &h, &why, &alike); err != nil {
			panic(err)
		}
		why = strings.ReplaceAll(why, "_", " ")
		b := a
		b.ID, b.Source, b.Published = fmt.Sprintf("%s-c%d", a.ID, i), source, at(h)
		b.URL = "https://" + source + ".example/" + p.id
		b.Versions = nil
		if why == "rewritten" {
			b.Title = "Ecco " + strings.ToLower(a.Title[:1]) + a.Title[1:]
			b.Text = strings.Replace(a.Text, "ha detto", "ha spiegato ai giornalisti", 1) + "\n\nLa vicenda prosegue domani."
		}
		m.articles[b.ID] = b
		st.Members = append(st.Members, news.Member{Article: b.ID, Source: source, Published: b.Published, Of: a.ID, Resemblance: alike, Why: why})
	}
	slices.SortFunc(st.Members, func(x, y news.Member) int { return x.Published.Compare(y.Published) })
	st.First = st.Members[0].Published
	if st.Updated.Before(st.First) {
		st.Updated = st.First
	}
	m.stories[st.ID] = st
}

// marks takes the asterisks out of a text and makes evidence of what stood
// between them.
func marks(text string, where news.Place, offset int, facets []string) (string, []news.Evidence) {
	var out strings.Builder
	var ev []news.Evidence
	actors := map[string]string{"NATO": "nato", "Alleanza": "nato", "GCAP": "gcap"}
	for i, part := range strings.Split(text, "*") {
		if i%2 == 1 {
			actor := cmp.Or(actors[strings.Fields(part)[0]], "giappone")
			if strings.HasPrefix(part, "Ital") || strings.Contains(part, "italian") {
				actor = "italia"
			}
			e := news.Evidence{Actor: actor, Term: part, Where: where, Start: offset + out.Len(), End: offset + out.Len() + len(part), Weight: 1}
			if len(facets) > 0 {
				e.Relation = facets[len(ev)%len(facets)]
			}
			ev = append(ev, e)
		}
		out.WriteString(part)
	}
	plain := out.String()
	for i := range ev {
		from := ev[i].Start - offset
		a := strings.LastIndex(plain[:from], ". ") + 2
		if a < 2 {
			a = 0
		}
		b := len(plain)
		if j := strings.Index(plain[from:], ". "); j >= 0 {
			b = from + j + 1
		}
		ev[i].Sentence = plain[a:b]
	}
	return plain, ev
}

func testSite(t testing.TB) Site {
	return Site{
		Title: "Vedetta", BaseURL: "https://vedetta.example", Language: "it", Hub: "https://hub.example/",
		Topics: []news.Topic{testTopic()}, Sources: testSources(), Version: "1.0.0", Zone: rome(t),
		Started: time.Date(2026, time.March, 1, 8, 0, 0, 0, time.UTC),
	}
}

// handler serves a reader as the fixture's site.
func handler(t testing.TB, r Reader, change ...func(*Site)) *Handler {
	t.Helper()
	site := testSite(t)
	for _, c := range change {
		c(&site)
	}
	h, err := New(r, site, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	now := fixtureNow(t)
	h.now = func() time.Time { return now }
	return h
}

// get asks for a path; headers come in pairs.
func get(h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
