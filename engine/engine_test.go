package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vedetta/config"
	"vedetta/news"
)

// otherTopics is the topic under rules that nothing here passes.
const otherTopics = `
topics:
  - id: patto
    title: Patto
    actors:
      nato: {label: NATO, terms: [NATO]}
      cina: {label: Cina, terms: [Cina, Pechino]}
    relations:
      - {id: nato-cina, label: "NATO–Cina", between: [nato, cina]}
`

const visita = "Il segretario generale della NATO è arrivato a Tokyo per incontrare il ministro della Difesa del Giappone. " +
	"Al centro del colloquio tra la NATO e il Giappone la sicurezza marittima, la difesa informatica e le esercitazioni comuni. " +
	"Il Giappone aprirà una missione presso la NATO, hanno annunciato le due parti al termine dell'incontro a Tokyo."

func TestPollTakesItemsThroughThePipeline(t *testing.T) {
	r := newRig(t, twoSources)
	r.item("alfa", "visita", "Il segretario della NATO a Tokyo", visita)
	r.item("alfa", "bilancio", "Il bilancio del comune", prosa(1))
	o := r.round(t)["alfa"]
	if o.Status != Polled || o.New != 2 || o.OnTopic != 1 {
		t.Errorf("outcome = %+v; want 2 new, 1 on topic", o)
	}
	a := r.archive(t)["Il segretario della NATO a Tokyo"]
	if a.Text != visita || a.Method != "dom" {
		t.Errorf("stored text %q by %q; want the page's", a.Text, a.Method)
	}
	if v, _ := a.Verdict("patto"); !v.On || len(v.Evidence) == 0 || !slices.Equal(v.Facets, []string{"nato-giappone"}) {
		t.Errorf("verdict = %+v; want on, with evidence", v)
	}
	if st, err := r.store.Timeline(news.Query{Topic: "patto"}); err != nil || len(st) != 1 || st[0].Shown != a.ID {
		t.Errorf("timeline = %+v, %v; want the one story", st, err)
	}
	p, err := r.store.Poll("alfa")
	if err != nil || p.ETag == "" || p.Items != 2 || p.OnTopic != 1 || p.Pages != 2 {
		t.Errorf("poll = %+v, %v", p, err)
	}
}

func TestASecondVisitBringsNothingAgain(t *testing.T) {
	r := newRig(t, twoSources)
	r.item("alfa", "visita", "Il segretario della NATO a Tokyo", visita)
	r.round(t)
	pages := len(r.press.fetched)
	if o := r.round(t)["alfa"]; o.Status != Unchanged || o.New != 0 {
		t.Errorf("outcome = %+v; want unchanged", o)
	}
	r.item("alfa", "nuovo", "Un altro pezzo", prosa(2)) // the feed changes, the old item is still in it
	if o := r.round(t)["alfa"]; o.New != 1 {
		t.Errorf("outcome = %+v; want one new", o)
	}
	if got := len(r.press.fetched) - pages; got != 1 {
		t.Errorf("%d pages fetched; want only the new one's", got)
	}
	r.archive(t)
}

func TestVisitCutOffKeepsWhatItHasAndLosesNothing(t *testing.T) {
	r := newRig(t, twoSources)
	for i := range 40 {
		r.item("alfa", fmt.Sprint("pezzo-", i), fmt.Sprint("Pezzo ", i), prosa(i))
	}
	ctx, cancel := context.WithCancel(t.Context())
	r.press.onPage = func(n int) error {
		if n == 30 {
			cancel()
		}
		return nil
	}
	if _, err := r.Round(ctx, r.plan, true, func(Outcome) {}); !errors.Is(err, context.Canceled) {
		t.Fatalf("Round = %v; want it cut off", err)
	}
	p, err := r.store.Poll("alfa")
	if err != nil || p.ETag != "" || p.Failed() {
		t.Errorf("poll after the cut = %+v, %v; want no validators and no failure", p, err)
	}
	kept := len(r.archive(t))
	if kept != 2*chunkPages {
		t.Errorf("%d articles kept; want the two whole chunks", kept)
	}
	r.press.onPage = nil
	o := r.round(t)["alfa"]
	if o.New != 40-kept || len(r.archive(t)) != 40 {
		t.Errorf("second visit: %+v, %d stored; want the rest", o, len(r.archive(t)))
	}
}

