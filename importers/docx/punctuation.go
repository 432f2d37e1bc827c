package docx

import (
	"strings"
	"unicode"
)

// wider is how far after a mark of ASCII its full-width form comes in Unicode.
const wider = 0xFEE0

// FullWidth gives marks beside a Chinese character the width that Chinese text
// has (,:;?!), and brackets that hold one or stand beside one. Others, as in
// 1,000, stay.
func FullWidth(text string) string {
	runes := []rune(text)
	han := func(i int) bool {
		return i >= 0 && i < len(runes) && (unicode.Is(unicode.Han, runes[i]) || strings.ContainsRune("《》“”〔〕、。\uff09", runes[i]))
	}
	open := -1
	for i, r := range runes {
		switch {
		case strings.ContainsRune(",:;?!", r) && (han(i-1) || han(i+1)):
			runes[i] += wider
		case r == '(':
			open = i
		case r == ')' && open >= 0:
			if han(open-1) || han(i+1) || strings.ContainsFunc(string(runes[open+1:i]), func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
				runes[open] += wider
				runes[i] += wider
			}
			open = -1
		}
	}
	return string(runes)
}
