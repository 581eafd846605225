package story

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// numberTerm is the term of a value, however it is written.
func numberTerm(v float64) term {
	k := number
	switch {
	case v <= 12 && v == math.Trunc(v):
		k = digit
	case v < 100 && v == math.Trunc(v):
		k = small
	case v >= 1900 && v < 2100 && v == math.Trunc(v):
		k = year
	}
	return hashTerm("number "+strconv.FormatFloat(v, 'g', 12, 64), k)
}

// addNumerals adds the Italian numerals from two to 999, the round thousands
// up to 999,000 and the collective numbers.
func addNumerals(values map[string]float64) {
	units := strings.Split(",uno,due,tre,quattro,cinque,sei,sette,otto,nove,dieci,undici,dodici,tredici,quattordici,quindici,sedici,diciassette,diciotto,diciannove", ",")
	tens := []string{"", "", "venti", "trenta", "quaranta", "cinquanta", "sessanta", "settanta", "ottanta", "novanta"}
	below100 := func(n int) string {
		if n < 20 {
			return units[n]
		}
		t := tens[n/10]
		if n%10 == 1 || n%10 == 8 {
			t = t[:len(t)-1] // ventuno, ventotto
		}
		return t + units[n%10]
	}
	for n := 2; n < 1000; n++ {
		s := below100(n % 100)
		switch h := n / 100; {
		case h == 1:
			s = "cento" + s
		case h > 1:
			s = units[h] + "cento" + s
		}
		values[s] = float64(n)
		values[s+"mila"] = float64(n) * 1000
	}
	maps.Copy(values, map[string]float64{
		"mille": 1000, "decina": 10, "dozzina": 12, "ventina": 20, "trentina": 30, "quarantina": 40,
		"cinquantina": 50, "centinaio": 100, "migliaio": 1000,
	})
	// Numerals that are rather something else.
	delete(values, "sei")
}

// multiples are the words that scale the number before them.
var multiples = map[string]float64{"mila": 1e3, "milione": 1e6, "milioni": 1e6, "mln": 1e6, "miliardo": 1e9, "miliardi": 1e9, "mld": 1e9}

// numeral reads a folded word as a number written in digits: 1.200, 3,5, 2024.
func numeral(fold string) (float64, bool) {
	if fold == "" || fold[0] < '0' || fold[0] > '9' {
		return 0, false
	}
	s := strings.TrimRight(fold, "aoª°º")
	// A point before three digits groups thousands; otherwise it stands in a
	// time or a version and the word is taken for itself.
	whole, fraction, _ := strings.Cut(s, ",")
	groups := strings.Split(whole, ".")
	for i, g := range groups {
		if i > 0 && len(g) != 3 {
			return 0, false
		}
	}
	s = strings.Join(groups, "")
	if fraction != "" {
		s += "." + fraction
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && !math.IsInf(v, 0)
}

// partial are words that are numbers only before a multiple or a percentage.
var partial = map[string]float64{"un": 1, "uno": 1, "una": 1, "mezzo": 0.5, "mezza": 0.5, "sei": 6}

// quantity reads a number at the front of words with all that belongs to it,
// and returns how many words these are: 60 milioni, due miliardi e mezzo, 0,50
// per cento, 50 punti base, mezzo punto. Percentages stand for their figure.
func quantity(words []*lexeme) (v float64, n int, ok bool) {
	first := words[0].fold
	if v, ok = words[0].value, words[0].numeral; v == 0 && !ok {
		return 0, 0, false
	}
	n = 1
	is := func(at int, among ...string) bool {
		return at < len(words) && slices.Contains(among, words[at].fold)
	}
	if is(1, "quarto", "quarti") && is(2, "di") && is(3, "punto") {
		return v / 4, 4, true
	}
	if len(words) > 1 {
		if by, scaled := multiples[words[1].fold]; scaled {
			v *= by
			n, ok = 2, true
			if is(2, "e") && is(3, "mezzo") {
				v += by / 2
				n = 4
			}
		}
	}
	switch {
	case is(n, "percento"):
		return v, n + 1, true
	case is(n, "per") && is(n+1, "cento"):
		return v, n + 2, true
	case is(n, "punto", "punti") && is(n+1, "base"):
		return v / 100, n + 2, true
	case is(n, "punto", "punti") && is(n+1, "percentuale", "percentuali"):
		return v, n + 2, true
	case is(n, "punto") && first == "mezzo":
		return v, n + 1, true
	}
	return v, n, ok
}
