package extractor

import (
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	for in, want := range map[string]string{
		"2025-02-03T14:05:00+01:00":               "2025-02-03T14:05:00+01:00",
		"2025-02-03T14:05:00+0100":                "2025-02-03T14:05:00+01:00",
		"2025-02-03T13:05:00.000Z":                "2025-02-03T13:05:00Z",
		"2025-02-03T14:05+01:00[Europe/Rome]":     "2025-02-03T14:05:00+01:00",
		"2025-02-03 14:05:00":                     "2025-02-03T14:05:00+01:00",
		"2025-07-03 14:05:00":                     "2025-07-03T14:05:00+02:00",
		"2025-02-03":                              "2025-02-03T00:00:00+01:00",
		"20250203":                                "2025-02-03T00:00:00+01:00",
		"1738587900":                              "2025-02-03T13:05:00Z",
		"1738587900000":                           "2025-02-03T13:05:00Z",
		"Mon, 03 Feb 2025 14:05:00 +0100":         "2025-02-03T14:05:00+01:00",
		"lun 3 febbraio 2025, ore 14.05":          "2025-02-03T14:05:00+01:00",
		"lunedì 3 febbraio 2025 alle 14:05":       "2025-02-03T14:05:00+01:00",
		"3 Febbraio 2025":                         "2025-02-03T00:00:00+01:00",
		"01 Settembre 2026":                       "2026-09-01T00:00:00+02:00",
		"1° settembre 2026":                       "2026-09-01T00:00:00+02:00",
		"03/02/2025":                              "2025-02-03T00:00:00+01:00",
		"03/02/2025 14:05":                        "2025-02-03T14:05:00+01:00",
		"3.2.2025 ore 9.30":                       "2025-02-03T09:30:00+01:00",
		"03-02-2025":                              "2025-02-03T00:00:00+01:00",
		"02/28/2025":                              "2025-02-28T00:00:00+01:00",
		"28.01.22":                                "2022-01-28T00:00:00+01:00",
		"Pubblicato il 18 nov 2024 alle ore 7.15": "2024-11-18T07:15:00+01:00",
		"February 3rd, 2025 2:05 pm":              "2025-02-03T14:05:00+01:00",
		"Feb 3, 2025 12:05 AM":                    "2025-02-03T00:05:00+01:00",
		"19 Sep. 2025 12:00:00 GMT":               "2025-09-19T12:00:00Z",
		"3. Februar 2025, 14:05 Uhr":              "2025-02-03T14:05:00+01:00",
		"le 3 février 2025 à 14h05":               "2025-02-03T14:05:00+01:00",
		"3 de febrero de 2025":                    "2025-02-03T00:00:00+01:00",
		"Nov 19 20197:05 AM":                      "2019-11-19T07:05:00+01:00",
		"Roma, 5 feb. 2025":                       "2025-02-05T00:00:00+01:00",
		"31/02/2025":                              "",
		"versione 3.2":                            "",
		"tre febbraio":                            "",
		"1025-02-03":                              "",
		"":                                        "",
	} {
		if got := stamp(localise(parseDate(in), true)); got != want {
			t.Errorf("parseDate(%q) = %q, want %q", in, got, want)
		}
	}
}

// Around the changes of summer time in 2025: 30 March and 26 October.
func TestRomeZone(t *testing.T) {
	for in, want := range map[string]int{
		"2025-03-30 01:59": 1, "2025-03-30 03:00": 2, "2025-10-26 01:59": 2, "2025-10-26 02:30": 2, "2025-10-26 03:00": 1,
		"2025-01-01 12:00": 1, "2025-07-01 12:00": 2, "2024-03-31 12:00": 2, "2024-10-27 12:00": 1,
	} {
		at, err := time.Parse("2006-01-02 15:04", in)
		if err != nil {
			t.Fatal(err)
		}
		if _, off := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), 0, 0, romeZone(at)).Zone(); off != want*3600 {
			t.Errorf("offset at %s is %d s, want %d h", in, off, want)
		}
	}
}

func TestAddressDate(t *testing.T) {
	for in, want := range map[string]string{
		"https://esempio.example/2025/02/03/titolo/":       "2025-02-03",
		"https://esempio.example/a-2025-02-03-titolo.html": "2025-02-03",
		"https://esempio.example/2025/02/titolo/":          "",
		"https://esempio.example/articolo/20250/12/1":      "",
		"://": "",
	} {
		got := ""
		if d := addressDate(in); !d.IsZero() {
			got = d.Format(time.DateOnly)
		}
		if got != want {
			t.Errorf("addressDate(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	f.Add("lun 3 febbraio 2025, ore 14.05")
	f.Add("2025-02-03T14:05:00+01:00")
	f.Add("28.01.22")
	f.Fuzz(func(t *testing.T, s string) {
		if d := parseDate(s); !d.IsZero() && (d.Year() < 1991 || d.Year() > 2101) {
			t.Errorf("parseDate(%q) = %v", s, d)
		}
	})
}
