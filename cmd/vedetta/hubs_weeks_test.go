package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vedetta/config"
	"vedetta/engine"
	"vedetta/fetcher"
	"vedetta/news"
	"vedetta/store"
	"vedetta/websub"
)

// pushingSite is an outlet that publishes every three hours, and its hub, on a
// network without wires.
type pushingSite struct {
	sub *websub.Subscriber

	mu     sync.Mutex // guards the rest
	items  []string   // newest first
	forms  []url.Values
	polls  []time.Time
	silent bool
}

const pushingFeed = `<?xml version="1.0"?><rss version="2.0"><channel><title>Alfa</title>%s</channel></rss>`

func (p *pushingSite) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	resp := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r, ContentLength: -1}
	body := ""
	switch r.URL.Host {
	case "hub.example":
		if err := r.ParseForm(); err != nil {
			return nil, err
		}
		p.forms = append(p.forms, r.PostForm)
		resp.StatusCode = http.StatusAccepted
		go p.call(http.MethodGet, r.PostForm, "")
	default:
		p.polls = append(p.polls, time.Now())
		tag := fmt.Sprintf(`"%d"`, len(p.items))
		resp.Header.Set("Etag", tag)
		resp.Header.Set("Link", `<https://hub.example/>; rel=hub, <https://alfa.example/feed>; rel=self`)
		if r.Header.Get("If-None-Match") == tag {
			resp.StatusCode = http.StatusNotModified
			break
		}
		body = fmt.Sprintf(pushingFeed, strings.Join(p.items[:min(len(p.items), 40)], ""))
	}
	resp.Body = io.NopCloser(strings.NewReader(body))
	return resp, nil
}

// call is the hub's call: a verification, or a delivery.
func (p *pushingSite) call(method string, form url.Values, body string) {
	time.Sleep(time.Second)
	q := url.Values{"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": {"x"}, "hub.lease_seconds": {"432000"}}
	address := form.Get("hub.callback")
	if method == http.MethodGet {
		address += "?" + q.Encode()
	}
	r := httptest.NewRequestWithContext(context.Background(), method, address, strings.NewReader(body))
	r.Header.Set("X-Hub-Signature", sign(form, body))
	p.sub.ServeHTTP(httptest.NewRecorder(), r)
}

// publish brings out an article, and tells the subscriber unless the hub is
// silent.
func (p *pushingSite) publish(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	item := fmt.Sprintf(`<item><title>Notizia %d</title><guid>n%d</guid><link>https://alfa.example/%d</link><pubDate>%s</pubDate><description>Testo della notizia.</description></item>`,
		n, n, n, time.Now().UTC().Format(time.RFC1123Z))
	p.items = append([]string{item}, p.items...)
	if len(p.forms) > 0 && !p.silent {
		go p.call(http.MethodPost, p.forms[len(p.forms)-1], fmt.Sprintf(pushingFeed, item))
	}
}

// took returns the numbers of polls and of requests to the hub since the last
// call.
func (p *pushingSite) took() (polls, asked int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	polls, asked = len(p.polls), len(p.forms)
	p.polls, p.forms = nil, p.forms[max(0, len(p.forms)-1):]
	return polls, asked
}

func TestAHubOverWeeks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := store.Open(filepath.Join(t.TempDir(), "vedetta.db"), store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		cfg, err := config.Parse("feeds.yaml", []byte(`
extract: {full_text: never}
sources:
  - {name: Alfa, url: "https://alfa.example/feed"}
`+minimal[strings.Index(minimal, "topics:"):]))
		if err != nil {
			t.Fatal(err)
		}
		log := slog.New(slog.DiscardHandler)
		site := &pushingSite{sub: websub.New(s, log)}
		f, err := fetcher.New(fetcher.Options{Transport: site})
		if err != nil {
			t.Fatal(err)
		}
		plan, err := newPlan(cfg, f)
		if err != nil {
			t.Fatal(err)
		}
		site.sub.Configure(websub.Settings{Base: "https://vedetta.example", Sources: map[string]bool{"alfa": true}, Post: f.Post})
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { site.sub.Run(ctx) })
		wg.Go(func() { _ = engine.New(s, log, nil).Run(ctx, make(chan struct{}), plan.WithHubs(site.sub)) })
		defer wg.Wait()
		defer cancel()

		published := 0
		days := func(n int) {
			for range n * 8 {
				site.publish(published)
				published++
				time.Sleep(3 * time.Hour)
			}
		}
		stored := func() (n int, latest time.Duration) {
			t.Helper()
			if err := s.Since(time.Time{}, func(a news.Article) error {
				n, latest = n+1, max(latest, a.Seen.Sub(a.Published))
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			return n, latest
		}
		days(1)
		site.took()
		days(27)
		polls, asked := site.took()
		n, late := stored()
		if n != published || late > 2*time.Hour {
			t.Errorf("%d of %d articles, the latest after %v", n, published, late)
		}
		if polls > 28 || asked > 8 { // leases of five days
			t.Errorf("while the hub pushes, %d polls and %d requests to the hub in 27 days", polls, asked)
		}
		t.Logf("pushed: %d polls and %d requests to the hub in 27 days; the latest article after %v", polls, asked, late)

		site.mu.Lock()
		site.silent = true
		site.mu.Unlock()
		days(2)
		site.took()
		days(4)
		if polls, asked = site.took(); polls < 4*12 || asked > 1 {
			t.Errorf("while the hub is silent, %d polls and %d requests to it in four days", polls, asked)
		}
		if n, late = stored(); n < published-1 || late > 25*time.Hour {
			t.Errorf("%d of %d articles, the latest after %v", n, published, late)
		}
		t.Logf("silent: %d polls in 4 days; the latest article after %v", polls, late)

		site.mu.Lock()
		site.silent = false
		site.mu.Unlock()
		days(8) // a week of distrust, less what is over
		site.took()
		days(4)
		if polls, _ = site.took(); polls > 5 {
			t.Errorf("the hub is not trusted again: %d polls in four days", polls)
		}
	})
}
