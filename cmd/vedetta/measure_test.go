package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vedetta/news"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.yaml.in/yaml/v3"
)

// afterARound is a daemon that has polled, been read, met a source that fails, and
// now follows its schedule.
func afterARound(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.service.measure.counts.Keep(named(w.setup))
	w.round(t)
	w.get(t, "/feeds/"+topicID+".atom")
	now := time.Now()
	failing := news.Poll{Last: now, FailingSince: now, NotBefore: now.Add(time.Hour), Failures: 2, Err: "no route to host", Fault: news.FaultConnect}
	if err := w.store.Commit(news.Visit{Source: w.setup.plan.Sources[0].ID, Poll: failing}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	t.Cleanup(func() { cancel(); running.Wait() })
	running.Go(func() { _ = w.service.engine.Run(ctx, nil, w.setup.plan) })
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for limit := time.After(patience); len(w.service.engine.Schedule()) < len(w.setup.plan.Sources); {
		select {
		case <-look.C:
		case <-limit:
			t.Fatal("the schedule never ran")
		}
	}
	return w
}

// families are the names of the metrics that a scrape shows, those of a
// histogram's parts included.
func families(t *testing.T, r prometheus.Gatherer) map[string]bool {
	t.Helper()
	all, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, f := range all {
		names[f.GetName()] = true
		if f.GetType().String() == "HISTOGRAM" {
			for _, part := range []string{"_bucket", "_sum", "_count"} {
				names[f.GetName()+part] = true
			}
		}
	}
	return names
}

// ourMetric finds the names of our metrics, and those of the process, in an
// expression.
var ourMetric = regexp.MustCompile(`\b(?:vedetta|process|go)_[a-z0-9_]+\b`)

func TestMetricsAreWellNamed(t *testing.T) {
	w := afterARound(t)
	problems, err := testutil.GatherAndLint(w.service.measure.registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	if _, err := exec.LookPath("promtool"); err != nil {
		t.Skip("promtool is not installed (Debian: prometheus): its own check of the metrics is left out")
	}
	cmd := exec.CommandContext(t.Context(), "promtool", "check", "metrics")
	cmd.Stdin = strings.NewReader(w.get(t, "/metrics"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}

// TestMetricsAreDocumented holds docs/monitoring.md against what is served.
func TestMetricsAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/monitoring.md")
	if err != nil {
		t.Fatal(err)
	}
	written := map[string]bool{}
	for _, name := range regexp.MustCompile("(?m)^\\| `(vedetta_[a-z0-9_]+)`").FindAllStringSubmatch(string(doc), -1) {
		written[name[1]] = true
	}
	all, err := afterARound(t).service.measure.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if name := f.GetName(); strings.HasPrefix(name, "vedetta_") && !written[name] {
			t.Errorf("docs/monitoring.md does not list %s", name)
		}
		delete(written, f.GetName())
	}
	for name := range written {
		t.Errorf("docs/monitoring.md lists %s, which is not served", name)
	}
}

// TestAlertsAndDashboardAskForWhatThereIs holds the names in the alert rules
// and the dashboard against a daemon that polled once.
func TestAlertsAndDashboardAskForWhatThereIs(t *testing.T) {
	served := families(t, afterARound(t).service.measure.registry)
	for file, exprs := range map[string][]string{
		"alerts.yaml":            alertExprs(t),
		"grafana-dashboard.json": dashboardExprs(t),
	} {
		if len(exprs) < 10 {
			t.Errorf("%s: only %d expressions found", file, len(exprs))
		}
		for _, expr := range exprs {
			names := ourMetric.FindAllString(expr, -1)
			for _, name := range names {
				if !served[name] {
					t.Errorf("%s asks for %s, which is not served: %s", file, name, expr)
				}
			}
			if len(names) == 0 && !strings.Contains(expr, "up{") {
				t.Errorf("%s: %q asks for nothing of ours", file, expr)
			}
		}
	}
}

// TestDashboardExpressionsParse has promtool read every query of the dashboard
// as a rule.
func TestDashboardExpressionsParse(t *testing.T) {
	if _, err := exec.LookPath("promtool"); err != nil {
		t.Skip("promtool is not installed (Debian: prometheus)")
	}
	type rule struct{ Record, Expr string }
	var rules []rule
	for _, expr := range dashboardExprs(t) {
		rules = append(rules, rule{fmt.Sprintf("dashboard:%d", len(rules)), strings.ReplaceAll(expr, "$__rate_interval", "5m")})
	}
	data, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "dashboard", "rules": rules}}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "promtool", "check", "rules", file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestAlerts has promtool check the alert rules and run their cases.
func TestAlerts(t *testing.T) {
	if _, err := exec.LookPath("promtool"); err != nil {
		t.Skip("promtool is not installed (Debian: prometheus)")
	}
	for _, args := range []string{"check rules alerts.yaml", "test rules alerts_test.yaml alerts_long_test.yaml"} {
		cmd := exec.CommandContext(t.Context(), "promtool", strings.Fields(args)...)
		cmd.Dir = "../../docs/monitoring"
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", args, err, out)
		}
	}
}

