package publish

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"vedetta/news"
)

// Announcer tells the site's WebSub hub which feeds changed, so that the hub
// can tell subscribers at once. It outlives reloads, as it remembers what was
// told. Its zero value is not ready; use NewAnnouncer.
type Announcer struct {
	client *http.Client
	told   map[string]string // digest of the entries last told of, by address of the feed
}

// NewAnnouncer makes an announcer that speaks to hubs through the client,
// which should have a timeout.
func NewAnnouncer(client *http.Client) *Announcer {
	return &Announcer{client: client, told: map[string]string{}}
}

// announceEvery is how often Run looks for changes; a hub should hear of the
// articles of one round together.
const announceEvery = 20 * time.Second

// Run announces changes until ctx ends. The site asked for is the one being
// served at that moment.
func (a *Announcer) Run(ctx context.Context, site func() *Handler) {
	tick := time.NewTicker(announceEvery)
	defer tick.Stop()
	var seen uint64
	for {
		if h := site(); h != nil && h.site.Hub != "" {
			if rev := h.reader.ListedRevision(); rev != seen || len(a.told) == 0 {
				n, err := a.Announce(ctx, h)
				switch {
				case ctx.Err() != nil:
					return
				case err != nil:
					h.log.Warn("announce feeds", "hub", h.site.Hub, "err", err)
				case n > 0:
					h.log.Info("announced feeds", "hub", h.site.Hub, "n", n)
				}
				if err == nil {
					seen = rev
				}
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Announce tells the hub of the feeds that changed since the last time, in one
// request, and returns their number. The first time it only remembers. What
// could not be told is told the next time.
func (a *Announcer) Announce(ctx context.Context, h *Handler) (int, error) {
	if h.site.Hub == "" {
		return 0, nil
	}
	first := len(a.told) == 0
	fresh := map[string]string{}
	for _, path := range h.feedPaths() {
		sum, err := h.newest(path)
		if err != nil {
			return 0, err
		}
		for _, format := range feedFormats {
			if at := h.address(path + format); a.told[at] != sum {
				fresh[at] = sum
			}
		}
	}
	if len(fresh) > 0 && !first {
		for _, path := range h.feedPaths() {
			for _, format := range feedFormats {
				h.cache.expire(path + format) // the hub asks at once
			}
		}
		if err := a.ping(ctx, h.site.Hub, fresh); err != nil {
			return 0, err
		}
	}
	maps.Copy(a.told, fresh)
	if first {
		return 0, nil
	}
	return len(fresh), nil
}

// feedFormats are the suffixes of each feed.
var feedFormats = [...]string{".atom", ".rss", ".json"}

// announced is how many of a feed's newest entries are looked at for changes.
const announced = 50

// newest is a digest of what a feed's newest entries are and when they last
// changed: what subscribers want to be told of.
func (h *Handler) newest(path string) (string, error) {
	fr, err := h.parseFeed(strings.TrimPrefix(path, "/feeds/") + ".atom")
	if err != nil {
		return "", fmt.Errorf("find feed %s: %w", path, err) // unreachable: feedPaths lists feeds
	}
	q := news.Query{Topic: fr.topic.ID, Limit: announced}
	q.Facet, q.Near = fr.selects()
	stories, err := h.reader.Timeline(q)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, st := range stories {
		fmt.Fprintln(sum, st.ID, st.Shown, st.Updated.UnixNano(), len(st.Members))
	}
	return string(sum.Sum(nil)), nil
}

// feedPaths lists the paths of all feeds, without their suffixes.
func (h *Handler) feedPaths() []string {
	var out []string
	for _, t := range h.site.Topics {
		out = append(out, feedPath(t.ID, ""))
		for _, r := range t.Relations {
			out = append(out, feedPath(t.ID, r.ID))
		}
		out = append(out, feedPath(t.ID, nearMisses))
	}
	return out
}

// ping tells a hub that the feeds at these addresses have new content.
func (a *Announcer) ping(ctx context.Context, hub string, feeds map[string]string) error {
	form := url.Values{"hub.mode": {"publish"}}
	for at := range feeds {
		form["hub.url"] = append(form["hub.url"], at)
	}
	slices.Sort(form["hub.url"])
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, hub, strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("make request to hub: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := a.client.Do(req)
	if err != nil {
		return fmt.Errorf("ping hub: %w", err)
	}
	_, copyErr := io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	if err := errors.Join(copyErr, resp.Body.Close()); err != nil {
		return fmt.Errorf("read hub's answer: %w", err)
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("hub answered %s", resp.Status)
	}
	return nil
}
