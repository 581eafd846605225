package newsroom

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"html"
	"image"
	"image/color"
	"image/png"
	"strings"
)

// pictureSize is the size of photographs, in pixels.
var pictureSize = image.Pt(800, 450)

// photograph draws a PNG that stands for the photograph of that name: sky,
// horizon and sea in colours of its own.
func photograph(name string) []byte {
	h := fnv.New32a()
	h.Write([]byte(name))
	seed := h.Sum32()
	palette := make(color.Palette, 0, 64)
	for i := range 64 {
		palette = append(palette, color.RGBA{
			R: uint8(40 + int(seed%90) + i), G: uint8(70 + int(seed>>8%60) + i), B: uint8(110 + int(seed>>16%60) + i), A: 255,
		})
	}
	img := image.NewPaletted(image.Rectangle{Max: pictureSize}, palette)
	horizon := pictureSize.Y/2 + int(seed%80)
	for y := range pictureSize.Y {
		shade := y * 40 / horizon
		if y > horizon {
			shade = 63 - (y-horizon)*50/(pictureSize.Y-horizon) - y%3
		}
		for x := range pictureSize.X {
			img.SetColorIndex(x, y, uint8(max(0, min(63, shade))))
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // unreachable: the image is valid and the buffer takes all
	}
	return b.Bytes()
}

// logo draws an SVG with the first letters of a name.
func logo(name string) []byte {
	var letters strings.Builder
	for word := range strings.FieldsSeq(name) {
		letters.WriteRune([]rune(word)[0])
		if letters.Len() > 2 {
			break
		}
	}
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" width="240" height="60" viewBox="0 0 240 60">`+
		`<rect width="240" height="60" fill="#1d3557"/><text x="20" y="42" font-family="serif" font-size="34" fill="#fff">%s</text></svg>`,
		html.EscapeString(letters.String()))
}
