package story_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vedetta/news"
	"vedetta/story"
)

var day = time.Date(2025, 5, 6, 8, 0, 0, 0, time.UTC)

const (
	wireText = `TARANTO (ITALPRESS) – La fregata Luigi Rizzo ha soccorso stanotte nel golfo di Aden l'equipaggio del mercantile Kestrel, colpito da un drone. I diciotto marinai, fra cui due italiani, sono stati portati a Gibuti.
Il comandante Olindo Serra ha riferito che l'incendio nella sala macchine è stato domato dopo tre ore. Il mercantile trasportava grano ucraino diretto a Mombasa.
L'operazione è stata coordinata con una nave greca. Nessun ferito grave.
(ITALPRESS).`
	otherText = `Il consiglio comunale di Ostuni ha approvato il piano del verde con i voti della maggioranza. Saranno piantati quattromila ulivi lungo la provinciale per Cisternino e chiuse tre cave abusive.
L'assessora Mirella Zaccaria ha promesso che i lavori cominceranno a novembre. Contraria l'opposizione, che chiedeva prima un censimento delle piante malate.`
)

func article(id, source, title, text string, after time.Duration) news.Article {
	return news.Article{
		ID: id, Source: source, Title: title, Text: text, URL: "https://" + source + ".example/" + id,
		Published: day.Add(after), Seen: day.Add(after + 5*time.Minute),
	}
}

// commit places articles and remembers them.
func commit(x *story.Index, s *state, arts ...news.Article) news.Placement {
	p := x.Place(arts)
	s.commit(p.Placement)
	x.Apply(p)
	return p.Placement
}

