package bench_test

import (
	"math"
	"testing"

	"vedetta/story/bench"
)

func TestRun(t *testing.T) {
	s := bench.Run([]bench.Item{
		{ID: "1", Copy: "a", Thread: "x", Story: "1", Strand: "1"},
		{ID: "2", Copy: "a", Thread: "x", Story: "1", Strand: "1"},
		{ID: "3", Copy: "a", Thread: "x", Story: "3", Strand: "1"}, // missed copy, right thread
		{ID: "4", Thread: "", Story: "3", Strand: "1"},             // wrongly a copy of 3
		{ID: "5"},
	})
	if s.Copies != (bench.Pairs{Right: 1, Wrong: 1, Missed: 2}) {
		t.Errorf("copies %+v", s.Copies)
	}
	if s.Threads != (bench.Pairs{Right: 3, Wrong: 3}) {
		t.Errorf("threads %+v", s.Threads)
	}
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s = %v, want %v", what, got, want)
		}
	}
	near("precision", s.Copies.Precision(), 0.5)
	near("recall", s.Copies.Recall(), 1.0/3)
	near("B³ precision", s.ThreadPrecision, (3*0.75+0.25+1)/5)
	near("B³ recall", s.ThreadRecall, 1)
	want := []bench.Mistake{
		{A: "3", B: "4"},
		{A: "1", B: "3", Missed: true},
		{A: "2", B: "3", Missed: true},
		{A: "1", B: "4", Thread: true},
		{A: "2", B: "4", Thread: true},
		{A: "3", B: "4", Thread: true},
	}
	if len(s.Mistakes) != len(want) {
		t.Fatalf("mistakes %+v", s.Mistakes)
	}
	for i := range want {
		if s.Mistakes[i] != want[i] {
			t.Errorf("mistake %d is %+v, want %+v", i, s.Mistakes[i], want[i])
		}
	}
}

func TestRunOfNothing(t *testing.T) {
	s := bench.Run(nil)
	if s.Copies.Precision() != 1 || s.Copies.Recall() != 1 || s.ThreadF1() != 1 || len(s.Mistakes) != 0 {
		t.Errorf("%+v", s)
	}
}
