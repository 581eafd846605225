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
	rivalTied           // a third party that meets the actors more than they each other
	titleTheme
	titleAgainst
	digest       // many unrelated notices on one page
	pastShare    // sentences that tell of long ago
	carriedShare // sentences with one actor under a title with the other
	featureCount
)

// bias and weights of the logistic function that makes a score of the
// features; cmd-free, fixed, and the same for every topic. They were fitted on
// labelled Italian articles with their signs held to what the features mean.
const bias = -3.48

var weights = features{
	titleTied:    1.03,
	leadTied:     0.18,
	tieMass:      0.05,
	tieShare:     0.01,
	strictShare:  1.36,
	salienceMin:  1.18,
	salienceMax:  0.05,
	themeShare:   0.98,
	themeTied:    0.96,
	bondTied:     2.58,
	againstShare: -2.64,
	againstRatio: -3.62,
	othersShare:  -1.35,
	titleRival:   -0.91,
	rivalTied:    -1.51,
	titleTheme:   1.69,
	titleAgainst: -2.52,
	digest:       -1.10,
	pastShare:    -1.21,
	carriedShare: 1.43,
}

// score is the logistic function of the weighted features.
func (f features) score() float64 {
	x := bias
	for i, v := range f {
		x += weights[i] * v
	}
	return 1 / (1 + math.Exp(-x))
}
