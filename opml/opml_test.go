package opml

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

func TestReadsWhatItWrites(t *testing.T) {
	data, err := Marshal("Le fonti & altro", []Outline{
		{Text: "Difesa", Outlines: []Outline{
			{Text: "Orizzonte <Difesa>", Title: "Orizzonte <Difesa>", Type: "rss", XMLURL: "https://orizzonte.example/feed?a=1&b=2", HTMLURL: "https://orizzonte.example/", Language: "it", Category: "difesa,esteri"},
			{Text: "Marina", Outlines: []Outline{{Text: "Rotte", XMLURL: "https://rotte.example/feed"}}},
		}},
		{Text: "Il Faro", XMLURL: "https://faro.example/rss"},
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	want := []Feed{
		{Line: 9, Name: "Orizzonte <Difesa>", URL: "https://orizzonte.example/feed?a=1&b=2", Site: "https://orizzonte.example/", Lang: "it", Folders: []string{"Difesa"}, Tags: []string{"difesa", "esteri"}},
		{Line: 11, Name: "Rotte", URL: "https://rotte.example/feed", Folders: []string{"Difesa", "Marina"}},
		{Line: 14, Name: "Il Faro", URL: "https://faro.example/rss"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v\nof\n%s", got, data)
	}
}

// What other programs write, and what somebody may send.
func TestRead(t *testing.T) {
	for name, tt := range map[string]struct {
		in   string
		want string // names and addresses, or the error
	}{
		"attributes in any case":     {`<opml><body><outline TEXT="A" XmlUrl="https://a.example/"/></body></opml>`, "A https://a.example/"},
		"a bare ampersand":           {`<opml><body><outline text="A & B" xmlUrl="https://a.example/?x&y"/></body></opml>`, "A & B https://a.example/?x&y"},
		"no title":                   {`<opml><body><outline xmlUrl="https://a.example/"/></body></opml>`, " https://a.example/"},
		"cut off":                    {`<opml><body><outline text="A" xmlUrl="https://a.example/"/>`, "line 1: not OPML: unexpected EOF"},
		"latin1":                     {"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><opml><body><outline text=\"Citt\xe0\" xmlUrl=\"https://a.example/\"/></body></opml>", "Città https://a.example/"},
		"empty":                      {"", "line 1: not OPML: there is no <opml> element"},
		"a page":                     {"\n<html><body></body></html>", "line 2: not OPML: it begins with <html>"},
		"entities of its own":        {`<!DOCTYPE opml [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]><opml><body><outline text="&a;&b;" xmlUrl="https://a.example/"/></body></opml>`, "&a;&b; https://a.example/"},
		"too deep":                   {"<opml>" + strings.Repeat("<outline text='x'>", 5000), "line 1: nested deeper than 32"},
		"too large":                  {"<opml><!--" + strings.Repeat("x", MaxBytes), "larger than 8 MiB"},
		"controls and reversed text": {"<opml><body><outline text=\"A\u202Egpj.exe\u2066 \t\n B\" xmlUrl=\"https://a.example/\"/></body></opml>", "Agpj.exe B https://a.example/"},
	} {
		feeds, err := Read(strings.NewReader(tt.in))
		var got []string
		for _, f := range feeds {
			got = append(got, f.Name+" "+f.URL)
		}
		if err != nil {
			got = append(got, err.Error())
		}
		if strings.Join(got, "\n") != tt.want {
			t.Errorf("%s: %q; want %q", name, got, tt.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`<opml version="2.0"><body><outline text="A"><outline title="B" xmlUrl="https://b.example/" category="/x/y,z"/></outline></body></opml>`))
	f.Add([]byte("<?xml version=\"1.0\" encoding=\"UTF-16\"?><opml>"))
	f.Add([]byte("<opml></body></opml></opml>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		feeds, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, fd := range feeds {
			if fd.URL == "" || len(fd.Folders) > maxDepth || strings.ContainsAny(fd.Name+fd.URL, "\n\r\x00\x1b\u202e") {
				t.Errorf("%+v", fd)
			}
		}
	})
}
