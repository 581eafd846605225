package story_test

import (
	"testing"
	"time"

	"vedetta/news"
	"vedetta/story"
)

func TestWhoseCopyIsShown(t *testing.T) {
	day := time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC)
	kinds := map[string]news.Kind{"ministero": news.Institution, "agenzia": news.Agency, "giornale": "", "vetrina": news.Aggregator}
	text := "Il ministro della Difesa ha ricevuto a Roma il collega giapponese per un colloquio sulle esercitazioni navali in programma nel Tirreno. " +
		"Al termine i due hanno firmato una lettera d'intenti che prevede lo scambio di ufficiali fra le due accademie e una visita della squadra d'istruzione a Taranto entro l'autunno."
	var arts []news.Article
	for i, source := range []string{"vetrina", "giornale", "agenzia", "ministero"} {
		arts = append(arts, news.Article{ID: source, Source: source, Title: "Intesa a Roma", Text: text, Published: day.Add(time.Duration(i) * time.Minute)})
	}
	for _, c := range []struct {
		prefer []news.Kind
		want   string
	}{
		{nil, "ministero"},
		{[]news.Kind{news.Outlet}, "giornale"},
		{[]news.Kind{news.Agency, news.Outlet}, "agenzia"},
		{[]news.Kind{news.Aggregator}, "vetrina"},
	} {
		x := story.NewIndex(story.Options{Rules: news.StoryRules{Prefer: c.prefer}, Kind: func(s string) news.Kind { return kinds[s] }})
		p := x.Place(arts)
		if len(p.Stories) != 1 || p.Stories[0].Shown != c.want {
			t.Errorf("prefer %v: stories %+v; want one that shows %s", c.prefer, p.Stories, c.want)
		}
	}
}
