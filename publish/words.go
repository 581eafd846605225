package publish

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// message is a text of ours in both languages. Where it depends on a number,
// the form for one and the form for more are parted by a bar.
type message struct{ it, en string }

// words speaks a language, about times as seen from a moment.
type words struct {
	lang lang
	cal  calendar
}

// words is the site's own language, for what is not negotiated.
func (h *Handler) words() words { return h.speak(lang(h.site.Language), time.Time{}) }

func (h *Handler) speak(l lang, now time.Time) words {
	return words{lang: l, cal: calendar{lang: l, zone: h.site.Zone, now: now, still: h.site.Static}}
}

// t is the message of a name, its verbs filled in.
func (w words) t(name string, args ...any) string {
	m, ok := messages[name]
	if !ok {
		return name // unreachable: a test asks for every name that is used
	}
	s := m.it
	if w.lang == english {
		s = m.en
	}
	if len(args) > 0 {
		return fmt.Sprintf(s, args...)
	}
	return s
}

// n is the message of a name for a number, which is filled in for %s with
// thousands parted as the language does.
func (w words) n(name string, n int) string {
	one, many, ok := strings.Cut(w.t(name), "|")
	s := many
	if n == 1 || !ok {
		s = one
	}
	return strings.ReplaceAll(s, "%s", w.number(n))
}

// number writes a whole number: 12.345 in Italian, 12,345 in English. Italian
// typography leaves four digits together.
func (w words) number(n int) string {
	s := strconv.Itoa(n)
	sep, least := ",", 4
	if w.lang == italian {
		sep, least = ".", 5
	}
	if n < 0 || len(s) < least {
		return s
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + sep + s[i:]
	}
	return s
}

// percent writes a share of one, with a decimal where it is less than one in a
// hundred.
func (w words) percent(f float64) string {
	digits := 0
	if f > 0 && f < 0.01 {
		digits = 1
	}
	s := strconv.FormatFloat(f*100, 'f', digits, 64)
	if w.lang == italian {
		return strings.Replace(s, ".", ",", 1) + "\u00a0%"
	}
	return s + "%"
}

// languageTag returns the language as a short, well-formed BCP 47 tag, or
// nothing.
func languageTag(tag string) string {
	tag = strings.ReplaceAll(strings.TrimSpace(tag), "_", "-")
	primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if len(primary) < 2 || len(primary) > 3 || strings.Trim(primary, "abcdefghijklmnopqrstuvwxyz") != "" {
		return ""
	}
	return primary
}

