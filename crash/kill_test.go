package crash

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"vedetta/store"
)

// TestKill kills the program at random instants, while it polls, judges anew,
// compacts, is copied or restored. After each kill the store must be without
// fault, hold all that it held and no article twice; what the press was asked
// must have been due; and what readers were shown must have been whole.
func TestKill(t *testing.T) {
	t.Logf("go test ./crash -run TestKill -kills %d -seed %d", *kills, *seed)
	p := newPress(t)
	h := &harness{place: newPlace(t, p), reader: newReader(), killed: tally{}, sound: map[string]bool{}}
	for i := range *kills {
		h.round(t, rand.New(rand.NewPCG(*seed, uint64(i))))
		if t.Failed() {
			t.Fatalf("at kill %d of -seed %d", i+1, *seed)
		}
		if (i+1)%50 == 0 {
			t.Logf("%d kills: %v", i+1, h.killed)
		}
	}
	h.settle(t)
	t.Logf("%d kills survived: %v; %d articles, %d requests for feeds, %d answers read",
		*kills, h.killed, len(h.facts.articles), h.asked, h.reader.answers)
}

// harness is what goes on from one kill to the next.
type harness struct {
	*place
	reader *reader
	facts  facts // of the store after the last kill
	other  bool  // rules in force
	killed tally
	asked  int
	sound  map[string]bool // backups that were verified; nothing writes to them again
}

// tally counts the kills by what was going on.
type tally map[string]int

func (h *harness) round(t *testing.T, r *rand.Rand) {
	args := []string{"run"}
	if r.IntN(4) == 0 || len(h.facts.articles) == 0 {
		args = []string{"poll"} // the big first round, and all at once
	}
	// Half of the kills are at a time, half at a request.
	now := make(chan struct{})
	var once sync.Once
	strike := func() { once.Do(func() { close(now) }) }
	if r.IntN(2) == 0 {
		at, late := 1+r.IntN(60), time.Duration(r.IntN(8))*time.Millisecond
		h.press.follow(func(n int) {
			if n == at {
				time.AfterFunc(late, strike)
			}
		})
	} else {
		h.press.follow(nil)
	}
	most := 2500 // milliseconds
	if len(h.facts.articles) > 0 && args[0] == "poll" {
		most = 800
	}
	limit := time.AfterFunc(time.Duration(r.IntN(most))*time.Millisecond, strike)
	defer limit.Stop()

	daemon := start(t, h.command(t.Context(), args...))
	doing := args[0]
	watch, stopWatching := context.WithCancel(t.Context())
	var beside sync.WaitGroup
	if args[0] == "run" {
		beside.Go(func() { h.reader.watch(watch, t, daemon) })
		if what := h.disturb(t, r, &beside, strike); what != "" {
			doing = what
		}
	}
	select {
	case <-now:
	case <-daemon.ended:
	}
	h.press.follow(nil)
	daemon.kill()
	stopWatching()
	beside.Wait()
	h.killed[doing]++

	h.check(t, daemon)
	if r.IntN(12) == 0 {
		h.restore(t, r)
	}
}

// disturb does something else to the daemon, at a random time; a command beside
// it may be killed as well.
func (h *harness) disturb(t *testing.T, r *rand.Rand, beside *sync.WaitGroup, strike func()) string {
	wait := time.Duration(150+r.IntN(1200)) * time.Millisecond
	killToo, soon := r.IntN(3) == 0, time.Duration(r.IntN(40))*time.Millisecond
	command := func(args ...string) {
		beside.Go(func() {
			time.Sleep(wait)
			c := h.command(context.WithoutCancel(t.Context()), args...)
			if err := c.Start(); err != nil {
				t.Error(err)
				return
			}
			time.Sleep(soon)
			if killToo {
				_ = c.Process.Signal(syscall.SIGKILL)
			} else {
				strike()
			}
			_ = c.Wait() // the daemon it speaks to is gone, or it is itself
		})
	}
	switch r.IntN(6) {
	case 0:
		command("compact")
		return "compact"
	case 1:
		command("backup")
		return "backup"
	case 2:
		command("verify")
		return "verify"
	case 3: // judges the archive anew
		h.other = !h.other
		beside.Go(func() {
			time.Sleep(wait)
			h.configure(t, h.other)
		})
		return "reload"
	}
	return ""
}

