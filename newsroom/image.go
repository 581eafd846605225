package newsroom

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"html"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
)

// pictureSize is the size of photographs, in pixels.
var pictureSize = image.Pt(800, 450)

// photograph draws a PNG that stands for the photograph of that name: a sky
// with a low sun, the sea or the ground, and what the name's first word asks
// for: nave a ship, citta houses, volo an aircraft, else hills.
func photograph(name string) []byte {
	h := fnv.New32a()
	h.Write([]byte(name))
	seed := int(h.Sum32() & 0xffffff)
	tint := func(base, light int, shift uint) uint8 {
		return uint8(min(255, base+seed>>shift%50+light))
	}
	const (
		shades = 60
		land   = 60
		shape  = 61
		sun    = 62
	)
	var palette color.Palette
	for i := range shades {
		palette = append(palette, color.RGBA{tint(60, 2*i, 0), tint(85, 2*i, 8), tint(115, 2*i, 16), 255})
	}
	palette = append(palette, color.RGBA{tint(30, 0, 0), tint(45, 0, 8), tint(50, 0, 16), 255},
		color.RGBA{70, 78, 88, 255}, color.RGBA{250, 236, 200, 255})
	img := image.NewPaletted(image.Rectangle{Max: pictureSize}, palette)
	horizon := pictureSize.Y/2 + seed%60
	at := image.Pt(120+seed%560, horizon-40-seed%70)
	left := 150 + seed%300
	subject, _, _ := strings.Cut(strings.TrimPrefix(name, "img/"), "-")
	for x := range pictureSize.X {
		slope := math.Sin(float64(x+seed%900)/140) + 0.4*math.Sin(float64(x+seed%700)/37)
		skyline := horizon - 14 - int(22*slope)
		if subject == "citta" {
			skyline = horizon - 20 - (x/46*7919+seed)%110
		}
		for y := range pictureSize.Y {
			c := y * shades / horizon
			switch {
			case subject == "nave" && onShip(x-left, y-horizon-20), subject == "volo" && onAircraft(x-left, y-120-seed%40):
				c = shape
			case y > horizon:
				c = shades - 8 - (y-horizon)*40/(pictureSize.Y-horizon) - y*x%3
			case y > skyline:
				c = land
			case (x-at.X)*(x-at.X)+(y-at.Y)*(y-at.Y) < 900:
				c = sun
			}
			img.SetColorIndex(x, y, uint8(max(0, min(sun, c))))
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // unreachable: the image is valid and the buffer takes all
	}
	return b.Bytes()
}

// onShip reports whether a point, counted from the middle of the waterline's
// left end, lies within a ship's side view.
func onShip(x, y int) bool {
	switch {
	case y > 0 || x < 0:
		return false
	case y > -26:
		return x > -y/2 && x < 330+y*2+52
	case y > -60:
		return x > 110 && x < 230
	case y > -110:
		return x > 160 && x < 172+(y+110)/8
	}
	return false
}

// onAircraft reports whether a point, counted from the nose, lies within a
// delta aircraft seen from below.
func onAircraft(x, y int) bool {
	if y < 0 {
		y = -y
	}
	body := x >= 0 && x < 180 && y < 5+x/30
	wing := x > 60 && x < 165 && y < (x-60)*3/4
	tail := x > 160 && x < 185 && y < x-150
	return body || wing || tail
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