// messages are all texts of pages and feeds.
var messages = map[string]message{
	// Feeds.
	"feed.subtitle": {"%s: le notizie in tema, intere, ciascuna con il suo perché.", "%s: the stories on topic, complete, each with its reason."},
	"feed.facet":    {"Solo le notizie sulla relazione «%s».", "Only the stories on the relation “%s”."},
	"feed.near":     {"Articoli rimasti fuori tema per poco: utili per correggere le regole.", "Articles that were off topic by little: useful for mending the rules."},
	"why":           {"Perché è qui", "Why it is here"},
	"why.not":       {"Perché è rimasto fuori", "Why it stayed out"},
	"against":       {"Che cosa pesa contro", "What speaks against it"},
	"copies":        {"Ripreso da", "Also carried by"},
	"via":           {"tramite %s", "via %s"},
	"origin":        {"Origine: %s", "Origin: %s"},
	"image.from":    {"immagine: %s", "image: %s"},
	"foot.story":    {"La scheda su %s", "Details on %s"},
	"thread.more":   {"un’altra notizia sullo stesso fatto|altre %s notizie sullo stesso fatto", "one more story on this event|%s more stories on this event"},
	"sources.of":    {"%s: le fonti", "%s: sources"},
	"near":          {"Quasi in tema", "Near misses"},

	// Navigation and frame.
	"skip":         {"Vai al contenuto", "Skip to content"},
	"nav":          {"Principale", "Main"},
	"nav.stories":  {"Notizie", "Stories"},
	"nav.sources":  {"Fonti", "Sources"},
	"nav.follow":   {"Iscriviti", "Subscribe"},
	"nav.topics":   {"Temi", "Topics"},
	"other.lang":   {"English", "Italiano"},
	"foot.program": {"Pubblicato con Vedetta", "Published with Vedetta"},
	"foot.privacy": {"Nessuno script, nessun cookie, nessuna richiesta ad altri siti.", "No scripts, no cookies, no requests to other sites."},

	// Stories.
	"filter":         {"Filtra per relazione", "Filter by relation"},
	"all":            {"Tutte", "All"},
	"stories.count":  {"una notizia|%s notizie", "one story|%s stories"},
	"also":           {"ripresa da un’altra testata|ripresa da altre %s testate", "carried by one more outlet|carried by %s more outlets"},
	"older":          {"Notizie precedenti", "Older stories"},
	"newest":         {"Torna alle più recenti", "Back to the newest"},
	"months":         {"Per mese", "By month"},
	"month.of":       {"Notizie di %s", "Stories of %s"},
	"before.of":      {"Prima %s", "Before %s"},
	"reading":        {"un minuto di lettura|%s minuti di lettura", "one minute read|%s minute read"},
	"coverage":       {"Notizie per settimana", "Stories per week"},
	"coverage.alt":   {"Notizie per settimana nelle ultime %d settimane: in tutto %d, al massimo %d.", "Stories per week over the last %d weeks: %d in all, %d at most."},
	"by.facet":       {"Per relazione", "By relation"},
	"follow.how":     {"come si fa", "how to"},
	"outlets":        {"Testate più presenti", "Outlets with most stories"},
	"week.of":        {"settimana %s: %s", "week %s: %s"},
	"near.intro":     {"Questi articoli hanno sfiorato la soglia del tema senza superarla. Se uno meritava di entrare, le frasi qui sotto dicono quale termine manca in feeds.yaml.", "These articles came close to the topic’s threshold without passing it. If one deserved to be in, the sentences below tell which term is missing in feeds.yaml."},
	"empty.first":    {"Ancora nessuna notizia", "No stories yet"},
	"empty.first.do": {"Le fonti sono state lette, ma nessun articolo è ancora in tema. La prima notizia compare qui appena una fonte la pubblica; fra i quasi in tema si vede che cosa ci è andato vicino.", "The sources have been read, but no article is on topic yet. The first story appears here as soon as a source publishes it; the near misses show what came close."},
	"empty.never":    {"Vedetta sta leggendo le fonti per la prima volta: di solito bastano pochi minuti. Se non cambia nulla, guarda che cosa dicono le fonti.", "Vedetta is reading its sources for the first time, which usually takes minutes. If nothing changes, see what the sources say."},
	"empty.filter":   {"Nessuna notizia con questo filtro", "No stories with this filter"},
	"empty.do":       {"Prova con un’altra relazione, oppure torna a tutte le notizie.", "Try another relation, or go back to all stories."},
	"empty.sources":  {"Guarda le fonti", "See the sources"},
	"empty.near":     {"Guarda i quasi in tema", "See the near misses"},
	"no.topic":       {"Nessun tema da seguire", "No topic configured"},
	"no.topic.do":    {"Aggiungi un tema sotto topics: in feeds.yaml; Vedetta lo legge appena salvi il file.", "Add a topic under topics: in feeds.yaml; Vedetta reads it as soon as you save the file."},

	// A story.
	"read.at":         {"Leggi su %s", "Read at %s"},
	"updated":         {"aggiornato %s", "updated %s"},
	"score":           {"Punteggio %s, soglia %s", "Score %s, threshold %s"},
	"reasons.more":    {"un’altra frase|altre %s frasi", "one more sentence|%s more sentences"},
	"image":           {"Immagine", "Image"},
	"jump":            {"vai al punto nel testo", "go to the place in the text"},
	"in.title":        {"nel titolo", "in the title"},
	"partial":         {"La pagina dell’articolo non ha dato il testo (%s): questo è ciò che dice il feed.", "The article’s page did not give its text (%s): this is what the feed says."},
	"no.text":         {"Di questo articolo c’è solo il titolo. Il testo si legge alla fonte.", "There is only the title of this article. Read the text at its source."},
	"first":           {"il primo", "first"},
	"alike":           {"somiglianza %s", "%s alike"},
	"compare":         {"confronta", "compare"},
	"same text":       {"stesso testo", "same text"},
	"contained":       {"testo contenuto in un altro", "contained in another"},
	"rewritten":       {"testo riscritto", "rewritten"},
	"edited":          {"testo ritoccato", "edited"},
	"editor":          {"unito dalla redazione", "joined by the editor"},
	"versions":        {"Com’è cambiato", "How it changed"},
	"versions.count":  {"Il testo è cambiato una volta.|Il testo è cambiato %s volte.", "The text changed once.|The text changed %s times."},
	"version.until":   {"Modifica vista %s", "Change seen %s"},
	"unchanged":       {"un paragrafo invariato|%s paragrafi invariati", "one paragraph unchanged|%s paragraphs unchanged"},
	"removed":         {"tolto", "removed"},
	"added":           {"aggiunto", "added"},
	"diff.none":       {"I due testi non differiscono.", "The two texts do not differ."},
	"same.event":      {"Sullo stesso fatto", "On the same event"},
	"thread.see":      {"Segui il fatto nel tempo", "Follow the event over time"},
	"cite":            {"Per citarla", "To cite it"},
	"permalink":       {"Indirizzo stabile", "Permanent address"},
	"off.now":         {"Con le regole di oggi questa notizia è fuori tema.", "By today’s rules this story is off topic."},
	"compare.title":   {"Le due versioni a confronto", "The two versions compared"},
	"compare.intro":   {"Rispetto al testo di %s, in quello di %s è tolto ciò che è barrato e aggiunto ciò che è sottolineato.", "Compared with the text of %s, in that of %s what is struck out is missing and what is underlined is added."},
	"back.story":      {"Torna alla notizia", "Back to the story"},
	"thread":          {"Il fatto nel tempo", "The event over time"},
	"thread.between":  {"%s, %s", "%s, %s"},
	"thread.shared":   {"In comune", "In common"},
	"thread.heat":     {"Notizie al giorno", "Stories per day"},
	"thread.heat.alt": {"Notizie al giorno: in tutto %d in %d giorni, al massimo %d.", "Stories per day: %d in all over %d days, %d at most."},

	// Why an article is off, and why a page gave none.
	"because.theme":            {"L’argomento principale è un altro: %s", "The matter is another one: %s"},
	"because.loose":            {"Le parti sono legate troppo debolmente", "The parties are tied too loosely"},
	"against.in-passing":       {"Una delle parti è nominata solo di passaggio", "One of the parties is only mentioned in passing"},
	"against.third-party":      {"L’articolo lega una delle parti a qualcun altro", "The article ties one of the parties to somebody else"},
	"against.no-theme":         {"Dei temi della relazione si parla appena", "Hardly a word on the themes of the relation"},
	"against.apart":            {"Nessuna frase lega le due parti", "No sentence ties the two parties"},
	"against.definition":       {"Il testo si apre come una voce d’enciclopedia", "The text opens as an encyclopedia does"},
	"against.digest":           {"Molte notizie diverse nella stessa pagina", "Many unrelated notices on one page"},
	"against.other":            {"Un altro tratto dell’articolo", "Another trait of the article"},
	"refused.extractor failed": {"un errore nell’estrarre il testo", "an error in extracting the text"},
	"refused.no content":       {"nessun testo", "no content"},
	"refused.consent wall":     {"richiesta di consenso ai cookie", "consent wall"},
	"refused.paywall stub":     {"solo per abbonati", "subscribers only"},
	"refused.bot challenge":    {"controllo anti-robot", "bot challenge"},
	"refused.login":            {"occorre registrarsi", "login required"},
	"refused.error page":       {"pagina d’errore", "error page"},
	"refused.list page":        {"pagina di elenco", "list page"},
	"refused.wrong article":    {"un altro articolo", "another article"},
	"refused.page not fetched": {"pagina non raggiunta", "page not fetched"},
	"refused.status":           {"pagina non raggiunta, errore %s", "page not fetched, error %s"},

	// Searching.
	"search":                {"Cerca nell’archivio", "Search the archive"},
	"search.box":            {"Cerca nell’archivio", "Search the archive"},
	"search.place":          {"Cerca…", "Search…"},
	"search.do":             {"Cerca", "Search"},
	"search.head":           {"Cerca: %s", "Search: %s"},
	"search.about":          {"Ricerca nelle notizie raccolte, in tema e non.", "Search in the stories collected, on topic and off."},
	"search.feed":           {"%s, ricerca: %s", "%s, search: %s"},
	"search.found":          {"Una notizia|%s notizie", "One story|%s stories"},
	"search.range":          {"da %s a %s", "%s to %s"},
	"search.best":           {"Più pertinenti", "Best first"},
	"search.newest":         {"Più recenti", "Newest first"},
	"search.order":          {"Ordine", "Order"},
	"search.narrow":         {"Solo", "Only"},
	"search.save":           {"Segui questa ricerca come feed", "Follow this search as a feed"},
	"search.elsewhere":      {"nella copia di %s", "in the copy of %s"},
	"search.prev":           {"Pagina precedente", "Previous page"},
	"search.next":           {"Pagina successiva", "Next page"},
	"search.pages":          {"Pagine", "Pages"},
	"search.filling":        {"L’archivio si sta ancora indicizzando: per ora si cerca nel %s.", "The archive is still being indexed: for now %s of it can be searched."},
	"search.none":           {"Nessuna notizia trovata", "No stories found"},
	"search.nowhere":        {"Non compare in tutto l’archivio: %s", "Nowhere in the archive: %s"},
	"search.fewer":          {"Chiedendo di meno si trova qualcosa:", "Asking for less finds something:"},
	"search.none.do":        {"Prova con meno parole, con un sinonimo, o con l’inizio di una parola seguito da un asterisco.", "Try fewer words, a synonym, or the beginning of a word with an asterisk."},
	"search.how":            {"Come si cerca", "How to search"},
	"search.how.all":        {"Le parole devono esserci tutte, in qualunque forma: «missile» trova anche «missili». Accenti e maiuscole non contano.", "All words have to be there, in any form: “missile” also finds “missili”. Accents and capitals do not matter."},
	"search.eg.words":       {"tutte e due le parole", "both words"},
	"search.eg.phrase":      {"le parole una accanto all’altra", "words side by side"},
	"search.eg.not":         {"la prima, ma non la seconda", "the first but not the second"},
	"search.eg.open":        {"tutto ciò che comincia così", "all that begins so"},
	"search.eg.source":      {"solo di una fonte", "of one source only"},
	"search.eg.relation":    {"una relazione, da un anno in poi", "a relation, from a year on"},
	"search.eg.date":        {"di un mese, un anno o un giorno", "of a month, a year or a day"},
	"search.eg.before":      {"prima di un giorno", "before a day"},
	"search.field.source":   {"fonte", "source"},
	"search.field.relation": {"relazione", "relation"},
	"search.field.after":    {"dopo", "after"},
	"search.field.before":   {"prima", "before"},
	"search.field.date":     {"data", "date"},
	"search.long":           {"La domanda è troppo lunga: ne leggo l’inizio.", "The question is too long: its beginning is read."},
	"search.many":           {"Leggo al massimo sedici parole.", "At most sixteen words are read."},
	"search.field":          {"«%s:» non è un campo: lo cerco come parola. I campi sono fonte, relazione, tema, dopo, prima, data.", "“%s:” is not a field: taken as a word. Fields are source, relation, topic, after, before, date."},
	"search.operator":       {"«%s» non serve: si cercano tutte le parole; per escluderne una si scrive -parola.", "“%s” is not needed: all words are searched; to exclude one write -word."},
	"search.nothing":        {"Ignoro «%s»: non è una parola.", "Ignored “%s”: not a word."},
	"search.short":          {"Prima di * occorrono almeno tre lettere: cerco «%s» come parola intera.", "At least three letters before *: “%s” is taken as a whole word."},
	"search.common":         {"Ignoro «%s»: è in quasi tutti i testi.", "Ignored “%s”: nearly all texts have it."},
	"search.no.source":      {"Nessuna fonte si chiama «%s»: i nomi sono nella pagina delle fonti.", "No source is named “%s”: the page of sources has the names."},
	"search.no.relation":    {"Nessuna relazione si chiama «%s».", "No relation is named “%s”."},
	"search.no.topic":       {"Nessun tema si chiama «%s».", "No topic is named “%s”."},
	"search.date":           {"Non capisco la data «%s»: si scrive 2026, 2026-03, 2026-03-15 o 15/3/2026.", "Date “%s” not understood: write 2026, 2026-03, 2026-03-15 or 15/3/2026."},

	// Sources.
	"sources":          {"Le fonti", "Sources"},
	"sources.count":    {"una fonte|%s fonti", "one source|%s sources"},
	"sources.trouble":  {"una con un problema|%s con un problema", "one in trouble|%s in trouble"},
	"sources.fine":     {"a posto|tutte a posto", "fine|all fine"},
	"sources.about":    {"Le fonti lette da %s: stato, ritmo, ultimi articoli e quota in tema.", "The sources that %s reads: state, rhythm, newest articles and share on topic."},
	"running":          {"In servizio %s, %s.", "Running %s, %s."},
	"sources.none":     {"Nessuna fonte da leggere", "No sources configured"},
	"sources.none.do":  {"Aggiungine una sotto sources: in feeds.yaml: bastano nome e indirizzo. Oppure usa «vedetta add INDIRIZZO».", "Add one under sources: in feeds.yaml: a name and an address are enough. Or use “vedetta add URL”."},
	"sources.feed":     {"Segui i problemi come feed", "Follow troubles as a feed"},
	"sources.opml":     {"Scarica l’elenco (OPML)", "Download the list (OPML)"},
	"col.source":       {"Fonte", "Source"},
	"col.state":        {"Stato", "State"},
	"col.success":      {"Ultima lettura riuscita", "Last good reading"},
	"col.rhythm":       {"Ritmo", "Rhythm"},
	"col.items":        {"Articoli", "Articles"},
	"col.on":           {"In tema", "On topic"},
	"col.newest":       {"Ultimo articolo", "Newest article"},
	"short.success":    {"letta", "read"},
	"short.newest":     {"ultimo articolo", "newest article"},
	"short.items":      {"articolo|articoli", "article|articles"},
	"short.on":         {"in tema", "on topic"},
	"rhythm":           {"uno ogni %s", "one every %s"},
	"pushed":           {"avvisa l’hub %s", "pushed by %s"},
	"never":            {"mai", "never"},
	"state.ok":         {"a posto", "fine"},
	"state.new":        {"da leggere", "not read yet"},
	"state.disabled":   {"spenta", "off"},
	"state.offline":    {"in attesa", "waiting"},
	"state.failing":    {"non risponde", "failing"},
	"state.dead":       {"morta", "dead"},
	"state.gone":       {"ritirata", "gone"},
	"state.blocked":    {"ci respinge", "blocks us"},
	"state.silent":     {"tace", "silent"},
	"state.moved":      {"traslocata", "moved"},
	"state.degraded":   {"testi incompleti", "texts incomplete"},
	"why.failing":      {"Non si legge %s, %s: %s", "Unreadable %s, %s: %s"},
	"fault.dns":        {"il nome del sito non si trova", "the name of the site is not found"},
	"fault.connect":    {"il sito non accetta il collegamento", "the site takes no connection"},
	"fault.tls":        {"il certificato del sito non è valido", "the site’s certificate is not valid"},
	"fault.timeout":    {"il sito non risponde in tempo", "the site does not answer in time"},
	"fault.404":        {"a quell’indirizzo non c’è più nulla (errore 404)", "there is nothing at that address any more (error 404)"},
	"fault.http-4xx":   {"il sito rifiuta la richiesta (errore %d)", "the site refuses the request (error %d)"},
	"fault.http-5xx":   {"il sito ha un guasto (errore %d)", "the site is out of order (error %d)"},
	"fault.limited":    {"il sito chiede di passare più di rado", "the site asks to come less often"},
	"fault.blocked":    {"un controllo contro i robot sbarra la strada", "a bot wall stands in the way"},
	"fault.format":     {"quello che arriva non è un feed leggibile", "what comes is not a readable feed"},
	"fault.robots":     {"il file robots.txt lo vieta", "robots.txt forbids it"},
	"fault.address":    {"l’indirizzo porta dentro una rete privata", "the address leads into a private network"},
	"fault.other":      {"un errore la ferma", "an error stops it"},
	"why.gone":         {"Il sito dice che l’indirizzo non esiste più (410).", "The site says that the address is gone for good (410)."},
	"why.silent":       {"Nessun articolo nuovo %s; di solito uno ogni %s.", "No new article %s; usually one every %s."},
	"why.moved":        {"Il sito rimanda stabilmente a %s: aggiorna l’indirizzo in feeds.yaml.", "The site redirects for good to %s: update the address in feeds.yaml."},
	"why.degraded":     {"Le pagine non danno più articoli interi: %s.", "Its pages no longer give whole articles: %s."},
	"why.shorter":      {"I testi estratti sono diventati lunghi meno della metà.", "Extracted texts became less than half as long."},
	"why.offline":      {"La nostra connessione non funziona: la fonte non c’entra.", "Our own connection is down: the source is not to blame."},
	"health.title":     {"%s: salute delle fonti", "%s: health of the sources"},
	"health.subtitle":  {"Una voce per ogni fonte che ha un problema.", "One entry for each source in trouble."},
	"health.entry":     {"%s: %s", "%s: %s"},
	"recovered":        {"si legge di nuovo", "can be read again"},
	"recovered.after":  {"Si legge di nuovo %s, %s, dopo %s.", "Can be read again %s, %s, after %s."},
	"health.detail":    {"Messaggio tecnico: %s", "Technical message: %s"},
	"health.last":      {"Ultima lettura riuscita: %s.", "Last good reading: %s."},
	"health.last.none": {"Mai letta con successo.", "Never read with success."},

	// Subscribing.
	"follow":         {"Iscriviti", "Subscribe"},
	"follow.intro":   {"Copia un indirizzo nel tuo lettore di feed: riceverai gli articoli interi, una sola volta ciascuno, con il motivo per cui ci sono.", "Copy an address into your feed reader: you get complete articles, each only once, with the reason why it is there."},
	"follow.which":   {"Quale scegliere? Atom va bene per tutti i lettori; RSS per quelli più vecchi; JSON per i programmi.", "Which one? Atom suits every reader; RSS the older ones; JSON is for programs."},
	"follow.open":    {"Apri in", "Open in"},
	"follow.all":     {"Tutto il tema", "The whole topic"},
	"follow.near":    {"Per chi cura le regole", "For those who tend the rules"},
	"follow.opml":    {"Tutti i feed in un file OPML", "All feeds in one OPML file"},
	"follow.archive": {"I feed Atom portano indietro fino alla prima notizia: i mesi passati sono collegati con prev-archive (RFC 5005).", "The Atom feeds lead back to the first story: past months are linked with prev-archive (RFC 5005)."},
	"follow.hub":     {"Chi sa usare WebSub riceve gli aggiornamenti subito, da %s.", "Readers that know WebSub are told of updates at once, by %s."},
	"follow.sources": {"Le fonti in un file OPML", "The sources in one OPML file"},
	"follow.health":  {"Salute delle fonti", "Health of the sources"},
	"follow.new":     {"Non hai un lettore? FreshRSS, Miniflux, NetNewsWire, Thunderbird e newsboat sono liberi e buoni.", "No reader yet? FreshRSS, Miniflux, NetNewsWire, Thunderbird and newsboat are free and good."},

	// Errors.
	"error.404":    {"Qui non c’è nulla", "Nothing here"},
	"error.404.do": {"L’indirizzo è sbagliato, oppure la notizia è stata tolta dall’archivio. Le notizie unite ad altre rimandano da sole a quella giusta.", "The address is wrong, or the story has left the archive. Stories that were merged redirect by themselves."},
	"error.400":    {"Indirizzo non valido", "Invalid address"},
	"error.400.do": {"Un parametro dell’indirizzo non ha un valore sensato: i mesi si scrivono 2026-03, i giorni 2026-03-21.", "A parameter of the address makes no sense: months are written 2026-03, days 2026-03-21."},
	"error.405":    {"Qui si può solo leggere", "Reading only"},
	"error.405.do": {"Questo sito risponde soltanto a GET e HEAD.", "This site answers GET and HEAD only."},
	"error.500":    {"Qualcosa non va", "Something is wrong"},
	"error.500.do": {"Non riesco a leggere l’archivio. Riprova tra un minuto; se continua, il registro del servizio dice perché.", "The archive cannot be read. Try again in a minute; if it persists, the service’s log tells why."},
	"error.503":    {"Ricerca troppo lenta", "Search too slow"},
	"error.503.do": {"Il servizio è molto occupato. Riprova tra qualche secondo, o con parole più precise.", "The service is very busy. Try again in a few seconds, or with more precise words."},
	"error.home":   {"Vai alle notizie", "Go to the stories"},
}

// from is a date as a beginning: "dal 3 marzo 2026", "since 3 March 2026".
func (w words) from(t time.Time) string { return w.cal.with(w.cal.pick("dal", "since"), t) }
