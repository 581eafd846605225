package engine

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"vedetta/news"
	"vedetta/weblink"
)

// TestCorrectionAmongKnownItems changes one item of a feed whose others stand
// in it as they did: it is noticed, also when it is taken back, and the others
// are not read again.
func TestCorrectionAmongKnownItems(t *testing.T) {
	var body atomic.Value
	p := newPollingOf(t, 1, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(w, body.Load())
	}))
	items := func(texts ...string) string {
		var b strings.Builder
		for i, text := range texts {
			fmt.Fprintf(&b, "<item><guid>n%d</guid><title>Notizia %d</title><link>http://a.example/%d</link><description>%s</description></item>", i, i, i, text)
		}
		return "<rss version='2.0'><channel><title>T</title>" + b.String() + "</channel></rss>"
	}
	src := p.plan.Sources[0]
	for i, tt := range []struct {
		texts        string
		new, changed int
	}{
		{"nave porto equipaggio", 3, 0},
		{"nave porto equipaggio famiglie", 1, 0},
		{"nave molo equipaggio famiglie", 0, 1},
		{"nave porto equipaggio famiglie", 0, 1},
		{"nave porto equipaggio famiglie mare", 1, 0},
		{"treno porto equipaggio famiglie mare", 0, 1},
	} {
		words := strings.Fields(tt.texts)
		for j, w := range words {
			words[j] = strings.Repeat(w+" ", 40)
		}
		body.Store(items(words...))
		o := p.engine.visitNow(t.Context(), p.plan, src, true, func() {})
		if o.Status != Polled || o.Items != len(words) || o.New != tt.new || o.Changed != tt.changed {
			t.Errorf("visit %d: %+v, want %d new and %d changed", i, o, tt.new, tt.changed)
		}
		for j, w := range words {
			a, known, err := p.engine.article(news.ArticleID(weblink.Canonical(fmt.Sprintf("http://a.example/%d", j))))
			if err != nil || !known || a.Text != strings.TrimSpace(w) {
				t.Errorf("visit %d: article %d is %.40q, %v", i, j, a.Text, err)
			}
		}
	}
}
