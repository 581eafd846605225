package main

import (
	"bytes"
	"fmt"
	"testing"
)

func judgeCurve(t *testing.T, curve []reading) {
	_ = t
	_ = curve
}

func drawCurve(curve []reading) []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, len(curve))
	return b.Bytes()
}
