package topic

import (
	"strings"

	"vedetta/prose"
)

// functionWords of the languages that the press of our sources writes; the
// words that two of them share are left out.
var functionWords = map[string]string{
	"it": "il lo gli della dello delle degli dei del alla allo alle agli nella nelle nello negli sulla sulle dalla dalle dagli che di con per non sono anche piu questo questa come ha hanno stato stata fra tra",
	"en": "the of and to that for with is are was were has have been this from by on at which their its will not an",
	"fr": "le les des du est et dans pour qui sur au aux avec une ce cette sont ont pas plus ete",
	"es": "el los las del que en por con una para su sus se al como mas este esta fue ha han y",
	"pt": "o os as do da dos das que em por com uma para seu sua ao nao mais foi e tem",
	"de": "der die das und den dem des mit von zu im ist auf fur nicht ein eine auch sich wird werden hat",
}

// fewestWords are needed to tell a language.
const (
	fewestWords = 12
	sampleWords = 400
	sampleBytes = 4000
)

// languagesOf maps each function word to the languages that have it.
var languagesOf = func() map[string][]string {
	of := map[string][]string{}
	for lang, list := range functionWords {
		for w := range strings.FieldsSeq(list) {
			of[w] = append(of[w], lang)
		}
	}
	return of
}()

// detectLanguage returns the language of a text by its function words; ""
// when it cannot tell.
func detectLanguage(text string) string {
	words := prose.Words(text[:min(len(text), sampleBytes)])
	if len(words) < fewestWords {
		return ""
	}
	words = words[:min(len(words), sampleWords)]
	count := map[string]float64{}
	for _, w := range words {
		of := languagesOf[strings.TrimSuffix(w.Fold, "'")]
		for _, lang := range of {
			count[lang] += 1 / float64(len(of))
		}
	}
	best, second := "", ""
	for _, lang := range []string{"it", "en", "fr", "es", "pt", "de"} {
		switch {
		case best == "" || count[lang] > count[best]:
			best, second = lang, best
		case second == "" || count[lang] > count[second]:
			second = lang
		}
	}
	if count[best] < 0.06*float64(len(words)) || count[best] < 1.3*count[second] {
		return ""
	}
	return best
}