func TestCappedVisitIsContinued(t *testing.T) {
	r := newRig(t, twoSources)
	const many = pagesPerVisit + 25
	for i := range many {
		r.item("alfa", fmt.Sprint("pezzo-", i), fmt.Sprint("Pezzo ", i), prosa(i))
	}
	if o := r.round(t)["alfa"]; o.New != pagesPerVisit || o.Left != 25 {
		t.Errorf("first visit: %+v; want %d new, 25 left", o, pagesPerVisit)
	}
	if p, err := r.store.Poll("alfa"); err != nil || p.ETag == "" || p.Left != 25 {
		t.Errorf("%+v, %v; want the validators, or the site is asked for all of it again", p, err)
	}
	// What is left does not need the feed any more: neither does it change, nor
	// has it to keep the items.
	if o := r.round(t)["alfa"]; o.New != 25 || o.Left != 0 || o.Items != 0 {
		t.Errorf("second visit: %+v; want the 25 left", o)
	}
	if p, err := r.store.Poll("alfa"); err != nil || p.ETag == "" || p.Items != many || p.Left != 0 {
		t.Errorf("poll = %+v, %v; want validators and all items counted", p, err)
	}
	if kept, err := r.store.Backlog("alfa"); err != nil || len(kept) != 0 {
		t.Errorf("%d items kept that were read, %v", len(kept), err)
	}
	if r.press.whole["alfa"] != 1 {
		t.Errorf("%d requests without the latest validators", r.press.whole["alfa"])
	}
}

func TestBacklogTakesThePresentForm(t *testing.T) {
	r := newRig(t, twoSources)
	const many = pagesPerVisit + 25
	for i := range many {
		r.item("alfa", fmt.Sprint("pezzo-", i), fmt.Sprint("Pezzo ", i), prosa(i))
	}
	r.round(t)
	for i := range r.press.items["alfa"] { // the publisher mends each title
		r.press.items["alfa"][i].Title += " bis"
	}
	r.round(t)
	r.round(t)
	for title := range r.archive(t) {
		if !strings.HasSuffix(title, " bis") {
			t.Errorf("%q is an old form", title)
		}
	}
	if n := len(r.archive(t)); n != many {
		t.Errorf("%d articles, want %d", n, many)
	}
}

func TestBacklogIsBounded(t *testing.T) {
	r := newRig(t, twoSources)
	const many = pagesPerVisit + maxBacklog + 30
	for i := range many {
		it := r.item("alfa", fmt.Sprint("pezzo-", i), fmt.Sprint("Pezzo ", i), prosa(i))
		r.press.items["alfa"][i].Published = it.Published.Add(time.Duration(i) * time.Millisecond)
	}
	o := r.round(t)["alfa"]
	if o.New != pagesPerVisit+30 || o.Left != maxBacklog || len(r.press.fetched) != pagesPerVisit {
		t.Errorf("%+v, %d pages; want the oldest read without their pages", o, len(r.press.fetched))
	}
	archive := r.archive(t)
	if a := archive["Pezzo 0"]; a.Method != "feed" || a.Refused != "" {
		t.Errorf("the oldest: %+v", a)
	}
	if a := archive["Pezzo 30"]; a.Method != "dom" {
		t.Errorf("the first that has its turn: %+v", a)
	}
}

// brokenStore fails the n-th commit of articles.
type brokenStore struct {
	Store
	left int
}

func (s *brokenStore) Commit(vs ...news.Visit) error {
	if s.left--; s.left == 0 {
		return errors.New("no space left on device")
	}
	return s.Store.Commit(vs...)
}

