package main

import (
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"vedetta/internal/cputime"
)

var (
	growthTo   = flag.String("growth", "least", "how far TestGrowth goes: least (seconds), large (minutes) or largest (an hour, gigabytes)")
	growthOnly = flag.String("growth.only", "", "the axes of TestGrowth, separated by commas: sources, seen, archive, topics, pages, window (default: all, and what a machine carries)")
	growthSVG  = flag.String("growth.svg", "", "file to draw the curves of TestGrowth in")
	growthKeep = flag.String("growth.keep", "", "folder to leave TestGrowth's largest archive in")
)

// growthSizes is what grows, and how far.
var growthSizes = map[string]map[string][]int{
	"least": {"sources": {10, 40}, "seen": {500, 2000}, "archive": {50, 200}, "topics": {1, 3}, "pages": {10, 40}, "window": {40, 160}},
	"large": {
		"sources": {100, 1000, 10_000}, "seen": {10_000, 100_000, 1_000_000}, "archive": {10_000, 20_000, 50_000},
		"topics": {1, 3, 10, 30, 100}, "pages": {10, 65, 250, 1000, 5000}, "window": {1000, 10_000, 30_000},
	},
	"largest": {
		"sources": {100, 1000, 10_000, 100_000}, "seen": {10_000, 100_000, 1_000_000, 10_000_000}, "archive": {10_000, 100_000, 1_000_000},
		"topics": {1, 3, 10, 30, 100}, "pages": {10, 65, 250, 1000, 5000}, "window": {1000, 10_000, 100_000},
	},
}

// growthAxes are the things that grow, in the order in which they are measured.
var growthAxes = []struct {
	name, what string
	measure    func(t *testing.T, g *growth, sizes []int)
}{
	{"sources", "sources, asked every 15 minutes", growSources},
	{"seen", "items seen", growSeen},
	{"archive", "articles in the archive", growArchive},
	{"topics", "topics", growTopics},
	{"pages", "KB of a page", growPages},
	{"window", "articles in the window of stories", growWindow},
}

// TestGrowth measures what a unit of work costs while the daemon grows, prints
// a table and draws the curves (make growth). It judges no time. By itself it
// goes as far as shows that it works.
func TestGrowth(t *testing.T) {
	sizes := growthSizes[*growthTo]
	if sizes == nil {
		t.Fatalf("-growth %q: it goes to least, large or largest", *growthTo)
	}
	tuneMemory(os.Getenv, os.DirFS("/"))
	g := &growth{}
	for _, axis := range growthAxes {
		if *growthOnly == "" || slices.Contains(strings.Split(*growthOnly, ","), axis.name) {
			t.Run(axis.name, func(t *testing.T) {
				g.axis, g.what = axis.name, axis.what
				axis.measure(t, g, sizes[axis.name])
			})
		}
	}
	growRequests(t, g)
	for _, c := range g.curves {
		for _, p := range c.points {
			if !(p.cost >= 0) || math.IsInf(p.cost, 0) {
				t.Errorf("%s, %s, %d: a cost of %v", c.axis, c.name, p.size, p.cost)
			}
		}
	}
	if t.Failed() {
		return
	}
	if testing.Verbose() {
		g.print(os.Stdout)
		g.capacity(os.Stdout)
	}
	if *growthSVG != "" {
		if err := os.WriteFile(*growthSVG, drawPanels(g.panels(), 2), 0o600); err != nil {
			t.Error(err)
		}
	}
}

// growth is what was measured.
type growth struct {
	axis, what string // measured now
	curves     []*costCurve
	requests   []float64 // µs
}

// costCurve is what one unit of work costs by the size of something.
type costCurve struct {
	axis, what string
	name, unit string
	points     []costPoint
}

type costPoint struct {
	size int
	cost float64
}

// add notes what a unit costs at a size.
func (g *growth) add(name, unit string, size int, cost float64) {
	c := g.curve(g.axis, name)
	if c == nil {
		c = &costCurve{axis: g.axis, what: g.what, name: name, unit: unit}
		g.curves = append(g.curves, c)
	}
	c.points = append(c.points, costPoint{size, cost})
}

