package topic

import (
	"strings"

	"vedetta/news"
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

// languages in the order in which they prevail over one another.
var languages = [...]string{"it", "en", "fr", "es", "pt", "de"}

// languagesOf maps the hash of each function word, with and without an
// apostrophe, to the languages that have it, by their places among languages.
var languagesOf = func() byHash[[]int] {
	of := map[uint64][]int{}
	for i, lang := range languages {
		for w := range strings.FieldsSeq(functionWords[lang]) {
			for _, h := range [...]uint64{prose.Hash(w), prose.Hash(w + "'")} {
				of[h] = append(of[h], i)
			}
		}
	}
	return newByHash(of)
}()

// detectLanguage returns the language of an article, of which g is the glance,
// by the function words at its beginning; "" when it cannot tell.
func (g *glance) detectLanguage(a news.Article) string {
	var sample languageSample
	for _, w := range g.text {
		if w.End > sampleBytes || sample.full() {
			break
		}
		sample.add(w.Hash)
	}
	if left := sampleBytes - len(a.Text) - 1; left > 0 && !sample.full() {
		g.sample = prose.Tokens(g.sample[:0], a.Summary[:min(len(a.Summary), left)])
		for _, w := range g.sample {
			sample.add(w.Hash)
		}
		for _, w := range g.title {
			if len(a.Summary)+1+int(w.End) > left {
				break
			}
			sample.add(w.Hash)
		}
	}
	return sample.language()
}

// languageSample counts function words.
type languageSample struct {
	words int
	count [len(languages)]float64
}

func (s *languageSample) full() bool { return s.words == sampleWords }

func (s *languageSample) add(word uint64) {
	if s.full() {
		return
	}
	s.words++
	of, _ := languagesOf.get(word)
	for _, lang := range of {
		s.count[lang] += 1 / float64(len(of))
	}
}

func (s *languageSample) language() string {
	if s.words < fewestWords {
		return ""
	}
	best, second := 0, -1
	for i := range s.count {
		switch {
		case i == 0:
		case s.count[i] > s.count[best]:
			best, second = i, best
		case second < 0 || s.count[i] > s.count[second]:
			second = i
		}
	}
	if s.count[best] < 0.06*float64(s.words) || s.count[best] < 1.3*s.count[second] {
		return ""
	}
	return languages[best]
}
