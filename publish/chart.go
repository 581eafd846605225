package publish

// bars is a small bar chart: the template draws it as inline SVG, in units of
// the view box, without styles of its own.
type bars struct {
	Width, Height int
	Bars          []bar
	Alt           string // what it shows, for those who do not see it
	Left, Right   string // labels of the ends
}

type bar struct {
	X, Y, W, H int
	Title      string
	Empty      bool
}

// fullHeight is the least count that fills the height, so that a single story
// does not look like a flood.
const fullHeight = 3

// newBars lays out one bar a count, all of one width, the highest filling the
// height. A count above zero is never invisible.
func newBars(counts []int, width, height int, title func(i, n int) string) bars {
	b := bars{Width: width, Height: height}
	if len(counts) == 0 {
		return b
	}
	most := fullHeight
	for _, n := range counts {
		most = max(most, n)
	}
	step := width / len(counts)
	gap := max(1, step/5)
	for i, n := range counts {
		hgt := n * height / most
		if n > 0 {
			hgt = max(hgt, 3)
		}
		br := bar{X: i * step, Y: height - hgt, W: max(1, step-gap), H: hgt, Title: title(i, n)}
		if n == 0 {
			br.Y, br.H, br.Empty = height-1, 1, true
		}
		b.Bars = append(b.Bars, br)
	}
	b.Width = len(counts) * step
	return b
}
