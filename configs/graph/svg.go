package graph

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"strings"
)

// fonts are tried in this order: those that systems have for Chinese.
const fonts = "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC','WenQuanYi Micro Hei',SimHei,sans-serif"

// look is how a kind of box is drawn: light enough for print, told apart
// without colour by frame and corner, and of colours that colour-blind people
// tell apart (Okabe and Ito).
type look struct {
	fill, stroke, dash string
	corner             float64
	bold               float64
}

func lookOf(k kind) look {
	switch k {
	case lineBox:
		return look{fill: "#e3f1fb", stroke: "#0072b2", corner: 14, bold: 1.6}
	case keyBox:
		return look{fill: "#fdf3da", stroke: "#a86b00", corner: 14, bold: 1.2}
	case routeBox:
		return look{fill: "#ffffff", stroke: "#222222", corner: 3, bold: 1.6}
	case aboveBox:
		return look{fill: "#f4f4f4", stroke: "#777777", corner: 3, bold: 1, dash: "5 3"}
	case stepBox:
		return look{fill: "#eeeeee", stroke: "#555555", corner: 3, bold: 1.2}
	case skipBox:
		return look{fill: "#ffffff", stroke: "#999999", corner: 3, bold: 1, dash: "3 3"}
	case queueBox:
		return look{fill: "#e0f3ea", stroke: "#00795a", corner: 3, bold: 1.6}
	case dutyBox:
	}
	return look{fill: "#fbe7dc", stroke: "#b34700", corner: 3, bold: 2.2}
}

