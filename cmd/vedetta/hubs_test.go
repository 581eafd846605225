package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vedetta/config"
	"vedetta/engine"
	"vedetta/news"
	"vedetta/store"
)

// pushy is an outlet whose feed names a hub, and that hub.
type pushy struct {
	*httptest.Server
	feed  string
	forms chan url.Values // requests to the hub
}

const pushyFeed = `<?xml version="1.0"?><rss version="2.0"><channel><title>Alfa</title>%s</channel></rss>`

func pushyItem(slug, title string) string {
	text := strings.Repeat("Il segretario della NATO ha ricevuto a Bruxelles il ministro della Difesa del Giappone. ", 20)
	return fmt.Sprintf(`<item><title>%s</title><guid>%s</guid><link>http://127.0.0.1:9/%s</link><description>%s</description></item>`, title, slug, slug, text)
}

func newPushy(t *testing.T) *pushy {
	p := &pushy{forms: make(chan url.Values, 10), feed: fmt.Sprintf(pushyFeed, pushyItem("a", "Prima notizia"))}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hub" && r.Method == http.MethodPost {
			if err := r.ParseForm(); err != nil {
				t.Error(err)
			}
			w.WriteHeader(http.StatusAccepted)
			p.forms <- r.PostForm
			return
		}
		w.Header().Set("Link", fmt.Sprintf(`<%s/hub>; rel="hub", <%s/feed>; rel="self"`, p.URL, p.URL))
		_, _ = io.WriteString(w, p.feed)
	}))
	t.Cleanup(p.Close)
	return p
}

// request waits for a request to the hub.
func (p *pushy) request(t *testing.T, mode string) url.Values {
	t.Helper()
	select {
	case form := <-p.forms:
		if form.Get("hub.mode") != mode || form.Get("hub.topic") != p.URL+"/feed" {
			t.Fatalf("hub was asked %v, want %s", form, mode)
		}
		return form
	case <-time.After(patience):
		t.Fatalf("hub was never asked to %s", mode)
		return nil
	}
}

func do(t *testing.T, method, address, body string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

// verify asks back as a hub does.
func verify(t *testing.T, form url.Values) {
	t.Helper()
	q := url.Values{"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": {"sfida"}, "hub.lease_seconds": {"864000"}}
	if code, body := do(t, http.MethodGet, form.Get("hub.callback")+"?"+q.Encode(), ""); code != http.StatusOK || body != "sfida" {
		t.Fatalf("verification: %d %q", code, body)
	}
}

func sign(form url.Values, body string) string {
	m := hmac.New(sha256.New, []byte(form.Get("hub.secret")))
	m.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(m.Sum(nil))
}

func TestAHubPushesToTheDaemon(t *testing.T) {
	outlet := newPushy(t)
	dir := t.TempDir()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	topics := minimal[strings.Index(minimal, "topics:"):]
	path := write(t, "feeds.yaml", fmt.Sprintf(`
server: {base_url: "http://%s/rassegna"}
poll: {per_host: 0s, allow: ["127.0.0.1"]}
extract: {full_text: never}
sources:
  - {name: Alfa, url: "%s/feed"}
`, l.Addr(), outlet.URL)+topics)
	cfg, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(filepath.Join(dir, "vedetta.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	logged := make(messages, 1000)
	watch, err := newWatcher(path, slog.New(logged))
	if err != nil {
		t.Fatal(err)
	}
	defer watch.close()
	d := newService(watch, l.Addr().String(), s, newMeasures(), slog.New(logged))
	now, err := d.prepare(cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	d.subscribe(now)
	if _, err := d.engine.Round(t.Context(), now.plan, true, func(engine.Outcome) {}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.run(ctx, l, now) }()
	logged.await(t, "serving")

	form := outlet.request(t, "subscribe")
	if !strings.HasPrefix(form.Get("hub.callback"), "http://"+l.Addr().String()+"/rassegna/websub/") {
		t.Fatalf("callback %q", form.Get("hub.callback"))
	}
	verify(t, form)
	logged.await(t, "hub verified")
	before, err := s.Poll("alfa")
	if err != nil {
		t.Fatal(err)
	}
	body := fmt.Sprintf(pushyFeed, pushyItem("b", "Seconda notizia"))
	if code, _ := do(t, http.MethodPost, form.Get("hub.callback"), body, "X-Hub-Signature", "sha256="+strings.Repeat("0", 64)); code != http.StatusAccepted {
		t.Errorf("a forged delivery is answered %d", code)
	}
	if code, _ := do(t, http.MethodPost, form.Get("hub.callback"), body, "X-Hub-Signature", sign(form, body), "Content-Type", "application/rss+xml"); code != http.StatusAccepted {
		t.Fatalf("a delivery is answered %d", code)
	}
	logged.await(t, "pushed")
	titles := map[string]bool{}
	if err := s.Since(time.Time{}, func(a news.Article) error { titles[a.Title] = a.On("patto"); return nil }); err != nil {
		t.Fatal(err)
	}
	if len(titles) != 2 || !titles["Prima notizia"] || !titles["Seconda notizia"] {
		t.Errorf("stored and on topic: %v", titles)
	}
	after, err := s.Poll("alfa")
	if err != nil {
		t.Fatal(err)
	}
	if after.Pushed.IsZero() || after.Items != 2 || !after.Last.Equal(before.Last) || !after.Success.Equal(before.Success) || after.Polls != before.Polls || after.Body != before.Body {
		t.Errorf("the delivery changed what is known of polls: %+v, before %+v", after, before)
	}
	var rows []sourceRow
	_, table := do(t, http.MethodGet, "http://"+l.Addr().String()+"/sources.json", "")
	hub := strings.TrimPrefix(outlet.URL, "http://")
	if err := json.Unmarshal([]byte(strings.TrimSpace(table)), &rows); err != nil || len(rows) != 1 || rows[0].Hub != hub {
		t.Errorf("/sources.json = %s, %v", table, err)
	}
	if _, page := do(t, http.MethodGet, "http://"+l.Addr().String()+"/rassegna/sources?lang=it", ""); !strings.Contains(page, "avvisa l’hub "+hub) {
		t.Error("the page of sources does not say that a hub pushes")
	}
	if code, _ := do(t, http.MethodPost, "http://"+l.Addr().String()+"/rassegna/", "x"); code != http.StatusMethodNotAllowed {
		t.Errorf("POST elsewhere is answered %d", code)
	}

	// The source leaves the file: so does its subscription.
	next, err := config.Parse(path, []byte(fmt.Sprintf(`
server: {base_url: "http://%s/rassegna"}
poll: {per_host: 0s, allow: ["127.0.0.1"]}
sources:
  - {name: Alfa, url: "%s/feed", websub: false}
`, l.Addr(), outlet.URL)+topics))
	if err != nil {
		t.Fatal(err)
	}
	d.subscribe(&setup{cfg: next, fetch: now.fetch})
	verify(t, outlet.request(t, "unsubscribe"))
	if code, _ := do(t, http.MethodPost, form.Get("hub.callback"), body, "X-Hub-Signature", sign(form, body)); code != http.StatusGone {
		t.Errorf("a delivery after the end is answered %d", code)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