func alertExprs(t *testing.T) (exprs []string) {
	t.Helper()
	data, err := os.ReadFile("../../docs/monitoring/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var rules struct {
		Groups []struct {
			Rules []struct{ Expr string }
		}
	}
	if err := yaml.Unmarshal(data, &rules); err != nil {
		t.Fatal(err)
	}
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			exprs = append(exprs, r.Expr)
		}
	}
	return exprs
}

func dashboardExprs(t *testing.T) (exprs []string) {
	t.Helper()
	data, err := os.ReadFile("../../docs/monitoring/grafana-dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		UID    string
		Panels []struct {
			ID      int
			Title   string
			Type    string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ RefID, Expr string }
		}
		Templating struct {
			List []struct{ Query json.RawMessage }
		}
	}
	if err := json.Unmarshal(data, &board); err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, p := range board.Panels {
		if seen[p.ID] || p.ID == 0 || p.Title == "" || p.GridPos.X+p.GridPos.W > 24 || p.GridPos.W == 0 || p.GridPos.H == 0 {
			t.Errorf("panel %d %q: its id is taken or it is out of the grid", p.ID, p.Title)
		}
		seen[p.ID] = true
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("panel %q asks for nothing", p.Title)
		}
		for _, q := range p.Targets {
			exprs = append(exprs, q.Expr)
		}
	}
	return exprs
}

// TestSeriesOfASourceGoWithIt takes a source and its topic out of the
// configuration.
func TestSeriesOfASourceGoWithIt(t *testing.T) {
	w := afterARound(t)
	sources, topics := named(w.setup)
	gone, stays := sources[0], sources[1]
	if page := w.get(t, "/metrics"); !strings.Contains(page, `"`+gone+`"`) || !strings.Contains(page, `topic="`+topicID+`"`) {
		t.Fatalf("%s has no series before", gone)
	}
	w.service.measure.counts.Keep(sources[1:], nil)
	now := *w.setup
	now.plan.Sources = now.plan.Sources[1:]
	w.service.serving.Store(&now)
	page := w.get(t, "/metrics")
	if strings.Contains(page, `source="`+gone+`"`) || strings.Contains(page, `topic="`+topics[0]+`"`) {
		t.Errorf("%s or its topic still has series:\n%s", gone, grep(page, gone))
	}
	if !strings.Contains(page, `source="`+stays+`"`) {
		t.Errorf("%s lost its series", stays)
	}
}

func grep(text, word string) string {
	var out []string
	for line := range strings.Lines(text) {
		if strings.Contains(line, word) {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}

// TestNoTextFromOutsideBecomesALabel asks for what no site has, in ways that
// no server expects.
func TestNoTextFromOutsideBecomesALabel(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/wp-login.php", "/feeds/../../x", "/stories/marzapane", "/?topic=marzapane", "/feeds/marzapane.atom", "/assets/marzapane"} {
		w.ask(t, http.MethodGet, path, nil)
		w.ask(t, "MARZAPANE", path, http.Header{"User-Agent": {"marzapane"}})
	}
	page := w.get(t, "/metrics")
	if strings.Contains(page, "marzapane") || strings.Contains(page, "MARZAPANE") || strings.Contains(page, "wp-login") {
		t.Errorf("labels hold what a reader sent:\n%s", grep(page, "http_requests_total"))
	}
	for _, want := range []string{`class="other",code="404",method="GET"`, `class="story",code="405",method="other"`} {
		if !strings.Contains(page, want) {
			t.Errorf("no series with %s:\n%s", want, grep(page, "http_requests_total"))
		}
	}
}

// TestLabelsAreBounded reads the labels that metrics have.
func TestLabelsAreBounded(t *testing.T) {
	all, err := afterARound(t).service.measure.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	allowed := strings.Fields("source topic state status kind result as verdict of class method code le version revision goversion quantile")
	labels := map[string]bool{}
	for _, f := range all {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = true
			}
		}
	}
	for _, l := range slices.Sorted(maps.Keys(labels)) {
		if !slices.Contains(allowed, l) {
			t.Errorf("label %q: are its values bounded? then add it here", l)
		}
	}
}
