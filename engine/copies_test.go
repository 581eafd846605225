package engine

import (
	"testing"

	"vedetta/news"
)

func TestCopiesIn(t *testing.T) {
	of := func(ids ...string) (members []news.Member) {
		for _, id := range ids {
			members = append(members, news.Member{Article: id})
		}
		return members
	}
	read := func(known bool, ids ...string) (out []readItem) {
		for _, id := range ids {
			out = append(out, readItem{article: &news.Article{ID: id}, known: known})
		}
		return out
	}
	placed := news.Placement{
		Stories: []news.Story{{ID: "a", Members: of("a", "b", "c")}, {ID: "d", Members: of("d")}, {ID: "e", Members: of("e", "f")}},
		StoryOf: map[string]string{"a": "a", "b": "a", "c": "a", "d": "d", "e": "e", "f": "e"},
	}
	tests := []struct {
		name string
		read []readItem
		want int
	}{
		{"a late copy", read(false, "c"), 1},
		{"one that came out before those that were there, and gives the name", read(false, "a"), 1},
		{"copies of each other", read(false, "e", "f"), 1},
		{"all of a story", read(false, "a", "b", "c"), 2},
		{"alone", read(false, "d"), 0},
		{"a new version", read(true, "b"), 0},
		{"taken out since it was read", []readItem{{}}, 0},
	}
	for _, tt := range tests {
		if got := copiesIn(freshIn(tt.read, placed), placed, nil); got != tt.want {
			t.Errorf("%s: %d copies, want %d", tt.name, got, tt.want)
		}
	}
}
