//go:build clients

package publish

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// kinds are one page of each kind.
var kinds = map[string]string{
	"home": "/", "facet": "/?facet=gcap", "near misses": "/?facet=near-misses", "month": "/?month=2026-02", "no such month": "/?month=2019-01",
	"story": "/stories/s-vertice", "near miss": "/stories/s-quasi", "foreign story": "/stories/s-vecchio", "off topic": "/stories/s-fuori",
	"comparison": "/stories/s-vertice/a-vertice-c1", "thread": "/threads/s-vertice", "sources": "/sources", "subscribe": "/subscribe",
	"English": "/?lang=en", "not found": "/stories/nessuna", "bad address": "/?month=marzo",
	"search": "/search", "hits": "/search?q=giappone", "one hit": "/search?q=giappone+fonte:%22Agenzia+Molo%22", "none": "/search?q=giappone+zzz+yyy",
	"faulty question": "/search?q=la+giappone+dopo:mai+fonte:boh+luogo:roma&order=newest", "second page": "/search?q=*&page=2",
}

// empty are the pages of a site that has nothing to show yet.
var empty = map[string]string{"first run": "/", "first run, near": "/?facet=near-misses", "first run, sources": "/sources", "first run, search": "/search?q=giappone"}

// unset are those of one that has no topic and no source.
var unset = map[string]string{"no topic": "/", "no sources": "/sources", "nothing to subscribe to": "/subscribe"}

// shops are handlers, each with its pages.
func shops(t *testing.T) map[http.Handler]map[string]string {
	full, _ := searchable(t, fixture(t), func(s *scan) { s.share = 0.4 })
	first, _ := searchable(t, newMemory())
	bare := handler(t, newMemory(), func(s *Site) { s.Topics, s.Sources = nil, nil })
	return map[http.Handler]map[string]string{full: kinds, first: empty, bare: unset}
}

// browser is a tab of Chromium, and what happened in it.
type browser struct {
	context.Context
	site string

	mu     sync.Mutex // guards the rest
	asked  []string   // addresses
	faults []string   // errors of the console, dialogs that scripts opened
	bytes  float64    // received
}

// open starts Chromium with a tab, for a site.
func open(t *testing.T, h http.Handler) *browser {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	if h, ok := h.(*Handler); ok {
		h.site.BaseURL = srv.URL
	}
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Fatal("Chromium is wanted (Debian: apt-get install chromium)")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WSURLReadTimeout(10*time.Minute),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"), chromedp.Flag("accept-lang", "it"))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 30*time.Minute)
	t.Cleanup(cancel)
	b := &browser{Context: ctx, site: srv.URL}
	b.run(t) // opens the tab
	if err := chromedp.Listen(ctx, b.note); err != nil {
		t.Fatal(err)
	}
	call(t, b, network.Enable, network.EnableParams{})
	call(t, b, log.Enable, cdp.Empty{})
	return b
}

// note keeps what the browser tells of.
func (b *browser) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.asked = append(b.asked, e.Request.URL)
	case *network.EventLoadingFinished:
		b.bytes += e.EncodedDataLength
	case *runtime.EventExceptionThrown:
		b.faults = append(b.faults, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		b.faults = append(b.faults, "console "+string(e.Type))
	case *log.EventEntryAdded:
		if e.Entry.Source != log.EntrySourceNetwork { // the answer 404 of a page that is not there
			b.faults = append(b.faults, e.Entry.Text)
		}
	case *page.EventJavascriptDialogOpening:
		b.faults = append(b.faults, "a script opened a dialog: "+e.Message)
		go func() { // the tab waits for an answer
			_, _ = chromedp.Call(b.Context, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
		}()
	}
}

func (b *browser) run(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b.Context, actions...); err != nil {
		t.Fatal(err)
	}
}

