package dossier

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// name is an author: a person with family and given name, or somebody who is
// named as a whole.
type name struct {
	Family  string `json:"family,omitempty"`
	Given   string `json:"given,omitempty"`
	Literal string `json:"literal,omitempty"`
}

// particles begin a family name. In Italian they belong to it: De Gasperi is
// sorted under D.
var particles = map[string]bool{
	"d'": true, "da": true, "dal": true, "dalla": true, "de": true, "de'": true, "degli": true, "dei": true, "del": true, "della": true, "delle": true, "dello": true,
	"di": true, "la": true, "le": true, "li": true, "lo": true, "van": true, "von": true, "der": true, "den": true, "zu": true, "du": true, "des": true, "mc": true, "san": true, "santa": true,
}

// offices tell that a name is no person's. They are compared as whole words.
var offices = map[string]bool{
	"redazione": true, "agenzia": true, "staff": true, "team": true, "ufficio": true, "ministero": true, "comando": true, "marina": true, "aeronautica": true, "esercito": true,
	"ambasciata": true, "editorial": true, "newsroom": true, "press": true, "news": true, "desk": true, "direzione": true, "quotidiano": true, "centro": true, "istituto": true,
	"fondazione": true, "osservatorio": true, "rivista": true, "online": true, "web": true, "difesa": true, "admin": true, "adnkronos": true, "ansa": true, "askanews": true,
	"italpress": true, "reuters": true, "afp": true, "dire": true, "nato": true, "onu": true, "ue": true,
}

// parseName takes an author's name apart. What does not look like the name of
// one person (two to five capitalised words, particles aside, none of them an
// office) stands as it is.
func parseName(s string) name {
	s = strings.Join(strings.Fields(s), " ")
	words := strings.Fields(s)
	if len(words) < 2 || len(words) > 5 || strings.ContainsAny(s, ",;:/|()[]{}<>@&«»\"0123456789") {
		return name{Literal: s}
	}
	capitals := 0
	for _, w := range words {
		low := strings.ToLower(strings.ReplaceAll(w, "’", "'"))
		first, _ := utf8.DecodeRuneInString(w)
		switch {
		case offices[low]:
			return name{Literal: s}
		case unicode.IsUpper(first):
			capitals++
		case !particles[low]:
			return name{Literal: s}
		}
	}
	family := len(words) - 1
	for family > 1 && particles[strings.ToLower(strings.ReplaceAll(words[family-1], "’", "'"))] {
		family--
	}
	if capitals < 2 {
		return name{Literal: s}
	}
	return name{Family: strings.Join(words[family:], " "), Given: strings.Join(words[:family], " ")}
}
