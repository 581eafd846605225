package extractor

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplitNames(t *testing.T) {
	for in, want := range map[string]string{
		"di Livia Valli":                       "Livia Valli",
		"Di LIVIA VALLI":                       "Livia Valli",
		"Livia Valli e Pietro Salandini":       "Livia Valli|Pietro Salandini",
		"By Ann Hill, Bob Stone and Carl Wood": "Ann Hill|Bob Stone|Carl Wood",
		"ByAnn Hill":                           "Ann Hill",
		"a cura di Marco De Santis":            "Marco De Santis",
		"Redazione":                            "Redazione",
		"dal nostro inviato Pietro Salandini":  "Pietro Salandini",
		"Scritto da Anna Neri il 3 marzo 2025": "Anna Neri",
		"Anna Neri | 3 marzo 2025":             "Anna Neri",
		"https://esempio.example/author/a":     "",
		"admin":                                "",
		"page.head.extra.author":               "",
		"Vedi tutti gli articoli di Anna Neri": "Anna Neri",
		"":                                     "",
	} {
		if got := strings.Join(splitNames(in), "|"); got != want {
			t.Errorf("splitNames(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestBylineOf(t *testing.T) {
	for in, want := range map[string]string{
		"di Livia Valli":                   "Livia Valli",
		"(di Elena Ricciardi) 03/02/2025":  "Elena Ricciardi",
		"di Marco d'Alba e Anna Neri":      "Marco d'Alba e Anna Neri",
		"di fronte al porto":               "",
		"Di Roma si parla molto":           "",
		"by the end of the year":           "",
		"By Ann Hill":                      "Ann Hill",
		"di Livia Valli, nostra inviata a": "",
	} {
		if got, _ := bylineOf(in); got != want {
			t.Errorf("bylineOf(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestUnsite(t *testing.T) {
	for _, c := range []struct{ title, site, want string }{
		{"La nave parte - Rotta Navale", "Rotta Navale", "La nave parte"},
		{"La nave parte | Esteri | Rotta Navale", "Rotta Navale", "La nave parte | Esteri"},
		{"Tokyo - Roma: il viaggio", "Rotta Navale", "Tokyo - Roma: il viaggio"},
		{"La nave parte per il Pacifico - Rotta", "", "La nave parte per il Pacifico"},
		{"Roma - Tokyo", "", "Roma - Tokyo"},
		{"La nave parte per il Pacifico - La Prova", "Altro nome", "La nave parte per il Pacifico"},
		{"", "", ""},
	} {
		if got := unsite(c.title, c.site, "laprova.example"); got != c.want {
			t.Errorf("unsite(%q, %q) = %q, want %q", c.title, c.site, got, c.want)
		}
	}
}

func TestNameTrait(t *testing.T) {
	for in, want := range map[string]trait{
		"article-body":     isBody,
		"articleBody":      isBody,
		"story__text":      isBody,
		"td-post-content":  isBody,
		"modal-content":    isAside,
		"comment-content":  isComments,
		"has-sidebar":      0,
		"jp-relatedposts":  isRelated,
		"td-author-box":    isBio,
		"leggi-anche":      isRelated,
		"elementor-widget": 0,
		"cookie-banner":    isConsent | isAd,
		"what-is-the-best-subscription-for-a-boat": 0,
	} {
		mask := junk | isBody
		if got := nameTrait(in) & mask; got != want&mask {
			t.Errorf("nameTrait(%q) = %b, want %b", in, got, want)
		}
	}
}

func TestLanguage(t *testing.T) {
	italian := strings.Repeat("La nave è entrata nel porto di Yokosuka con l'equipaggio schierato sul ponte e non ha fatto altre soste. ", 3)
	english := strings.Repeat("The ship entered the port of Yokosuka with the crew on the deck and it has not made any other stops. ", 3)
	for _, c := range []struct{ declared, text, want string }{
		{"it-IT", italian, "it-IT"},
		{"it_IT", italian, "it-IT"},
		{"en", italian, "it"},
		{"", italian, "it"},
		{"it", english, "en"},
		{"it", "Breve.", "it"},
		{"", "Breve.", ""},
		{"%lang%", english, "en"},
		{"", "日本の防衛大臣は東京でイタリアの国防大臣と会談しました。両国は次期戦闘機の共同開発について話し合いました。", "ja"},
	} {
		if got := language(c.declared, c.text); got != c.want {
			t.Errorf("language(%q, %.20q…) = %q, want %q", c.declared, c.text, got, c.want)
		}
	}
}

func TestLinked(t *testing.T) {
	got := readLinked([]string{`{"@context":"https://schema.org","@graph":[
		{"@type":"WebSite","name":"Rotta Navale"},
		{"@type":"Person","@id":"#a","name":"Livia Valli"},
		{"@type":["Article","NewsArticle"],"headline":"La nave &amp; il porto","author":{"@id":"#a"},"datePublished":"2025-02-03",
		 "image":{"@type":"ImageObject","url":"https://esempio.example/a.jpg"},"publisher":{"@type":"Organization","name":"Rotta Navale"},
		 "isAccessibleForFree":"False","articleBody":"Testo."}]}`, `{"@type": broken`, "<!-- [] -->"})
	want := linked{
		kind: "NewsArticle", headline: "La nave & il porto", authors: []string{"Livia Valli"}, published: "2025-02-03", body: "Testo.",
		image: "https://esempio.example/a.jpg", publisher: "Rotta Navale", paid: true,
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(linked{})); d != "" {
		t.Errorf("readLinked (-want +got):\n%s", d)
	}
}