func TestLateCopyExtendsTheStoryOnly(t *testing.T) {
	x, s := story.NewIndex(story.Options{}), newState()
	commit(x, s, article("a", "agenzia", "Soccorso nel golfo di Aden", wireText, 0))
	before := s.stories["a"]
	p := commit(x, s, article("b", "eco", "Marinai salvati", strings.TrimPrefix(wireText, "TARANTO (ITALPRESS) – "), 9*time.Hour))
	after := s.stories["a"]
	if len(s.stories) != 1 || len(after.Members) != 2 || p.StoryOf["b"] != "a" {
		t.Fatalf("stories %+v, placed %v", s.stories, p.StoryOf)
	}
	if !after.Updated.Equal(before.Updated) || after.Shown != "a" || after.Origin != "Italpress" {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
	m := after.Members[1]
	if m.Of != "a" || m.Why != story.SameText || m.Resemblance < 0.95 || m.Containment < 0.95 || m.Sentences < 5 {
		t.Errorf("member %+v", m)
	}
}

// A text is a copy when half of the shorter one stands in the other. Less of it
// may be a quotation, a notice or what an outlet says of a matter each time.
func TestPartsMakeACopyFromHalfOn(t *testing.T) {
	shared := []string{
		"La capitaneria di Brindisi ha sospeso l'attracco dei traghetti per l'Albania dopo che una perizia ha trovato crepe nella banchina di Costa Morena.",
		"I tecnici del genio civile prevedono quaranta giorni di lavori e una spesa di settecentomila euro, che l'autorità portuale chiederà alla regione.",
		"Le compagnie Adria e Ventouris sposteranno le partenze a Bari, con navette gratuite per chi ha prenotato una cabina o imbarca l'automobile.",
	}
	own := map[string][]string{
		"a": {
			"Il sindaco Rosario Quaranta teme per la stagione: dagli imbarchi dipendono novanta posti fra biglietterie, officine e ristoranti del porto.",
			"In agosto il molo fu riaperto in fretta per la sagra del tonno, malgrado le proteste dei piloti guidati da Ilario Montefusco.",
		},
		"b": {
			"Chi viaggia con animali deve portare il libretto sanitario e una museruola, ricorda la guida del veterinario Oronzo Delle Side.",
			"A Durazzo intanto cresce il nuovo terminal, progettato dallo studio danese Larsen con vetrate alte undici metri e un giardino pensile.",
		},
	}
	for parts, copies := range map[int]bool{2: false, 3: true} {
		text := func(id string) string {
			lines := slices.Concat(own[id], shared[:parts])
			if parts == 2 {
				lines = append(lines, map[string]string{
					"a": "Secondo gli albergatori le disdette sono già trecento, quasi tutte di comitive polacche dirette ai monasteri di Berat.",
					"b": "Il consolato ricorda infine che dal 2014 basta la carta d'identità, purché valida per altri tre mesi dopo il ritorno.",
				}[id])
			}
			return strings.Join(lines, "\n")
		}
		x, s := story.NewIndex(story.Options{}), newState()
		commit(x, s, article("a", "eco", "Traghetti fermi a Brindisi", text("a"), 0), article("b", "faro", "In Albania con il cane", text("b"), time.Hour))
		if got := len(s.stories) == 1; got != copies {
			t.Errorf("%d of five paragraphs in common: one story %v, want %v", parts, got, copies)
		}
	}
}

func TestBatchIsSeenAsAWhole(t *testing.T) {
	x, s := story.NewIndex(story.Options{}), newState()
	p := commit(x, s,
		article("a", "agenzia", "Soccorso nel golfo di Aden", wireText, 0),
		article("b", "eco", "Marinai salvati", wireText, time.Hour),
		article("c", "eco", "Ostuni, il piano del verde", otherText, time.Hour),
	)
	if len(p.Stories) != 2 || p.StoryOf["a"] != "a" || p.StoryOf["b"] != "a" || p.StoryOf["c"] != "c" || len(p.Threads) != 0 {
		t.Errorf("%+v", p)
	}
}

func TestPlaceChangesNothing(t *testing.T) {
	x := story.NewIndex(story.Options{})
	a := article("a", "agenzia", "Soccorso nel golfo di Aden", wireText, 0)
	x.Place([]news.Article{a})
	if x.Len() != 0 {
		t.Fatal("the index has remembered what was not applied")
	}
	if p := x.Place([]news.Article{article("b", "eco", "Marinai salvati", wireText, time.Hour)}); p.StoryOf["b"] != "b" {
		t.Errorf("placed in %q", p.StoryOf["b"])
	}
}

func TestNewVersionStaysInItsStory(t *testing.T) {
	x, s := story.NewIndex(story.Options{}), newState()
	commit(x, s, article("a", "agenzia", "Soccorso nel golfo di Aden", wireText, 0), article("b", "eco", "Marinai salvati", wireText, time.Hour))

	fixed := article("a", "agenzia", "Soccorso nel golfo di Aden (corretto)", strings.Replace(wireText, "dopo tre ore", "dopo quattro ore", 1), 0)
	fixed.Versions = []news.Version{{Until: day.Add(2 * time.Hour)}}
	commit(x, s, fixed)
	if got := s.stories["a"]; len(got.Members) != 2 || !got.Updated.Equal(day) {
		t.Errorf("a corrected figure: %+v", got)
	}

	grown := fixed
	grown.Text += "\nIn mattinata la nave greca ha recuperato il relitto del drone, che sarà esaminato ad Atene. Il ministero ha ringraziato l'equipaggio della Rizzo. Ai due italiani, un macchinista di Procida e un cuoco di Trani, la compagnia pagherà il rientro."
	grown.Versions = append(grown.Versions, news.Version{Until: day.Add(3 * time.Hour)})
	commit(x, s, grown)
	if got := s.stories["a"]; len(got.Members) != 2 || !got.Updated.Equal(day.Add(3*time.Hour)) {
		t.Errorf("a grown text: %+v", got)
	}

	other := fixed
	other.Title, other.Text = "Ostuni, il piano del verde", otherText
	p := commit(x, s, other)
	by := s.storyOf()
	if by["a"].ID == by["b"].ID || len(s.stories) != 2 || x.Len() != 2 {
		t.Errorf("another text: %+v", p)
	}
	if by["a"].ID != "a" {
		t.Errorf("the founder's story is now %q", by["a"].ID)
	}
}

func TestSameArticleTwiceInABatch(t *testing.T) {
	x, s := story.NewIndex(story.Options{}), newState()
	a := article("a", "agenzia", "Soccorso nel golfo di Aden", wireText, 0)
	again := a
	again.Text = otherText
	commit(x, s, a, article("b", "eco", "Marinai salvati", wireText, time.Hour), again, article("c", "eco", "Verde a Ostuni", otherText, time.Hour))
	by := s.storyOf()
	if x.Len() != 3 || by["a"].ID != by["c"].ID || by["a"].ID == by["b"].ID {
		t.Errorf("%+v", s.stories)
	}
}

func TestMergeKeepsTheOlder(t *testing.T) {
	x, s := story.NewIndex(story.Options{}), newState()
	lines := strings.Split(wireText, "\n")
	commit(x, s, article("end", "eco", "Grano per Mombasa", lines[1]+"\n"+lines[2], time.Hour))
	commit(x, s, article("start", "faro", "Salvi i marinai della Kestrel", lines[0], 2*time.Hour))
	if len(s.stories) != 2 {
		t.Fatalf("%+v", s.stories)
	}
	p := commit(x, s, article("whole", "agenzia", "Soccorso nel golfo di Aden", wireText, 0))
	if len(s.stories) != 1 || p.MergedStories["start"] != "end" || len(s.stories["end"].Members) != 3 || s.stories["end"].Shown != "whole" {
		t.Errorf("%+v", p)
	}
}

// An archive that is begun anew reads in any order what the lost one had read
// over weeks, and has to give the same names. Later a name once given stays.
func TestNamesOfAFirstFill(t *testing.T) {
	reprint := strings.TrimPrefix(wireText, "TARANTO (ITALPRESS) – ")
	in := func(a news.Article, seen time.Duration) news.Article {
		a.Seen = day.Add(seen)
		return a
	}
	wire := article("wire", "agenzia", "Soccorso nel golfo di Aden", wireText, 0)
	first := article("first", "eco", "Marinai salvati", reprint, 2*time.Hour)
	second := article("second", "faro", "Salvi i marinai della Kestrel", reprint, 3*time.Hour)
	for _, order := range [][]news.Article{{wire, first, second}, {second, first, wire}, {first, wire, second}} {
		x, s := story.NewIndex(story.Options{}), newState()
		for i, a := range order {
			// Visits side by side do not commit in the order in which they began.
			commit(x, s, in(a, 100*time.Hour-time.Duration(i)*time.Minute))
		}
		if len(s.stories) != 1 || len(s.stories["wire"].Members) != 3 || s.stories["wire"].Thread != "wire" {
			t.Errorf("%s first: %+v", order[0].ID, s.stories)
		}
	}

	x, s := story.NewIndex(story.Options{}), newState()
	commit(x, s, in(article("other", "eco", "Piano del verde", otherText, 0), 0), in(second, 4*time.Hour))
	p := commit(x, s, in(wire, 6*time.Hour))
	if len(s.stories) != 2 || len(s.stories["second"].Members) != 2 || len(p.MergedStories) != 0 {
		t.Errorf("an early copy that came late: %+v", s.stories)
	}
}

func TestShownCopy(t *testing.T) {
	kinds := map[string]news.Kind{"ministero": news.Institution, "agenzia": news.Agency, "raccolta": news.Aggregator}
	x, s := story.NewIndex(story.Options{Kind: func(source string) news.Kind { return kinds[source] }}), newState()
	short, _, _ := strings.Cut(wireText, "\n")
	for i, step := range []struct {
		id, source, text, shown string
	}{
		{"1", "raccolta", wireText, "1"},
		{"2", "eco", short, "2"},        // an outlet before an aggregator
		{"3", "faro", wireText, "3"},    // more complete
		{"4", "altro", wireText, "3"},   // later
		{"5", "agenzia", wireText, "5"}, // an agency before outlets
		{"6", "ministero", short, "6"},  // the institution before all
		{"7", "agenzia", wireText, "6"},
	} {
		commit(x, s, article(step.id, step.source, "Soccorso", step.text, time.Duration(i)*time.Minute))
		if got := s.stories["1"].Shown; got != step.shown {
			t.Errorf("after %s the story shows %s, want %s", step.id, got, step.shown)
		}
	}
	if !s.stories["1"].Updated.Equal(day) {
		t.Error("copies have moved the story's date")
	}
}

// A correction is announced where it can be read, also when a copy of it that
// came at the same time is shown in its place.
func TestCorrectionShownInACopy(t *testing.T) {
	kinds := func(source string) news.Kind { return map[string]news.Kind{"agenzia": news.Agency}[source] }
	was := article("a", "eco", "Soccorso nel golfo di Aden", wireText, 0)
	corrected := was
	corrected.Text += "\nIn mattinata la nave greca ha recuperato il relitto del drone, che sarà esaminato ad Atene. Il ministero ha ringraziato l'equipaggio della Rizzo. Ai due italiani, un macchinista di Procida e un cuoco di Trani, la compagnia pagherà il rientro."
	corrected.Versions = []news.Version{{Until: day.Add(3 * time.Hour)}}
	late := article("b", "agenzia", "Marinai salvati", corrected.Text, 3*time.Hour)
	early := article("b", "agenzia", "Marinai salvati", wireText, time.Hour)
	for _, c := range []struct {
		what    string
		batches [][]news.Article
		want    time.Time
	}{
		{"a copy of the correction, together", [][]news.Article{{was}, {corrected, late}}, day.Add(3 * time.Hour)},
		{"the copy first in the batch", [][]news.Article{{was}, {late, corrected}}, day.Add(3 * time.Hour)},
		{"one after the other", [][]news.Article{{was}, {corrected}, {late}}, day.Add(3 * time.Hour)},
		{"a copy of what was corrected", [][]news.Article{{was}, {corrected, early}}, day},
		{"only a copy", [][]news.Article{{was}, {late}}, day},
	} {
		x, s := story.NewIndex(story.Options{Kind: kinds}), newState()
		for _, batch := range c.batches {
			commit(x, s, batch...)
		}
		if got := s.stories["a"]; len(got.Members) != 2 || got.Shown != "b" || !got.Updated.Equal(c.want) {
			t.Errorf("%s: %+v, want updated %v", c.what, got, c.want)
		}
	}
}

func TestEditorsRules(t *testing.T) {
	rules := news.StoryRules{
		Together: [][]string{{"https://www.eco.example/x/", "http://faro.example/y?utm_source=rss"}},
		Apart:    [][]string{{"https://eco.example/p", "https://faro.example/q"}},
	}
	arts := []news.Article{
		{ID: "x", Source: "eco", URL: "https://eco.example/x", Title: "Soccorso", Text: wireText, Published: day},
		{ID: "y", Source: "faro", URL: "https://faro.example/y", Title: "Verde a Ostuni", Text: otherText, Published: day},
		{ID: "p", Source: "eco", URL: "https://eco.example/p", Title: "Marinai", Text: wireText, Published: day},
		{ID: "q", Source: "faro", URL: "https://faro.example/q", Title: "Soccorso", Text: wireText, Published: day.Add(time.Minute)},
	}
	for _, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}} {
		x, s := story.NewIndex(story.Options{Rules: rules}), newState()
		for _, i := range order {
			commit(x, s, arts[i])
		}
		by := s.storyOf()
		if by["x"].ID != by["y"].ID {
			t.Errorf("order %v: what the rules put together is in %s and %s", order, by["x"].ID, by["y"].ID)
		}
		if by["p"].ID == by["q"].ID || by["p"].Thread == by["q"].Thread {
			t.Errorf("order %v: what the rules keep apart is in one story or thread: %+v %+v", order, by["p"], by["q"])
		}
		why := slices.ContainsFunc(by["x"].Members, func(m news.Member) bool { return m.Why == story.Editor })
		if !why {
			t.Errorf("order %v: no member says that the editor joined it: %+v", order, by["x"].Members)
		}
	}
}

