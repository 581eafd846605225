package engine

import (
	"vedetta/config"
	"vedetta/news"
)

// Judgement is what the pipeline decides about one article: the JSON line of
// `vedetta judge`.
type Judgement struct {
	ID     string         `json:"id"`
	Topics []news.Verdict `json:"topics"`
	Story  string         `json:"story"`   // id of the article that founded the story
	CopyOf string         `json:"copy_of"` // id of the article this one copies; empty for an original
	Thread string         `json:"thread"`  // id of the article that founded the thread
	// Why the article is in its story and thread, where it is not alone.
	Copy  *news.Member `json:"copy,omitempty"`
	Links []news.Link  `json:"links,omitempty"`
}

// Judge runs articles through the stages that decide, without network or
// store: every article against every topic, and all together into stories.
// The articles' ids must differ; the judgements are in their order.
func Judge(cfg *config.Config, arts []news.Article) ([]Judgement, error) {
	p, err := NewPlan(cfg, nil, nil)
	if err != nil {
		return nil, err
	}
	placed := newIndex(p).Place(arts)
	members := make(map[string]news.Member, len(arts))
	threads := make(map[string]string, len(arts))
	for _, s := range placed.Stories {
		threads[s.ID] = s.Thread
		for _, m := range s.Members {
			members[m.Article] = m
		}
	}
	links := make(map[string][]news.Link)
	for _, t := range placed.Threads {
		for _, l := range t.Links {
			links[l.A] = append(links[l.A], l)
			links[l.B] = append(links[l.B], l)
		}
	}
	out := make([]Judgement, len(arts))
	for i, a := range arts {
		s := placed.StoryOf[a.ID]
		j := Judgement{ID: a.ID, Topics: p.topics.Match(a), Story: s, Thread: threads[s], Links: links[s]}
		if m := members[a.ID]; m.Of != "" {
			j.CopyOf, j.Copy = m.Of, &m
		}
		out[i] = j
	}
	return out, nil
}
