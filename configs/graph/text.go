package graph

import (
	"strings"
	"unicode"
)

// Sizes of the picture, in the pixels of SVG (1/96 inch).
const (
	titleSize = 20.0
	headSize  = 13.0
	wordSize  = 12.0
	lineSpace = 17.0
	padding   = 9.0
)

// widthOf estimates how wide a text is. A Chinese character is as wide as it is
// high; Latin letters are taken a little wider than most fonts have them.
func widthOf(text string, size float64) float64 {
	var em float64
	for _, r := range text {
		em += emOf(r)
	}
	return em * size
}

func emOf(r rune) float64 {
	switch {
	case r >= 0x2E80 || r >= 0x2010 && r <= 0x2027 || r >= 0x2190 && r <= 0x25FF:
		return 1
	case r == ' ' || strings.ContainsRune("il.,:;|'!()[]", r):
		return 0.36
	case unicode.IsUpper(r) || strings.ContainsRune("mw@%+→", r):
		return 0.82
	}
	return 0.6
}

// wrap breaks a text into lines of a width: between Chinese characters, else
// at spaces, else in the midst of a word that is too long. A line does not
// begin with a closing mark.
func wrap(text string, size, width float64) []string {
	var lines []string
	var line, word strings.Builder
	var lineWidth, wordWidth float64
	breakLine := func() {
		if kept := strings.TrimSpace(line.String()); kept != "" {
			lines = append(lines, kept)
		}
		line.Reset()
		lineWidth = 0
	}
	endWord := func() {
		if lineWidth > 0 && lineWidth+wordWidth > width {
			breakLine()
		}
		line.WriteString(word.String())
		lineWidth += wordWidth
		word.Reset()
		wordWidth = 0
	}
	var last rune
	for _, r := range text {
		w := emOf(r) * size
		if breaks(last, r) || wordWidth+w > width {
			endWord()
		}
		word.WriteRune(r)
		wordWidth += w
		last = r
	}
	endWord()
	breakLine()
	return lines
}

// balanced breaks a text in as few lines as wrap does, and these about as long
// as one another.
func balanced(text string, size, width float64) []string {
	best := wrap(text, size, width)
	for narrower := width - size; narrower > size; narrower -= size {
		lines := wrap(text, size, narrower)
		if len(lines) != len(best) {
			break
		}
		best = lines
	}
	return best
}

// breaks says whether a line may end between two characters.
func breaks(before, after rune) bool {
	if strings.ContainsRune("，。；：、！？）”》,.;:!?)/", after) || strings.ContainsRune("（“《(", before) {
		return false
	}
	return before == ' ' || after >= 0x2E80 || before >= 0x2E80
}
