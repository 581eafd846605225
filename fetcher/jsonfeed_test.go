package fetcher

import (
	"encoding/json"
	"testing"
)

// TestLoose reads a string as encoding/json does, and numbers as texts.
func TestLoose(t *testing.T) {
	for _, text := range []string{`""`, `"perché"`, `"<a href=\"x\">\u00e8\/\ud83d\ude00\ud83d</a>\n"`, "\"a\xffb\"", `"\\"`} {
		var want string
		var got loose
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(text), &got); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v, want %q", text, got, err, want)
		}
	}
	for text, want := range map[string]string{`12`: "12", `12345678901234567890`: "12345678901234567890", `1.50`: "1.5", `true`: "", `null`: "", `[1]`: "", `{"a": 1}`: ""} {
		var got loose
		if err := json.Unmarshal([]byte(text), &got); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v, want %q", text, got, err, want)
		}
	}
	var items list[struct {
		A int `json:"a"`
	}]
	if err := json.Unmarshal([]byte(`[{"a": 1}, {"a": "x"}, 3, null, {"a": 2}]`), &items); err != nil || len(items) != 3 || items[0].A != 1 || items[2].A != 2 {
		t.Errorf("%v, %v", items, err)
	}
}
