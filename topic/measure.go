package topic

import (
	"math"
	"slices"
)

// broughtWeight is what a theme counts that comes with an actor's name.
const broughtWeight = 0.3

// loneWeight is what weak terms and institutions count where nothing names
// the actor beyond doubt.
const loneWeight = 0.5

// profile is what each sentence of an article says to a topic, as strengths
// between 0 and 1. Tails and the title count as sentences; tails are empty.
type profile struct {
	actors     [][]float64 // by actor, by sentence
	hints      [][]float64 // the same, also where nothing names it beyond doubt
	lists      [][]*list   // by actor, by sentence: the smallest list in which it stands there, nil when it also stands alone
	others     [][]int32   // by sentence: third parties
	themes     [][]float64 // by theme, by sentence
	firm       [][]float64 // the same, by terms that are not weak
	against    [][]float64
	bonds      []float64
	officials  [][]float64 // by actor, by sentence: somebody in office who stands for it
	ties       [][]float64 // by relation, by sentence
	yardsticks [][]float64 // by actor, by sentence: it only serves to compare
	soft       []bool      // by theme
	strong     []bool      // by actor: named beyond doubt somewhere
	sure       []bool      // by actor: by a sure term of its own
}

func newProfile(r *rules, d *document, mentions []mention) *profile {
	n := len(d.sentences)
	p := &profile{
		soft:   r.soft,
		actors: table(len(r.actors), n), themes: table(len(r.themes), n), firm: table(len(r.themes), n), against: table(len(r.against), n), ties: table(len(r.relations), n), yardsticks: table(len(r.actors), n), hints: table(len(r.actors), n), officials: table(len(r.actors), n),
		bonds: make([]float64, n), others: make([][]int32, n), lists: make([][]*list, len(r.actors)),
	}
	for i := range p.lists {
		p.lists[i] = make([]*list, n)
	}
	named := map[span]bool{} // actor and sentence already seen
	p.strong = established(r, d, mentions)
	p.sure = make([]bool, len(r.actors))
	for _, m := range mentions {
		if m.kind == actorTerm && m.weight >= surnameWeight {
			p.sure[m.id] = true
		}
	}
	if !r.bonds {
		for i := range p.bonds {
			p.bonds[i] = unaskedWeight
		}
	}
	coherent := coherence(len(r.against), d, mentions)
	for _, m := range mentions {
		s, w := m.sentence, m.weight
		switch m.kind {
		case actorTerm:
			grow(&p.hints[m.id][s], w)
			if m.weak && r.apart(m.id) {
				break
			}
			if !p.strong[m.id] && (m.weak || m.own) {
				w *= loneWeight
			}
			grow(&p.actors[m.id][s], w)
			if m.person >= 0 && m.list == nil {
				p.officials[m.id][s] = 1
			}
			if t := r.brings[m.id]; t >= 0 {
				grow(&p.themes[t][s], w*broughtWeight)
			}
			if k := (span{m.id, s}); !m.weak {
				if !named[k] || m.list.size() < p.lists[m.id][s].size() {
					p.lists[m.id][s] = m.list
				}
				named[k] = true
			}
		case otherTerm:
			if !slices.Contains(p.others[s], m.id) {
				p.others[s] = append(p.others[s], m.id)
			}
		case themeTerm:
			grow(&p.themes[m.id][s], w*0.6)
			if !m.weak {
				grow(&p.firm[m.id][s], w*0.6)
			}
		case againstTerm:
			grow(&p.against[m.id][s], w*0.6*coherent[m.id])
		case bondTerm:
			grow(&p.bonds[s], w*0.7)
		case yardstickTerm:
			p.yardsticks[m.id][s] = 1
		case tieTerm:
			rel := r.relations[m.id]
			grow(&p.ties[m.id][s], w)
			grow(&p.actors[rel.a][s], w)
			grow(&p.actors[rel.b][s], w)
			for _, a := range [2]int32{rel.a, rel.b} {
				if t := r.brings[a]; t >= 0 {
					grow(&p.themes[t][s], w*broughtWeight)
				}
			}
		}
	}
	return p
}

