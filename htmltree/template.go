package htmltree

import "golang.org/x/net/html"

// openTemplate adds a template, whose content is as if there were nothing
// around it.
func (b *builder) openTemplate(parent *html.Node) {
	b.push(b.insert(parent), b.tag.e)
	b.mark()
	b.mode = inTemplate
	b.templates = append(b.templates, inTemplate)
}

// startInTemplate acts on the first start tags in a template.
func (b *builder) startInTemplate() bool {
	switch b.tag.e.kind {
	case metadata, rawHead, template:
		b.startInBody()
		return true
	case tablePart:
		b.odd = oddTemplate // it holds parts of a table
		return true
	}
	b.mode = inBody
	b.templates[len(b.templates)-1] = inBody
	return false
}

// closeTemplate closes the innermost template.
func (b *builder) closeTemplate() {
	n := len(b.templates)
	if n == 0 {
		return
	}
	i := b.find(b.tag.e, 0)
	b.pop(i)
	b.clearToMark()
	b.templates = b.templates[:n-1]
	b.resetMode()
}