// A story that went to a second-best thread, since the rules keep it apart from
// another in the best, goes there when that one has become something else.
func TestThreadTakesInWhatNothingKeepsApartAnyMore(t *testing.T) {
	first := article("first", "eco", "Al tavolo Alfani e poi Brunello e Cattani e Dossena, di fronte Esperti e poi Ferranto e Gualdi e Isnardi e Lombardini", "", 0)
	lesser := article("lesser", "onda", "In barca Mancusi con Nardelli e Ottaviani e poi Pellegro, oggi la partenza", "", time.Hour)
	second := article("second", "faro", "Parlano Alfani e poi Brunello e Cattani e Dossena, che restano cauti", "", 2*time.Hour)
	third := article("third", "lido", "Chi sono Esperti e poi Ferranto e Gualdi e Isnardi e Lombardini, e con loro Mancusi con Nardelli e Ottaviani e poi Pellegro", "", 3*time.Hour)
	rules := story.Options{Rules: news.StoryRules{Apart: [][]string{{second.URL, third.URL}}}}
	x, s := story.NewIndex(rules), newState()
	commit(x, s, first, lesser, second, third)
	if by := s.storyOf(); by["second"].Thread != "first" || by["third"].Thread != "lesser" {
		t.Fatalf("%+v", s.stories)
	}
	second.Title, second.Text = "Ostuni, il piano del verde", otherText
	commit(x, s, second)
	if by := s.storyOf(); by["second"].Thread != "second" || by["third"].Thread != "first" {
		t.Errorf("%+v", s.stories)
	}
}

