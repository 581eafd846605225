package topic

import (
	"slices"
	"strings"
)

// Openings of paragraphs that belong to the page and not to the article, as
// folded words. What they lead to is dropped: the line itself, and when it
// stands late or alone also what follows it.
var tailOpenings = []string{
	"leggi anche", "leggi tutto", "leggi ancora", "leggi pure", "leggi l' articolo", "leggi le altre", "continua a leggere", "continua la lettura",
	"articoli correlati", "articolo correlato", "articoli simili", "articoli recenti", "notizie correlate", "contenuti correlati", "correlati", "voci correlate",
	"potrebbe interessarti", "potrebbe anche interessarti", "potrebbero interessarti", "ti potrebbe interessare", "ti potrebbero interessare", "ti puo interessare", "ti consigliamo",
	"per approfondire", "vedi anche", "vedi pure", "guarda anche", "guarda il video", "ascolta anche", "altre notizie", "altri articoli", "ultime notizie", "dallo stesso autore",
	"piu letti", "i piu letti", "le piu lette", "piu lette", "i piu visti", "in evidenza", "in primo piano oggi", "da non perdere", "prossimo articolo", "articolo precedente", "articolo successivo",
	"tag", "tags", "argomenti", "etichette", "parole chiave", "temi", "categorie", "hashtag",
	"condividi", "seguici", "segui ", "iscriviti", "abbonati", "newsletter", "commenti", "lascia un commento", "riproduzione riservata", "tutti i diritti riservati", "copyright",
	"pubblicato da", "pubblicato in", "pubblicato il", "scritto da", "l' autore", "l' autrice", "chi e l' autore", "gli autori", "nota sull' autore", "biografia", "bio", "redazione",
	"foto", "credit", "crediti", "fonte", "fonti", "immagine", "nella foto", "photo", "video", "scarica", "download", "non perderti",
	"read also", "read more", "related articles", "related stories", "related", "see also", "you may also like", "more from", "share", "subscribe", "sign up", "about the author", "topics", "follow us",
}

// Openings after which whatever follows is not the article, wherever they
// stand alone on a line.
var tailSections = map[string]bool{
	"articoli correlati": true, "articoli simili": true, "articoli recenti": true, "notizie correlate": true, "contenuti correlati": true, "correlati": true,
	"potrebbe interessarti": true, "potrebbe anche interessarti": true, "potrebbero interessarti": true, "ti potrebbe interessare": true, "ti potrebbero interessare": true,
	"altre notizie": true, "altri articoli": true, "ultime notizie": true, "i piu letti": true, "le piu lette": true, "piu letti": true, "piu lette": true, "leggi anche": true,
	"dallo stesso autore": true, "voci correlate": true, "in evidenza": true, "da non perdere": true,
	"related articles": true, "related stories": true, "related": true, "read also": true, "you may also like": true, "see also": true, "more from": true,
}

// Words that make a last paragraph a note on its author.
var biographies = []string{
	" giornalista ", " e analista ", " analista ", " ricercatore ", " ricercatrice ", " e autore ", " e autrice ", " professore ", " docente ", " laureato ", " laureata ", " collabora con ", " collaboratore ",
	" scrive per ", " si occupa di ", " dottorando ", " dottoranda ", " caporedattore ", " is a journalist ", " is a writer ", " writes about ", " is a researcher ", " is a fellow ",
}

// markTails marks the sentences that are not the article.
func (d *document) markTails() {
	body := d.sentences[d.title:]
	words := len(d.words)
	closed := false // everything from here on is tail
	for i := 0; i < len(body); {
		end := i + 1
		for end < len(body) && body[end].paragraph == body[i].paragraph {
			end++
		}
		paragraph := body[i:end]
		switch late := int(paragraph[0].first)*3 > words*2; {
		case closed:
			mark(paragraph)
		case d.isTail(paragraph, late):
			mark(paragraph)
			alone := len(paragraph) == 1 && paragraph[0].end-paragraph[0].first <= 5
			closed = late && alone || alone && tailSections[strings.TrimSpace(d.folds(paragraph[0], 3))]
		default:
			d.markInside(paragraph, words)
		}
		i = end
	}
}

