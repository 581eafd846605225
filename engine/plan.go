package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"time"

	"vedetta/config"
	"vedetta/news"
	"vedetta/topic"
)

// Plan is a configuration made ready to run. It never changes; a reload
// makes another, so a faulty file never touches what is running.
type Plan struct {
	Sources []config.Source // the enabled ones

	fetch    Fetcher
	hubs     Hubs // nil: nothing is pushed
	extract  Extractor
	topics   *topic.Matcher
	slots    chan struct{} // one token a poll under way
	reading  chan struct{} // one token an extraction or a judgement under way
	schedule config.Schedule
	keepText time.Duration
	stories  news.StoryRules
	kinds    map[string]news.Kind
	judged   map[string]bool // ids of the topics
	rules    string          // fingerprint of the topics, to know when the archive needs judging anew
}

// NewPlan compiles the configuration. A rule that cannot work is a
// config.Faults error with its place in the file.
func NewPlan(cfg *config.Config, f Fetcher, x Extractor) (*Plan, error) {
	m, err := compile(cfg)
	if err != nil {
		return nil, err
	}
	rules, err := fingerprint(cfg.Topics)
	if err != nil {
		return nil, err
	}
	p := &Plan{
		Sources:  cfg.EnabledSources(),
		fetch:    f,
		extract:  x,
		topics:   m,
		slots:    make(chan struct{}, cfg.Poll.Workers),
		reading:  make(chan struct{}, readersFor(runtime.GOMAXPROCS(0))),
		schedule: cfg.Poll.Schedule,
		keepText: time.Duration(cfg.Keep.Text),
		stories:  cfg.Stories,
		kinds:    make(map[string]news.Kind, len(cfg.Sources)),
		judged:   make(map[string]bool, len(cfg.Topics)),
		rules:    rules,
	}
	for _, s := range cfg.Sources {
		p.kinds[s.ID] = s.Kind
	}
	for _, t := range cfg.Topics {
		p.judged[t.ID] = !t.Disabled
	}
	return p, nil
}

// readersFor is how many visits may be reading articles at the same time: of the
// threads one is for placing and storing them, one for the index of the search,
// one for collecting garbage and one for answering requests, which must not wait
// until the others have had their turn.
func readersFor(threads int) int { return max(1, threads-4) }

// fingerprint tells one set of topics, judged by one build of the program,
// from any other.
func fingerprint(topics []news.Topic) (string, error) {
	rules, err := json.Marshal(topics)
	if err != nil {
		return "", fmt.Errorf("encode topics: %w", err) // unreachable: plain data
	}
	sum := sha256.New()
	sum.Write(rules)
	if info, ok := debug.ReadBuildInfo(); ok {
		sum.Write([]byte(info.String()))
	}
	return hex.EncodeToString(sum.Sum(nil)[:16]), nil
}

// compile makes the topics work, turning the matcher's faults into faults of
// the file.
func compile(cfg *config.Config) (*topic.Matcher, error) {
	m, err := topic.Compile(cfg.Topics)
	if faults, ok := errors.AsType[topic.Faults](err); ok {
		var out config.Faults
		for _, f := range faults {
			out = append(out, cfg.Fault(f.Path, f.Msg, f.Hint))
		}
		out.Sort()
		return nil, out
	}
	return m, err
}

// judge is the article's verdict on every topic. A page that makes the matcher
// fail must not take the daemon down: it is off, and the log says so.
func (p *Plan) judge(log *slog.Logger, a news.Article) (verdicts []news.Verdict) {
	defer func() {
		if r := recover(); r != nil {
			log.Error("matcher failed", "url", a.URL, "err", r)
			verdicts = nil
		}
	}()
	return p.topics.Match(a)
}

// readPage is what the extractor makes of a page; one that makes it fail is
// refused.
func (p *Plan) readPage(log *slog.Logger, page news.Page, rule news.ExtractRule, title string) (x news.Extract) {
	defer func() {
		if r := recover(); r != nil {
			log.Error("extractor failed", "url", page.URL, "err", r)
			x = news.Extract{Refused: fmt.Sprintf("extractor failed: %v", r)}
		}
	}()
	return p.extract.Extract(page, rule, title)
}

// WithHubs returns the plan with what hubs push.
func (p *Plan) WithHubs(h Hubs) *Plan {
	with := *p
	with.hubs = h
	return &with
}

// pushes reports whether a source's hub brings what is new. What was known of
// another address than the configuration now gives tells nothing of this one.
func (p *Plan) pushes(src config.Source, last news.Poll) bool {
	return p.hubs != nil && (last.Configured == "" || last.Configured == src.Address()) && p.hubs.Pushes(src.ID, last)
}

// pushedEvery is how often a source is asked whose hub brings what is new.
const pushedEvery = 24 * time.Hour

// due says when the source is to be asked next, and no sooner than a day after
// the last time if it is pushed.
func (p *Plan) due(src config.Source, last news.Poll, pushed bool, now time.Time) time.Time {
	due := p.rhythm(src, last, now)
	if daily := last.Last.Add(pushedEvery); pushed && daily.After(due) {
		return daily
	}
	return due
}

// rhythm says when the source is to be asked next: by its own schedule, or by
// the rhythm in which it publishes, but then never more often than the common
// schedule has it.
func (p *Plan) rhythm(src config.Source, last news.Poll, now time.Time) time.Time {
	if src.Schedule.Schedule != nil {
		return p.fetch.Due(src.Schedule, src.Source, last, now)
	}
	due := p.fetch.Due(nil, src.Source, last, now)
	if last.Last.IsZero() || p.schedule.Schedule == nil {
		return due
	}
	if common := p.fetch.Due(p.schedule, src.Source, last, now); common.After(due) {
		return common
	}
	return due
}