// call gives the browser a command of its protocol.
func call[P, R any](t *testing.T, b *browser, command cdp.Command[P, R], params P) R {
	t.Helper()
	r, err := chromedp.Call(b.Context, command, params)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// visit opens a page and forgets what happened before.
func (b *browser) visit(t *testing.T, path string) {
	t.Helper()
	b.mu.Lock()
	b.asked, b.faults, b.bytes = nil, nil, 0
	b.mu.Unlock()
	b.run(t, chromedp.Navigate(b.site+path))
}

// eval runs a script in the page, past its policy.
func eval[T any](t *testing.T, b *browser, script string) T {
	t.Helper()
	out, err := chromedp.Run(b.Context, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// comes waits for what a browser does in its own time, such as giving the
// focus to a field with the first frame of a page, for longer than a busy machine
// takes.
func (b *browser) comes(t *testing.T, condition string) bool {
	t.Helper()
	return eval[bool](t, b, `new Promise(done => { const until = performance.now() + 60000, look = () => {
		if (`+condition+`) done(true); else if (performance.now() > until) done(false); else setTimeout(look, 10) }; look() })`)
}

// resize gives the window another size and waits for the page to have it.
func (b *browser) resize(t *testing.T, width, height int64) {
	t.Helper()
	b.run(t, chromedp.EmulateViewport(width, height))
	if !b.comes(t, fmt.Sprintf("innerWidth === %d", width)) {
		t.Fatalf("the window is not %d pixels wide", width)
	}
}

// calm expects that nothing was asked of other sites and nothing went wrong.
func (b *browser) calm(t *testing.T, kind string) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, address := range b.asked {
		if !strings.HasPrefix(address, b.site+"/") {
			t.Errorf("%s asks for %.200s", kind, address)
		}
	}
	for _, fault := range b.faults {
		t.Errorf("%s: %.300s", kind, fault)
	}
}

// brought is how many bytes came of the page and what it asks for.
func (b *browser) brought() float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bytes
}

// maxWeight is how much a page may bring, with its style sheet and icon, in
// bytes on the wire.
const maxWeight = 60 << 10

// TestBrowser looks at every kind of page as people do: with a phone, in the
// dark, enlarged, and with the checks of axe-core.
func TestBrowser(t *testing.T) {
	axe := loadAxe(t)
	for h, pages := range shops(t) {
		look(t, open(t, h), axe, pages)
	}
}

func look(t *testing.T, b *browser, axe string, pages map[string]string) {
	t.Helper()
	for kind, path := range pages {
		b.resize(t, 1280, 900)
		b.emulate(t, "", "light")
		b.visit(t, path)
		b.calm(t, kind)
		if n := b.brought(); n == 0 || n > maxWeight {
			t.Errorf("%s brings %.0f bytes", kind, n)
		}
		check(t, b, axe, kind, "")
		b.emulate(t, "", "dark")
		check(t, b, axe, kind+", dark", `{runOnly: ["color-contrast"]}`)
		// 640 pixels are a window of 1280 at 200 %, 320 one at 400 % (WCAG 1.4.10).
		for _, width := range []int64{640, 320} {
			b.resize(t, width, 700)
			if w := eval[int64](t, b, "document.documentElement.scrollWidth"); w > width {
				t.Errorf("%s is %d pixels wide in a window of %d: %s", kind, w, width, eval[string](t, b, widest))
			}
		}
		check(t, b, axe, kind+", narrow", `{runOnly: ["target-size", "scrollable-region-focusable", "reflow"].filter(r => axe.getRules().some(x => x.ruleId === r))}`)
	}
}

// widest names the element that sticks out farthest.
const widest = `(() => { let w = null, m = 0; for (const e of document.querySelectorAll("main *")) { const r = e.getBoundingClientRect().right; if (r > m) { m = r; w = e } } return w ? w.outerHTML.slice(0, 200) : "" })()`

// emulate sets the medium and the colours that people prefer, and has nothing
// move.
func (b *browser) emulate(t *testing.T, medium, colours string) {
	t.Helper()
	call(t, b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: medium, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: colours}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	})
}

// loadAxe reads axe-core, which .ci/clients fetches.
func loadAxe(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile(os.Getenv("VEDETTA_AXE"))
	if err != nil {
		t.Fatalf("VEDETTA_AXE names the file axe.min.js: %v", err)
	}
	return string(script)
}

