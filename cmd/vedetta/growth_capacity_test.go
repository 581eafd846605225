package main

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"text/tabwriter"
)

// What the machine is taken to be, and to be asked for.
const (
	machineCores   = 2
	machineShare   = 0.5     // of the processors, for polling; the rest is for readers and for peaks
	machineMemory  = 2 << 30 // bytes for the daemon
	machineDisk    = 100 << 30
	machineRhythm  = 15 * 60 // seconds between two visits of a source
	machineVisits  = 24 * 3600 / machineRhythm
	windowDays     = 60
	growthOfHeap   = 1 + sparing/100.0
	articlePage    = 65 // KB of a page, where full texts are fetched
	yearsOfArchive = 3
)

// growRequests measures what a request takes, both ends: over a connection
// that is there, and over one that is made for it.
func growRequests(t *testing.T, g *growth) {
	answer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) })
	for _, kind := range []struct {
		name string
		site *httptest.Server
		keep bool
	}{
		{"a request", httptest.NewServer(answer), true},
		{"a request over a new connection with TLS", httptest.NewTLSServer(answer), false},
	} {
		client := kind.site.Client()
		client.Transport.(*http.Transport).DisableKeepAlives = !kind.keep
		took := spent(t, func() {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, kind.site.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
		})
		g.requests = append(g.requests, micros(took))
		kind.site.Close()
	}
}

// limit is how many sources one of the machine's means is enough for.
type limit struct {
	name    string
	sources float64
}

// capacity says from the measured costs of units how many sources one machine
// carries, and what ends first, by how much they publish.
func (g *growth) capacity(w io.Writer) {
	visit := g.last("sources", "a visit that brings nothing, its schedule included")
	first := g.curve("topics", "an article that a visit brings, beyond one that brings nothing")
	place, commit := g.last("window", "placing an article"), g.last("archive", "committing an article")
	extract := g.curve("pages", "extracting, a KB")
	perSource, perArticle := g.last("sources", "memory, a source"), g.last("window", "memory, an article")
	disk, seen := g.last("archive", "disk, an article"), g.last("seen", "disk, an item")
	if visit*place*commit*perSource*perArticle*disk*seen == 0 || first == nil || extract == nil {
		return // only some axes were measured
	}
	changed, page := visit+first.points[0].cost, 0.0
	for _, p := range extract.points {
		if p.size == articlePage {
			page = p.cost * articlePage
		}
	}
	fmt.Fprintf(w, "\nOne machine of %d processors, half of them for polling, %d MiB for the daemon, every source asked each %d minutes.\n",
		machineCores, machineMemory>>20, machineRhythm/60)
	fmt.Fprintf(w, "Processor time: %.0f µs a visit that brings nothing, %.0f µs more with an article (placing %.0f and committing %.0f of it by one at a time), %.0f µs its page.\n",
		visit, changed-visit, place, commit, page)
	fmt.Fprintf(w, "Not in it: a request takes %.0f µs at both ends together, %.0f µs with a new connection and TLS.\n", g.requests[0], g.requests[1])
	fmt.Fprintf(w, "Memory: %.0f B a source, %.0f B an article of %d days, times %.1f for collection. Disk: %.0f B an article, %.0f B an item.\n\n",
		perSource, perArticle, windowDays, growthOfHeap, disk, seen)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(tw, "articles a source and day\tfull text from pages\tsources by processor\tby the one writer\tby memory\tby disk, %d years\tcarries\tarticles a year\t\n", yearsOfArchive)
	for _, daily := range []float64{1, 5, 20} {
		for _, full := range []bool{false, true} {
			a := changed
			if full {
				a += page
			}
			fresh := daily / machineVisits // of the visits, those that bring an article
			round := visit + fresh*(a-visit)
			limits := []limit{
				{"the processors", machineShare * machineCores * machineRhythm * 1e6 / round},
				{"the one writer", machineShare * machineRhythm * 1e6 / (fresh * (place + commit))},
				{"memory", machineMemory / growthOfHeap / (perSource + daily*windowDays*perArticle)},
				{"the disk", machineDisk / (daily * 365 * yearsOfArchive * (disk + seen))},
			}
			least := slices.MinFunc(limits, func(a, b limit) int { return cmp.Compare(a.sources, b.sources) })
			text := "no"
			if full {
				text = "yes"
			}
			fmt.Fprintf(tw, "%.0f\t%s\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f, then %s\t%s\t\n", daily, text,
				limits[0].sources, limits[1].sources, limits[2].sources, limits[3].sources, least.sources, least.name, count(least.sources*daily*365))
		}
	}
	_ = tw.Flush()
}
