package extractor

import (
	"strings"

	"github.com/abadojack/whatlanggo"
)

// sampleLen is how much of a text its language is detected from, in bytes.
const sampleLen = 2000

// language is the text's BCP 47 tag. What the page declares is kept unless the
// text is long and surely in another language.
func language(declared, text string) string {
	declared = strings.ReplaceAll(strings.TrimSpace(declared), "_", "-")
	base, region, _ := strings.Cut(declared, "-")
	base = strings.ToLower(base)
	if len(base) < 2 || len(base) > 3 {
		base, declared = "", ""
	}
	if len(text) < 200 {
		return tag(base, region)
	}
	if len(text) > sampleLen {
		text = text[:sampleLen]
	}
	info := whatlanggo.Detect(text)
	found := info.Lang.Iso6391()
	if found == "" || found == base {
		return tag(base, region)
	}
	if base == "" || info.IsReliable() && info.Confidence > 0.9 {
		return found
	}
	return tag(base, region)
}

func tag(base, region string) string {
	if len(region) == 2 && base != "" {
		return base + "-" + strings.ToUpper(region)
	}
	return base
}
