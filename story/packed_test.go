package story

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestPackedTextsAreWhatTheyWere(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	d := newDictionary()
	for n := range 60 {
		f := &fingerprint{}
		for range r.IntN(200) {
			f.terms = append(f.terms, term(r.Uint32N(5000))<<4|term(r.Uint32N(12)))
			if r.IntN(6) == 0 {
				f.ends = append(f.ends, uint16(len(f.terms)))
			}
		}
		for range r.IntN(9) {
			f.title = append(f.title, term(r.Uint32()))
		}
		if n == 40 { // no more numbers: terms are written out
			d.terms = append(d.terms, make([]term, maxDictionary-len(d.terms))...)
		}
		packed := d.pack(f)
		got := &fingerprint{terms: []term{1, 2, 3}, ends: []uint16{3}}
		d.unpack(packed, got)
		if !slices.Equal(got.terms, f.terms) || !slices.Equal(got.ends, f.ends) || !slices.Equal(got.title, f.title) {
			t.Fatalf("text %d: got %v %v %v, want %v %v %v", n, got.terms, got.ends, got.title, f.terms, f.ends, f.title)
		}
		if !d.fits(packed) {
			t.Errorf("text %d does not fit", n)
		}
		if len(packed) > 3 && (d.fits(packed[:len(packed)-1]) || d.fits(packed+"\x01")) {
			t.Errorf("text %d: what is cut or longer fits", n)
		}
	}
	if d := newDictionary(); d.fits("\x00\x01\x05\x00") {
		t.Error("a number that stands for no term fits")
	}
}

func TestInstants(t *testing.T) {
	at := time.Date(2026, 3, 15, 8, 30, 0, 123, time.UTC)
	if got := instantOf(at.In(time.FixedZone("", 3600))).time(); !got.Equal(at) || got.Location() != time.UTC {
		t.Errorf("%v, want %v", got, at)
	}
	old, far := instantOf(time.Date(1, 2, 3, 0, 0, 0, 0, time.UTC)), instantOf(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))
	if old != firstInstant || far != lastInstant || !instantOf(time.Time{}).time().IsZero() {
		t.Errorf("%d %d", old, far)
	}
	if d := between(far, old); d <= 0 {
		t.Errorf("%v between the first and the last instant", d)
	}
	if d := between(instantOf(at), instantOf(at.Add(time.Hour))); d != time.Hour {
		t.Errorf("%v, want an hour", d)
	}
}