func TestFailedCommitLosesNothing(t *testing.T) {
	r := newRig(t, twoSources)
	r.Engine.store = &brokenStore{Store: r.store, left: 1}
	r.plan.Sources = r.plan.Sources[:1]
	r.item("alfa", "visita", "Il segretario della NATO a Tokyo", visita)
	o := r.round(t)["alfa"]
	if !o.fatal || o.Status != Failed || !strings.Contains(o.Err, "no space left") {
		t.Errorf("outcome = %+v; want our own failure", o)
	}
	if p, err := r.store.Poll("alfa"); err != nil || p.ETag != "" || p.Failed() {
		t.Errorf("poll = %+v, %v; want nothing of the visit", p, err)
	}
	if o := r.round(t)["alfa"]; o.New != 1 || o.Copies != 0 {
		t.Errorf("outcome = %+v; want the article, and not as a copy of itself", o)
	}
}

func TestChangedArticleIsUpdatedInPlace(t *testing.T) {
	r := newRig(t, twoSources)
	r.item("alfa", "visita", "Il segretario della NATO a Tokyo", visita)
	r.round(t)
	before := r.archive(t)["Il segretario della NATO a Tokyo"]

	it := &r.press.items["alfa"][0]
	it.Title = "NATO e Giappone, l'incontro a Tokyo"
	r.press.pages[it.URL] = visita + " Il comunicato finale è stato diffuso in serata, con l'elenco completo degli impegni presi."
	o := r.round(t)["alfa"]
	if o.New != 0 || o.Changed != 1 {
		t.Errorf("outcome = %+v; want one changed", o)
	}
	all := r.archive(t)
	a := all[it.Title]
	if len(all) != 1 || a.ID != before.ID || !a.Seen.Equal(before.Seen) || a.Story != before.Story {
		t.Errorf("identity changed: %+v was %+v", a, before)
	}
	if len(a.Versions) != 1 || a.Versions[0].Text != visita || a.Versions[0].Title != before.Title {
		t.Errorf("versions = %+v; want the text before", a.Versions)
	}
}

func TestATouchedItemIsNoNewVersion(t *testing.T) {
	r := newRig(t, twoSources)
	r.item("alfa", "visita", "Il segretario della NATO a Tokyo", visita)
	r.round(t)
	r.press.items["alfa"][0].Summary += " (di redazione)"
	if o := r.round(t)["alfa"]; o.Changed != 0 {
		t.Errorf("outcome = %+v; want nothing changed", o)
	}
	if o := r.round(t)["alfa"]; len(r.press.fetched) != 2 {
		t.Errorf("outcome = %+v, %d pages; the touched item must be read once", o, len(r.press.fetched))
	}
}

func TestAWallThatComesUpDoesNotTakeTheTextAway(t *testing.T) {
	r := newRig(t, twoSources)
	r.item("alfa", "visita", "Il segretario della NATO a Tokyo", visita)
	r.round(t)
	it := &r.press.items["alfa"][0]
	it.Summary = "Un altro sommario"
	r.press.pages[it.URL] = "refused: paywall stub"
	r.round(t)
	if a := r.archive(t)[it.Title]; a.Text != visita {
		t.Errorf("text = %q; want the one we had", a.Text)
	}
}

func TestOneAddressInTwoFeedsIsOneArticle(t *testing.T) {
	r := newRig(t, `
poll: {per_host: 0s, workers: 1}
sources:
  - {name: Alfa, url: "https://alfa.example/feed"}
  - {name: Alfa esteri, url: "https://alfa.example/esteri/feed"}
`)
	it := r.item("alfa", "visita", "Il segretario della NATO a Tokyo", visita)
	it.Source, it.GUID, it.URL = "alfa-esteri", "42", it.URL+"?utm_source=rss"
	r.press.items["alfa-esteri"] = []news.Item{it}
	r.press.pages[it.URL] = visita
	o := r.round(t)
	if n := o["alfa"].New + o["alfa-esteri"].New; n != 1 || len(r.archive(t)) != 1 {
		t.Errorf("%d new, %d stored; want one", n, len(r.archive(t)))
	}
	if o := r.round(t); o["alfa-esteri"].New != 0 {
		t.Errorf("outcome = %+v; want nothing", o)
	}
}

