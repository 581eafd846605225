package topic

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// mention is a term that means what its rule says, in its sentence.
type mention struct {
	entry
	first, last int32
	sentence    int32
	weight      float64 // of the term: 1 names its bearer beyond doubt
	list        *list   // enumeration in which it stands; nil when in none
}

// Weights of terms.
const (
	sureWeight    = 1.0
	surnameWeight = 0.9
	ownWeight     = 0.65
	weakWeight    = 0.35
	officeWeight  = 0.6 // of the theme that a person's office brings
)

// reader finds out what the terms found in an article mean for one topic.
type reader struct {
	*document
	rules     *rules
	published time.Time
}

// mentions sifts the terms of one topic found in the article and returns what
// is left, in the order of the text.
func (r *reader) mentions(lex *lexicon, hits []found) []mention {
	all := make([]mention, 0, len(hits))
	sentence := int32(0)
	dateline := r.dateline()
	for _, h := range hits {
		for r.sentences[sentence].end <= h.first {
			sentence++
		}
		e := lex.entries[h.entry]
		if e.lang != "" && e.lang != r.lang || r.sentences[sentence].tail || !r.cased(e, h.first) {
			continue
		}
		if (e.kind == actorTerm || e.kind == otherTerm) && h.last < dateline.end && h.first >= dateline.first {
			continue
		}
		m := mention{entry: e, first: h.first, last: h.last, sentence: sentence, weight: sureWeight}
		switch {
		case e.weak:
			m.weight = weakWeight
		case e.own:
			m.weight = ownWeight
		case e.person >= 0 && !e.full:
			m.weight = surnameWeight
		}
		all = append(all, m)
	}
	all = dropHidden(all)
	all = r.dropStrangers(all)
	all = r.dropUnclear(all)
	all = dropContained(all)
	all = dropMistaken(all)
	all = r.dropOwned(all)
	all = r.officials(all)
	r.markLists(all)
	return all
}

// cased reports whether the words have the capitals that the term demands.
func (r *reader) cased(e entry, first int32) bool {
	for i := range int32(e.words) {
		if e.caps&(1<<i) != 0 && !r.words[first+i].capital {
			return false
		}
	}
	return true
}

// span is a range of words.
type span struct{ first, end int32 }

// dateline returns the words of "ROMA, 22 apr. (Agenzia) –" at the head of the
// body: they say where the writer sits.
func (r *reader) dateline() span {
	if r.title == len(r.sentences) {
		return span{}
	}
	s := r.sentences[r.title]
	text := r.sentenceText(s)
	head := text[:min(len(text), datelineBytes)]
	at := -1
	for _, dash := range []string{" – ", " — ", " - ", "– ", ") -"} {
		if i := strings.Index(head, dash); i > 0 && (at < 0 || i < at) {
			at = i
		}
	}
	if at < 0 || s.first == s.end || !strings.ContainsAny(head[:at+1], "()0123456789") && !r.words[s.first].upper {
		return span{}
	}
	end := s.first
	for end < s.end && r.words[end].Start < s.from+at {
		end++
	}
	if end-s.first > datelineWords {
		return span{}
	}
	return span{s.first, end}
}

// A dateline is no longer than this.
const (
	datelineBytes = 70
	datelineWords = 9
)

// dropHidden drops the terms that share words with a phrase that gives them
// another meaning, and the phrases.
func dropHidden(all []mention) []mention {
	type owner struct {
		kind kind
		id   int32
	}
	hidden := map[owner][]span{}
	for _, m := range all {
		if m.kind == notTerm {
			o := owner{m.target, m.id}
			hidden[o] = append(hidden[o], span{m.first, m.last + 1})
		}
	}
	if len(hidden) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(m mention) bool {
		if m.kind == notTerm {
			return true
		}
		spans := hidden[owner{m.kind, m.id}]
		// Spans are in order of their first word; look back from the last that
		// begins before the term's end. Terms are short, so few can reach it.
		i, _ := slices.BinarySearchFunc(spans, m.last+1, func(s span, at int32) int { return cmp.Compare(s.first, at) })
		for i--; i >= 0 && m.last-spans[i].first < 2*maxTermWords; i-- {
			if spans[i].end > m.first {
				return true
			}
		}
		return false
	})
}

// dropStrangers drops surnames that do not stand for the person of the rule:
// not in office at the time and not named in full, or part of another name.
func (r *reader) dropStrangers(all []mention) []mention {
	named := map[int32]bool{}
	covered := map[int32]bool{} // words that belong to a term of more than one word or to an office
	for _, m := range all {
		if m.full {
			named[m.person] = true
		}
		for w := m.first; w <= m.last; w++ {
			covered[w] = covered[w] || m.person < 0 || m.full
		}
	}
	return slices.DeleteFunc(all, func(m mention) bool {
		if m.person >= 0 && r.elsewhere(m.person) {
			return true
		}
		if m.person < 0 || m.full {
			return false
		}
		if !named[m.person] && !r.rules.people[m.person].inOffice(r.published) {
			return true
		}
		prev := m.first - 1
		return prev >= r.sentences[m.sentence].first && r.words[prev].capital && !r.words[prev].opens && !r.words[prev].upper &&
			!r.words[m.first].pause && !covered[prev] && !titles[r.words[prev].Fold] && !strings.HasSuffix(r.words[prev].Fold, "'")
	})
}

