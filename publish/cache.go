package publish

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

// document is what a route makes: bytes and how they may be kept.
type document struct {
	data  []byte
	ctype string
	ccont string // Cache-Control
	vary  string
	links string // Link header (RFC 8288); empty for none
	page  bool   // shown by a browser as our own page: gets the strict policies
}

// body is a document made ready to be served any number of times. The header
// values are slices because they are put into response headers as they are.
type body struct {
	hash     string
	modified time.Time // when this content first came out
	header   http.Header
	short    http.Header // what a 304 repeats (RFC 9110 §15.4.5)
	forms    [3]form     // by encoding
	size     atomic.Int64
}

// form is a body in one content encoding.
type form struct {
	once sync.Once
	data []byte
	etag []string
	enc  []string
	clen []string
}

// The encodings that are offered, as indexes into body.forms.
const (
	identity = iota
	gzipped
	brotlied
)

// leastCompressed is the size under which compression does not pay.
const leastCompressed = 600

func newBody(d document, now time.Time) *body {
	sum := sha256.Sum256(d.data)
	b := &body{hash: hex.EncodeToString(sum[:12]), modified: now.UTC().Truncate(time.Second)}
	b.header = http.Header{
		"Content-Type":           {d.ctype},
		"Last-Modified":          {b.modified.Format(http.TimeFormat)},
		"X-Content-Type-Options": {"nosniff"},
		"Cache-Control":          {d.ccont},
		"Vary":                   {d.vary},
	}
	if d.page {
		b.header["Content-Security-Policy"] = []string{pagePolicy}
		b.header["Referrer-Policy"] = []string{"no-referrer"}
		b.header["Cross-Origin-Opener-Policy"] = []string{"same-origin"}
		b.header["X-Frame-Options"] = []string{"DENY"}
	} else {
		b.header["Access-Control-Allow-Origin"] = []string{"*"} // readers that run in a browser
	}
	if d.links != "" {
		b.header["Link"] = []string{d.links}
	}
	b.short = http.Header{"Cache-Control": b.header["Cache-Control"], "Vary": b.header["Vary"]}
	f := &b.forms[identity]
	f.once.Do(func() { f.fill(b.hash, "", d.data) })
	b.size.Store(int64(len(d.data)))
	return b
}

func (f *form) fill(hash, enc string, data []byte) {
	f.data = data
	tag := hash
	if enc != "" {
		tag += "-" + enc
		f.enc = []string{enc}
	}
	f.etag = []string{`"` + tag + `"`}
	f.clen = []string{strconv.Itoa(len(data))}
}

// form returns the body in an encoding, compressing it when it is first asked
// for. Bodies that are too short to gain come as they are.
func (b *body) form(enc int) *form {
	plain := &b.forms[identity]
	if enc == identity || len(plain.data) < leastCompressed {
		return plain
	}
	f := &b.forms[enc]
	f.once.Do(func() {
		var buf bytes.Buffer
		name := "gzip"
		if enc == gzipped {
			z, _ := gzip.NewWriterLevel(&buf, 6) // unreachable error: the level is valid
			_, _ = z.Write(plain.data)
			_ = z.Close()
		} else {
			name = "br"
			z := brotli.NewWriterLevel(&buf, 5)
			_, _ = z.Write(plain.data)
			_ = z.Close()
		}
		f.fill(b.hash, name, bytes.Clone(buf.Bytes()))
		b.size.Add(int64(buf.Len()))
	})
	return f
}

// cache keeps bodies by name. Each name has a slot; a slot's body stands while
// the revision of the store and, for pages, the day stand. For a while longer
// it is served while a new one is made, so that no reader waits for that.
type cache struct {
	max      int64
	patience time.Duration // how long after it was last found to stand a body is served all the same; 0: not at all

	mu    sync.RWMutex // guards slots
	slots map[string]*slot

	renewal renewal
}

type slot struct {
	mu   sync.Mutex // one build at a time
	cur  atomic.Pointer[stand]
	good atomic.Int64 // when the body was last found to stand, Unix nanoseconds
	due  atomic.Bool  // waits to be made anew
}

// stand is a body and that for which it stands.
type stand struct {
	edition
	body *body
}

// edition is what makes a document's content grow old.
type edition struct {
	revision uint64
	index    uint64 // Searcher.Generation, of searches
	day      int    // day of the year and year in the site's zone; 0 for documents that name no days
}

// recipe is how to make a document.
type recipe struct {
	edition func() edition // for which it would stand if it were made now
	build   func() (document, error)
	now     func() time.Time
}

func newCache(limit int64, patience time.Duration) *cache {
	return &cache{max: limit, patience: patience, slots: map[string]*slot{}}
}