// SVG is the picture as a file of its own.
func (c *Chart) SVG() []byte {
	var b bytes.Buffer
	width, height := c.page()
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="%smm" height="%smm" viewBox="0 0 %s %s" preserveAspectRatio="xMidYMin meet" role="img" aria-labelledby="title desc" lang="%s" font-family="%s" fill="#111111">
<title id="title">%s</title>
<desc id="desc">%s</desc>
<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0.5 L8,4 L0,7.5 Z" fill="#333333"/></marker></defs>
<rect width="100%%" height="100%%" fill="#ffffff"/>
`, num(width), num(height), num(c.width), num(c.height), c.lang, escape(fonts), escape(c.Title), escape(c.Title+" – "+c.Subtitle))
	text(&b, point{margin, margin + titleSize}, font{titleSize, "bold"}, c.Title)
	text(&b, point{margin, margin + titleSize + lineSpace + 4}, font{wordSize, ""}, c.Subtitle)
	for _, col := range c.columns {
		for i, line := range col.head {
			text(&b, point{col.x, top - 14 - float64(len(col.head)-1-i)*lineSpace}, font{headSize, "bold"}, line)
		}
	}
	for _, e := range c.edges {
		e.svg(&b)
	}
	for _, col := range c.columns {
		for _, box := range col.boxes {
			c.box(&b, box)
		}
	}
	if c.table != nil {
		c.tableSVG(&b)
	}
	for i, note := range c.notes {
		text(&b, point{margin, c.height - margin - float64(len(c.notes)-1-i)*lineSpace}, font{wordSize, ""}, note)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// page is the size on paper in millimetres: A4 or A3 landscape where the words
// can still be read, else as large as the picture is.
func (c *Chart) page() (width, height float64) {
	const perMM, smallest = 96 / 25.4, 0.8
	for _, paper := range [][2]float64{{297, 210}, {420, 297}} {
		if scale := min(paper[0]*perMM/c.width, paper[1]*perMM/c.height); scale >= smallest {
			return paper[0], paper[1]
		}
	}
	return c.width / perMM, c.height / perMM
}

func (c *Chart) box(b *bytes.Buffer, box *box) {
	l := lookOf(box.kind)
	dash := ""
	if l.dash != "" {
		dash = fmt.Sprintf(` stroke-dasharray="%s"`, l.dash)
	}
	fmt.Fprintf(b, `<g id="%s" class="%s"><rect x="%s" y="%s" width="%s" height="%s" rx="%s" fill="%s" stroke="%s" stroke-width="%s"%s/>`+"\n",
		box.id, box.kind, num(box.x), num(box.y), num(box.w), num(box.h), num(l.corner), l.fill, l.stroke, num(l.bold), dash)
	y := box.y + padding + headSize - 3
	for _, line := range box.head {
		text(b, point{box.x + padding, y}, font{headSize, "bold"}, line)
		y += lineSpace
	}
	for _, line := range box.words {
		text(b, point{box.x + padding, y}, font{wordSize, ""}, line)
		y += lineSpace
	}
	b.WriteString("</g>\n")
}

func (c *Chart) tableSVG(b *bytes.Buffer) {
	t := c.table
	text(b, point{t.x, t.y}, font{headSize, "bold"}, t.title)
	width := 0.0
	for _, w := range t.widths {
		width += w
	}
	for i, cells := range t.cells {
		weight := ""
		if i == 0 {
			weight = "bold"
			fmt.Fprintf(b, `<rect x="%s" y="%s" width="%s" height="%s" fill="#eeeeee"/>`+"\n", num(t.x), num(t.tops[0]), num(width), num(t.tops[1]-t.tops[0]))
		}
		x := t.x
		for at, lines := range cells {
			for n, line := range lines {
				text(b, point{x + padding, t.tops[i] + wordSize + 4 + float64(n)*lineSpace}, font{wordSize, weight}, line)
			}
			x += t.widths[at]
		}
	}
	for _, y := range t.tops {
		fmt.Fprintf(b, `<path d="M%s,%s h%s" stroke="#999999" stroke-width="0.8"/>`+"\n", num(t.x), num(y), num(width))
	}
}

// svg draws an edge; its corners are round.
func (e edge) svg(b *bytes.Buffer) {
	const round = 5
	var d strings.Builder
	fmt.Fprintf(&d, "M%s,%s", num(e.path[0].x), num(e.path[0].y))
	for i := 1; i < len(e.path); i++ {
		p := e.path[i]
		if i+1 == len(e.path) {
			fmt.Fprintf(&d, " L%s,%s", num(p.x), num(p.y))
			break
		}
		in, out := toward(p, e.path[i-1], round), toward(p, e.path[i+1], round)
		fmt.Fprintf(&d, " L%s,%s Q%s,%s %s,%s", num(in.x), num(in.y), num(p.x), num(p.y), num(out.x), num(out.y))
	}
	style := ` stroke="#333333" stroke-width="1.2" marker-end="url(#tip)"`
	switch {
	case e.tree:
		style = ` stroke="#777777" stroke-width="1"`
	case e.faint:
		style = ` stroke="#333333" stroke-width="1.2" stroke-dasharray="5 3" marker-end="url(#tip)"`
	}
	fmt.Fprintf(b, `<path class="%s-%s" d="%s" fill="none"%s/>`+"\n", e.from.id, e.to.id, d.String(), style)
}

// toward is the point so far from one on the way to another, at most half of
// it.
func toward(from, to point, far float64) point {
	length := math.Hypot(to.x-from.x, to.y-from.y)
	if length == 0 {
		return from
	}
	part := min(far/length, 0.5)
	return point{from.x + (to.x-from.x)*part, from.y + (to.y-from.y)*part}
}

// font is how a text is written.
type font struct {
	size   float64
	weight string
}

func text(b *bytes.Buffer, at point, f font, words string) {
	weight := ""
	if f.weight != "" {
		weight = fmt.Sprintf(` font-weight="%s"`, f.weight)
	}
	fmt.Fprintf(b, `<text x="%s" y="%s" font-size="%s"%s>%s</text>`+"\n", num(at.x), num(at.y), num(f.size), weight, escape(words))
}

// num is a number with one digit after the point at most.
func num(v float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
}

// escape makes a text fit for XML: what XML can not hold is left out.
func escape(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		return "" // a builder takes everything
	}
	return b.String()
}
