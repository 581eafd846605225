package publish

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// hub is a RoundTripper that hears pings and answers with a status.
type hub struct {
	status int
	pings  [][]string
}

func (h *hub) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	if r.Method != http.MethodPost || r.URL.String() != "https://hub.example/" || r.PostForm.Get("hub.mode") != "publish" {
		return &http.Response{StatusCode: http.StatusBadRequest, Body: http.NoBody, Request: r}, nil
	}
	h.pings = append(h.pings, r.PostForm["hub.url"])
	return &http.Response{StatusCode: h.status, Status: http.StatusText(h.status), Body: http.NoBody, Request: r}, nil
}

func TestAnnounce(t *testing.T) {
	m := fixture(t)
	site := handler(t, m)
	to := &hub{status: http.StatusNoContent}
	a := NewAnnouncer(&http.Client{Transport: to})
	announce := func(want int, ok bool) {
		t.Helper()
		n, err := a.Announce(t.Context(), site)
		if n != want || (err == nil) != ok {
			t.Errorf("announced %d, %v; want %d, %v", n, err, want, ok)
		}
	}
	announce(0, true) // remembers what is there
	announce(0, true)
	m.revision.Add(1)
	announce(0, true) // a commit that changed no feed

	st := m.stories["s-archivio"] // on gcap alone
	st.Updated = st.Updated.Add(time.Hour)
	m.stories[st.ID] = st
	m.revision.Add(1)
	to.status = http.StatusServiceUnavailable
	announce(0, false)
	to.status = http.StatusAccepted
	announce(6, true)
	announce(0, true)
	want := []string{
		"https://vedetta.example/feeds/nato-giappone-italia.atom", "https://vedetta.example/feeds/nato-giappone-italia.json",
		"https://vedetta.example/feeds/nato-giappone-italia.rss", "https://vedetta.example/feeds/nato-giappone-italia/gcap.atom",
		"https://vedetta.example/feeds/nato-giappone-italia/gcap.json", "https://vedetta.example/feeds/nato-giappone-italia/gcap.rss",
	}
	if len(to.pings) != 2 || !slices.Equal(to.pings[1], want) {
		t.Errorf("pings %v", to.pings)
	}

	site.site.Hub = ""
	m.revision.Add(1)
	announce(0, true)
}

func TestAnnouncerRuns(t *testing.T) {
	m := fixture(t)
	site := handler(t, m)
	to := &hub{status: http.StatusNoContent}
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			NewAnnouncer(&http.Client{Transport: to}).Run(ctx, func() *Handler { return site })
			close(done)
		}()
		synctest.Wait()
		m.add(told{id: "nuova", source: "rotte", hours: 1, score: 0.9, facets: []string{"gcap"}, title: "*GCAP*"}, fixtureNow(t))
		m.revision.Add(1)
		time.Sleep(announceEvery + 1)
		synctest.Wait()
		stop()
		<-done
	})
	if len(to.pings) != 1 || !strings.Contains(strings.Join(to.pings[0], " "), "gcap.atom") {
		t.Errorf("pings %v", to.pings)
	}
}

// TestHubLinks expects the hub in all formats, and none where there is none.
func TestHubLinks(t *testing.T) {
	for _, on := range []bool{true, false} {
		h := handler(t, fixture(t), func(s *Site) {
			if !on {
				s.Hub = ""
			}
		})
		for _, path := range allFeeds(h) {
			w := get(h, path)
			if got := strings.Contains(w.Body.String(), "https://hub.example/"); got != on {
				t.Errorf("%s: hub named is %v, want %v", path, got, on)
			}
			want := ""
			if on {
				want = `<https://hub.example/>; rel="hub", <https://vedetta.example` + path + `>; rel="self"`
			}
			if got := w.Header().Get("Link"); got != want {
				t.Errorf("%s: Link is %s, want %s", path, got, want)
			}
		}
	}
}