func (g *growth) curve(axis, name string) *costCurve {
	for _, c := range g.curves {
		if c.axis == axis && c.name == name {
			return c
		}
	}
	return nil
}

// last is a curve's cost at the largest size; 0 where it was not measured.
func (g *growth) last(axis, name string) float64 {
	c := g.curve(axis, name)
	if c == nil {
		return 0
	}
	return c.points[len(c.points)-1].cost
}

// slope is that of the line through a curve on logarithmic scales, by least
// squares: 0 is flat, 1 is a unit that costs twice as much at twice the size.
func (c *costCurve) slope() float64 {
	var n, sx, sy, sxx, sxy float64
	for _, p := range c.points {
		if p.cost <= 0 {
			continue
		}
		x, y := math.Log(float64(p.size)), math.Log(p.cost)
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	if d := n*sxx - sx*sx; d > 0 {
		return (n*sxy - sx*sy) / d
	}
	return 0
}

// bends reports whether the cost of a unit grows faster than the logarithm of
// the size, by more than one measurement of a unit differs from another.
func (c *costCurve) bends() bool {
	first, last := c.points[0], c.points[len(c.points)-1]
	return last.cost > 1.5*first.cost*math.Log(float64(last.size)+1)/math.Log(float64(first.size)+1)
}

// print writes a line a size: the cost of a unit, how it compares with the
// size before, and the slope behind the last.
func (g *growth) print(w io.Writer) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	axis := ""
	for _, c := range g.curves {
		if c.axis != axis {
			axis = c.axis
			fmt.Fprintf(tw, "%s\t\t\t\t\t\n", c.what)
		}
		for i, p := range c.points {
			ratio, end := "", ""
			if i > 0 && c.points[i-1].cost > 0 {
				ratio = fmt.Sprintf("× %.2f", p.cost/c.points[i-1].cost)
			}
			if i == len(c.points)-1 {
				end = fmt.Sprintf("slope %+.2f", c.slope())
				if c.bends() {
					end += " bends"
				}
			}
			name := ""
			if i == 0 {
				name = c.name
			}
			fmt.Fprintf(tw, "%s\t%d\t%s %s\t%s\t%s\t\n", name, p.size, short(p.cost), c.unit, ratio, end)
		}
	}
	_ = tw.Flush()
}

// short writes a number with three digits that count.
func short(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v < 1:
		return fmt.Sprintf("%.2g", v)
	case v < 100:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.0f", v)
	}
}

// panels are the curves by what grows, each as a multiple of its cost at the
// least size, so that all that is flat lies on one line.
func (g *growth) panels() []panel {
	var ps []panel
	for _, c := range g.curves {
		if len(ps) == 0 || ps[len(ps)-1].title != c.what {
			ps = append(ps, panel{title: c.what, logarithmic: true})
		}
		p := &ps[len(ps)-1]
		cost := strings.TrimSpace(short(c.points[len(c.points)-1].cost) + " " + c.unit)
		l := chartLine{name: fmt.Sprintf("%s: %s, slope %+.2f", c.name, cost, c.slope())}
		for _, at := range c.points {
			if c.points[0].cost > 0 {
				l.xs, l.ys = append(l.xs, float64(at.size)), append(l.ys, at.cost/c.points[0].cost)
			}
		}
		p.lines = append(p.lines, l)
	}
	return ps
}

// spent is the processor time of one call of f: the least of three series that
// are each as long as that the clock counts.
func spent(t *testing.T, f func()) time.Duration {
	t.Helper()
	least := 50 * time.Millisecond
	if *growthTo == "least" {
		least = 0
	}
	best := time.Duration(math.MaxInt64)
	for range 3 {
		runtime.GC()
		n, start := 0, cputime.Used(t)
		for took := time.Duration(0); n == 0 || took < least; took = cputime.Used(t) - start {
			f()
			n++
		}
		best = min(best, (cputime.Used(t)-start)/time.Duration(n))
	}
	return best
}

// held is the memory in use after a collection: heap and stacks.
func held() float64 {
	runtime.GC()
	runtime.GC() // what finalizers and pools still held
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc + m.StackInuse)
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
func millis(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