func mark(sentences []sentence) {
	for i := range sentences {
		sentences[i].tail = true
	}
}

// isTail reports whether a paragraph is a link, a list of tags, a credit or a
// biography.
func (d *document) isTail(paragraph []sentence, late bool) bool {
	first := paragraph[0]
	opening := d.folds(first, 4)
	if opens(opening) && (len(paragraph) == 1 || late) && (!d.verbal(first) || d.labelled(first)) {
		return true
	}
	text := d.sentenceText(first)
	if strings.Count(text, "#") >= 3 && !d.stopped(first) {
		return true
	}
	if !late {
		return false
	}
	line := " " + d.folds(first, 25) + " "
	for _, b := range biographies {
		if strings.Contains(line, b) && d.words[first.first].capital && first.end-first.first > 4 && strings.Contains(line, " e ") && len(paragraph) <= 4 && biographical(line) {
			return true
		}
	}
	return false
}

// biographical reports whether a line says what its first words are: "Ugo
// Neri e giornalista …".
func biographical(line string) bool {
	f := strings.Fields(line)
	for i := 1; i < len(f) && i < 5; i++ {
		if f[i] == "e" || f[i] == "is" || f[i] == "giornalista" || f[i] == "analista" {
			return true
		}
	}
	return false
}

// opens reports whether folded words begin as a tail does.
func opens(opening string) bool {
	for _, o := range tailOpenings {
		if opening == o || strings.HasPrefix(opening, o) && (strings.HasSuffix(o, " ") || opening[len(o)] == ' ') {
			return true
		}
	}
	return false
}

// labelled reports whether a colon follows the opening: "Leggi anche: …".
func (d *document) labelled(s sentence) bool {
	text := d.sentenceText(s)
	i := strings.IndexAny(text, ":|>»")
	return i >= 0 && i < 40
}

// verbal reports whether a paragraph that opens like a tail ("Fonti …", "Foto
// …", "Video …") goes on as running text.
func (d *document) verbal(s sentence) bool {
	opening := d.folds(s, 2)
	for _, o := range []string{"leggi", "continua", "articol", "notizie correlate", "potrebb", "ti p", "guarda", "condividi", "iscriviti", "abbonati", "riproduzione", "pubblicato da", "tutti i"} {
		if strings.HasPrefix(opening, o) {
			return false
		}
	}
	return d.stopped(s) && s.end-s.first > 8
}

// markInside marks the sentences of a paragraph that open as a tail does; in
// the last quarter of the article also what follows them. Texts without line
// breaks carry their tails so.
func (d *document) markInside(paragraph []sentence, words int) {
	for i := 1; i < len(paragraph); i++ {
		s := paragraph[i]
		if !opens(d.folds(s, 4)) || d.verbal(s) && !d.labelled(s) {
			continue
		}
		if int(s.first)*4 > words*3 {
			mark(paragraph[i:])
			return
		}
		paragraph[i].tail = true
	}
}

// digestTitles stand in the titles of pages with many unrelated notices.
var digestTitles = []string{
	" agenda della settimana ", " agenda del giorno ", " agenda di oggi ", " agenda di domani ", " agenda settimanale ", " gli appuntamenti di ", " gli appuntamenti della ", " appuntamenti del giorno ",
	" notizie in breve ", " in breve dal ", " in breve dall' ", " brevi dal ", " brevi dall' ", " rassegna stampa ", " le notizie del giorno ", " le notizie di oggi ", " notizie della settimana ", " fatti della settimana ",
	" accadde oggi ", " nati oggi ", " almanacco ", " prime pagine ", " news in brief ", " week ahead ", " press review ",
}

