package config

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// shorten cuts a text to what fits in a message.
func shorten(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

// quote is a text as it is shown in a message.
func quote(s string) string { return fmt.Sprintf("%q", shorten(s)) }

// elsewhere are words that people write for a key.
var elsewhere = map[string]string{
	"feed": "url", "link": "url", "rss": "url", "atom": "url", "address": "url", "href": "url", "indirizzo": "url",
	"title": "name", "nome": "name", "titolo": "title",
	"cron": "schedule", "interval": "schedule", "every": "schedule",
	"language": "lang", "lingua": "lang", "disabled": "enabled", "active": "enabled",
	"category": "tags", "categories": "tags", "tag": "tags", "type": "kind",
	"homepage": "site", "website": "site", "html": "page", "selector": "item", "fulltext": "full_text",
	"names": "terms", "keywords": "terms", "aliases": "terms", "topic": "topics", "source": "sources", "feeds": "sources",
}

// unknownKey proposes the key that was meant, else tells where the key belongs
// or which there are.
func unknownKey(key string, here reflect.Type) (meant, hint string) {
	known := keys(here)
	if meant = elsewhere[strings.ToLower(key)]; !slices.Contains(known, meant) {
		meant = nearest(key, known)
	}
	if meant != "" {
		return meant, "did you mean " + quote(meant) + "?"
	}
	for _, t := range []reflect.Type{here, reflect.TypeFor[Config]()} {
		if owner := owner(t, key); owner != "" {
			return "", "it belongs to " + owner
		}
	}
	return "", "known here: " + strings.Join(known, ", ")
}

// owner is the path of the only place below t where a key is known.
func owner(t reflect.Type, key string) string {
	var found []string
	open := map[reflect.Type]bool{} // types may hold themselves
	var walk func(t reflect.Type, path string)
	walk = func(t reflect.Type, path string) {
		for t.Kind() == reflect.Slice || t.Kind() == reflect.Map || t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if open[t] {
			return
		}
		open[t] = true
		defer delete(open, t)
		for _, f := range fields(t) {
			if f.key == key {
				found = append(found, cmp.Or(path, "the top of the file"))
			}
			walk(f.typ, join(path, f.key))
		}
	}
	walk(t, "")
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

// choiceHint proposes the word that was meant, else tells those there are.
func choiceHint(word string, known []string) string {
	if near := nearest(word, known); near != "" {
		return "did you mean " + quote(near) + "?"
	}
	if len(known) == 1 {
		return "write " + known[0]
	}
	return "write one of " + strings.Join(known, ", ")
}

// nearest is the known word that is a typing mistake or two away, or "".
func nearest(word string, known []string) string {
	word = strings.ToLower(strings.ReplaceAll(word, "-", "_"))
	best, least := "", 1+min(2, (len(word)+1)/3)
	if len(word) > 40 {
		return ""
	}
	for _, k := range known {
		if d := distance(word, strings.ReplaceAll(k, "-", "_")); d < least {
			best, least = k, d
		}
	}
	return best
}

// distance is the number of letters to insert, remove, replace or swap with
// their neighbour (optimal string alignment).
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, row := make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := range s {
		next := make([]int, len(t)+1)
		next[0] = i + 1
		for j := range t {
			cost := 1
			if s[i] == t[j] {
				cost = 0
			}
			next[j+1] = min(row[j+1]+1, next[j]+1, row[j]+cost)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(t)]
}