// check expects that axe-core finds no violation of WCAG 2.2 AA or of good
// practice.
func check(t *testing.T, b *browser, axe, what, options string) {
	t.Helper()
	if options == "" {
		options = `{runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}`
	}
	if !eval[bool](t, b, `typeof axe === "object"`) {
		eval[bool](t, b, axe+"; true")
	}
	found := eval[string](t, b, "axe.run(document, "+options+").then(r => JSON.stringify(r.violations))")
	var violations []struct {
		ID, Help string
		Nodes    []struct{ HTML, FailureSummary string }
	}
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		t.Fatal(err)
	}
	for _, v := range violations {
		t.Errorf("%s: %s (%s), %d times: %.300s\n%s", what, v.ID, v.Help, len(v.Nodes), v.Nodes[0].HTML, v.Nodes[0].FailureSummary)
	}
}

// inSight tells whether what has the focus is in the window, with a ring.
const inSight = `(() => { const e = document.activeElement, r = e.getBoundingClientRect(), s = getComputedStyle(e);
	return r.width > 0 && r.left >= 0 && r.top >= 0 && r.bottom <= innerHeight && s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 })()`

// literal is a text as scripts write it.
func literal(t *testing.T, text string) string {
	t.Helper()
	b, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestKeyboard goes through a page with the keyboard alone.
func TestKeyboard(t *testing.T) {
	b := open(t, handler(t, fixture(t)))
	b.resize(t, 1280, 900)
	b.visit(t, "/")
	type focus struct {
		Tag, Text, Class, Href string
		Seen                   bool // in the window, with a ring
	}
	focused := func() focus {
		return eval[focus](t, b, `(() => { const e = document.activeElement;
			return {Tag: e.tagName, Text: e.textContent.trim(), Class: e.className, Href: e.getAttribute("href") || "", Seen: `+inSight+`}})()`)
	}
	b.run(t, chromedp.KeyEvent(kb.Tab))
	if !b.comes(t, `document.activeElement.className === "skip" && `+inSight) {
		t.Errorf("the first stop is %+v, want the link that skips to the content", focused())
	}
	b.run(t, chromedp.KeyEvent(kb.Enter))
	if !b.comes(t, `document.activeElement.tagName === "MAIN"`) {
		t.Errorf("skipping leads to %+v", focused())
	}
	b.visit(t, "/")
	// In the order in which they stand in the document: no element has an order of its own.
	want := eval[[]string](t, b, `[...document.querySelectorAll("a[href], summary, input, button, [tabindex='0']")].map(e => e.textContent.trim()).slice(0, 25)`)
	for i, text := range want {
		b.run(t, chromedp.KeyEvent(kb.Tab))
		if !b.comes(t, fmt.Sprintf(`document.activeElement.textContent.trim() === %s && `, literal(t, text))+inSight) {
			t.Fatalf("stop %d is %+v, want %q in sight", i+1, focused(), text)
		}
		if f := focused(); f.Text == "GCAP" && f.Href == "/?facet=gcap" {
			break
		}
	}
	b.run(t, chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(`.chips a[aria-current][href="/?facet=gcap"]`))
	b.visit(t, "/stories/s-vertice")
	b.run(t, chromedp.Focus("summary"), chromedp.KeyEvent(kb.Enter))
	if !b.comes(t, `document.activeElement.closest("details").open`) {
		t.Error("Enter does not unfold what is folded")
	}
}

// TestSearchByKeyboard asks, narrows and leafs with the keyboard alone.
func TestSearchByKeyboard(t *testing.T) {
	h, _ := searchable(t, fixture(t))
	b := open(t, h)
	b.resize(t, 1280, 900)
	b.visit(t, "/")
	b.run(t, chromedp.Focus("#q"), chromedp.KeyEvent("giappone"), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(`.hits mark`))
	if at := eval[string](t, b, "location.pathname + location.search"); at != "/search?q=giappone" {
		t.Errorf("asking leads to %s", at)
	}
	if v := eval[string](t, b, `document.querySelector("#q").value`); v != "giappone" {
		t.Errorf("the question is %q", v)
	}
	b.run(t, chromedp.Focus(`.chips a[href$="order=newest"]`), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(`.chips a[aria-current][href$="order=newest"]`))
	b.run(t, chromedp.Focus(".hits h2 a"), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("article.read"))
	b.visit(t, "/search?q=giappone+zzz")
	b.run(t, chromedp.Focus(".blank a"), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(".hits"))
	b.visit(t, "/search")
	if !b.comes(t, `document.activeElement.id === "q"`) {
		t.Errorf("the search begins at %q", eval[string](t, b, "document.activeElement.outerHTML.slice(0, 200)"))
	}
}

// TestPrint prints a story: its text in black, nothing to click.
func TestPrint(t *testing.T) {
	b := open(t, handler(t, fixture(t)))
	b.visit(t, "/stories/s-vertice")
	b.emulate(t, "", "dark")
	pdf, err := chromedp.Run(b.Context, chromedp.PrintToPDF())
	if err != nil || len(pdf) < 10_000 {
		t.Errorf("a document of %d bytes, %v", len(pdf), err)
	}
	b.emulate(t, "print", "dark")
	for selector, shown := range map[string]bool{"h1": true, ".text": true, "#why": true, ".citation": true, ".top nav": false, ".end": false, ".button": false} {
		if got := eval[bool](t, b, fmt.Sprintf(`document.querySelector(%q).getClientRects().length > 0`, selector)); got != shown {
			t.Errorf("%s is printed: %v", selector, got)
		}
	}
	for _, selector := range []string{"h1", ".text"} {
		if c := eval[string](t, b, fmt.Sprintf(`getComputedStyle(document.querySelector(%q)).color`, selector)); c != "rgb(0, 0, 0)" {
			t.Errorf("%s is printed in %s", selector, c)
		}
	}
}

// TestScriptless looks at the pages with scripts switched off: nothing is
// missing.
func TestScriptless(t *testing.T) {
	h, _ := searchable(t, fixture(t))
	b := open(t, h)
	for kind, path := range kinds {
		b.visit(t, path)
		with := eval[string](t, b, "document.body.innerText")
		call(t, b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		b.visit(t, path)
		if without := eval[string](t, b, "document.body.innerText"); without != with || len(with) < 100 {
			t.Errorf("%s, without scripts:\n%s\nwith:\n%s", kind, without, with)
		}
		call(t, b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{})
	}
}

// TestHostileInBrowser opens the pages of articles that nobody means well
// with: nothing runs, nothing is fetched, nothing covers the page.
func TestHostileInBrowser(t *testing.T) {
	m := hostile(t)
	b := open(t, handler(t, m))
	b.resize(t, 320, 700)
	paths := []string{"/", "/sources", "/threads/s-evilaa", "/subscribe"}
	for id := range m.stories {
		paths = append(paths, "/stories/"+id)
	}
	for _, path := range paths {
		b.visit(t, path)
		b.calm(t, path)
		if w := eval[int64](t, b, "document.documentElement.scrollWidth"); w > 320 {
			t.Errorf("%s is %d pixels wide in a window of 320: %s", path, w, eval[string](t, b, widest))
		}
	}
}

// TestPolicy tries to run and fetch from inside a page, as markup that got
// past the sanitiser would.
func TestPolicy(t *testing.T) {
	b := open(t, handler(t, fixture(t)))
	b.visit(t, "/stories/s-vertice")
	eval[bool](t, b, `(async () => {
		const add = (name, set) => { const e = document.createElement(name); Object.assign(e, set); document.body.append(e); return e };
		add("script", {textContent: "window.ran = 'inline'"});
		add("script", {src: "https://altrove.example/x.js"});
		add("img", {src: "https://altrove.example/x.png"});
		add("iframe", {src: "https://altrove.example/"});
		add("div", {innerHTML: "<img src=x onerror=\"window.ran = 'handler'\"><p id=styled style='color: rgb(1, 2, 3)'>x</p>"});
		add("a", {href: "javascript:window.ran = 'address'"}).click();
		await fetch("https://altrove.example/").catch(() => {});
		return true;
	})()`)
	if c := eval[string](t, b, `getComputedStyle(document.getElementById("styled")).color`); c == "rgb(1, 2, 3)" {
		t.Error("a style attribute counts")
	}
	refused := func() []string {
		b.mu.Lock()
		defer b.mu.Unlock()
		return slices.Clone(b.faults)
	}
	for deadline := time.Now().Add(time.Minute); len(refused()) < 6; time.Sleep(10 * time.Millisecond) { // it tells of them in its own time
		if time.Now().After(deadline) {
			t.Fatalf("the browser refused only %q", refused())
		}
	}
	if ran := eval[string](t, b, "window.ran || ''"); ran != "" {
		t.Errorf("a script ran: %s", ran)
	}
}
