package engine

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vedetta/news"
)

// exchange is a Hubs that a test has in its hand.
type exchange struct {
	mu     sync.Mutex
	pushes map[string]bool
	missed int // so far
	box    chan news.Delivery
}

func newExchange() *exchange {
	return &exchange{pushes: map[string]bool{}, box: make(chan news.Delivery, 8)}
}

func (x *exchange) Pushes(source string, _ news.Poll) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.pushes[source]
}

func (x *exchange) set(source string, on bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.pushes[source] = on
}

func (x *exchange) Polled(_ string, _, _ news.Poll, missed int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.missed += missed
}

// found returns what polls found that nobody had brought, since the last call.
func (x *exchange) found() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	n := x.missed
	x.missed = 0
	return n
}

func (x *exchange) Deliveries() <-chan news.Delivery { return x.box }

// send delivers items.
func (x *exchange) send(t *testing.T, source string, items ...news.Item) {
	t.Helper()
	body, err := json.Marshal(items)
	if err != nil {
		t.Fatal(err)
	}
	x.box <- news.Delivery{Source: source, Body: body}
}

// publish replaces what alfa's feed holds.
func (r *rig) publish(items ...news.Item) {
	r.press.mu.Lock()
	defer r.press.mu.Unlock()
	r.press.items["alfa"] = items
}

// onPage replaces what happens before a page is served.
func (r *rig) onPage(f func(n int) error) {
	r.press.mu.Lock()
	defer r.press.mu.Unlock()
	r.press.onPage = f
}

