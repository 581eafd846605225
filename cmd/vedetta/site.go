package main

import (
	"net/http"
	"time"

	"vedetta/config"
	"vedetta/publish"
)

// newSite is what the daemon serves.
func (d *service) newSite(cfg *config.Config) publish.Site {
	site := siteOf(cfg)
	site.BaseURL = cfg.Server.WithListen(d.address).BaseURL
	site.Started = d.started
	site.Metrics = d.measure.handler()
	site.Built = d.measure.counts.Built
	site.Ready = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { d.serveReady(w, r, cfg) })
	site.Pushing = d.hubs.Pushing
	site.Searcher = d.index
	site.Patience = d.patience
	return site
}

// siteOf is what the configuration says about what is served.
func siteOf(cfg *config.Config) publish.Site {
	site := publish.Site{
		Title:    cfg.Server.Title,
		BaseURL:  cfg.Server.BaseURL,
		Language: cfg.Server.Language,
		Hub:      cfg.Server.Hub,
		Version:  buildInfo().Version,
		Zone:     pressZone(),
	}
	for _, t := range cfg.Topics {
		if !t.Disabled {
			site.Topics = append(site.Topics, t)
		}
	}
	site.Sources = make([]publish.SourceInfo, 0, len(cfg.Sources))
	for _, s := range cfg.Sources {
		site.Sources = append(site.Sources, publish.SourceInfo{Source: s.Source, Enabled: s.Enabled, Reason: s.Reason})
	}
	return site
}

// pressZone is the zone in which the page tells the time: that of the press
// it is about.
func pressZone() *time.Location {
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		return time.Local // unreachable: the zones are linked in
	}
	return zone
}
