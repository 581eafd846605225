package newsroom

import (
	"io/fs"
	"net/http"
	"testing"
	"testing/fstest"
)

// FuzzData feeds broken data files to the newsroom: it refuses them or serves
// what they say.
func FuzzData(f *testing.F) {
	for _, name := range []string{
		"data/vespera/gcap-trilaterale-torino-intesa.md",
		"data/rottadifesa/intesa-tokyo-manutenzione-analisi.md",
		"data/rottadifesa/passex-mar-ligure-hatsukaze.md",
		"data/golfo/ricetta-tempura-acciughe.md",
	} {
		raw, err := fs.ReadFile(dataFiles, name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(raw))
	}
	f.Add("title: a\nage: +1d\nof: vespera/b\nreplace: x => y\n\n@take 1-9 cut 3\n\n!x\n\n| a\n\n> \n\n- ")
	f.Fuzz(func(t *testing.T, raw string) {
		files := fstest.MapFS{
			"data/meridiano/a.md": {Data: []byte(raw)},
			"data/affari/a.md":    {Data: []byte(raw)},
			"data/vespera/b.md":   {Data: []byte("title: b\nage: 1h\n\nUno, due, tre.\n\nQuattro.")},
		}
		n, err := build(testBase, opening, files)
		if err != nil {
			return
		}
		addresses := []string{testBase + "/meridiano/rss/homepage.xml", testBase + "/affari/rss/tutte.xml"}
		for _, a := range n.Articles() {
			addresses = append(addresses, a.URL)
		}
		for _, address := range addresses {
			res := get(n, address, nil)
			_ = res.Body.Close()
			if res.StatusCode != http.StatusOK {
				t.Errorf("%s: %s", address, res.Status)
			}
		}
	})
}