func TestChangedRulesShowAtLoad(t *testing.T) {
	arts := []news.Article{
		{ID: "p", Source: "eco", URL: "https://eco.example/p", Title: "Marinai", Text: wireText, Published: day, Seen: day},
		{ID: "q", Source: "faro", URL: "https://faro.example/q", Title: "Soccorso", Text: wireText, Published: day, Seen: day.Add(time.Minute)},
	}
	x, s := story.NewIndex(story.Options{}), newState()
	commit(x, s, arts...)
	if len(s.stories) != 1 {
		t.Fatalf("%+v", s.stories)
	}
	x = story.NewIndex(story.Options{Rules: news.StoryRules{Apart: [][]string{{arts[0].URL, arts[1].URL}}}})
	p := load(x, arts, []news.Story{s.stories["p"]}, nil)
	s.commit(p)
	if len(s.stories) != 2 || len(s.stories["p"].Members) != 1 || len(s.stories["q"].Members) != 1 {
		t.Errorf("%+v", p)
	}
}

// Of many copies word for word each is linked to the nearest ones only. When one of
// them becomes another article, the others are one story still.
func TestCopiesStayTogetherWithoutTheOneBetween(t *testing.T) {
	x, s := story.NewIndex(story.Options{}), newState()
	a := article("a", "agenzia", "Soccorso nel golfo di Aden", wireText, 0)
	b := article("b", "eco", "Marinai salvati", wireText, time.Hour)
	c := article("c", "faro", "Marinai a Gibuti", wireText, 2*time.Hour)
	d := article("d", "corriere", "Un drone sul mercantile", wireText, 3*time.Hour)
	for _, n := range []news.Article{a, b, c, d} {
		commit(x, s, n)
	}
	b.Text, c.Text = otherText, otherText
	commit(x, s, b, c)
	if in := s.storyOf(); in["a"].ID != "a" || in["d"].ID != "a" || in["b"].ID == "a" || in["c"].ID != in["b"].ID {
		t.Errorf("%+v", s.stories)
	}
	if err := x.StoriesInFull(); err != nil {
		t.Error(err)
	}
}