func TestStatedAddress(t *testing.T) {
	it := news.Item{Source: "alfa", GUID: "1", URL: "https://alfa.example/a?utm_medium=rss"}
	for stated, want := range map[string]string{
		"":                                "https://alfa.example/a",
		"https://www.alfa.example/2026/a": "https://alfa.example/2026/a", // its own page, by another name
		"https://agenzia.example/wire":    "https://alfa.example/a",      // a reprint that names its origin
	} {
		if got := identity(it, stated); got != want {
			t.Errorf("identity(%q) = %q; want %q", stated, got, want)
		}
	}
	a, b := news.Item{Source: "alfa", GUID: "1"}, news.Item{Source: "alfa", GUID: "2"}
	if identity(a, "") == identity(b, "") {
		t.Error("two items without address are one article")
	}
}

func TestRefusedPageLeavesTheFeedsText(t *testing.T) {
	r := newRig(t, twoSources)
	it := r.item("alfa", "visita", "Il segretario della NATO a Tokyo", "refused: consent wall")
	r.item("alfa", "sparita", "Pagina sparita", "")
	delete(r.press.pages, "https://alfa.example/sparita")
	o := r.round(t)["alfa"]
	if o.New != 2 || o.Refused != 2 {
		t.Errorf("outcome = %+v; want two with refused pages", o)
	}
	all := r.archive(t)
	if a := all[it.Title]; a.Text != it.Summary || a.Method != "feed" || a.Refused != "consent wall" {
		t.Errorf("article = %+v; want the feed's text and the reason", a)
	}
	if a := all["Pagina sparita"]; !strings.Contains(a.Refused, "404") {
		t.Errorf("refused = %q; want the status", a.Refused)
	}
}

func TestCopyOnAnotherOutletJoinsTheStory(t *testing.T) {
	r := newRig(t, twoSources)
	r.item("alfa", "visita", "Il segretario della NATO a Tokyo", visita)
	r.round(t)
	before, err := r.store.Timeline(news.Query{Topic: "patto"})
	if err != nil || len(before) != 1 {
		t.Fatalf("timeline = %+v, %v", before, err)
	}
	r.item("beta", "ripresa", "Tokyo, arriva il segretario della NATO", visita)
	if o := r.round(t)["beta"]; o.Copies != 1 {
		t.Errorf("outcome = %+v; want a copy", o)
	}
	after, err := r.store.Timeline(news.Query{Topic: "patto"})
	if err != nil || len(after) != 1 || len(after[0].Members) != 2 {
		t.Fatalf("timeline = %+v, %v; want one story of two", after, err)
	}
	if after[0].ID != before[0].ID || !after[0].Updated.Equal(before[0].Updated) {
		t.Errorf("a late copy announces the story anew: %+v was %+v", after[0], before[0])
	}
}

func TestFailureIsTheSourcesDataNotOurs(t *testing.T) {
	r := newRig(t, twoSources)
	r.item("alfa", "visita", "Il segretario della NATO a Tokyo", visita)
	r.round(t)
	good, err := r.store.Poll("alfa")
	if err != nil {
		t.Fatal(err)
	}
	r.press.fail = errors.New("no such host")
	if o := r.round(t)["alfa"]; o.Status != Failed || o.fatal {
		t.Errorf("outcome = %+v; want the source's failure", o)
	}
	p, err := r.store.Poll("alfa")
	if err != nil || p.Failures != 1 || p.ETag != good.ETag {
		t.Errorf("poll = %+v, %v; want one failure and the old validators", p, err)
	}
	outcomes, err := r.Round(t.Context(), r.plan, false, func(Outcome) {})
	if err != nil || outcomes[0].Status != Waiting || outcomes[0].NotBefore.IsZero() {
		t.Errorf("outcomes = %+v, %v; want it left alone, with the time named", outcomes, err)
	}
}

func TestRunFollowsTheSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, `
poll: {per_host: 0s, workers: 2, schedule: "@every 20m"}
sources:
  - {name: Alfa, url: "https://alfa.example/feed"}
  - {name: Beta, url: "https://beta.example/feed", schedule: "*/30 * * * *"}
  - {name: Gamma, url: "https://gamma.example/feed", enabled: false}
`)
		start := time.Now()
		stop, done := make(chan struct{}), make(chan error)
		go func() { done <- r.Run(t.Context(), stop, r.plan) }()
		time.Sleep(61 * time.Minute)
		synctest.Wait()
		counts := r.polls(t)
		// At 0, 20, 40 and 60; at 0, 30 and 60.
		if counts["alfa"] != 4 || counts["beta"] != 3 || counts["gamma"] != 0 {
			t.Errorf("polls in 61 minutes = %v", counts)
		}
		close(stop)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		// A reload keeps the phase: the next polls are due when they were.
		stop = make(chan struct{})
		go func() { done <- r.Run(t.Context(), stop, r.plan) }()
		time.Sleep(time.Until(start.Add(79 * time.Minute)))
		synctest.Wait()
		if again := r.polls(t); again["alfa"] != 4 {
			t.Errorf("the restart polled early: %v", again)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if again := r.polls(t); again["alfa"] != 5 {
			t.Errorf("the restart forgot the phase: %v", again)
		}
		close(stop)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	})
}

func TestKeepAppliesAfterAReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, twoSources)
		it := r.item("alfa", "bilancio", "Il bilancio del comune", prosa(1))
		r.round(t)
		time.Sleep(3 * 24 * time.Hour)
		for _, tt := range []struct {
			keep   string
			pruned bool
		}{{"4d", false}, {"2d", true}} {
			stop, done := make(chan struct{}), make(chan error)
			p := r.newPlan(t, twoSources, "keep: {text: "+tt.keep+"}\n"+topics)
			go func() { done <- r.Run(t.Context(), stop, p) }()
			time.Sleep(time.Second)
			synctest.Wait()
			close(stop)
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			if a := r.archive(t)[it.Title]; a.Pruned != tt.pruned {
				t.Errorf("keep %s: pruned %v", tt.keep, a.Pruned)
			}
		}
	})
}

func (r *rig) polls(t *testing.T) map[string]int {
	t.Helper()
	polls, err := r.store.Polls()
	if err != nil {
		t.Fatal(err)
	}
	n := make(map[string]int)
	for id, p := range polls {
		n[id] = p.Polls
	}
	return n
}

func TestChangedTopicsJudgeTheArchiveAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, twoSources)
		r.item("alfa", "visita", "Il segretario della NATO a Tokyo", visita)
		r.item("alfa", "bilancio", "Il bilancio del comune", prosa(1))
		run := func(p *Plan) {
			stop, done := make(chan struct{}), make(chan error)
			go func() { done <- r.Run(t.Context(), stop, p) }()
			time.Sleep(time.Minute)
			synctest.Wait()
			close(stop)
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		run(r.plan)
		run(r.newPlan(t, twoSources, otherTopics))
		if st, err := r.store.Timeline(news.Query{Topic: "patto"}); err != nil || len(st) != 0 {
			t.Errorf("timeline = %+v, %v; want nothing under the other rules", st, err)
		}
		run(r.newPlan(t, twoSources, topics))
		st, err := r.store.Timeline(news.Query{Topic: "patto"})
		if err != nil || len(st) != 1 {
			t.Fatalf("timeline = %+v, %v; want the story back", st, err)
		}
		if age := time.Since(st[0].First); age < time.Hour {
			t.Errorf("what came back is dated %v ago, as if it were news", age)
		}
	})
}

