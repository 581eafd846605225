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
// features; cmd-free, fixed, and the same for every topic. They were fitted on
// labelled Italian articles with their signs held to what the features mean.
const bias = -3.13

var weights = features{
	titleTied:     0.70,
	leadTied:      0.05,
	tieMass:       0.05,
	tieShare:      0.05,
	strictShare:   1.15,
	salienceMin:   0.86,
	salienceMax:   0.12,
	themeShare:    1.46,
	themeTied:     0.47,
	bondTied:      2.15,
	againstShare:  -2.27,
	againstRatio:  -2.57,
	othersShare:   -1.57,
	titleRival:    -0.98,
	rivalTied:     -1.16,
	titleTheme:    1.28,
	titleAgainst:  -2.46,
	digest:        -1.29,
	pastShare:     -1.62,
	untitled:      0.04,
	officialsMeet: 0.23,
	hardTied:      1.66,
	carriedShare:  0.91,
}

// score is the logistic function of the weighted features.
func (f features) score() float64 {
	x := bias
	for i, v := range f {
		x += weights[i] * v
	}
	return 1 / (1 + math.Exp(-x))
}
