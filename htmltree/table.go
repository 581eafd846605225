package htmltree

import "slices"

// clearTo closes what is open within the innermost of three elements.
func (b *builder) clearTo(x, y, z *element) {
	i := len(b.open)
	for i > 1 && b.open[i-1].e != x && b.open[i-1].e != y && b.open[i-1].e != z {
		i--
	}
	b.pop(i)
}

// findCell returns the innermost open cell, -1 when there is none.
func (b *builder) findCell() int { return max(b.find(elemTd, tables), b.find(elemTh, tables)) }

// findRows is findCell for groups of rows.
func (b *builder) findRows() int {
	return max(b.find(elemTbody, tables), b.find(elemThead, tables), b.find(elemTfoot, tables))
}

func (b *builder) startInTable() bool {
	switch e := b.tag.e; e {
	case elemCaption:
		b.clearTo(elemTable, nil, nil)
		b.mark()
		b.add()
		b.mode = inCaption
	case elemColgroup:
		b.clearTo(elemTable, nil, nil)
		b.add()
		b.mode = inColgroup
	case elemCol:
		b.clearTo(elemTable, nil, nil)
		b.addImplied(elemColgroup)
		b.mode = inColgroup
		return false
	case elemTbody, elemTfoot, elemThead:
		b.clearTo(elemTable, nil, nil)
		b.add()
		b.mode = inTableBody
	case elemTd, elemTh, elemTr:
		b.clearTo(elemTable, nil, nil)
		b.addImplied(elemTbody)
		b.mode = inTableBody
		return false
	case elemTable:
		if b.close(e, tables) {
			b.resetMode()
			return false
		}
	case elemStyle, elemScript:
		b.rawText(b.parent())
	case elemTemplate:
		b.openTemplate(b.parent())
	case elemForm:
		if b.form == nil && len(b.templates) == 0 {
			b.add()
			b.form = b.top().n
			b.popTop()
		}
	default:
		b.odd = oddTable
	}
	return true
}

func (b *builder) startInCaption() bool {
	if e := b.tag.e; e.kind == tablePart && e != elemTh {
		return !b.leaveCaption()
	}
	b.startInBody()
	return true
}

// leaveCaption closes a caption. It reports whether there was one.
func (b *builder) leaveCaption() bool {
	if !b.close(elemCaption, tables) {
		return false
	}
	b.clearToMark()
	b.mode = inTable
	return true
}

func (b *builder) startInColgroup() bool {
	switch b.tag.e.kind {
	case htmlTag:
		b.again(b.open[0].n)
		return true
	case template:
		b.openTemplate(b.parent())
		return true
	}
	if b.tag.e == elemCol {
		b.addEmpty()
		return true
	}
	return b.leaveColgroup()
}

// leaveColgroup closes a group of columns before something else. It reports
// whether there was none.
func (b *builder) leaveColgroup() bool {
	if !b.is(elemColgroup) {
		return true
	}
	b.popTop()
	b.mode = inTable
	return false
}

func (b *builder) startInTableBody() bool {
	switch b.tag.e {
	case elemTr:
		b.clearTo(elemTbody, elemTfoot, elemThead)
		b.add()
		b.mode = inRow
		return true
	case elemTd, elemTh:
		b.clearTo(elemTbody, elemTfoot, elemThead)
		b.addImplied(elemTr)
		b.mode = inRow
		return false
	case elemCaption, elemCol, elemColgroup, elemTbody, elemTfoot, elemThead:
		return b.leaveRows()
	}
	return b.startInTable()
}

// leaveRows closes a group of rows before something else. It reports whether
// there was none.
func (b *builder) leaveRows() bool {
	i := b.findRows()
	if i < 0 {
		return true
	}
	b.pop(i)
	b.mode = inTable
	return false
}

