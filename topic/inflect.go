package topic

import (
	"iter"
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
	if lang != italian {
		return prose.Stem(fold, lang)
	}
	return fold[:rootEnd(fold)]
}

const italian = "it"

// rootEnd returns where the root of a folded Italian word ends.
func rootEnd[T string | []byte](fold T) int {
	n := len(fold) - 1
	if n <= 0 || strings.IndexByte("aeio", fold[n]) < 0 {
		return len(fold)
	}
	switch last := fold[n-1]; {
	case last == 'i', last == 'h' && n > 1 && (fold[n-2] == 'c' || fold[n-2] == 'g'):
		n--
	}
	if n < headBytes {
		return len(fold)
	}
	return n
}

// formsOf yields all words that have a root, as a folded Italian word has it.
func formsOf(root string) iter.Seq[string] {
	return func(yield func(string) bool) {
		if rootEnd(root) == len(root) && !yield(root) {
			return
		}
		for _, before := range [...]string{"", "i", "h"} {
			for _, vowel := range "aeio" {
				if form := root + before + string(vowel); rootEnd(form) == len(root) && !yield(form) {
					return
				}
			}
		}
	}
}
