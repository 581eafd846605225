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
	digest        // many unrelated notices on one page
	pastShare     // sentences that tell of long ago
	carriedShare  // sentences with one actor under a title with the other
	hardTied      // the same as themeTied, without the soft themes
	untitled      // the title names neither actor
	officialsMeet // people who stand for the two actors are named together
	featureCount
)

// bias and weights of the logistic function that makes a score of the
// features, fixed and the same for every topic. They were fitted on
// labelled Italian articles with their signs held to what the features mean.
const bias = -2.65

var weights = features{
	titleTied:     0.90,
	leadTied:      0.05,
	tieMass:       0.05,
	tieShare:      0.05,
	strictShare:   1.31,
	salienceMin:   1.12,
	salienceMax:   0.05,
	themeShare:    1.11,
	themeTied:     0.05,
	bondTied:      2.64,
	againstShare:  -3.12,
	againstRatio:  -3.61,
	othersShare:   -3.61,
	titleRival:    -1.36,
	rivalTied:     -1.36,
	titleTheme:    1.38,
	titleAgainst:  -3.82,
	digest:        -2.52,
	pastShare:     -2.47,
	untitled:      -0.05,
	officialsMeet: 0.40,
	hardTied:      2.37,
	carriedShare:  0.81,
}

// score is the logistic function of the weighted features.
func (f features) score() float64 {
	x := bias
	for i, v := range f {
		x += weights[i] * v
	}
	return 1 / (1 + math.Exp(-x))
}
