package htmltree

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// inForeign reports whether what is open is of svg.
func (b *builder) inForeign() bool { return len(b.open) > 0 && b.top().n.Namespace != "" }

// startForeign acts on a start tag in svg.
func (b *builder) startForeign() {
	t := &b.tag
	if b.is(elemSVGPoint) || t.e.flags&breakout != 0 {
		b.odd = oddForeign
		return
	}
	if name, ok := svgTags[t.name]; ok {
		t.name, t.atom = name, atom.Lookup([]byte(name))
	}
	b.addSVG()
}

// addSVG adds an element of svg.
func (b *builder) addSVG() {
	for i := range b.tag.attrs {
		a := &b.tag.attrs[i]
		if name, ok := svgAttributes[a.Key]; ok {
			a.Key = name
		}
		adjustPrefix(a)
	}
	n := b.insert(b.parent())
	n.Namespace = "svg"
	if b.tag.selfClosing {
		return
	}
	e := elemSVG
	switch n.Data {
	case "desc", "foreignObject", "title":
		e = elemSVGPoint
	}
	b.push(n, e)
}

// adjustPrefix gives the attributes that have one their namespace.
func adjustPrefix(a *html.Attribute) {
	if a.Key == "" || a.Key[0] != 'x' {
		return
	}
	switch a.Key {
	case "xlink:actuate", "xlink:arcrole", "xlink:href", "xlink:role", "xlink:show", "xlink:title", "xlink:type",
		"xml:lang", "xml:space", "xmlns:xlink":
		a.Namespace, a.Key, _ = strings.Cut(a.Key, ":")
	}
}

// endForeign acts on an end tag in svg.
func (b *builder) endForeign() {
	for i := len(b.open) - 1; b.open[i].n.Namespace != ""; i-- {
		if strings.EqualFold(b.open[i].n.Data, b.tag.name) {
			b.pop(i)
			return
		}
	}
	b.odd = oddForeign
}

// The names of svg with capital letters, by those without.
var (
	svgTags = lowered("altGlyph altGlyphDef altGlyphItem animateColor animateMotion animateTransform clipPath " +
		"feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap " +
		"feDistantLight feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode " +
		"feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence foreignObject " +
		"glyphRef linearGradient radialGradient textPath")
	svgAttributes = lowered("attributeName attributeType baseFrequency baseProfile calcMode clipPathUnits " +
		"diffuseConstant edgeMode filterUnits glyphRef gradientTransform gradientUnits kernelMatrix " +
		"kernelUnitLength keyPoints keySplines keyTimes lengthAdjust limitingConeAngle markerHeight markerUnits " +
		"markerWidth maskContentUnits maskUnits numOctaves pathLength patternContentUnits patternTransform " +
		"patternUnits pointsAtX pointsAtY pointsAtZ preserveAlpha preserveAspectRatio primitiveUnits refX refY " +
		"repeatCount repeatDur requiredExtensions requiredFeatures specularConstant specularExponent spreadMethod " +
		"startOffset stdDeviation stitchTiles surfaceScale systemLanguage tableValues targetX targetY textLength " +
		"viewBox viewTarget xChannelSelector yChannelSelector zoomAndPan")
)

func lowered(names string) map[string]string {
	m := map[string]string{}
	for name := range strings.FieldsSeq(names) {
		m[strings.ToLower(name)] = name
	}
	return m
}
