package story

import (
	"testing"

	"vedetta/prose"
)

func TestQuantity(t *testing.T) {
	tests := []struct {
		text  string
		value float64
		words int // 0: no number
	}{
		{"0,50 per cento in più", 0.5, 3},
		{"0,5% in più", 0.5, 1},
		{"mezzo punto percentuale", 0.5, 3},
		{"mezzo punto in meno", 0.5, 2},
		{"50 punti base", 0.5, 3},
		{"tre quarti di punto", 0.75, 4},
		{"un punto percentuale", 1, 3},
		{"otto anni", 8, 1},
		{"8 anni", 8, 1},
		{"sei miliardi", 6e9, 2},
		{"6 mld", 6e9, 2},
		{"due milioni e mezzo di euro", 2.5e6, 4},
		{"2,5 milioni", 2.5e6, 2},
		{"un milione", 1e6, 2},
		{"mezzo milione", 5e5, 2},
		{"un uomo", 0, 0},
		{"sei stato", 0, 0},
		{"mezzo pubblico", 0, 0},
		{"per cento", 0, 0},
	}
	r := newReader()
	for _, test := range tests {
		var words []*lexeme
		for _, w := range prose.Tokens(nil, test.text) {
			words = append(words, r.lexeme(test.text, w))
		}
		v, n, ok := quantity(words)
		if !ok {
			v, n = 0, 0
		}
		if v != test.value || n != test.words {
			t.Errorf("%q: %v, %d words, want %v, %d", test.text, v, n, test.value, test.words)
		}
	}
}
