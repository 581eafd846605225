package story_test

import (
	"testing"

	"vedetta/news"
	"vedetta/story"
)

func TestOrigin(t *testing.T) {
	for _, c := range []struct {
		text    string
		authors []string
		want    string
	}{
		{text: "ROMA (ITALPRESS) – Il ministro è partito.", want: "Italpress"},
		{text: "Roma, 3 apr. (askanews) - Il ministro è partito.", want: "askanews"},
		{text: "(ANSA) - ROMA, 12 MAR - Il ministro è partito.", want: "ANSA"},
		{text: "ROMA, 12 MAR (ANSA) - Il ministro è partito.", want: "ANSA"},
		{text: "Tokyo (Agenzia Nova) – Il ministro è arrivato.", want: "Agenzia Nova"},
		{text: "YOKOSUKA (AGS) – La portaerei è arrivata.", want: "AGS"},
		{text: "Sottotitolo della pagina\n\nPECHINO (Adnkronos) – Il vertice è finito.", want: "Adnkronos"},
		{text: "Il ministro è partito.\n(ITALPRESS).", want: "Italpress"},
		{text: "Il ministro è partito. (Adnkronos/Labitalia)", want: "Adnkronos"},
		{text: "Il ministro è partito. (AGI)\nLeggi anche: altro", want: "AGI"},
		{text: "Il ministro è partito.\nFonte: LaPresse", want: "LaPresse"},
		{text: "Il ministro è partito.\n© Copyright ANSA - Tutti i diritti riservati", want: "ANSA"},
		{text: "Il ministro è partito.", authors: []string{"Redazione Adnkronos"}, want: "Adnkronos"},
		{text: "(Reuters) - Il ministro è partito.", want: "Reuters"},
		{text: "Il ministro (PD) è partito."},
		{text: "Il ministro è partito, riferisce l'agenzia ANSA citando fonti diplomatiche, e tornerà domani."},
		{text: "Houston (USA) – Il lancio è riuscito."},
		{text: "Si lavora nell'Unione (ma non solo) – dice il ministro – da anni."},
		{text: "Il testo parla di dire (dire) e di fare.", authors: []string{"Anna Sarti"}},
		{text: ""},
	} {
		got, ok := story.Origin(news.Article{Text: c.text, Authors: c.authors})
		if got != c.want || ok != (c.want != "") {
			t.Errorf("Origin(%q, %q) = %q, %v, want %q", c.text, c.authors, got, ok, c.want)
		}
	}
}