// apart reports whether an actor is party only to relations that are facets of
// others: its weak terms tell whether it is part of the matter, not what the
// matter is.
func (r *rules) apart(actor int32) bool {
	return !slices.ContainsFunc(r.relations, func(rel relation) bool {
		return (rel.a == actor || rel.b == actor) && len(rel.within) == 0
	})
}

// softWeight is what a soft theme counts against the themes against.
const softWeight = 0.35

// unaskedWeight stands for a theme or a bond where the rules ask for none, so
// that its absence does not count against an article.
const unaskedWeight = 0.6

// enoughHints is the weight of different weak terms and institutions that
// together name an actor as one sure term does.
const enoughHints = 1.3

// established reports for each actor whether it is named beyond doubt, by one
// sure term or by several hints.
func established(r *rules, d *document, mentions []mention) []bool {
	type key struct {
		actor int32
		word  string
	}
	seen := map[key]bool{}
	mass := make([]float64, len(r.actors))
	for _, m := range mentions {
		if m.kind != actorTerm {
			continue
		}
		k := key{m.id, d.words[m.last].Fold}
		switch {
		case m.weight >= surnameWeight:
			mass[m.id] += enoughHints
		case !seen[k]:
			mass[m.id] += m.weight
		}
		seen[k] = true
	}
	out := make([]bool, len(mass))
	for i, x := range mass {
		out[i] = x >= enoughHints
	}
	return out
}

// coherence returns for each theme against how much its terms are to be
// believed: one stray word makes no field of matters, different ones do, and so
// does the title.
func coherence(themes int, d *document, mentions []mention) []float64 {
	type key struct {
		theme int32
		word  string
	}
	seen := map[key]bool{}
	mass := make([]float64, themes)
	for _, m := range mentions {
		if m.kind != againstTerm {
			continue
		}
		k := key{m.id, d.words[m.first].Fold}
		if !seen[k] {
			mass[m.id] += m.weight
			seen[k] = true
		}
		if int(m.sentence) < d.title && m.weight == sureWeight && !seen[key{m.id, ""}] {
			mass[m.id]++
			seen[key{m.id, ""}] = true
		}
	}
	for i, x := range mass {
		switch {
		case x >= 3:
			mass[i] = 1.1
		case x >= 2:
			mass[i] = 0.9
		case x > 1:
			mass[i] = 0.6
		default:
			mass[i] = 0.3
		}
	}
	return mass
}

func table(rows, columns int) [][]float64 {
	t := make([][]float64, rows)
	cells := make([]float64, rows*columns)
	for i := range t {
		t[i] = cells[i*columns : (i+1)*columns]
	}
	return t
}

// grow joins independent evidence: two halves make three quarters.
func grow(x *float64, w float64) { *x = 1 - (1-*x)*(1-w) }

// features are what the weights are for; see weights in weigh.go.
type features [featureCount]float64

