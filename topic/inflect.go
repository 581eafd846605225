package topic

import (
	"strings"

	"vedetta/prose"
)

// root returns what the inflected forms of a folded word have in common.
//
// Italian words lose the vowels of gender and number: italiano, italiane are
// italian, nipponico, nipponiche are nipponic. The Italian snowball stem is of
// no use here: it parts militare from militari and joins partita, partire and
// parte. Other languages have their snowball stem.
func root(fold, lang string) string {
	if lang != "it" {
		return prose.Stem(fold, lang)
	}
	r := fold
	if n := len(fold) - 1; n > 0 && strings.IndexByte("aeio", fold[n]) >= 0 {
		r = fold[:n]
	}
	switch n := len(r); {
	case n == len(fold):
		return fold
	case strings.HasSuffix(r, "i"), strings.HasSuffix(r, "ch"), strings.HasSuffix(r, "gh"):
		r = r[:n-1]
	}
	if len(r) < headBytes {
		return fold
	}
	return r
}