// digestWords do so where they make up most of a short title.
var digestWords = []string{" agenda ", " appuntamenti ", " in breve ", " brevi ", " notiziario ", " flash ", " tg ", " briefing "}

// shortTitle is the number of words of a title that digestWords make up.
const shortTitle = 4

// fewestNotices are the labelled lines ("Lunedì: …", "Farnesina: …") that make
// a page a list of notices.
const fewestNotices = 4

// isDigest reports whether the page holds many unrelated notices: its title
// says so, or most of its paragraphs are lines with a label.
func (d *document) isDigest() bool {
	for _, s := range d.sentences[:d.title] {
		line := " " + d.folds(s, 30) + " "
		stands := func(t string) bool { return strings.Contains(line, t) }
		if slices.ContainsFunc(digestTitles, stands) || s.end-s.first <= shortTitle && slices.ContainsFunc(digestWords, stands) {
			return true
		}
	}
	paragraphs, notices, last := 0, 0, -1
	for _, s := range d.sentences[d.title:] {
		if s.tail || s.paragraph == last {
			continue
		}
		last = s.paragraph
		paragraphs++
		text := d.sentenceText(s)
		if label, rest, ok := strings.Cut(text, ":"); ok && rest != "" && len(strings.Fields(label)) <= 3 && !strings.ContainsAny(label, "«“\"") {
			notices++
		}
	}
	return notices >= fewestNotices && notices*5 >= paragraphs*3
}

// copulas open a definition, after the thing defined and before an article.
var copulas = map[string]bool{"è": true, "È": true, "E": true, "sono": true, "fu": true, "furono": true, "era": true, "erano": true, "is": true, "are": true, "was": true, "were": true, "costituisce": true, "costituiscono": true, "indica": true}

// works of reference name themselves in their titles.
var works = map[string]bool{"wikipedia": true, "enciclopedia": true, "treccani": true}

// alsoKnown opens another name of the thing defined, before "come".
var alsoKnown = map[string]bool{"noto": true, "nota": true, "noti": true, "note": true, "conosciuto": true, "conosciuta": true, "conosciuti": true, "conosciute": true}

// entryWords is how many words the title of an entry with several names has at
// most.
const entryWords = 5

var articles = map[string]bool{
	"il": true, "lo": true, "la": true, "l'": true, "i": true, "gli": true, "le": true, "un": true, "uno": true, "una": true, "un'": true, "the": true, "a": true, "an": true, "stato": true, "stata": true,
}

// definitionWords is within how many words of the body a definition must say
// that something is something.
const definitionWords = 25

// isDefinition reports whether the title names a work of reference, or the body
// opens by saying what the title's thing is, or what else it is called, as
// encyclopedias do and news does not.
func (d *document) isDefinition() bool {
	for _, s := range d.sentences[:d.title] {
		for _, w := range d.words[s.first:s.end] {
			if works[w.Fold] {
				return true
			}
		}
	}
	if d.title != 1 || len(d.sentences) < 2 {
		return false
	}
	title, body := d.sentences[0], d.sentences[1]
	named := map[string]bool{}
	for _, w := range d.words[title.first:title.end] {
		if len(w.Fold) > 3 {
			named[w.Fold] = true
		}
	}
	seen, strangers, alias := map[string]bool{}, 0, false
	for i := body.first; i+1 < min(body.end, body.first+definitionWords); i++ {
		w := d.words[i]
		if copulas[d.parts[body.where][w.Start:w.End]] && articles[d.words[i+1].Fold] {
			return alias || len(named) > 0 && len(seen) == len(named) && strangers <= len(named)
		}
		if alsoKnown[w.Fold] && title.end-title.first <= entryWords {
			next := i + 1
			if d.words[next].Fold == "anche" && next+1 < body.end {
				next++
			}
			alias = alias || d.words[next].Fold == "come"
		}
		switch {
		case named[w.Fold]:
			seen[w.Fold] = true
		case len(w.Fold) > 3:
			strangers++
		}
	}
	return false
}