// measure tells how the two actors of a relation stand to each other. It also
// returns the tie of each sentence.
func (p *profile) measure(rel relation, index int, d *document) (features, []float64) {
	var f features
	n := len(d.sentences)
	a, b := p.party(rel, rel.a, d), p.party(rel, rel.b, d)
	theme, hard, against := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		if rel.any {
			theme[i], hard[i] = unaskedWeight, unaskedWeight
		}
		for t, wanted := range rel.themes {
			if wanted {
				grow(&theme[i], p.themes[t][i])
				if p.soft[t] {
					grow(&hard[i], softWeight*p.firm[t][i])
				} else {
					grow(&hard[i], p.themes[t][i])
				}
			}
		}
		for t := range p.against {
			grow(&against[i], p.against[t][i])
		}
	}
	near, nearHard := d.smooth(theme), d.smooth(hard)
	bonds := d.smooth(p.bonds)
	tie := make([]float64, n)
	for i := range n {
		tie[i] = max(a[i]*b[i], p.ties[index][i])
	}
	titleTie, titleA, titleB, titleOther := 0.0, 0.0, 0.0, 0.0
	for i := range d.title {
		titleTie = max(titleTie, tie[i])
		titleA, titleB = max(titleA, a[i]), max(titleB, b[i])
		for _, o := range p.others[i] {
			if !rel.with[o] {
				titleOther = 1
			}
		}
	}
	// The title may split the two over its two sentences.
	titleTie = max(titleTie, titleA*titleB)

	loose := make([]float64, n) // the two stand in sentences side by side, or the title ties them
	for i := d.title; i < n; i++ {
		loose[i] = titleTie * math.Max(a[i], b[i])
		for _, j := range [2]int{i - 1, i + 1} {
			if j >= d.title && j < n && !d.sentences[i].tail && !d.sentences[j].tail && abs(d.sentences[i].paragraph-d.sentences[j].paragraph) <= 1 {
				loose[i] = max(loose[i], a[i]*b[j], b[i]*a[j])
			}
		}
	}

	var total, sumA, sumB, sumTie, sumLoose, sumTheme, sumHard, sumAgainst, sumOthers, sumBond, themeTie, bondTie, hardTie, sumCarried float64
	headA, headB := math.Max(titleA, 0.6*opening(a, d)), math.Max(titleB, 0.6*opening(b, d))
	lead, k := 0.0, 0
	for i := d.title; i < n; i++ {
		s := d.sentences[i]
		if s.tail {
			continue
		}
		w := s.weight
		total += w
		sumA += w * a[i]
		sumB += w * b[i]
		t := max(tie[i], 0.5*loose[i])
		sumTie += w * tie[i]
		sumLoose += w * t
		sumCarried += w * math.Max(headA*b[i], headB*a[i])
		sumTheme += w * theme[i]
		sumHard += w * hard[i]
		sumAgainst += w * against[i]
		sumBond += w * p.bonds[i]
		themeTie += w * t * near[i]
		hardTie += w * t * nearHard[i]
		bondTie += w * t * bonds[i]
		foreign := 0
		for _, o := range p.others[i] {
			if !rel.with[o] {
				foreign++
			}
		}
		sumOthers += w * math.Min(1, float64(foreign)/2)
		if k < 3 {
			lead = math.Max(lead, t)
			k++
		}
	}
	for i := range d.title {
		themeTie += 2 * titleTie * theme[i]
		hardTie += 2 * titleTie * hard[i]
		bondTie += 2 * titleTie * p.bonds[i]
	}
	total = effective(total)
	salA, salB := salience(titleA, sumA, total), salience(titleB, sumB, total)
	f[titleTied] = titleTie
	f[leadTied] = lead
	scale := math.Max(1.5, 0.18*total) // a long article must say more to say as much
	f[tieMass] = 1 - math.Exp(-sumLoose/scale)
	f[tieShare] = math.Min(1, sumLoose/total*2)
	f[carriedShare] = math.Min(1, sumCarried/total*1.5)
	f[strictShare] = math.Min(1, sumTie/total*2)
	f[salienceMin] = math.Min(salA, salB)
	f[salienceMax] = math.Max(salA, salB)
	both := math.Min(1, 3*f[salienceMin]) // the theme is of no interest where a party is missing
	f[themeShare] = both * math.Min(1, sumTheme/total*1.5)
	f[themeTied] = 1 - math.Exp(-1.5*themeTie/scale)
	f[officialsMeet] = p.meeting(rel, d)
	f[untitled] = (1 - titleA) * (1 - titleB) * (1 - titleTie)
	f[hardTied] = 1 - math.Exp(-1.5*hardTie/scale)
	f[bondTied] = 1 - math.Exp(-1.5*bondTie/scale)
	f[againstShare] = math.Min(1, sumAgainst/total*1.5)
	f[againstRatio] = sumAgainst / (sumAgainst + 0.3*sumTheme + 0.7*sumHard + 0.3)
	f[othersShare] = math.Min(1, sumOthers/total)
	f[titleRival] = titleOther * (1 - 0.7*titleTie) * math.Max(titleA, titleB)
	f[rivalTied] = p.rivalry(rel, d, a, b, tie, 2*titleTie+sumTie)
	for i := range d.title {
		f[titleTheme] = math.Max(f[titleTheme], both*theme[i])
		f[titleAgainst] = math.Max(f[titleAgainst], against[i])
	}
	// A colourful title over a body on the theme does not count.
	f[titleAgainst] *= math.Min(1, math.Max(0.3+2*f[againstShare], 1-1.5*sumHard/total))
	if d.digest {
		f[digest] = 1
	}
	f[pastShare] = math.Min(1, 3*d.past)
	return f, tie
}