// A text that was a part of another, by a version that is no more, is one still after
// a restart: the other can turn out to be a digest.
func TestRestartKnowsAPart(t *testing.T) {
	const own = `Nel pomeriggio la compagnia armatrice Doria ha precisato che la nave era assicurata a Londra e che il noleggiatore aveva chiesto invano una scorta fin dal canale di Suez.
Il sindacato dei marittimi, con il segretario Nevio Calò, domanda ora che le rotte siano spostate a sud del Capo e che agli equipaggi spetti un'indennità doppia.
A Molfetta, da dove viene il cuoco di bordo, la parrocchia di San Domenico ha aperto una veglia; la moglie ha potuto parlargli per telefono dall'ospedale militare francese.
La procura di Roma ha acquisito le registrazioni del ponte di comando e sentirà in settimana il direttore di macchina insieme con due ufficiali della scorta.
Intanto a Gibuti il console onorario Fabrizio Leone ha procurato abiti, schede telefoniche e due camere d'albergo per chi non ha più documenti né bagaglio.`
	const more = `Gallipoli prepara la regata dei gozzi: trentadue equipaggi hanno chiesto di partecipare, sei dei quali composti di sole donne, e il porto antico resterà chiuso alle automobili per tutto il fine settimana.
A Nardò la biblioteca Vergari riapre dopo otto mesi di restauri con una mostra di carte nautiche del Settecento, prestate dal museo navale di Pegli.
Un contadino di Supersano ha trovato nel suo campo tre monete di bronzo, che l'archeologa Paola Schirinzi attribuisce alla zecca di Metaponto e che andranno al castello di Lecce.
Da lunedì cambiano gli orari dei pullman fra Maglie e Otranto: due corse in più al mattino per gli studenti, una in meno la sera.
Il maltempo di domenica ha scoperchiato una stalla a Poggiardo senza danni alle bestie; la protezione civile ha tolto quaranta rami dalla litoranea.`
	x, s := story.NewIndex(story.Options{}), newState()
	a := article("a", "agenzia", "Soccorso nel golfo di Aden", wireText, 0)
	b := article("b", "eco", "Notizie della sera", wireText+"\n"+otherText+"\n"+more, time.Hour)
	c := article("c", "faro", "Ostuni, il piano del verde", otherText, 2*time.Hour)
	commit(x, s, a)
	commit(x, s, b)
	a.Text += "\n" + own
	commit(x, s, a)
	if len(s.stories) != 1 {
		t.Fatalf("%+v", s.stories)
	}
	x = restart(t, []news.Article{a, b}, s)
	commit(x, s, c)
	if len(s.stories) != 3 {
		t.Errorf("%+v", s.stories)
	}
}

