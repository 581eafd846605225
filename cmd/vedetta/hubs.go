package main

import (
	"net/http"
	"net/url"
	"strings"

	"vedetta/config"
	"vedetta/websub"
)

// subscribe tells the subscriber what a configuration wants pushed. Where
// nobody outside can reach us, that is nothing.
func (d *service) subscribe(now *setup) {
	wanted := websub.Settings{Sources: map[string]bool{}, Post: now.fetch.Post}
	if base := d.baseURL(now.cfg); now.fetch.Reachable(base) {
		wanted.Base = base
	}
	for _, s := range now.cfg.EnabledSources() {
		wanted.Sources[s.ID] = s.WebSub && s.URL != ""
	}
	d.hubs.Configure(wanted)
}

// baseURL is where others reach us, without a slash at its end.
func (d *service) baseURL(cfg *config.Config) string {
	return strings.TrimRight(cfg.Server.WithListen(d.address).BaseURL, "/")
}

// withCallbacks puts hubs' callbacks before a site. A proxy may pass the path
// of the base address on, or take it away.
func (d *service) withCallbacks(cfg *config.Config, site http.Handler) http.Handler {
	root := ""
	if u, err := url.Parse(d.baseURL(cfg)); err == nil {
		root = u.Path
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(strings.TrimPrefix(r.URL.Path, root), websub.Path) {
			d.hubs.ServeHTTP(w, r)
			return
		}
		site.ServeHTTP(w, r)
	})
}
