package htmltree

import (
	"slices"

	"golang.org/x/net/html"
)

// start acts on a start tag.
func (b *builder) start() {
	if b.inForeign() {
		b.startForeign()
		return
	}
	for b.odd == "" && !b.startIn() {
	}
}

// startIn acts on a start tag by the mode. It reports whether that was all;
// otherwise the mode has changed.
func (b *builder) startIn() bool {
	switch b.mode {
	case initial, beforeHTML, beforeHead, inHead, afterHead:
		return b.startBeforeBody()
	case inTable:
		return b.startInTable()
	case inCaption:
		return b.startInCaption()
	case inColgroup:
		return b.startInColgroup()
	case inTableBody:
		return b.startInTableBody()
	case inRow:
		return b.startInRow()
	case inCell:
		return b.startInCell()
	case inTemplate:
		return b.startInTemplate()
	case afterBody, afterAfterBody:
		if b.tag.e != elemHTML {
			b.mode = inBody
		}
	}
	b.startInBody()
	return true
}

// startBeforeBody opens what is missing before a start tag.
func (b *builder) startBeforeBody() bool {
	e := b.tag.e
	b.leaveInitial()
	switch b.mode {
	case beforeHTML:
		b.mode = beforeHead
		if e != elemHTML {
			b.addImplied(elemHTML)
			return false
		}
		b.push(b.insert(b.doc), e)
		return true
	case beforeHead:
		switch e {
		case elemHTML:
			b.again(b.open[0].n)
			return true
		case elemHead:
			b.add()
		default:
			b.addImplied(elemHead)
		}
		b.head = b.top().n
		b.mode = inHead
		return e == elemHead
	}
	switch e.kind {
	case htmlTag:
		b.again(b.open[0].n)
	case headTag:
	case metadata:
		b.insert(b.head)
	case rawHead:
		b.rawText(b.head)
	case template:
		b.openTemplate(b.head)
	case rawText:
		if b.mode == inHead && e.name == "noscript" {
			b.rawText(b.head)
			return true
		}
		b.openBody()
		return false
	case bodyTag:
		if b.mode == inHead {
			b.popTop()
		}
		b.add()
		b.mode = inBody
	case frameset:
		b.odd = oddFrames
	default:
		b.openBody()
		return false
	}
	return true
}

// again gives an element that was opened a second time the attributes that it
// has not.
func (b *builder) again(n *html.Node) {
	if len(b.templates) > 0 {
		return
	}
	if len(n.Attr)+len(b.tag.attrs) > maxAttributes {
		b.odd = oddAttributes
		return
	}
	for _, a := range b.tag.attrs {
		if !hasKey(n.Attr, a.Key) {
			n.Attr = append(n.Attr, a)
		}
	}
}

// startInBody acts on a start tag among content.
func (b *builder) startInBody() {
	e := b.tag.e
	switch e.kind {
	case ordinary:
		b.goOn()
		b.add()
	case block, paragraph, preformat:
		b.closeParagraph()
		b.add()
	case heading:
		b.closeParagraph()
		if b.top().e.kind == heading {
			b.popTop()
		}
		b.add()
	case listItem, term:
		b.closeItem(e.kind)
		b.closeParagraph()
		b.add()
	case link:
		b.closeLink()
		b.goOn()
		b.addFormatting()
	case formatting:
		b.goOn()
		b.addFormatting()
	case nobr:
		b.goOn()
		if b.find(e, scope) >= 0 {
			b.endFormatting()
			b.goOn()
		}
		b.addFormatting()
	case emptyText:
		b.goOn()
		b.addEmpty()
	case image:
		b.tag.e, b.tag.atom, b.tag.name = elemImg, elemImg.atom, elemImg.name
		b.goOn()
		b.addEmpty()
	case empty, metadata:
		b.addEmpty()
	case rawHead, rawText, textarea:
		b.rawText(b.parent())
	case rawBlock:
		b.closeParagraph()
		b.goOn()
		b.rawText(b.parent())
	case svg:
		b.goOn()
		b.addSVG()
	case table:
		if !b.quirks {
			b.closeParagraph()
		}
		b.add()
		b.mode = inTable
	case scoped:
		b.goOn()
		b.add()
		b.mark()
	case rule:
		if b.openP > 0 && b.find(elemP, buttons) >= 0 {
			b.closeImplied(elemP)
			b.close(elemP, scope)
		}
		if b.find(elemSelect, scope) >= 0 {
			b.closeImplied(nil)
		}
		b.addEmpty()
	case htmlTag:
		b.again(b.open[0].n)
	case bodyTag:
		if len(b.open) > 1 && b.open[1].e == elemBody {
			b.again(b.open[1].n)
		}
	case headTag, tablePart, frame:
	case frameset:
		b.odd = oddFrames
	case plaintext:
		b.odd = oddPlaintext
	case template:
		b.openTemplate(b.parent())
	case math:
		b.odd = oddForeign
	case ruby:
		b.odd = oddRuby
	default:
		b.startControl()
	}
}