func (b *builder) startInRow() bool {
	switch b.tag.e {
	case elemTd, elemTh:
		b.clearTo(elemTr, nil, nil)
		b.add()
		b.mark()
		b.mode = inCell
		return true
	case elemCaption, elemCol, elemColgroup, elemTbody, elemTfoot, elemThead, elemTr:
		return !b.leaveRow()
	}
	return b.startInTable()
}

// leaveRow closes a row.
func (b *builder) leaveRow() bool {
	if b.find(elemTr, tables) < 0 {
		return false
	}
	b.clearTo(elemTr, nil, nil)
	b.popTop()
	b.mode = inTableBody
	return true
}

func (b *builder) startInCell() bool {
	if b.tag.e.kind == tablePart {
		i := b.findCell()
		if i < 0 {
			return true
		}
		b.leaveCell(i)
		return false
	}
	b.startInBody()
	return true
}

// leaveCell closes the cell at i.
func (b *builder) leaveCell(i int) {
	b.pop(i)
	b.clearToMark()
	b.mode = inRow
}

func (b *builder) endInTable() bool {
	switch e := b.tag.e; {
	case e == elemTable:
		if b.close(e, tables) {
			b.resetMode()
		}
		return true
	case e == elemBody, e == elemHTML, e.kind == tablePart:
		return true
	case e == elemTemplate:
		b.closeTemplate()
		return true
	}
	b.astray = true
	done := b.endInBody()
	b.astray = false
	return done
}

func (b *builder) endInCaption() bool {
	switch e := b.tag.e; {
	case e == elemCaption, e == elemTable:
		return !b.leaveCaption() || e == elemCaption
	case e == elemBody, e == elemHTML, e.kind == tablePart:
		return true
	}
	return b.endInBody()
}

func (b *builder) endInColgroup() bool {
	switch b.tag.e {
	case elemColgroup:
		b.leaveColgroup()
		return true
	case elemCol:
		return true
	}
	if b.tag.e.kind == template {
		b.closeTemplate()
		return true
	}
	return b.leaveColgroup()
}

func (b *builder) endInTableBody() bool {
	switch e := b.tag.e; e {
	case elemTbody, elemTfoot, elemThead:
		if b.find(e, tables) >= 0 {
			b.clearTo(elemTbody, elemTfoot, elemThead)
			b.popTop()
			b.mode = inTable
		}
		return true
	case elemTable:
		return b.leaveRows()
	}
	return b.endInTable()
}

func (b *builder) endInRow() bool {
	switch e := b.tag.e; e {
	case elemTr:
		b.leaveRow()
		return true
	case elemTable:
		return !b.leaveRow()
	case elemTbody, elemTfoot, elemThead:
		return b.find(e, tables) < 0 || !b.leaveRow()
	}
	return b.endInTable()
}

func (b *builder) endInCell() bool {
	switch e := b.tag.e; e {
	case elemTd, elemTh:
		if i := b.find(e, tables); i >= 0 {
			b.leaveCell(i)
		}
		return true
	case elemBody, elemCaption, elemCol, elemColgroup, elemHTML:
		return true
	case elemTable, elemTbody, elemTfoot, elemThead, elemTr:
		if b.find(e, tables) < 0 {
			return true
		}
		if i := b.findCell(); i >= 0 {
			b.leaveCell(i)
		}
		b.mode = inRow
		return false
	}
	return b.endInBody()
}

// resetMode finds the mode after a table or a template.
func (b *builder) resetMode() {
	for _, o := range slices.Backward(b.open) {
		switch o.e {
		case elemTd, elemTh:
			b.mode = inCell
		case elemTr:
			b.mode = inRow
		case elemTbody, elemThead, elemTfoot:
			b.mode = inTableBody
		case elemCaption:
			b.mode = inCaption
		case elemColgroup:
			b.mode = inColgroup
		case elemTable:
			b.mode = inTable
		case elemTemplate:
			b.mode = b.templates[len(b.templates)-1]
		case elemHead:
			b.mode = inHead
		case elemBody:
			b.mode = inBody
		case elemHTML:
			b.mode = afterHead
		default:
			continue
		}
		return
	}
}
