package prose

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// testdata/sentences/*.txt: a text, a line "---", its sentences one a line
// with ¶ before the first of each paragraph.
func TestSentences(t *testing.T) {
	files, err := filepath.Glob("testdata/sentences/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text, want, ok := strings.Cut(string(raw), "\n---\n")
			if !ok {
				t.Fatal("no line --- in the file")
			}
			var got []string
			paragraph := -1
			for _, s := range Sentences(text) {
				line := strings.ReplaceAll(text[s.Start:s.End], "\n", " ")
				if s.Paragraph != paragraph {
					paragraph = s.Paragraph
					line = "¶" + line
				}
				got = append(got, line)
			}
			if d := cmp.Diff(strings.Split(strings.TrimSpace(want), "\n"), got); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

func TestWords(t *testing.T) {
	tests := []struct{ text, want string }{
		{"l'Alleanza e l’Italia", "l' alleanza e l' italia"},
		{"dell’ Alleanza, un' intesa", "dell' alleanza un' intesa"},
		{"perche' perché perche` PERCHE’ perché", "perche perche perche perche perche"},
		{"e' è e`", "e e e"},
		{"la N.A.T.O. e gli U.S.A., la S.p.A.", "la nato e gli usa la spa"},
		{"NATO's ships; Nato’s", "nato 's ships nato 's"},
		{"'Nato' e ‘Roma’", "nato e roma"},
		{"Giap\u00adpone, Tōkyō, To\u0304kyo\u0304, ＮＡＴＯ", "giappone tokyo tokyo nato"},
		{"F-35 F35 G7 2+2 1.300 3,5 10.", "f 35 f35 g7 2+2 1.300 3,5 10"},
		{"italo-giapponese Italia/Giappone", "italo giapponese italia giappone"},
		{"vedi https://www.nato.int/a?b=c) e #NATO", "vedi e nato"},
		{"D'Amato O'Brien Jun'ichiro", "d' amato o' brien jun' ichiro"},
		{"J. Biden A.Rossi", "j biden a rossi"},
		{"un po' d'acqua, anni '80", "un po d' acqua anni 80"},
		{"don't they're", "don 't they 're"},
		{"日本 e NATO", "日本 e nato"},
		{"\xff\xfeNato\xff", "nato"},
		{"", ""},
	}
	for _, tt := range tests {
		var got []string
		for _, w := range Words(tt.text) {
			got = append(got, w.Fold)
		}
		if d := cmp.Diff(tt.want, strings.Join(got, " ")); d != "" {
			t.Errorf("Words(%q) (-want +got)\n%s", tt.text, d)
		}
	}
}

func TestStem(t *testing.T) {
	tests := []struct{ lang, a, b string }{
		{"it", "giapponese", "giapponesi"},
		{"it", "esercitazione", "esercitazioni"},
		{"it-IT", "marittima", "marittime"},
		{"en", "agreement", "agreements"},
	}
	for _, tt := range tests {
		if a, b := Stem(tt.a, tt.lang), Stem(tt.b, tt.lang); a != b {
			t.Errorf("Stem %s: %q is %q, %q is %q", tt.lang, tt.a, a, tt.b, b)
		}
	}
	if got := Stem("giapponesi", "de"); got != "giapponesi" {
		t.Errorf("Stem of an unknown language = %q, want the word", got)
	}
}

func FuzzSentences(f *testing.F) {
	for _, s := range []string{
		"ROMA, 22 apr. (askanews) – Il gen. J. F. Rossi è a Tokyo.Poi l’Italia…", "a\r\n\nb", "\xffN.A.T.O.\u00ad'", "2+2.+3",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for i := range len(text) {
			if end := anyStop(text, 0, i); plainStop(text, 0, i) && end != i+1 {
				t.Fatalf("the full stop at byte %d ends a sentence at once, the long way at %d", i, end)
			}
		}
		end, paragraph := 0, 0
		var words []Word
		for _, s := range Sentences(text) {
			if s.Start < end || s.End <= s.Start || s.End > len(text) || s.Paragraph < paragraph {
				t.Fatalf("sentence %+v after byte %d in paragraph %d", s, end, paragraph)
			}
			end, paragraph = s.End, s.Paragraph
			words = append(words, s.Words...)
		}
		if all := Words(text); !slices.Equal(all, words) {
			t.Fatalf("words of sentences %v, of the text %v", words, all)
		}
		var cut Text
		for range 2 { // the second time in the room of the first
			cut.Read(text)
		}
		tokens := cut.Words
		for i, s := range Sentences(text) {
			if k := cut.Sentences[i]; int(k.Start) != s.Start || int(k.End) != s.End || int(k.Paragraph) != s.Paragraph || len(cut.Of(k)) != len(s.Words) {
				t.Fatalf("sentence %+v, cut %+v", s, k)
			}
		}
		if len(tokens) != len(words) {
			t.Fatalf("%d tokens, %d words", len(tokens), len(words))
		}
		end = 0
		for i, w := range words {
			if k := tokens[i]; int(k.Start) != w.Start || int(k.End) != w.End || k.Fold(text) != w.Fold || string(k.AppendFold(nil, text)) != w.Fold || k.Hash != Hash(w.Fold) {
				t.Fatalf("token %+v of word %+v", k, w)
			}
			if w.Start < end || w.End <= w.Start || w.End > len(text) || w.Fold == "" || !utf8.ValidString(w.Fold) {
				t.Fatalf("word %+v after byte %d", w, end)
			}
			end = w.End
			Stem(w.Fold, "it")
		}
	})
}

func BenchmarkSentences(b *testing.B) {
	text := strings.Repeat("ROMA – Il ministro della Difesa ha incontrato l'omologo giapponese. Sul tavolo, dice la nota, il caccia di sesta generazione e l’addestramento.\n", 40)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Sentences(text)
	}
}

