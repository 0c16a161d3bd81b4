package graph

import (
	"fmt"
	"strings"
)

// Mermaid is the picture in the language of Mermaid. Its rules that matter:
// the id of a node is letters and digits, a label stands in quotes and holds
// none, and a label does not begin as a list of Markdown would.
func (c *Chart) Mermaid() string {
	var b strings.Builder
	fmt.Fprintf(&b, "---\ntitle: %s\n---\n%%%% %s\nflowchart LR\n", yamlQuoted(c.Title), comment(c.Subtitle))
	for i, col := range c.columns {
		fmt.Fprintf(&b, "  subgraph column%d[\"%s\"]\n    direction TB\n", i+1, label(col.title))
		for _, box := range col.boxes {
			open, end := shape(box.kind)
			words := []string{"<b>" + label(box.title) + "</b>"}
			for _, line := range box.lines {
				words = append(words, label(line))
			}
			fmt.Fprintf(&b, "    %s%s\"%s\"%s:::%s\n", box.id, open, strings.Join(words, "<br/>"), end, box.kind)
		}
		b.WriteString("  end\n")
	}
	for _, e := range c.edges {
		arrow := "-->"
		switch {
		case e.tree:
			arrow = "---"
		case e.faint:
			arrow = "-.->"
		}
		fmt.Fprintf(&b, "  %s %s %s\n", e.from.id, arrow, e.to.id)
	}
	c.mermaidTable(&b)
	for _, k := range []kind{lineBox, keyBox, routeBox, aboveBox, stepBox, skipBox, queueBox, dutyBox} {
		l := lookOf(k)
		fmt.Fprintf(&b, "  classDef %s fill:%s,stroke:%s,color:#111111\n", k, l.fill, l.stroke)
	}
	for _, note := range c.notes {
		fmt.Fprintf(&b, "%%%% %s\n", comment(note))
	}
	return b.String()
}

// mermaidTable writes the table as one node a row.
func (c *Chart) mermaidTable(b *strings.Builder) {
	if c.table == nil {
		return
	}
	fmt.Fprintf(b, "  subgraph table[\"%s\"]\n    direction TB\n", label(c.table.title))
	for i, row := range c.table.rows[1:] {
		words := []string{"<b>" + label(row[0]) + "</b>"}
		for at, cell := range row[1:] {
			if cell != "" {
				words = append(words, label(c.table.rows[0][at+1])+" "+label(cell))
			}
		}
		fmt.Fprintf(b, "    city%d[\"%s\"]:::line\n", i+1, strings.Join(words, "<br/>"))
	}
	b.WriteString("  end\n")
}

func shape(k kind) (open, end string) {
	switch k {
	case lineBox, keyBox:
		return "(", ")"
	case dutyBox:
		return "[[", "]]"
	case routeBox, aboveBox, stepBox, skipBox, queueBox:
	}
	return "[", "]"
}

// label is a text within quotes: what means something to Mermaid is written by
// its number.
func label(text string) string {
	var b strings.Builder
	for i, r := range text {
		switch {
		case strings.ContainsRune("\"#&<>`;%{}", r), i == 0 && strings.ContainsRune("-+*", r):
			fmt.Fprintf(&b, "#%d;", r)
		case r < ' ':
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// comment is a text behind %%, which ends with the line. Mermaid takes braces
// at its beginning for a setting.
func comment(text string) string {
	return strings.NewReplacer("\n", " ", "\r", " ", "{", "(", "}", ")").Replace(text)
}

// yamlQuoted is a text in the front matter, which is YAML.
func yamlQuoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ", "\r", " ").Replace(text) + `"`
}