// fresh returns the named body if it is there and stands.
func (c *cache) fresh(name string, ed edition) *body {
	c.mu.RLock()
	s := c.slots[name]
	c.mu.RUnlock()
	if s == nil {
		return nil
	}
	cur := s.cur.Load()
	if cur == nil || cur.edition != ed {
		return nil
	}
	s.good.Store(time.Now().UnixNano())
	return cur.body
}

// get returns the named body, building it if there is none that stands or
// stood a moment ago. When building fails, the last body comes with the error:
// old news is better than none.
func (c *cache) get(name string, r recipe) (*body, error) {
	if b := c.fresh(name, r.edition()); b != nil {
		return b, nil
	}
	c.mu.Lock()
	s := c.slots[name]
	if s == nil {
		s = &slot{}
		c.slots[name] = s
	}
	c.mu.Unlock()
	if cur := s.cur.Load(); cur != nil && time.Since(time.Unix(0, s.good.Load())) < c.patience {
		if s.due.CompareAndSwap(false, true) {
			c.renewal.add(func() {
				defer func() {
					s.due.Store(false)
					if recover() != nil {
						s.good.Store(0) // it happens again to the next who asks, and the server tells
					}
				}()
				_, _ = c.make(name, s, r) // who asks when patience is over is told of an error
			})
		}
		return cur.body, nil
	}
	return c.make(name, s, r)
}

// make builds a slot's body unless it stands. Content that comes out as it was
// keeps its body.
func (c *cache) make(name string, s *slot, r recipe) (*body, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ed := r.edition()
	old := s.cur.Load()
	if old != nil && old.edition == ed {
		return old.body, nil
	}
	d, err := r.build()
	if err != nil {
		err = fmt.Errorf("build %s: %w", name, err)
		if old != nil && !answers(err) {
			return old.body, err
		}
		c.mu.Lock()
		if c.slots[name] == s {
			delete(c.slots, name)
		}
		c.mu.Unlock()
		return nil, err
	}
	b := newBody(d, r.now())
	if old != nil && old.body.hash == b.hash {
		b = old.body
	}
	s.cur.Store(&stand{edition: ed, body: b})
	s.good.Store(time.Now().UnixNano())
	c.evict(s)
	return b, nil
}

// inherit takes over the bodies of another cache, which stand for nothing here:
// they are served until new ones are made, as long as patience lasts.
func (c *cache) inherit(from *cache) {
	from.mu.RLock()
	defer from.mu.RUnlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, s := range from.slots {
		if cur := s.cur.Load(); cur != nil && c.slots[name] == nil {
			heir := &slot{}
			heir.good.Store(s.good.Load())
			heir.cur.Store(&stand{edition: edition{revision: math.MaxUint64}, body: cur.body})
			c.slots[name] = heir
		}
	}
}

// expire has the named body built for the next one who asks, if it does not
// stand.
func (c *cache) expire(name string) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if s := c.slots[name]; s != nil {
		s.good.Store(0)
	}
}

// renewal makes documents anew, one at a time, and rests in between: what is
// asked for most often would else be made all the time while polls bring news.
type renewal struct {
	mu      sync.Mutex // guards what follows
	waiting []func()
	running bool
}

// How long a renewal rests, in times of what the last one took, and at most.
const (
	renewalRest     = 3
	renewalRestMost = time.Second
)

func (r *renewal) add(do func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting = append(r.waiting, do)
	if !r.running {
		r.running = true
		go r.run()
	}
}

// run ends when nothing waits.
func (r *renewal) run() {
	for {
		r.mu.Lock()
		if len(r.waiting) == 0 {
			r.running = false
			r.mu.Unlock()
			return
		}
		next := r.waiting[0]
		r.waiting = r.waiting[1:]
		r.mu.Unlock()
		start := time.Now()
		next()
		time.Sleep(min(renewalRest*time.Since(start), renewalRestMost))
	}
}

// evict drops the slots used least recently until the rest fits; the one just
// built stays.
func (c *cache) evict(keep *slot) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var total int64
	for _, s := range c.slots {
		if cur := s.cur.Load(); cur != nil {
			total += cur.body.size.Load()
		}
	}
	for total > c.max {
		var oldest string
		var when int64
		for name, s := range c.slots {
			if u := s.good.Load(); s != keep && s.cur.Load() != nil && (oldest == "" || u < when) {
				oldest, when = name, u
			}
		}
		if oldest == "" {
			return
		}
		total -= c.slots[oldest].cur.Load().body.size.Load()
		delete(c.slots, oldest)
	}
}