// What an article says of its story is put right where the stories tell otherwise.
func TestLoadMendsWhatArticlesSay(t *testing.T) {
	x, s := story.NewIndex(story.Options{}), newState()
	a := article("a", "agenzia", "Soccorso nel golfo di Aden", wireText, 0)
	b := article("b", "eco", "Ostuni, il piano del verde", otherText, time.Hour)
	commit(x, s, a, b)
	a.Story, b.Story = "a", "a"
	p := load(story.NewIndex(story.Options{}), []news.Article{a, b}, []news.Story{s.stories["a"]}, nil)
	if len(p.StoryOf) != 1 || p.StoryOf["b"] != "b" || len(p.Stories) != 1 || p.Stories[0].ID != "b" {
		t.Errorf("%+v", p)
	}
}

func TestLoadKeepsMembersThatAreNotAtHand(t *testing.T) {
	x, s := story.NewIndex(story.Options{}), newState()
	a := article("a", "agenzia", "Soccorso nel golfo di Aden", wireText, 0)
	b := article("b", "eco", "Marinai salvati", wireText, time.Hour)
	commit(x, s, a, b)
	x = story.NewIndex(story.Options{})
	if p := load(x, []news.Article{b}, []news.Story{s.stories["a"]}, nil); len(p.Stories) != 0 {
		t.Errorf("loading changed %+v", p.Stories)
	}
	commit(x, s, article("c", "faro", "Salvi", wireText, 2*time.Hour))
	if got := s.stories["a"]; len(got.Members) != 3 {
		t.Errorf("%+v", got)
	}
}

