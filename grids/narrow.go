package grids

import "strings"

// Narrow writes full-width digits, letters and signs (全角) as their half-width
// ones, and ideographic and no-break blanks as blanks. Other characters stay.
func Narrow(text string) string {
	if !strings.ContainsFunc(text, isWide) {
		return text
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u3000' || r == '\u00A0':
			return ' '
		case r >= '\uFF01' && r <= '\uFF5E':
			return r - '\uFF01' + '!'
		}
		return r
	}, text)
}

func isWide(r rune) bool {
	return r == '\u3000' || r == '\u00A0' || r >= '\uFF01' && r <= '\uFF5E'
}
