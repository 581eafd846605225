package prose

import (
	"strings"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/italian"
)

// longest word that is stemmed; anything longer is not a word of a language.
const longestStem = 64

// Stem returns the snowball stem of a folded word. Languages other than
// Italian and English ("it", "en", with or without a region) leave the word
// as it is, as do words that are too long or hold digits.
func Stem(fold, lang string) string {
	if len(fold) > longestStem || strings.ContainsAny(fold, "0123456789") {
		return fold
	}
	lang, _, _ = strings.Cut(lang, "-")
	env := snowballstem.NewEnv(fold)
	switch strings.ToLower(lang) {
	case "it":
		italian.Stem(env)
	case "en":
		english.Stem(env)
	default:
		return fold
	}
	return env.Current()
}