// hubRig is a rig whose plan has hubs, running in simulated time.
func hubRig(t *testing.T, f func(r *rig, x *exchange, restart func())) {
	synctest.Test(t, func(t *testing.T) {
		r, x := newRig(t, twoSources), newExchange()
		r.plan = r.plan.WithHubs(x)
		stop, done := make(chan struct{}), make(chan error)
		run := func() { done <- r.Run(t.Context(), stop, r.plan) }
		end := func() {
			close(stop)
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		go run()
		defer func() { end() }()
		f(r, x, func() {
			end()
			stop = make(chan struct{})
			go run()
		})
	})
}

// pass lets time pass, and what is due at its end happen.
func pass(long time.Duration) {
	time.Sleep(long)
	synctest.Wait()
}

func TestAPushedSourceIsAskedDaily(t *testing.T) {
	hubRig(t, func(r *rig, x *exchange, _ func()) {
		pass(time.Minute)
		x.set("alfa", true)
		pass(10*24*time.Hour + time.Hour)
		if counts := r.polls(t); counts["alfa"] != 11 || counts["beta"] < 200 {
			t.Errorf("polls in ten days: %v", counts)
		}
		before := r.polls(t)["alfa"]
		x.set("alfa", false) // its hub is silent
		pass(2 * time.Minute)
		if r.polls(t)["alfa"] != before+1 {
			t.Error("the overdue source is not asked when its hub is no longer trusted")
		}
		pass(10 * time.Hour)
		if n := r.polls(t)["alfa"] - before; n < 10 {
			t.Errorf("%d polls in ten hours of its own rhythm", n)
		}
	})
}

func TestDeliveriesGoThroughThePipeline(t *testing.T) {
	hubRig(t, func(r *rig, x *exchange, _ func()) {
		pass(time.Minute)
		it := r.item("alfa", "visita", "Il segretario della NATO a Tokyo", visita)
		r.publish() // the feed itself is asked later
		before, err := r.store.Poll("alfa")
		if err != nil {
			t.Fatal(err)
		}
		x.send(t, "alfa", it)
		x.send(t, "nessuno", it)
		x.box <- news.Delivery{Source: "alfa", Body: []byte("{")}
		synctest.Wait()
		a, ok := r.archive(t)[it.Title]
		if !ok || a.Text != visita || !a.On("patto") {
			t.Errorf("article = %+v", a)
		}
		after, err := r.store.Poll("alfa")
		if err != nil || after.Pushed.IsZero() || after.Items != before.Items+1 {
			t.Errorf("poll = %+v, %v", after, err)
		}
		after.Pushed, after.Items, after.OnTopic, after.Pages, after.Lengths, after.RecentRefusals = before.Pushed, before.Items, before.OnTopic, before.Pages, before.Lengths, before.RecentRefusals
		if after.ETag != before.ETag || after.Last != before.Last || after.Success != before.Success || after.NotBefore != before.NotBefore || after.Polls != before.Polls {
			t.Errorf("a delivery changed what is known of polls: %+v, before %+v", after, before)
		}
		// The poll that finds the same brings nothing again.
		r.publish(it)
		pass(2 * time.Hour)
		if n := len(r.archive(t)); n != 1 {
			t.Errorf("%d articles", n)
		}
		if n := x.found(); n != 0 {
			t.Errorf("missed %d though they were pushed", n)
		}
	})
}

func TestWhatAHubShouldHaveBrought(t *testing.T) {
	hubRig(t, func(r *rig, x *exchange, _ func()) {
		pass(time.Minute)
		old := r.item("alfa", "vecchia", "Notizia di un'ora fa", prosa(1))
		fresh := r.item("alfa", "nuova", "Notizia di adesso", prosa(2))
		undated := r.item("alfa", "senza", "Notizia senza data", prosa(3))
		fresh.Published, undated.Published = time.Now().Add(time.Hour), time.Time{}
		r.publish(old, fresh, undated)
		x.found()
		pass(75 * time.Minute)
		if n := x.found(); n != 2 {
			t.Errorf("missed %d; want the one that was out for an hour and the one without a date", n)
		}
	})
}

func TestADeliveryOutlivesAReload(t *testing.T) {
	hubRig(t, func(r *rig, x *exchange, restart func()) {
		pass(time.Minute)
		var items []news.Item
		for _, slug := range []string{"uno", "due", "tre"} {
			items = append(items, r.item("alfa", slug, "Notizia "+slug, prosa(len(items))))
		}
		r.publish()
		asked := make(chan struct{})
		served := make(chan struct{})
		r.onPage(func(n int) error {
			if n == 1 {
				close(asked)
				<-served
			}
			return nil
		})
		x.send(t, "alfa", items...)
		<-asked
		go func() {
			time.Sleep(time.Second)
			close(served)
		}()
		restart()
		pass(time.Minute)
		if n := len(r.archive(t)); n != 3 {
			t.Errorf("%d of 3 articles after a reload in the middle of a delivery", n)
		}
	})
}

// A page that takes its time holds one worker, however much its hub sends.
func TestDeliveriesOfOneSourceTakeTurns(t *testing.T) {
	hubRig(t, func(r *rig, x *exchange, _ func()) {
		pass(time.Minute)
		var items []news.Item // made first: the press is locked while it waits in a page
		for n := range 6 {    // more than there are workers
			items = append(items, r.item("alfa", fmt.Sprint("n", n), fmt.Sprint("Notizia ", n), prosa(n)))
		}
		served := make(chan struct{})
		r.onPage(func(int) error {
			<-served
			return nil
		})
		for _, it := range items {
			x.send(t, "alfa", it)
		}
		synctest.Wait()
		if n := len(r.plan.slots); n != 1 {
			t.Errorf("%d workers are held", n)
		}
		close(served)
		synctest.Wait()
		if n := len(r.archive(t)); n != 6 {
			t.Errorf("%d of 6 articles", n)
		}
	})
}

// What had to be left is for the source's own turn, soon, not for each delivery.
func TestADeliveryLeavesTheBacklog(t *testing.T) {
	hubRig(t, func(r *rig, x *exchange, _ func()) {
		pass(time.Minute)
		slow := r.item("alfa", "lenta", "Notizia lenta", "timeout")
		r.publish(slow)
		pass(time.Hour) // a visit finds it and has to come back
		x.set("alfa", true)
		tries := func() (n int) {
			r.press.mu.Lock()
			defer r.press.mu.Unlock()
			for _, address := range r.press.fetched {
				if address == slow.URL {
					n++
				}
			}
			return n
		}
		before := tries()
		for n := range 3 {
			x.send(t, "alfa", r.item("alfa", fmt.Sprint("n", n), fmt.Sprint("Notizia ", n), prosa(n)))
			synctest.Wait()
		}
		if n := tries() - before; before == 0 || n != 0 {
			t.Errorf("asked for %d times, then %d times more by three deliveries", before, n)
		}
		left, err := r.store.Backlog("alfa")
		if err != nil || len(left) != 1 || left[0].URL != slow.URL {
			t.Errorf("backlog = %v, %v", left, err)
		}
	})
}

func TestAnotherAddressIsAskedThoughTheOldOneWasPushed(t *testing.T) {
	r, x := newRig(t, twoSources), newExchange()
	p, src := r.plan.WithHubs(x), r.plan.Sources[0]
	x.set(src.ID, true)
	last := news.Poll{Configured: src.URL, Last: time.Now()}
	if !p.pushes(src, last) {
		t.Error("its hub pushes")
	}
	last.Configured = "https://alfa.example/vecchio"
	if p.pushes(src, last) {
		t.Error("what the hub pushes is another feed")
	}
}
