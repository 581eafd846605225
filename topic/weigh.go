package topic

import "math"

// The features of a relation in an article, each between 0 and 1.
const (
	titleTied    = iota // the title ties both actors
	leadTied            // one of the first three sentences does, or two neighbours
	tieMass             // how much of that there is, in sentences
	tieShare            // and as a share of the article
	strictShare         // the same, within sentences only
	salienceMin         // how much the article is about the less present actor
	salienceMax         // and about the more present one
	themeShare          // share of sentences on the theme
	themeTied           // theme in the sentences that tie
	bondTied            // what two parties do with each other, in the sentences that tie
	againstShare        // share of sentences on a theme against
	againstRatio        // and against the theme for
	othersShare         // third parties
	titleRival          // the title ties one actor to a third party
	rivalShare          // sentences with one actor and a third party
	titleTheme
	titleAgainst
	digest // many unrelated notices on one page
	featureCount
)

// bias and weights of the logistic function that makes a score of the
// features; cmd-free, fixed, and the same for every topic. They were fitted on
// labelled Italian articles with their signs held to what the features mean.
const bias = -5.2

var weights = features{
	titleTied:    1.4,
	leadTied:     2.0,
	tieMass:      2.0,
	tieShare:     1.2,
	strictShare:  0.8,
	salienceMin:  2.4,
	salienceMax:  0.2,
	themeShare:   1.0,
	themeTied:    2.0,
	bondTied:     1.2,
	againstShare: -3.0,
	againstRatio: -2.5,
	othersShare:  -1.0,
	titleRival:   -1.2,
	rivalShare:   -0.8,
	titleTheme:   0.3,
	titleAgainst: -0.8,
	digest:       -3.0,
}

// score is the logistic function of the weighted features.
func (f features) score() float64 {
	x := bias
	for i, v := range f {
		x += weights[i] * v
	}
	return 1 / (1 + math.Exp(-x))
}