// elsewhere reports whether the person of a rule has left that office and
// stands for another actor now.
func (r *reader) elsewhere(i int32) bool {
	p := r.rules.people[i]
	if !p.double || p.inOffice(r.published) {
		return false
	}
	return slices.ContainsFunc(r.rules.people, func(o person) bool {
		return o.Name == p.Name && o.actor != p.actor && o.inOffice(r.published)
	})
}

// titles stand before a surname and are not given names.
var titles = map[string]bool{
	"ministro": true, "ministra": true, "premier": true, "presidente": true, "generale": true, "ammiraglio": true, "segretario": true, "generali": true,
	"onorevole": true, "senatore": true, "sottosegretario": true, "sottosegretaria": true, "ambasciatore": true, "ambasciatrice": true, "governo": true, "gabinetto": true, "amministrazione": true,
	"minister": true, "president": true, "secretary": true, "general": true, "admiral": true, "prime": true, "mr": true, "mrs": true, "ms": true,
	"esteri": true, "difesa": true, "consiglio": true, "stato": true, "incontra": true, "incontro": true, "telefonata": true, "colloquio": true, "vertice": true, "visita": true, "bilaterale": true, "signor": true, "signora": true,
}

// inOffice reports whether the person held the office at t. Nobody knows when
// the article has no date.
func (p person) inOffice(t time.Time) bool {
	return t.IsZero() || (p.From.IsZero() || !t.Before(p.From.First)) && (p.Until.IsZero() || t.Before(p.Until.After))
}

// dropUnclear drops names that are also common words where no capital tells,
// unless the same party is named beyond doubt elsewhere.
func (r *reader) dropUnclear(all []mention) []mention {
	type bearer struct {
		kind       kind
		id, person int32
	}
	sure := map[bearer]bool{}
	for _, m := range all {
		if m.kind != actorTerm && m.kind != otherTerm || m.weak || m.own || m.unclear && !r.clear(m) {
			continue
		}
		if m.person < 0 || m.full || !m.unclear {
			sure[bearer{m.kind, m.id, -1}] = true
		}
		sure[bearer{m.kind, m.id, m.person}] = true
	}
	return slices.DeleteFunc(all, func(m mention) bool {
		return m.unclear && !r.clear(m) && !sure[bearer{m.kind, m.id, m.person}]
	})
}

// clear reports whether capitals make the words a name.
func (r *reader) clear(m mention) bool {
	for i := m.first; i <= m.last; i++ {
		w := r.words[i]
		if w.capital && !w.shout && (!w.opens || w.upper) {
			return true
		}
	}
	return false
}

// dropContained drops names inside a longer name ("Alleanza" in "Alleanza
// Atlantica") and what is found twice on the same words.
func dropContained(all []mention) []mention {
	names := func(m mention) bool { return m.kind == actorTerm || m.kind == otherTerm }
	keep := all[:0:0]
	for i, m := range all {
		if names(m) && contained(all, i, names) || !names(m) && repeated(keep, m) {
			continue
		}
		keep = append(keep, m)
	}
	return keep
}

// dropMistaken drops terms against on words that name an actor: "Nato in
// Giappone" is no birth where the alliance is meant.
func dropMistaken(all []mention) []mention {
	taken := map[int32]bool{}
	for _, m := range all {
		if m.kind == actorTerm && !m.weak {
			for w := m.first; w <= m.last; w++ {
				taken[w] = true
			}
		}
	}
	return slices.DeleteFunc(all, func(m mention) bool { return m.kind == againstTerm && taken[m.first] && m.words > 1 })
}

// repeated reports whether the words of m, or some of them, already stand for
// the same theme or bond.
func repeated(before []mention, m mention) bool {
	for j := len(before) - 1; j >= 0 && m.first-before[j].first < maxTermWords; j-- {
		if o := before[j]; o.kind == m.kind && o.id == m.id && o.last >= m.first && o.weight >= m.weight {
			return true
		}
	}
	return false
}

// contained reports whether all[i] stands inside a longer name or is the
// weaker of two equal ones.
func contained(all []mention, i int, names func(mention) bool) bool {
	m := all[i]
	better := func(o mention, j int) bool {
		if !names(o) || o.first > m.first || o.last < m.last {
			return false
		}
		if o.first != m.first || o.last != m.last {
			return true
		}
		return o.kind == m.kind && o.id == m.id && (o.weight > m.weight || o.weight == m.weight && j < i)
	}
	for j := i - 1; j >= 0 && m.first-all[j].first < maxTermWords; j-- {
		if better(all[j], j) {
			return true
		}
	}
	for j := i + 1; j < len(all) && all[j].first == m.first; j++ {
		if better(all[j], j) {
			return true
		}
	}
	return false
}

