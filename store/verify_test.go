package store

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"vedetta/news"
)

// TestVerifyFinds breaks a store in each way that Verify should notice.
func TestVerifyFinds(t *testing.T) {
	a, b := article(1), article(2)
	old := articleKey(a.Seen, a.ID)
	for _, tt := range []struct {
		name  string
		spoil func(w *writer) error
		want  string
	}{
		{"poll", func(w *writer) error {
			return w.bucket(bucketPolls).Put([]byte("rivista"), []byte("{"))
		}, "poll of rivista"},
		{"backlog", func(w *writer) error {
			return w.putBacklog("rivista", []byte("{"))
		}, "backlog of rivista"},
		{"sighting", func(w *writer) error {
			return w.bucket(bucketSeen).Put(idKey("00"), []byte{1})
		}, "sighting 0100: malformed"},
		{"no id", func(w *writer) error {
			return w.bucket(bucketIDs).Delete(idKey(a.ID))
		}, "not among the ids"},
		{"id of nothing", func(w *writer) error {
			return w.bucket(bucketIDs).Put(idKey("00"), old[:timeLen])
		}, "3 ids for 2 articles"},
		{"no article", func(w *writer) error {
			return w.bucket(bucketArticles).Delete(old)
		}, "article without state"},
		{"no bundle", func(w *writer) error {
			return w.bucket(bucketBundles).Delete(numberBytes(1))
		}, "0 bodies for 2 articles"},
		{"spoilt bundle", func(w *writer) error {
			v := slices.Clone(w.bucket(bucketBundles).Get(numberBytes(1)))
			v[len(v)-8] ^= 1
			return w.bucket(bucketBundles).Put(numberBytes(1), v)
		}, "bundle 1: unpack value"},
		{"bundle twice", func(w *writer) error {
			_, err := w.putBundle(bucketPruned, w.bucket(bucketBundles).Get(numberBytes(1)))
			return err
		}, "belongs elsewhere"},
		{"verdicts", func(w *writer) error {
			s, key, err := w.state(a.ID)
			if err != nil {
				return err
			}
			s = s.judged(nil)
			return w.bucket(bucketArticles).Put(key, w.codec.encode(&s))
		}, "its articles say []"},
		{"story of another", func(w *writer) error {
			return w.moveArticle(a.ID, b.ID)
		}, "not in its story " + b.ID},
		{"story gone", func(w *writer) error {
			delete(w.touched, a.ID)
			return w.bucket(bucketStories).Delete(idKey(a.ID))
		}, "its story " + a.ID + ": not in the store"},
		{"member gone", func(w *writer) error {
			st := alone(b)
			st.Members = append(st.Members, news.Member{Article: "none"})
			return w.putStory(st)
		}, "its article none: not in the store"},
		{"timeline short", func(w *writer) error {
			return w.bucket(bucketTimeline).Delete(timelineKey(timelinePrefix(false, "gcap", ""), a.Published, a.ID))
		}, "missing on a timeline"},
		{"timeline long", func(w *writer) error {
			return w.bucket(bucketTimeline).Put(timelineKey(timelinePrefix(true, "gcap", ""), a.Published, a.ID), nil)
		}, "timeline: 5 entries where the stories are marked for 4"},
		{"thread", func(w *writer) error {
			return w.putThread(a.ID, w.codec.encode(&threadRecord{news.Thread{ID: a.ID, Stories: []string{b.ID, "none"}}}))
		}, "its story " + b.ID + " is in thread"},
		{"merged yet there", func(w *writer) error {
			return w.bucket(bucketMergedStories).Put(idKey(a.ID), idKey(b.ID))
		}, "still there"},
		{"merged into nothing", func(w *writer) error {
			return w.bucket(bucketMergedStories).Put(idKey("00"), idKey("01"))
		}, "went into 01, which is not there"},
		{"merged in a circle", func(w *writer) error {
			return errors.Join(w.merge(bucketThreads, bucketMergedThreads, "00", "01"), w.merge(bucketThreads, bucketMergedThreads, "01", "00"))
		}, "go in a circle"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := openTest(t)
			mustCommit(t, s, visit(a, b))
			err := s.db.Update(func(tx *bolt.Tx) error { return tt.spoil(newWriter(tx, s.codec)) })
			if err != nil {
				t.Fatal(err)
			}
			problems, err := s.Verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, tt.want) }) {
				t.Errorf("got %q, want … %s …", problems, tt.want)
			}
		})
	}
}

func TestVerifyStops(t *testing.T) {
	s := openTest(t)
	mustCommit(t, s, visit(article(1)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Verify(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}

	var v news.Visit
	for i := range 2 * maxProblems {
		v.Articles = append(v.Articles, article(i))
		v.Articles[i].Story = "none"
	}
	mustCommit(t, s, v)
	if problems, err := s.Verify(t.Context()); err != nil || len(problems) != maxProblems+1 {
		t.Errorf("%d problems, %v", len(problems), err)
	}
}

// When there is no room left a visit fails whole, and the store goes on as soon
// as there is.
func TestFull(t *testing.T) {
	s := openTest(t)
	s.db.MaxSize = 2 << 20
	n := 0
	var err error
	for ; err == nil && n < 10_000; n++ {
		a := article(n)
		v := visit(a)
		for j := range 500 {
			it := news.Item{Source: "rivista", GUID: a.ID, Title: strconv.Itoa(j)}
			v.Sightings = append(v.Sightings, news.Sighting{Key: it.Digest(), Digest: it.Digest(), Article: a.ID, First: day})
		}
		err = s.Commit(v)
	}
	if !errors.Is(err, berrors.ErrMaxSizeReached) {
		t.Fatalf("got %v after %d visits, want that the file is full", err, n)
	}
	n-- // the last failed
	mustVerify(t, s)
	if st, err := s.Stats(); err != nil || st.Articles != n || int(s.Revision()) != n {
		t.Errorf("%d articles at revision %d, want %d, %v", st.Articles, s.Revision(), n, err)
	}
	s.db.MaxSize = 0
	mustCommit(t, s, visit(article(n)))
	mustVerify(t, s)
}