func TestJudge(t *testing.T) {
	day := time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC)
	arts := []news.Article{
		{ID: "1", Source: "alfa", Title: "Il segretario della NATO a Tokyo", Text: visita, Published: day},
		{ID: "2", Source: "beta", Title: "Tokyo, la visita", Text: visita, Published: day.Add(time.Hour)},
		{ID: "3", Source: "beta", Title: "Il bilancio", Text: prosa(3), Published: day},
	}
	cfg, err := config.Parse("feeds.yaml", []byte(twoSources+topics))
	if err != nil {
		t.Fatal(err)
	}
	js, err := Judge(cfg, arts)
	if err != nil {
		t.Fatal(err)
	}
	if js[0].Story != js[1].Story || js[2].Story != "3" || js[2].Thread != "3" {
		t.Errorf("stories = %q %q %q", js[0].Story, js[1].Story, js[2].Story)
	}
	if js[0].CopyOf+js[1].CopyOf != "1" && js[0].CopyOf+js[1].CopyOf != "2" {
		t.Errorf("copy_of = %q, %q; want one to be a copy of the other", js[0].CopyOf, js[1].CopyOf)
	}
	if !js[0].Topics[0].On || !js[1].Topics[0].On || js[2].Topics[0].On {
		t.Errorf("verdicts = %+v", js)
	}
}

func TestWhichTextServes(t *testing.T) {
	long, short := strings.Repeat("parola ", 300), strings.Repeat("parola ", 20)
	for name, c := range map[string]struct {
		page news.Extract
		feed string
		want bool
	}{
		"page says more":                    {news.Extract{Text: long}, short, true},
		"page is the whole, feed too":       {news.Extract{Text: long}, long, true},
		"page is much shorter":              {news.Extract{Text: short}, long, false},
		"feed has trimmings":                {news.Extract{Text: long[:len(long)*3/4]}, long, true},
		"refused without a word":            {news.Extract{Refused: "consent wall"}, "", false},
		"stub says more than the teaser":    {news.Extract{Text: long, Refused: "paywall stub"}, short, true},
		"stub is the teaser, the feed more": {news.Extract{Text: short, Refused: "paywall stub"}, long, false},
	} {
		if got := wins(c.page, c.feed); got != c.want {
			t.Errorf("%s: wins = %v; want %v", name, got, c.want)
		}
	}
}

func TestRejudgeShowsBeforeItChanges(t *testing.T) {
	r := newRig(t, twoSources)
	r.item("alfa", "visita", "Il segretario della NATO a Tokyo", visita)
	r.item("alfa", "bilancio", "Il bilancio del comune", prosa(1))
	r.round(t)
	timeline := func() int {
		st, err := r.store.Timeline(news.Query{Topic: "patto"})
		if err != nil {
			t.Fatal(err)
		}
		return len(st)
	}
	other := r.newPlan(t, twoSources, otherTopics)
	for _, step := range []struct {
		plan    *Plan
		apply   bool
		on, off int
		then    int // stories on the topic afterwards
	}{
		{r.plan, false, 0, 0, 1},
		{other, false, 0, 1, 1},
		{other, true, 0, 1, 0},
		{other, true, 0, 0, 0},
		{r.plan, true, 1, 0, 1},
	} {
		got, err := r.Rejudge(t.Context(), nil, step.plan, time.Time{}, step.apply)
		if err != nil || got.Articles != 2 || len(got.On) != step.on || len(got.Off) != step.off || timeline() != step.then {
			t.Errorf("%+v: %+v, %v, %d on the topic", step, got, err, timeline())
		}
	}
	if got, err := r.Rejudge(t.Context(), nil, other, time.Now().Add(time.Hour), false); err != nil || got.Articles != 0 {
		t.Errorf("since tomorrow: %+v, %v", got, err)
	}
}

func TestRejudgingCutOffIsNotTakenForDone(t *testing.T) {
	r := newRig(t, twoSources)
	it := r.item("alfa", "visita", "Il segretario della NATO a Tokyo", visita)
	r.round(t)
	r.rejudgeIfChanged(t.Context(), nil, r.plan) // notes by which topics the archive is judged
	// Other topics come, are applied to a part of the archive, and are taken
	// back before the end.
	other, stop := r.newPlan(t, twoSources, otherTopics), make(chan struct{})
	close(stop)
	if _, err := r.Rejudge(t.Context(), stop, other, time.Time{}, true); !errors.Is(err, ErrStopped) {
		t.Fatalf("%v; want ErrStopped", err)
	}
	if err := r.applyVerdicts(other, []string{r.archive(t)[it.Title].ID}); err != nil {
		t.Fatal(err)
	}
	if r.archive(t)[it.Title].On("patto") {
		t.Fatal("the other topics change nothing")
	}
	r.rejudgeIfChanged(t.Context(), nil, r.plan)
	if !r.archive(t)[it.Title].On("patto") {
		t.Error("a part of the archive stays judged by topics that are not in force")
	}
}

