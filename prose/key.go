package prose

import (
	"slices"
	"strings"
)

// Key is what a folded word of a text in a language is looked up by: its stem.
// It is empty for words that say nothing by themselves: articles, prepositions,
// pronouns, forms of to be and to have. A text of unknown language is taken for
// Italian.
func Key(fold, lang string) string {
	word := strings.Trim(fold, "'")
	if word == "" || fold[0] == '\'' || idle[word] {
		return ""
	}
	if lang == "" {
		lang = "it"
	}
	if strings.HasPrefix(lang, "it") {
		// The stemmer takes these endings for those of verbs.
		switch {
		case word == "portaerei":
			return word // is no port
		case strings.HasSuffix(word, "iere"):
			word = word[:len(word)-1] + "i" // cantiere as cantieri and crociere as crociera
		}
	}
	key := Stem(word, lang)
	return key[:min(len(key), longestStem)]
}

// Keys are all keys under which a folded word is looked for, whatever the
// language of the text it stands in; none for words without a key.
//
// The Italian stemmer takes -are and -ere for infinitives, so that "militare"
// has another stem than "militari": either is looked for as both.
func Keys(fold string) []string {
	words := []string{fold}
	for _, end := range [][2]string{{"are", "ari"}, {"ere", "eri"}} {
		for i := range end {
			if stem, ok := strings.CutSuffix(fold, end[i]); ok && len(stem) > 2 {
				words = append(words, stem+end[1-i])
			}
		}
	}
	var keys []string
	for _, w := range words {
		for _, lang := range []string{"it", "en", "und"} {
			if k := Key(w, lang); k != "" && !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// KeysOpen are the keys of words that begin with a folded word, as far as they
// do not begin with it themselves: what "generaz" would be in "generazione".
func KeysOpen(fold string) []string {
	keys := Keys(fold)
	for _, end := range []string{"a", "e", "i", "o", "ione", "ioni"} {
		if k := Key(fold+end, "it"); k != "" && len(k) < len(fold) && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// idle are the words without a key, folded and without apostrophes.
var idle = set(`
	il lo la i gli le l un uno una di a da in con su per tra fra d
	del dello della dei degli delle dell al allo alla ai agli alle all dal dallo dalla dai dagli dalle dall
	nel nello nella nei negli nelle nell sul sullo sulla sui sugli sulle sull col coi
	e ed o od ma se che chi cui non si ne ci vi mi ti c n m t s v anche come dove quando mentre perche poi pero
	questo questa questi queste quest quello quella quelli quelle quell quei quegli cio
	io tu egli lui lei noi voi essi loro suo sua suoi sue
	e' sono era erano sia siano fu furono essere ha hanno aveva avevano abbia abbiano avere ho
	the of and to that is for with by at from it its an be are was were this these those which or as on
	he she they we you his her their our has have had but not`)
