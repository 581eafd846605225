package store

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vedetta/news"
)

// TestRecordsKeepEveryField fails when a field is added to a value that the
// store keeps in a shape of its own and the shape does not know of it.
func TestRecordsKeepEveryField(t *testing.T) {
	s := fill(t, news.Story{})
	got := storyRecord{Story: s}.disk().record(s.ID).Story
	if diff := cmp.Diff(s, got); diff != "" {
		t.Errorf("story read back differs (-stored +read):\n%s", diff)
	}
	a := fill(t, news.Article{})
	back := stateOf(a, 1).onto(body(a))
	back.ID, back.Seen = a.ID, a.Seen
	if diff := cmp.Diff(a, back); diff != "" {
		t.Errorf("article read back differs (-stored +read):\n%s", diff)
	}
}

// fill sets every field to a value that is not zero, each another one.
func fill[T any](t *testing.T, v T) T {
	t.Helper()
	n := 0
	fillValue(t, reflect.ValueOf(&v).Elem(), &n)
	return v
}

func fillValue(t *testing.T, v reflect.Value, n *int) {
	t.Helper()
	*n++
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Date(2026, 1, *n, 0, 0, 0, 0, time.UTC)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("%024x", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Float64:
		v.SetFloat(float64(*n) / 100)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillValue(t, v.Index(0), n)
	case reflect.Struct:
		for i := range v.NumField() {
			fillValue(t, v.Field(i), n)
		}
	default:
		t.Fatalf("no value for a %s: teach the test", v.Type())
	}
}