// connectives may stand between an institution and the name of its owner.
var connectives = map[string]bool{
	"di": true, "d'": true, "del": true, "dello": true, "della": true, "dell'": true, "dei": true, "degli": true, "delle": true, "of": true, "the": true, "il": true, "'s": true,
}

// leading are articles and prepositions with which an institution may begin;
// what stands before them is no owner ("colloquio con Tokyo sul caccia").
var leading = map[string]bool{
	"il": true, "lo": true, "la": true, "l'": true, "i": true, "gli": true, "le": true, "un": true, "una": true, "un'": true,
	"del": true, "della": true, "dell'": true, "al": true, "alla": true, "dal": true, "dalla": true, "nel": true, "nella": true, "sul": true, "sulla": true, "per": true, "col": true, "con": true,
}

// dropOwned drops the institutions that are said to be another party's
// ("ministro della Difesa giapponese").
func (r *reader) dropOwned(all []mention) []mention {
	owner := map[int32]int{} // word at which a name begins, to its place in all
	ends := map[int32]int{}
	for i, m := range all {
		if (m.kind == actorTerm || m.kind == otherTerm) && !m.own {
			owner[m.first] = i
			ends[m.last] = i
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(m mention) bool {
		if !m.own {
			return false
		}
		foreign := func(i int) bool { return all[i].kind != m.kind || all[i].id != m.id }
		if i, ok := ends[m.first-1]; ok && !r.words[m.first].pause && !leading[r.words[m.first].Fold] && foreign(i) && all[i].person < 0 {
			return true
		}
		end := r.sentences[m.sentence].end
		for w := m.last + 1; w < end && w <= m.last+3; w++ {
			if i, ok := owner[w]; ok {
				return foreign(i) && (!r.words[w].pause || all[i].person >= 0 && !r.words[w].opens)
			}
			if !connectives[r.words[w].Fold] || r.words[w].pause {
				return false
			}
		}
		return false
	})
}

// officials adds the theme that an office brings with it.
func (r *reader) officials(all []mention) []mention {
	n := len(all)
	for _, m := range all[:n] {
		if m.person < 0 {
			continue
		}
		if p := r.rules.people[m.person]; p.theme >= 0 && p.inOffice(r.published) {
			t := m
			t.entry = entry{topic: m.topic, kind: themeTerm, id: p.theme, person: m.person, words: m.words}
			t.weight *= officeWeight
			all = append(all, t)
		}
	}
	if len(all) > n {
		slices.SortStableFunc(all, func(a, b mention) int { return cmp.Compare(a.first, b.first) })
	}
	return all
}

// enumerating are the words that may stand between the members of a list.
var enumerating = map[string]bool{
	"e": true, "ed": true, "o": true, "con": true, "il": true, "lo": true, "la": true, "l'": true, "i": true, "gli": true, "le": true, "di": true, "del": true, "dello": true, "della": true, "dell'": true,
	"dei": true, "a": true, "al": true, "alla": true, "all'": true, "da": true, "dal": true, "dalla": true, "dall'": true, "in": true, "futuro": true, "poi": true, "anche": true, "ora": true,
	"and": true, "the": true, "of": true, "or": true, "with": true,
}

// list is an enumeration of three parties or more.
type list struct {
	actors, others []int32
}

// markLists finds the enumerations ("Stati Uniti, Regno Unito e Giappone").
func (r *reader) markLists(all []mention) {
	var chain []int
	flush := func() {
		l := &list{}
		for _, i := range chain {
			in := &l.others
			if all[i].kind == actorTerm {
				in = &l.actors
			}
			if !slices.Contains(*in, all[i].id) {
				*in = append(*in, all[i].id)
			}
		}
		if len(l.actors)+len(l.others) > 2 {
			for _, i := range chain {
				all[i].list = l
			}
		}
		chain = chain[:0]
	}
	for i, m := range all {
		if m.kind != actorTerm && m.kind != otherTerm || m.weak || m.own {
			continue
		}
		if len(chain) > 0 {
			last := all[chain[len(chain)-1]]
			if m.sentence != last.sentence || !r.coordinated(last.last+1, m.first) {
				flush()
			}
		}
		chain = append(chain, i)
	}
	flush()
}

// coordinated reports whether the words from first up to end only join the
// members of a list.
func (r *reader) coordinated(first, end int32) bool {
	if end-first > 4 {
		return false
	}
	joint := first == end // nothing between: "Italia, Giappone", "Italia-Giappone"
	for w := first; w < end; w++ {
		f := r.words[w].Fold
		if !enumerating[f] && !r.words[w].capital {
			return false // a capital: a party that the rules do not know
		}
		joint = joint || f == "e" || f == "ed" || f == "o" || f == "and" || f == "or" || f == "con" || f == "with"
	}
	return joint || r.words[end].pause || first < end && r.words[first].pause
}