// TestTextTakesNoMemory holds that a Text that is used again allocates nothing.
func TestTextTakesNoMemory(t *testing.T) {
	const text = "Il ministro della Difesa è a Tokyo. L’intesa, dice l'Ansa, è vicina: «perche' no?»\n\nNATO e 1.300 città."
	var cut Text
	cut.Read(text)
	if n := testing.AllocsPerRun(20, func() { cut.Read(text) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkText(b *testing.B) {
	text := strings.Repeat("Il ministro della Difesa ha incontrato a Tokyo il collega giapponese: l’intesa, dopo l’esercitazione di maggio, è più vicina. ", 25)
	var cut Text
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		cut.Read(text)
	}
}

func BenchmarkWords(b *testing.B) {
	text := strings.Repeat("Il ministro della Difesa ha incontrato a Tokyo il collega giapponese: l’intesa, dopo l’esercitazione di maggio, è più vicina. ", 25)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Words(text)
	}
}

func TestKey(t *testing.T) {
	cases := []struct {
		lang string
		same []string // words of one key
	}{
		{"it", []string{"missile", "missili", "Missili", "MISSILE"}},
		{"it", []string{"accordo", "accordi"}},
		{"it", []string{"sovranità", "sovranita'", "Sovranita`", "sovranita\u0300"}},
		{"it", []string{"l’Alleanza", "dell'alleanza", "alleanze", "all’ alleanza"}},
		{"it", []string{"giapponese", "giapponesi"}},
		{"it", []string{"N.A.T.O.", "NATO", "Nato"}},
		{"en", []string{"fighter", "fighters", "Fighter’s"}},
		{"en", []string{"missile", "missiles"}},
		{"", []string{"aereo", "aerei"}},
		{"it", []string{"cantiere", "cantieri"}},
		{"it", []string{"crociera", "crociere"}},
	}
	for _, c := range cases {
		keys := map[string]bool{}
		for _, text := range c.same {
			for _, w := range Words(text) {
				if k := Key(w.Fold, c.lang); k != "" {
					keys[k] = true
				}
			}
		}
		if len(keys) != 1 {
			t.Errorf("%s %q: keys %v, want one", c.lang, c.same, keys)
		}
	}
	if Key("portaerei", "it") == Key("porto", "it") || Key("cantiere", "it") == Key("canto", "it") {
		t.Error("an aircraft carrier is a port, or a shipyard a song")
	}
	for _, idle := range []string{"della", "dell’", "È", "perché", "perche'", "the", "'s", "L'"} {
		for _, w := range Words(idle) {
			if k := Key(w.Fold, "it"); k != "" {
				t.Errorf("%q has the key %q, want none", idle, k)
			}
		}
	}
}

// Where the stemmer takes a noun for a verb, each form finds the other.
func TestKeysJoinForms(t *testing.T) {
	for _, pair := range [][2]string{{"militare", "militari"}, {"cantiere", "cantieri"}, {"nucleare", "nucleari"}, {"potere", "poteri"}} {
		for i := range pair {
			if k := Key(pair[i], "it"); !slices.Contains(Keys(pair[1-i]), k) {
				t.Errorf("%q is not found by %q: %q is not among %q", pair[i], pair[1-i], k, Keys(pair[1-i]))
			}
		}
	}
}

// Whatever the language of a text, its words are found by one of Keys.
func TestKeysCoverKey(t *testing.T) {
	for _, text := range []string{"I caccia della sesta generazione", "The sixth-generation fighters", "Les avions de combat", "F-35 2+2 1.300"} {
		for _, w := range Words(text) {
			for _, lang := range []string{"it", "it-IT", "en", "fr", ""} {
				k := Key(w.Fold, lang)
				if k != "" && !slices.Contains(Keys(w.Fold), k) {
					t.Errorf("%q in %q has the key %q, which is not among %q", w.Fold, lang, k, Keys(w.Fold))
				}
			}
		}
	}
}