func TestPagesThatAreNotThereDoNotHoldUpTheRest(t *testing.T) {
	r := newRig(t, twoSources)
	const many = pagesPerVisit + 10
	for i := range many {
		it := r.item("alfa", fmt.Sprint("pezzo-", i), fmt.Sprint("Pezzo ", i), "")
		delete(r.press.pages, it.URL)
	}
	r.round(t)
	if o := r.round(t)["alfa"]; o.New != 10 || o.Left != 0 {
		t.Errorf("second visit: %+v; want the ten left", o)
	}
	asked := len(r.press.fetched)
	r.item("alfa", "nuovo", "Un pezzo nuovo", prosa(1))
	if o := r.round(t)["alfa"]; o.New != 1 || len(r.press.fetched) != asked+1 {
		t.Errorf("%+v, %d pages; pages that are not there must not be asked for again", o, len(r.press.fetched)-asked)
	}
}

func TestPageThatTimedOutIsTriedAgain(t *testing.T) {
	r := newRig(t, twoSources)
	it := r.item("alfa", "visita", "Il segretario della NATO a Tokyo", "timeout")
	if a := r.round(t)["alfa"]; a.New != 1 {
		t.Errorf("outcome = %+v; want the feed's text meanwhile", a)
	}
	for range 3 { // the feed itself does not change
		r.round(t)
	}
	if r.press.whole["alfa"] != 1 || len(r.press.fetched) != 4 {
		t.Errorf("the feed was asked for %d times as if unknown, the page %d times", r.press.whole["alfa"], len(r.press.fetched))
	}
	r.press.pages[it.URL] = visita
	r.round(t)
	a := r.archive(t)[it.Title]
	if a.Text != visita || a.Refused != "" {
		t.Errorf("article = %+v; want the page's text", a)
	}
	asked := len(r.press.fetched)
	r.round(t)
	if len(r.press.fetched) != asked {
		t.Error("the page is asked for though it was read")
	}
}

func TestManyTimeoutsDoNotStarveNewItems(t *testing.T) {
	r := newRig(t, twoSources)
	for i := range pagesPerVisit + 10 {
		r.item("alfa", fmt.Sprint("pezzo-", i), fmt.Sprint("Pezzo ", i), "timeout")
	}
	r.round(t)
	if o := r.round(t)["alfa"]; o.New != 10 {
		t.Errorf("second visit: %+v; want the ten left, before the retries", o)
	}
}

func TestTwoFeedsAtOnceStoreOneAddressOnce(t *testing.T) {
	r := newRig(t, `
poll: {per_host: 0s, workers: 2}
sources:
  - {name: Alfa, url: "https://alfa.example/feed"}
  - {name: Alfa esteri, url: "https://alfa.example/esteri/feed"}
`)
	it := r.item("alfa", "visita", "Il segretario della NATO a Tokyo", visita)
	it.Source, it.GUID = "alfa-esteri", "42"
	r.press.items["alfa-esteri"] = []news.Item{it}
	// Both have asked whether the article is known before either stores it.
	src := r.plan.Sources
	if err := r.recognise(t.Context(), r.plan); err != nil {
		t.Fatal(err)
	}
	a := reader{engine: r.Engine, plan: r.plan, src: src[0], budget: 9}
	b := reader{engine: r.Engine, plan: r.plan, src: src[1], budget: 9}
	first, _, errA := a.read(t.Context(), []task{{item: r.press.items["alfa"][0]}})
	second, _, errB := b.read(t.Context(), []task{{item: it}})
	chunks := []*chunk{{reader: &a, read: first, done: make(chan struct{})}, {reader: &b, read: second, done: make(chan struct{})}}
	later := r.commitChunks(chunks)
	if len(later) != 1 {
		t.Errorf("%d have to wait for the article of the other, want 1", len(later))
	}
	r.commitChunks(later)
	if err := errors.Join(errA, errB, chunks[0].err, chunks[1].err); err != nil {
		t.Fatal(err)
	}
	if got := r.archive(t)[it.Title]; a.fresh != 1 || b.fresh != 0 || got.Source != "alfa" {
		t.Errorf("new %d and %d, stored for %s; want it once, for the first", a.fresh, b.fresh, got.Source)
	}
	if seen, err := r.store.Known([]string{it.Key()}); err != nil || len(seen) != 1 {
		t.Errorf("the second feed's item is not remembered: %v, %v", seen, err)
	}
}

