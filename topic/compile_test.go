package topic

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"vedetta/news"
)

// readTopics decodes the topics of a YAML file.
func readTopics(t testing.TB, file string) []news.Topic {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var c struct {
		Topics []news.Topic `yaml:"topics"`
	}
	if err := yaml.Unmarshal(raw, &c); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return c.Topics
}

// shipped compiles the topics of the shipped feeds.yaml.
func shipped(t testing.TB) *Matcher {
	t.Helper()
	m, err := Compile(readTopics(t, "../feeds.yaml"))
	if err != nil {
		t.Fatalf("compile feeds.yaml: %v", err)
	}
	return m
}

// testdata/faults/*.yaml: rules with mistakes; the comment lines at the head
// of the file are the faults, in order.
func TestFaults(t *testing.T) {
	files, err := filepath.Glob("testdata/faults/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for line := range strings.Lines(string(raw)) {
				if s, ok := strings.CutPrefix(strings.TrimSpace(line), "# "); ok {
					want = append(want, s)
				}
			}
			_, err = Compile(readTopics(t, file))
			var faults Faults
			if !errors.As(err, &faults) {
				t.Fatalf("Compile: error %v is no Faults", err)
			}
			if d := cmp.Diff(want, strings.Split(faults.Error(), "\n")); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

func TestParseTerm(t *testing.T) {
	tests := []struct{ term, want string }{
		{"Nato", "nato^"},
		{"giapponese", "giappones~"},
		{"=giapponese", "giapponese"},
		{"nipponic*", "nipponic…"},
		{"l'Alleanza atlantica", "l' alleanza^ atlantic~"},
		{"(della|colla|) Difesa", "dell~ difesa^|coll~ difesa^|difesa^"},
		{"a(b(c|d)|e)f", "abcf~|abdf~|aef"},
		{"N.A.T.O.", "nato^"},
		{"2+2", "2+2"},
	}
	for _, tt := range tests {
		variants, err := parseTerm(tt.term, "it")
		if err != nil {
			t.Errorf("parseTerm(%q): %v", tt.term, err)
			continue
		}
		var got []string
		for _, v := range variants {
			var words []string
			for _, p := range v {
				w := p.key + map[match]string{exactly: "", inflected: "~", beginning: "…"}[p.match]
				if p.caps {
					w += "^"
				}
				words = append(words, w)
			}
			got = append(got, strings.Join(words, " "))
		}
		if d := cmp.Diff(tt.want, strings.Join(got, "|")); d != "" {
			t.Errorf("parseTerm(%q) (-want +got)\n%s", tt.term, d)
		}
	}
}

func TestRoot(t *testing.T) {
	same := [][]string{
		{"italiano", "italiana", "italiani", "italiane"},
		{"nipponico", "nipponica", "nipponici", "nipponiche"},
		{"militare", "militari"},
		{"fregata", "fregate"},
		{"strategia", "strategie"},
		{"esercizio", "esercizi"},
	}
	for _, words := range same {
		for _, w := range words[1:] {
			if a, b := root(words[0], "it"), root(w, "it"); a != b {
				t.Errorf("root(%q) = %q, root(%q) = %q", words[0], a, w, b)
			}
		}
	}
	for _, pair := range [][2]string{{"italia", "italiano"}, {"marina", "marittima"}, {"parte", "partenza"}} {
		if a, b := root(pair[0], "it"), root(pair[1], "it"); a == b {
			t.Errorf("root joins %q and %q", pair[0], pair[1])
		}
	}
}
