package topic

import (
	"fmt"
	"strings"
	"testing"

	"vedetta/news"
)

// copies returns n enabled topics with the rules of the shipped one, each
// under its own id.
func copies(t testing.TB, n int) []news.Topic {
	all := make([]news.Topic, n)
	for i := range all {
		all[i] = readTopics(t, "../feeds.yaml")[0]
		all[i].ID = fmt.Sprintf("topic-%d", i)
	}
	return all
}

// foreign returns n topics whose terms hardly ever occur, with as many terms
// as the shipped one has.
func foreign(t testing.TB, n int) []news.Topic {
	all := copies(t, n)
	for i := range all {
		if i == 0 {
			continue
		}
		strange := func(terms []string) []string {
			out := make([]string, len(terms))
			for j := range terms {
				out[j] = fmt.Sprintf("parola%dx%d rara%d", i, j, j)
			}
			return out
		}
		for id, a := range all[i].Actors {
			a.Terms, a.Weak, a.Own, a.Unclear, a.Not, a.People = strange(a.Terms), strange(a.Weak), nil, nil, nil, nil
			all[i].Actors[id] = a
		}
	}
	return all
}

func sampleArticle() news.Article {
	text := strings.Repeat("Il ministro della Difesa ha incontrato a Tokyo il collega giapponese: al centro del colloquio la cooperazione fra le due marine e il programma del caccia. Nel pomeriggio la delegazione ha visitato la base navale di Yokosuka, dove una fregata italiana è arrivata per una sosta di quattro giorni. La stampa economica ha dato poco spazio alla visita, preferendo la partita dei dazi e il rialzo dei listini.\n\n", 6)
	return news.Article{Title: "Il ministro della Difesa in Giappone", Text: text}
}

// BenchmarkMatch judges an article of 2.4 kB. "other" topics have as many
// terms as the shipped one but none of them in the text: the cost of terms
// alone. "same" topics all find everything: the cost of verdicts.
func BenchmarkMatch(b *testing.B) {
	a := sampleArticle()
	for _, n := range []int{1, 10, 100} {
		if testing.Short() && n > 10 {
			continue
		}
		for name, topics := range map[string][]news.Topic{"other": foreign(b, n), "same": copies(b, n)} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				m, err := Compile(topics)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(a.Text)))
				b.ReportAllocs()
				for b.Loop() {
					m.Match(a)
				}
			})
		}
	}
}

// BenchmarkMatchLong shows that time is linear in the text.
func BenchmarkMatchLong(b *testing.B) {
	m := shipped(b)
	for _, n := range []int{1, 4, 16} {
		a := sampleArticle()
		a.Text = strings.Repeat(a.Text, n)
		b.Run(fmt.Sprintf("%dkB", len(a.Text)/1000), func(b *testing.B) {
			b.SetBytes(int64(len(a.Text)))
			for b.Loop() {
				m.Match(a)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	topics := readTopics(b, "../feeds.yaml")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compile(topics); err != nil {
			b.Fatal(err)
		}
	}
}
