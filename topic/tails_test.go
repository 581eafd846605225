package topic

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vedetta/news"
)

// testdata/tails/*.txt: bodies in which the lines that begin with > are no
// part of the article.
func TestTails(t *testing.T) {
	files, err := filepath.Glob("testdata/tails/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tail := map[string]bool{}
			var body []string
			for line := range strings.Lines(strings.TrimSpace(string(raw))) {
				line = strings.TrimSpace(line)
				text, isTail := strings.CutPrefix(line, ">")
				if text != "" {
					tail[text] = isTail
				}
				body = append(body, text)
			}
			d := newDocument(news.Article{Title: "Titolo", Text: strings.Join(body, "\n")}, "it")
			for _, s := range d.sentences[d.title:] {
				text := d.sentenceText(s)
				if want, ok := tail[text]; ok && want != s.tail {
					t.Errorf("%q is tail: %v, want %v", text, s.tail, want)
				}
			}
		})
	}
}

func TestDigest(t *testing.T) {
	notices := "Lunedì: Tokyo, missione del ministro.\nMartedì: Bruxelles, riunione alleata.\nMercoledì: Roma, audizioni.\nGiovedì: Napoli, congresso.\nVenerdì: Milano, sciopero."
	interview := "Che cosa cambia?\nCambia tutto: i rapporti, i tempi, le persone con cui si parla.\nE il Giappone?\nIl Giappone segue.\nE poi?\nVedremo."
	for _, tt := range []struct {
		title, text string
		want        bool
	}{
		{"La settimana dei ministri", notices, true},
		{"Agenda della settimana", "Poche righe.", true},
		{"Parla l'ambasciatore", interview, false},
		{"L'agenda asiatica della Farnesina", "Il ministro vola a Tokyo.", false},
	} {
		if got := newDocument(news.Article{Title: tt.title, Text: tt.text}, "it").digest; got != tt.want {
			t.Errorf("%s: digest %v, want %v", tt.title, got, tt.want)
		}
	}
}

func TestDefinition(t *testing.T) {
	for _, tt := range []struct {
		title, text string
		want        bool
	}{
		{"Forze di autodifesa", "Le Forze di autodifesa (in giapponese Jieitai) sono le forze armate di quel Paese.", true},
		{"Ambasciata d'Italia a Tokyo", "L'ambasciata d'Italia a Tokyo è la missione diplomatica italiana.", true},
		{"Italia e Giappone", "Italia e il Giappone hanno firmato un accordo.", false},
		{"Italia e Giappone firmano", "L'Italia è il primo Paese europeo ad aprire il negoziato con il Giappone.", false},
		{"Il ministro a Tokyo", "Il ministro è a Tokyo da ieri.", false},
	} {
		if got := newDocument(news.Article{Title: tt.title, Text: tt.text}, "it").definition; got != tt.want {
			t.Errorf("%s: definition %v, want %v", tt.title, got, tt.want)
		}
	}
}