// opening returns how strongly a party stands in the first two sentences of the
// body.
func opening(x []float64, d *document) float64 {
	best, seen := 0.0, 0
	for i := d.title; i < len(x) && seen < 2; i++ {
		if !d.sentences[i].tail {
			best = math.Max(best, x[i])
			seen++
		}
	}
	return best
}

// meeting tells whether people who stand for the two actors are named
// together: in the title or one of the first sentences, or further down.
func (p *profile) meeting(rel relation, d *document) float64 {
	best := 0.0
	for i, s := range d.sentences {
		if s.tail || p.officials[rel.a][i] == 0 && p.officials[rel.b][i] == 0 {
			continue
		}
		both := p.officials[rel.a][i] * p.officials[rel.b][i]
		switch {
		case i < d.title+2:
			best = math.Max(best, both)
		default:
			best = math.Max(best, 0.5*both)
		}
	}
	return best
}

// rivalry tells how much the third party that meets the two actors most often
// outweighs their own ties, between 0 and 1.
func (p *profile) rivalry(rel relation, d *document, a, b, tie []float64, ties float64) float64 {
	met := map[int32]float64{}
	most := 0.0
	for i, s := range d.sentences {
		w := s.weight
		if i < d.title {
			w = 2
		}
		for _, o := range p.others[i] {
			if !rel.with[o] {
				met[o] += w * math.Max(a[i], b[i]) * (1 - tie[i])
				most = math.Max(most, met[o])
			}
		}
	}
	return most / (most + ties + 1)
}

// smooth lets a sentence share in what its neighbours in the body say.
func (d *document) smooth(x []float64) []float64 {
	out := slices.Clone(x)
	for i := d.title; i < len(x); i++ {
		if i > d.title {
			out[i] = math.Max(out[i], 0.6*x[i-1])
		}
		if i+1 < len(x) {
			out[i] = math.Max(out[i], 0.6*x[i+1])
		}
	}
	return out
}

// party returns how strongly an actor stands in each sentence, less where it
// is one name in a list or a mere yardstick.
func (p *profile) party(rel relation, id int32, d *document) []float64 {
	out := make([]float64, len(d.sentences))
	for i, x := range p.actors[id] {
		out[i] = x * p.lists[id][i].discount(rel) * (1 - 0.75*p.yardsticks[id][i])
	}
	return out
}

func (l *list) size() int {
	if l == nil {
		return 1
	}
	return len(l.actors) + len(l.others)
}

// discount is what a name in the list counts for a relation. Company that
// belongs to the relation does not make a list.
func (l *list) discount(rel relation) float64 {
	n := l.size()
	if n <= 2 {
		return 1
	}
	for _, o := range l.others {
		if rel.with[o] {
			n--
		}
	}
	both := slices.Contains(l.actors, rel.a) && slices.Contains(l.actors, rel.b)
	switch {
	case n <= 2:
		return 1
	case n == 3 && both:
		return 0.8
	case n == 3:
		return 0.5
	case n == 4 && both:
		return 0.45
	case n == 4:
		return 0.35
	}
	return 0.2
}

// effective returns the length of a body in sentences as shares are measured
// against it: in a long article a party need not stand in every other sentence.
func effective(total float64) float64 {
	const long = 10
	if total > long {
		total = long + 0.45*(total-long)
	}
	return math.Max(total, 1)
}

// salience is how much an article is about an actor.
func salience(title, sum, total float64) float64 {
	return 0.35*title + 0.65*math.Min(1, sum/total*2)
}

func abs(x int) int {
	if x < 0 {
		return -x
	}
	return x
}
