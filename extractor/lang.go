package extractor

import (
	"math/bits"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/abadojack/whatlanggo"
)

// sampleLen is how much of a text its language is detected from, in bytes.
const sampleLen = 1500

// language is the text's BCP 47 tag. What the page declares is kept unless the
// text is surely in another language: a foreign text on a page of a site that
// declares its own language everywhere.
func language(declared, text string) string {
	declared = strings.ReplaceAll(strings.TrimSpace(declared), "_", "-")
	base, region, _ := strings.Cut(declared, "-")
	base = strings.ToLower(base)
	if len(base) < 2 || len(base) > 3 || strings.Trim(base, "abcdefghijklmnopqrstuvwxyz") != "" {
		base, region = "", ""
	}
	if base == "" || slices.Contains(langNames, base) {
		if found := detect(text); found != "" && found != base {
			return found
		}
	}
	if base == "" && len(text) >= 100 {
		return whatlanggo.Detect(prefix(text, sampleLen)).Lang.Iso6391()
	}
	return tag(base, region)
}

func tag(base, region string) string {
	if len(region) == 2 && base != "" {
		return base + "-" + strings.ToUpper(region)
	}
	return base
}

// smallWords are the words that a text of each language cannot do without and
// that few others have.
var smallWords = langTable(map[string]string{
	"it": `il lo gli della dello delle degli nel nella nelle che di è sono non una anche più per con dal dalla sul sulla alla ai
		come questo questa ha hanno stato essere tra dei`,
	"en": `the of and to in is that for it was with as his on be at by had are but from or have an they which you were her she there
		would their will`,
	"de": `der die das und ist nicht ein eine einen dem den des mit auf für von sich auch wird im zum zur bei sind wie nach haben`,
	"fr": `le les des une est et dans pour que qui pas sur au aux avec par plus sont du cette ce ont été mais leur`,
	"es": `el los las una que es en por con para del se lo más como pero su al fue ha son este esta está entre sus y`,
	"pt": `o os as uma que não em para com do da dos das no na por mais ao se foi são como mas também pelo pela é um`,
	"nl": `het een van en is dat niet op te zijn voor met die aan ook er maar om bij wordt naar heeft door`,
	"pl": `się nie na że jest w z do to jak ale przez dla od po co oraz był która`,
	"tr": `bir ve bu için ile da de olarak çok daha olan gibi kadar sonra ne var değil`,
	"sv": `och att det som en på är av för med den till inte har om ett men var sig`,
	"cs": `se na že je v a to s z do pro jako ale by jsou také který podle`,
	"ro": `și în de la cu pe nu este care că din sau pentru mai fost`,
})

// langNames numbers the languages of smallWords.
var langNames = []string{"it", "en", "de", "fr", "es", "pt", "nl", "pl", "tr", "sv", "cs", "ro"}

func langTable(lists map[string]string) map[string]uint16 {
	m := map[string]uint16{}
	for bit, lang := range langNames {
		for w := range strings.FieldsSeq(lists[lang]) {
			m[w] |= 1 << bit
		}
	}
	return m
}

// Shares of a text's words that must be small words of a language, and the
// lead over the next language, for it to be sure.
const (
	smallShare = 0.12
	smallLead  = 1.25
	minWords   = 25
)

// detect tells the language of a text from its script or its small words; ""
// when it is not sure.
func detect(text string) string {
	text = prefix(text, sampleLen)
	if s := scriptLanguage(text); s != "" {
		return s
	}
	hits, n := countSmallWords(text)
	best, second := 0, -1
	for b := 1; b < len(langNames); b++ {
		switch {
		case hits[b] > hits[best]:
			best, second = b, best
		case second < 0 || hits[b] > hits[second]:
			second = b
		}
	}
	if n < minWords || hits[best] < smallShare*float64(n) || hits[best] < smallLead*hits[second] {
		return ""
	}
	return langNames[best]
}

// countSmallWords counts the words of a text, and those that are small words of
// each language.
func countSmallWords(text string) (hits [16]float64, n int) {
	var room [32]byte // longer than any small word
	word := room[:0]  // in lower case
	ends := func() {
		if len(word) == 0 {
			return
		}
		n++
		for langs := smallWords[string(word)]; langs != 0; langs &= langs - 1 {
			hits[bits.TrailingZeros16(langs)]++
		}
		word = room[:0]
	}
	for _, r := range text {
		if r < utf8.RuneSelf {
			r |= 0x20 // in lower case, if it is a letter
			if r < 'a' || r > 'z' {
				ends()
				continue
			}
		} else if r = unicode.ToLower(r); !unicode.IsLetter(r) {
			ends()
			continue
		}
		if len(word)+utf8.UTFMax <= len(room) {
			word = utf8.AppendRune(word, r)
		}
	}
	ends()
	return hits, n
}

// scriptLanguage tells languages that have a script of their own.
func scriptLanguage(text string) string {
	var kana, han, hangul, greek, hebrew, thai, all int
	for _, r := range text {
		if r < utf8.RuneSelf {
			all++
			continue
		}
		all++
		switch {
		case r >= 0x3040 && r < 0x3100:
			kana++
		case r >= 0x4E00 && r < 0xA000:
			han++
		case r >= 0xAC00 && r < 0xD7B0:
			hangul++
		case r >= 0x370 && r < 0x400:
			greek++
		case r >= 0x590 && r < 0x600:
			hebrew++
		case r >= 0xE00 && r < 0xE80:
			thai++
		}
	}
	switch half := all / 3; {
	case kana > all/10:
		return "ja"
	case han > half:
		return "zh"
	case hangul > half:
		return "ko"
	case greek > half:
		return "el"
	case hebrew > half:
		return "he"
	case thai > half:
		return "th"
	}
	return ""
}