// check holds what is there after a process has ended against what was there
// before.
func (h *harness) check(t *testing.T, ended *process) {
	t.Helper()
	h.press.quiet(t)
	asked := h.press.takeRequests()
	for _, requests := range asked {
		h.asked += len(requests)
	}
	h.facts.allowed(t, asked, ended.output.since)
	if _, err := os.Stat(h.db()); err != nil {
		return // killed before there was a store
	}
	if info, err := os.Stat(h.db()); err == nil && info.Size() > 0 {
		h.verifyOrNew(t)
	}
	found := read(t, h.db())
	found.follows(t, h.facts)
	found.accountsFor(t, h.press)
	h.facts = found
	backups, err := store.Backups(filepath.Join(h.data(), "backups"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range backups {
		if !h.sound[path] {
			h.verify(t, path)
			h.sound[path] = true
		}
	}
}

// verifyOrNew verifies the store, unless it was killed before its buckets were
// made.
func (h *harness) verifyOrNew(t *testing.T) {
	t.Helper()
	if len(h.facts.articles) > 0 {
		h.verify(t)
		return
	}
	out, err := h.command(t.Context(), "verify").CombinedOutput()
	if err != nil && !strings.Contains(string(out), "it is empty") {
		t.Fatalf("verify: %v, %s", err, out)
	}
}

// restore brings the newest backup back, and may be killed while it does. One
// of the two states must be there afterwards.
func (h *harness) restore(t *testing.T, r *rand.Rand) {
	t.Helper()
	backups, err := store.Backups(filepath.Join(h.data(), "backups"))
	if err != nil || len(backups) == 0 {
		return
	}
	backup := backups[len(backups)-1]
	then := read(t, backup)
	c := start(t, h.command(t.Context(), "restore", backup))
	if r.IntN(2) == 0 {
		time.Sleep(time.Duration(r.IntN(60)) * time.Millisecond)
		c.kill()
	} else if <-c.ended; c.err != nil {
		t.Fatalf("restore: %v\n%s", c.err, c.log())
	}
	h.killed["restore"]++
	found := read(t, h.db())
	if !found.sameAs(h.facts) && !found.sameAs(then) {
		t.Errorf("after restoring there is neither what was there nor the backup")
	}
	h.verify(t)
	h.facts = found
}

// settle lets the daemon come to rest, without news and killing, and sees that
// it has everything, once. What no feed shows can be told only when the daemon
// has ended: it is started again until nothing waits to be read.
func (h *harness) settle(t *testing.T) {
	t.Helper()
	h.press.freeze()
	h.configure(t, false)
	ctx, cancel := context.WithTimeout(t.Context(), 5*patience)
	defer cancel()
	h.rest(ctx, t)
	for len(h.unread()) > 0 && ctx.Err() == nil {
		h.rest(ctx, t)
	}
	for _, url := range h.unread() {
		t.Errorf("%s never came", url)
	}
}

// rest runs the daemon until readers have been shown everything, and ends it.
func (h *harness) rest(ctx context.Context, t *testing.T) {
	t.Helper()
	daemon := start(t, h.command(t.Context(), "run"))
	defer daemon.kill()
	missing, before := []string{}, h.reader.answers
	for ctx.Err() == nil && (len(missing) > 0 || h.reader.answers == before) {
		time.Sleep(200 * time.Millisecond)
		h.reader.look(ctx, t, daemon.serves(t))
		missing = h.reader.missing(h.press)
	}
	if len(missing) > 0 {
		t.Errorf("%d entries are missing in the end, the first %s", len(missing), missing[0])
	}
	daemon.stop(t)
	h.check(t, daemon)
}

// unread returns what the press has published and the store has not, but for
// the outlets that are not to be asked yet.
func (h *harness) unread() (urls []string) {
	for _, o := range h.press.outlets {
		if o.id == keeping || o.id == resting {
			continue
		}
		for _, url := range h.press.published(o.id, o.count) {
			if _, ok := h.facts.articles[url]; !ok {
				urls = append(urls, url)
			}
		}
	}
	return urls
}

// reader reads the output feed, as often as it can, and remembers what it was
// shown.
type reader struct {
	mu      sync.Mutex
	entries map[string]entry // by id
	answers int
}

// entry is what must never change of an entry.
type entry struct{ url, published string }

func newReader() *reader {
	return &reader{entries: map[string]entry{}}
}

func (r *reader) watch(ctx context.Context, t *testing.T, daemon *process) {
	select {
	case <-daemon.output.serving:
	case <-ctx.Done():
		return
	}
	for ctx.Err() == nil {
		r.look(ctx, t, daemon.output.address)
		time.Sleep(15 * time.Millisecond)
	}
}

// look reads the feed in both formats. No answer, or half of one, is what a
// killed daemon gives; a whole one has to be right.
func (r *reader) look(ctx context.Context, t *testing.T, base string) {
	for _, format := range []string{"json", "atom"} {
		body, ok := r.get(ctx, base+"/feeds/patto."+format)
		if !ok {
			return
		}
		parse := parseJSON
		if format == "atom" {
			parse = parseAtom
		}
		entries, ids, err := parse(body)
		if err != nil {
			t.Errorf("%s: %v\n%.300s", format, err, body)
			return
		}
		slices.Sort(ids)
		if all := len(ids); len(slices.Compact(ids)) != all {
			t.Errorf("%s: an entry is there twice", format)
		}
		r.remember(t, format, entries)
	}
}

func (r *reader) remember(t *testing.T, format string, entries map[string]entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers++
	for id, is := range entries {
		if was, ok := r.entries[id]; ok && was.published != is.published {
			t.Errorf("%s: entry %s was published %s, now %s", format, id, was.published, is.published)
		}
		r.entries[id] = is
	}
}

// missing returns the articles on topic that have not been shown. Reprints
// are entries of the article that they repeat.
func (r *reader) missing(p *press) (missing []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	shown := map[string]bool{}
	for _, e := range r.entries {
		shown[e.url] = true
	}
	for i, o := range p.outlets {
		if o.id == keeping || o.id == resting {
			continue
		}
		for n := range p.counts()[o.id] {
			is := shown[p.link(o.id, n)]
			if reprint(n) && i <= 1 { // one of the two is shown
				is = shown[p.link(p.outlets[0].id, n)] || shown[p.link(p.outlets[1].id, n)]
			}
			if n%3 == 0 && !is {
				missing = append(missing, p.link(o.id, n))
			}
		}
	}
	return missing
}

func (r *reader) get(ctx context.Context, url string) ([]byte, bool) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, false
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, false
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return body, err == nil && resp.StatusCode == http.StatusOK
}

func parseJSON(b []byte) (map[string]entry, []string, error) {
	var f struct {
		Items []struct {
			ID, URL     string
			ContentHTML string `json:"content_html"`
			Published   string `json:"date_published"`
		}
	}
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, nil, err
	}
	entries, ids := map[string]entry{}, []string{}
	for _, it := range f.Items {
		if it.ContentHTML == "" || it.Published == "" {
			return nil, nil, fmt.Errorf("entry %s is half there", it.ID)
		}
		entries[it.ID] = entry{it.URL, it.Published}
		ids = append(ids, it.ID)
	}
	return entries, ids, nil
}

func parseAtom(b []byte) (map[string]entry, []string, error) {
	var f struct {
		Entries []struct {
			ID        string `xml:"id"`
			Content   string `xml:"content"`
			Published string `xml:"published"`
			Links     []struct {
				Rel  string `xml:"rel,attr"`
				Href string `xml:"href,attr"`
			} `xml:"link"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal(b, &f); err != nil {
		return nil, nil, err
	}
	entries, ids := map[string]entry{}, []string{}
	for _, e := range f.Entries {
		if e.Content == "" || e.Published == "" || len(e.Links) == 0 {
			return nil, nil, fmt.Errorf("entry %s is half there", e.ID)
		}
		entries[e.ID] = entry{e.Links[0].Href, e.Published}
		ids = append(ids, e.ID)
	}
	return entries, ids, nil
}
