package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestHostile reads files made to exhaust time or memory. All must end in a
// bounded number of faults.
func TestHostile(t *testing.T) {
	const n = 200_000
	numbered := func(format string) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			b.WriteString(strings.ReplaceAll(format, "#", fmt.Sprint(i)))
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"brackets":       strings.Repeat("[", n),
		"braces":         strings.Repeat("{a: ", n/4),
		"quotes":         strings.Repeat("'", n),
		"question marks": strings.Repeat("? ", n/2),
		"dashes":         "sources:\n" + strings.Repeat(" -\n", n/3),
		"nothing":        "sources:\n" + strings.Repeat(" - {}\n", n/6),
		"unknown keys":   numbered("k#: 1\n"),
		"one key":        strings.Repeat("poll: {}\n", n/9),
		"anchors":        "sources:\n" + numbered("- &a# x\n"),
		"merges":         "topics:\n- actors: &a {" + numbered("k#: {terms: [a]}, ") + "}\n" + strings.Repeat("- actors: {<<: [*a, *a]}\n", 1000),
		"laughs":         "stories:\n  apart:\n  - &a [" + numbered("https://x.example/#, ") + "]\n" + strings.Repeat("  - *a\n", 1000),
		"selector":       "sources: [{name: A, page: \"https://a.example\", list: {item: \"" + strings.Repeat(":not(", n/5) + "\"}}]\n",
		"too large":      strings.Repeat(" ", maxSize+1),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("feeds.yaml", []byte(text))
			faults, ok := errors.AsType[Faults](err)
			if !ok || len(faults) > maxFaults {
				t.Fatalf("%T with %d faults", err, len(faults))
			}
			for _, f := range faults {
				if len(f.Error()) > 1000 {
					t.Errorf("a fault of %d bytes", len(f.Error()))
				}
			}
		})
	}
}