func TestForget(t *testing.T) {
	x, s := story.NewIndex(story.Options{}), newState()
	commit(x, s, article("a", "agenzia", "Soccorso nel golfo di Aden", wireText, 0), article("v", "eco", "Verde a Ostuni", otherText, 0))
	commit(x, s, article("b", "eco", "Marinai salvati", wireText, 30*24*time.Hour))
	x.Forget(day.Add(24 * time.Hour))
	if x.Len() != 2 {
		t.Fatalf("%d articles left, want the story that is still growing", x.Len())
	}
	commit(x, s, article("c", "faro", "Salvi", wireText, 31*24*time.Hour))
	if got := s.stories["a"]; len(got.Members) != 3 {
		t.Errorf("%+v", got)
	}
	if p := commit(x, s, article("w", "faro", "Ostuni verde", otherText, 24*time.Hour)); p.StoryOf["w"] != "w" {
		t.Errorf("a forgotten story has come back: %v", p.StoryOf)
	}
}

func TestArticlesWithoutText(t *testing.T) {
	x, s := story.NewIndex(story.Options{}), newState()
	commit(x, s,
		article("1", "eco", "Meteo, le previsioni di oggi", "", 0),
		article("2", "faro", "Meteo, le previsioni di oggi", "", time.Hour),
		article("3", "eco", "", "", time.Hour),
		article("4", "eco", "", "", time.Hour),
		article("5", "eco", "Il vertice di Tokyo finisce con una stretta di mano", "Il vertice di Tokyo finisce con una stretta di mano - Eco", time.Hour),
		article("6", "faro", "Il vertice di Tokyo finisce con una stretta di mano", "Il vertice di Tokyo finisce con una stretta di mano", time.Hour),
	)
	if len(s.stories) != 6 {
		t.Errorf("titles alone have made copies: %d stories of 6 articles", len(s.stories))
	}
}

func TestHeadlinesAloneMakeThreads(t *testing.T) {
	x, s := story.NewIndex(story.Options{}), newState()
	commit(x, s,
		article("1", "eco", "Naufragio a Portopalo, dispersi quattro pescatori del Santa Rosalia di Marzamemi", "", 0),
		article("2", "faro", "Portopalo, ancora dispersi i pescatori di Marzamemi: il naufragio del Santa Rosalia", "", time.Hour),
		article("3", "eco", "Meteo, le previsioni di oggi", "", time.Hour),
	)
	if len(s.stories) != 3 || len(s.threads) != 1 || s.stories["1"].Thread != s.stories["2"].Thread {
		t.Errorf("stories %+v, threads %+v", s.stories, s.threads)
	}
}

func TestFloodStaysBounded(t *testing.T) {
	x, s := story.NewIndex(story.Options{}), newState()
	var same, alike []news.Article
	for i := range 500 {
		after := time.Duration(i) * time.Second
		same = append(same, article(fmt.Sprint("s", i), "eco", "Marinai salvati", wireText, after))
		alike = append(alike, article(fmt.Sprint("l", i), "eco", "Verde a Ostuni", fmt.Sprint(otherText, " Codice ", i, "."), after))
	}
	commit(x, s, same...)
	if len(s.stories) != 1 || len(s.stories["s0"].Members) != 500 {
		t.Errorf("500 times one text: %d stories", len(s.stories))
	}
	for chunk := range slices.Chunk(alike, 100) {
		commit(x, s, chunk...)
	}
	if len(s.stories) > 3 {
		t.Errorf("500 texts nearly alike: %d stories", len(s.stories)-1)
	}
}
