package engine

import (
	"slices"
	"testing"
	"time"

	"vedetta/news"
)

const relaySources = `
poll: {per_host: 0s, workers: 1}
sources:
  - {name: Alfa, url: "https://alfa.example/feed"}
  - {name: Nord, url: "https://nord.example/feeds/patto.json"}
  - {name: Sud, url: "https://sud.example/feeds/patto.json"}
`

// relay has another daemon pass on an article.
func (r *rig) relay(source, url, title, text string, change func(*news.Relayed)) {
	it := news.Item{
		Source: source, GUID: url, URL: url, Title: title, Content: text, Published: time.Now().Add(-time.Hour),
		Relayed: &news.Relayed{Relay: news.Relay{Story: news.ArticleID(url)}, Outlet: "giornale", Name: "Il Giornale", Text: text},
	}
	if change != nil {
		change(it.Relayed)
	}
	r.press.mu.Lock()
	defer r.press.mu.Unlock()
	r.press.items[source] = append(r.press.items[source], it)
}

// storiesOf are the stories of articles, by their addresses.
func (r *rig) storiesOf(t *testing.T, urls ...string) (ids []string) {
	t.Helper()
	for _, u := range urls {
		as, err := r.store.Articles(news.ArticleID(u))
		if err != nil || len(as) != 1 {
			t.Fatalf("%s: %d articles, %v", u, len(as), err)
		}
		ids = append(ids, as[0].Story)
	}
	return ids
}

// TestNobodyChangesOthersArticles has two daemons say different things of one
// article, and then its outlet speak.
func TestNobodyChangesOthersArticles(t *testing.T) {
	r := newRig(t, relaySources)
	const url = "https://alfa.example/nota"
	text := func() string {
		t.Helper()
		as, err := r.store.Articles(news.ArticleID(url))
		if err != nil || len(as) != 1 {
			t.Fatalf("%d articles, %v", len(as), err)
		}
		return as[0].Source + ": " + as[0].Title
	}
	r.relay("nord", url, "Come dice Nord", prosa(1), nil)
	r.round(t)
	r.relay("sud", url, "Come dice Sud", prosa(2), nil)
	r.round(t)
	if got := text(); got != "nord/giornale: Come dice Nord" {
		t.Errorf("after another daemon spoke: %s", got)
	}
	r.press.items["nord"] = nil
	r.relay("nord", url, "Come Nord corregge", prosa(3), nil)
	r.round(t)
	if got := text(); got != "nord/giornale: Come Nord corregge" {
		t.Errorf("after a correction: %s", got)
	}
	r.item("alfa", "nota", "Come dice Alfa", prosa(4))
	r.round(t)
	if got := text(); got != "alfa: Come dice Alfa" {
		t.Errorf("after its outlet spoke: %s", got)
	}
	r.press.items["nord"], r.press.items["sud"] = nil, nil
	r.relay("nord", url, "Come Nord insiste", prosa(5), nil)
	r.relay("sud", url, "Come Sud insiste", prosa(6), nil)
	r.round(t)
	if got := text(); got != "alfa: Come dice Alfa" {
		t.Errorf("after others insisted: %s", got)
	}
	as, err := r.store.Articles(news.ArticleID(url))
	if err != nil || as[0].Relay != nil || len(as[0].Versions) != 0 {
		t.Errorf("what others said is kept: %+v, %v", as[0], err)
	}
}

// TestRelayedCopies joins what a daemon says are copies, as far as it brought
// both.
func TestRelayedCopies(t *testing.T) {
	r := newRig(t, relaySources)
	copyOf := func(url string) func(*news.Relayed) {
		return func(rel *news.Relayed) {
			rel.Of, rel.Story, rel.Resemblance, rel.Why = news.ArticleID(url), news.ArticleID(url), 0.5, "editor"
		}
	}
	const first, second, third, own = "https://a.example/1", "https://b.example/2", "https://c.example/3", "https://alfa.example/propria"
	r.item("alfa", "propria", "Propria", prosa(9))
	r.round(t)
	r.relay("nord", first, "Prima", prosa(1), nil)
	r.relay("nord", second, "Seconda", prosa(2), copyOf(first))
	r.relay("sud", third, "Terza", prosa(3), copyOf(first))
	r.relay("sud", "https://c.example/4", "Quarta", prosa(4), copyOf(own))
	r.round(t)
	ids := r.storiesOf(t, first, second, third, own, "https://c.example/4")
	if want := news.ArticleID(first); ids[0] != want || ids[1] != want {
		t.Errorf("a daemon's own articles are in %v; want both in %s", ids[:2], want)
	}
	if ids[2] == ids[0] || ids[4] == ids[3] {
		t.Errorf("a daemon put articles of its own into others' stories: %v", ids)
	}
	// The past is the same after a restart.
	r.recognition = nil
	if err := r.recognise(t.Context(), r.plan); err != nil {
		t.Fatal(err)
	}
	if again := r.storiesOf(t, first, second, third, own, "https://c.example/4"); !slices.Equal(again, ids) {
		t.Errorf("%v; were %v", again, ids)
	}
}

// TestRelayedName keeps the name that readers of the other daemon know, though
// another member came out before its founder.
func TestRelayedName(t *testing.T) {
	r := newRig(t, relaySources)
	const founder, earlier = "https://a.example/1", "https://b.example/2"
	r.relay("nord", founder, "Fondatrice", visita, nil)
	r.relay("nord", earlier, "Uscita prima", visita, func(rel *news.Relayed) { rel.Story, rel.Of = news.ArticleID(founder), news.ArticleID(founder) })
	r.press.items["nord"][1].Published = time.Now().Add(-5 * time.Hour)
	r.round(t)
	for _, id := range r.storiesOf(t, founder, earlier) {
		if id != news.ArticleID(founder) {
			t.Errorf("story %s; want %s", id, news.ArticleID(founder))
		}
	}
}

// TestRelayedWithoutText keeps the verdict of the other daemon where there is
// nothing any more to judge, on topics of ours only.
func TestRelayedWithoutText(t *testing.T) {
	r := newRig(t, relaySources)
	said := []news.Verdict{{Topic: "patto", On: true, Score: 0.8, Facets: []string{"nato-giappone"}}, {Topic: "altro", On: true, Score: 1}}
	pruned := func(rel *news.Relayed) { rel.Text, rel.Pruned, rel.Verdicts = "", true, said }
	r.relay("nord", "https://a.example/1", "Di un anno fa", "", pruned)
	r.relay("nord", "https://a.example/2", "Con il suo testo", prosa(1), func(rel *news.Relayed) { rel.Verdicts = said })
	r.round(t)
	got := r.archive(t)
	if a := got["Di un anno fa"]; !a.On("patto") || len(a.Verdicts) != 1 || !a.Pruned {
		t.Errorf("without text: %+v", a)
	}
	if a := got["Con il suo testo"]; a.On("") {
		t.Errorf("judged by others: %+v", a.Verdicts)
	}
	r.press.items["nord"] = nil
	r.relay("nord", "https://a.example/2", "Con il suo testo", "", pruned)
	r.round(t)
	if a := r.archive(t)["Con il suo testo"]; a.Text == "" || len(a.Versions) != 0 {
		t.Errorf("what is dropped there is dropped here: %+v", a)
	}
}