func TestStopEndsAVisitBetweenItems(t *testing.T) {
	r := newRig(t, twoSources)
	for i := range 40 {
		r.item("alfa", fmt.Sprint("pezzo-", i), fmt.Sprint("Pezzo ", i), prosa(i))
	}
	stop := make(chan struct{})
	r.press.onPage = func(n int) error {
		if n == 5 {
			close(stop)
		}
		return nil
	}
	if err := r.recognise(t.Context(), r.plan); err != nil {
		t.Fatal(err)
	}
	o := r.visit(t.Context(), stop, r.plan, r.plan.Sources[0], func() {})
	if o.New != 5 || o.Left != 35 {
		t.Errorf("outcome = %+v; want what was read kept and the rest left", o)
	}
	if p, err := r.store.Poll("alfa"); err != nil || p.ETag == "" || p.Left != 35 {
		t.Errorf("%+v, %v; want what is left kept with the validators", p, err)
	}
	r.press.onPage = nil
	if o := r.round(t)["alfa"]; o.New != 35 {
		t.Errorf("outcome = %+v; want the rest", o)
	}
}

func TestRejudgingDoesNotUndoACorrection(t *testing.T) {
	r := newRig(t, twoSources)
	it := r.item("alfa", "visita", "Il segretario della NATO a Tokyo", visita)
	r.round(t)
	id := r.archive(t)[it.Title].ID
	// Between the look at the article and the writing of its verdict the
	// publisher replaced it.
	r.press.items["alfa"][0].Title = "Il bilancio del comune"
	r.press.pages[it.URL] = prosa(7)
	r.round(t)
	if err := r.applyVerdicts(r.plan, []string{id}); err != nil {
		t.Fatal(err)
	}
	if a := r.archive(t)["Il bilancio del comune"]; a.On("patto") {
		t.Errorf("the corrected article has the verdict of its old text: %+v", a.Verdicts)
	}
}

func TestTouchedItemOfAPrunedArticleIsLeftAlone(t *testing.T) {
	r := newRig(t, twoSources)
	r.item("alfa", "visita", "Il segretario della NATO a Tokyo", visita)
	r.round(t)
	if _, err := r.store.Prune(time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	r.press.items["alfa"][0].Summary += " (aggiornato)"
	if o := r.round(t)["alfa"]; o.Changed != 0 || o.New != 0 {
		t.Errorf("outcome = %+v; want nothing", o)
	}
	if a := r.archive(t)["Il segretario della NATO a Tokyo"]; len(a.Versions) != 0 || !a.Pruned {
		t.Errorf("article = %+v; want it pruned, without versions", a)
	}
}

func TestAWallKeepsWhatThePageSaid(t *testing.T) {
	prior := news.Article{ID: "1", Title: "Prima", Text: visita, Image: "https://alfa.example/a.jpg", Authors: []string{"Anna Neri"}, Site: "Alfa", Method: "dom"}
	a := revise(prior, news.Article{Title: "Dopo", Text: "teaser", Method: "feed", Refused: "paywall stub"})
	if a.Title != "Dopo" || a.Text != visita || a.Image != prior.Image || a.Site != "Alfa" || a.Refused != "paywall stub" || len(a.Versions) != 1 {
		t.Errorf("revised = %+v", a)
	}
}