// startControl acts on a start tag of a form and what it consists of.
func (b *builder) startControl() {
	switch e := b.tag.e; e.kind {
	case form:
		if b.form != nil && len(b.templates) == 0 {
			return
		}
		b.closeParagraph()
		b.add()
		if len(b.templates) == 0 {
			b.form = b.top().n
		}
	case button:
		if b.find(e, scope) >= 0 {
			b.closeImplied(nil)
			b.close(e, scope)
		}
		b.goOn()
		b.add()
	case input:
		b.close(elemSelect, scope)
		b.goOn()
		b.addEmpty()
	case selection:
		if b.close(e, scope) {
			return
		}
		b.goOn()
		b.add()
	case option, optgroup:
		switch {
		case b.find(elemSelect, scope) >= 0 && e == elemOption:
			b.closeImplied(elemOptgroup)
		case b.find(elemSelect, scope) >= 0:
			b.closeImplied(nil)
		case b.is(elemOption):
			b.popTop()
		}
		b.goOn()
		b.add()
	}
}

// closeItem closes the item before the next one of a list.
func (b *builder) closeItem(k kind) {
	for i, o := range slices.Backward(b.open) {
		e := o.e
		if e.kind == k {
			b.pop(i)
			return
		}
		if e.flags&special != 0 && e != elemAddress && e != elemDiv && e != elemP {
			return
		}
	}
}

// closeLink closes the link before the next one.
func (b *builder) closeLink() {
	for i := len(b.active) - 1; i >= 0 && b.active[i].n != nil; i-- {
		a := b.active[i]
		if a.e != elemA {
			continue
		}
		b.endFormatting()
		if j := b.index(a.n); j >= 0 {
			b.open = slices.Delete(b.open, j, j+1)
		}
		b.forget(a)
		return
	}
}

// end acts on an end tag.
func (b *builder) end() {
	if b.inForeign() {
		b.endForeign()
		return
	}
	for b.odd == "" && !b.endIn() {
	}
}

// endIn acts on an end tag by the mode. It reports whether that was all;
// otherwise the mode has changed.
func (b *builder) endIn() bool {
	switch b.mode {
	case initial, beforeHTML, beforeHead, inHead, afterHead:
		return b.endBeforeBody()
	case inTable:
		return b.endInTable()
	case inCaption:
		return b.endInCaption()
	case inColgroup:
		return b.endInColgroup()
	case inTableBody:
		return b.endInTableBody()
	case inRow:
		return b.endInRow()
	case inCell:
		return b.endInCell()
	case inTemplate:
		if b.tag.e.kind == template {
			b.closeTemplate()
		}
		return true
	case afterBody:
		if b.tag.e == elemHTML {
			b.mode = afterAfterBody
			return true
		}
		b.mode = inBody
	case afterAfterBody:
		b.mode = inBody
	}
	return b.endInBody()
}

func (b *builder) endBeforeBody() bool {
	e := b.tag.e
	b.leaveInitial()
	switch {
	case e == elemHead && b.mode == inHead:
		b.popTop()
		b.mode = afterHead
		return true
	case e == elemBody, e == elemHTML, e == elemBr:
		b.openBody()
		return false
	case e == elemHead && b.mode < inHead:
		b.odd = oddMarkup
	}
	return true
}

// endInBody acts on an end tag among content.
func (b *builder) endInBody() bool {
	e := b.tag.e
	switch e.kind {
	case block, preformat, term, button, selection:
		b.close(e, scope)
	case paragraph:
		if b.openP == 0 || b.find(e, buttons) < 0 {
			b.addImplied(e)
		}
		b.close(e, buttons)
	case listItem:
		b.close(e, list)
	case heading:
		if i := b.findKind(heading, scope); i >= 0 {
			b.pop(i)
		}
	case formatting, nobr, link:
		b.endFormatting()
	case scoped:
		if b.close(e, scope) {
			b.clearToMark()
		}
	case form:
		b.endForm()
	case bodyTag:
		if b.find(elemBody, scope) >= 0 {
			b.mode = afterBody
		}
	case htmlTag:
		if b.find(elemBody, scope) >= 0 {
			b.mode = afterBody
			return false
		}
	case template:
		b.closeTemplate()
	default:
		if e == elemBr {
			b.tag = tag{e: e, atom: e.atom, name: e.name}
			b.goOn()
			b.addEmpty()
			return true
		}
		b.endOrdinary()
	}
	return true
}

func (b *builder) endForm() {
	if len(b.templates) > 0 {
		b.close(elemForm, scope)
		return
	}
	n := b.form
	b.form = nil
	i := b.find(elemForm, scope)
	if n == nil || i < 0 || b.open[i].n != n {
		return
	}
	b.closeImplied(nil)
	b.open = slices.Delete(b.open, i, i+1)
}

// endOrdinary closes the innermost element of the tag's name, unless it is
// around a special one.
func (b *builder) endOrdinary() {
	for i, o := range slices.Backward(b.open) {
		if o.e == b.tag.e && (o.e != elemUnknown || o.n.Data == b.tag.name) {
			b.pop(i)
			return
		}
		if o.e.flags&special != 0 {
			return
		}
	}
}
