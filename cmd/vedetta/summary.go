package main

import (
	"fmt"
	"time"

	"vedetta/news"
	"vedetta/store"
)

// summary counts what the store holds for one topic.
type summary struct {
	articles, onTopic, stories, near, threads int
}

func (s summary) String() string {
	return fmt.Sprintf("%d articles read, %d on topic in %d stories and %d threads, %d near misses",
		s.articles, s.onTopic, s.stories, s.threads, s.near)
}

// summarise counts the whole archive.
func summarise(s *store.Store, topic string) (sum summary, err error) {
	stories := make(map[string]bool)
	threads := make(map[string]bool)
	err = s.Since(time.Time{}, func(a news.Article) error {
		sum.articles++
		v, _ := a.Verdict(topic)
		if v.On {
			sum.onTopic++
			stories[a.Story] = true
		}
		if v.Near {
			sum.near++
		}
		return nil
	})
	if err != nil {
		return sum, err
	}
	for id := range stories {
		st, err := s.Story(id)
		if err != nil {
			return sum, err
		}
		threads[st.Thread] = true
	}
	sum.stories, sum.threads = len(stories), len(threads)
	return sum, nil
}
