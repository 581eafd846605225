package extractor

import "strings"

// Phrases are folded: lower case, letters and digits, single blanks.

// wholePhrases are short blocks that say nothing.
var wholePhrases = set(`
condividi
condividi su
condividi l articolo
condividi questo articolo
condividi tweet
pubblicita
pubblicità
annuncio
leggi anche
leggi tutto
continua a leggere
continua a leggere dopo la pubblicità
read more
read also
share
share this
share this article
share on
advertisement
advertising
ad
sponsored
anzeige
werbung
publicidad
publicité
riproduzione riservata
tutti i diritti riservati
all rights reserved
tag
tags
commenti
comments
email
facebook
twitter
whatsapp
telegram
linkedin
stampa
print
copia link
copy link
follow us
seguici
ascolta
ascolta l articolo
listen
play
loading
caricamento
torna su
back to top
save
salva
`)

// tailPhrases open blocks at an article's end that are no part of it.
var tailPhrases = []string{
	"riproduzione riservata", "copyright", "tutti i diritti riservati", "all rights reserved", "tags", "tag ",
	"categorie", "categories", "filed under", "posted in", "pubblicato in", "foto ", "photo ", "crediti",
	"iscriviti alla newsletter", "iscriviti alla nostra", "seguici su", "segui ", "subscribe to", "sign up",
	"follow us", "share this", "condividi", "leggi anche", "read more", "read also", "articolo precedente",
	"articolo successivo", "lascia un commento", "leave a comment", "leave a reply",
}

// teaserPhrases open blocks that point to another article.
var teaserPhrases = []string{
	"leggi anche", "leggi pure", "read also", "read more", "see also", "also read", "more on this", "related articles",
	"related stories", "related posts", "articoli correlati", "potrebbe interessarti", "ti potrebbe interessare",
	"potrebbero interessarti", "per approfondire", "guarda anche", "da leggere", "lire aussi", "à lire aussi",
	"mehr zum thema", "lesen sie auch", "lesen sie mehr", "auch interessant", "lea también", "lee también", "te puede interesar",
	"you may also like", "you might also like", "recommended", "don t miss", "ultime notizie", "altre notizie",
	"most read", "i più letti", "le ultime", "more stories", "more from", "read next", "further reading", "leggi l articolo",
}

func set(list string) map[string]bool {
	m := map[string]bool{}
	for line := range strings.Lines(list) {
		if line = strings.TrimSpace(line); line != "" {
			m[line] = true
		}
	}
	return m
}

func isPhrase(folded string) bool { return folded == "" || wholePhrases[folded] }

func opensTeaser(folded string) bool { return opens(folded, teaserPhrases) }

func isTail(folded string) bool { return folded == "" || opens(folded, tailPhrases) }

func opens(s string, list []string) bool {
	for _, p := range list {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}
