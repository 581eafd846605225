package main

import (
	"time"

	"vedetta/config"
	"vedetta/publish"
)

// newSite is what the configuration says about what is served.
func (d *service) newSite(cfg *config.Config) publish.Site {
	site := publish.Site{
		Title:    cfg.Server.Title,
		BaseURL:  cfg.Server.WithListen(d.address).BaseURL,
		Language: cfg.Server.Language,
		Hub:      cfg.Server.Hub,
		Version:  buildInfo().Version,
		Started:  d.started,
		Zone:     pressZone(),
		Metrics:  d.metrics,
	}
	for _, t := range cfg.Topics {
		if !t.Disabled {
			site.Topics = append(site.Topics, t)
		}
	}
	for _, s := range cfg.Sources {
		site.Sources = append(site.Sources, publish.SourceInfo{Source: s.Source, Enabled: s.Enabled})
	}
	site.Ready = func() error { return d.ready(cfg) }
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
