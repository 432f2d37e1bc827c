package importers

import (
	"strings"
	"time"
	"unicode/utf8"

	"unigrid/grids"
	"unigrid/grids/objects"
)

// The kinds of personal data that columns are looked through for.
const (
	kindIdentity  = "identity-number"
	kindBank      = "bank-card"
	kindMobile    = "mobile"
	kindAddress   = "home-address"
	kindHealth    = "health"
	kindPolitics  = "politics"
	kindKeyPerson = "key-person"
)

// kindNames names kinds of personal data for people.
func kindNames(kinds []string) grids.Text {
	names := map[string]grids.Text{
		kindIdentity: {ZH: "身份证号", EN: "identity number"}, kindBank: {ZH: "银行卡号", EN: "bank card"}, kindMobile: {ZH: "手机号", EN: "mobile number"},
		kindAddress: {ZH: "家庭住址", EN: "home address"}, kindHealth: {ZH: "健康状况", EN: "health"}, kindPolitics: {ZH: "政治面貌", EN: "politics"},
		kindKeyPerson: {ZH: "重点人员", EN: "key person"},
	}
	var chinese, english []string
	for _, kind := range kinds {
		chinese, english = append(chinese, names[kind].ZH), append(english, names[kind].EN)
	}
	return grids.Text{ZH: strings.Join(chinese, "、"), EN: strings.Join(english, ", ")}
}

// span is a personal number within a text, in bytes.
type span struct {
	kind     string
	from, to int
}

// numbersIn finds identity, bank card and mobile numbers in a half-width text.
// Digits may stand in groups that single blanks or hyphens part.
func numbersIn(text string) []span {
	var found []span
	for at := 0; at < len(text); {
		if !digit(text[at]) {
			at++
			continue
		}
		end, groups := at, at
		for end < len(text) && digit(text[end]) {
			end++
		}
		for groups = end; groups+1 < len(text) && (text[groups] == ' ' || text[groups] == '-') && digit(text[groups+1]); {
			groups++
			for groups < len(text) && digit(text[groups]) {
				groups++
			}
		}
		before := at > 0 && letter(text[at-1])
		if s, ok := numberAt(text, at, withX(text, end), before); ok {
			found, end = append(found, s), s.to
		} else if groups > end {
			if s, ok := numberAt(text, at, withX(text, groups), before); ok {
				found, end = append(found, s), s.to
			}
		}
		at = end
	}
	return found
}

// numberAt reads text[from:to] as one personal number.
func numberAt(text string, from, to int, afterLetter bool) (span, bool) {
	if to-from < 11 || afterLetter || (to < len(text) && letter(text[to])) {
		return span{}, false
	}
	bare := text[from:to]
	if strings.ContainsAny(bare, " -") {
		bare = strings.ReplaceAll(strings.ReplaceAll(bare, " ", ""), "-", "")
	}
	kind := ""
	switch {
	case isMobile(bare):
		kind = kindMobile
	case isIdentity(bare):
		kind = kindIdentity
	case isCard(bare):
		kind = kindBank
	}
	return span{kind, from, to}, kind != ""
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

// withX takes in the X that an identity number may end with.
func withX(text string, end int) int {
	if end < len(text) && (text[end] == 'X' || text[end] == 'x') {
		return end + 1
	}
	return end
}

// isMobile tells whether digits are a mobile number, with or without 86.
func isMobile(digits string) bool {
	if rest, ok := strings.CutPrefix(digits, "86"); ok && len(rest) == 11 {
		digits = rest
	}
	return len(digits) == 11 && digits[0] == '1' && digits[1] >= '3' && digits[1] <= '9' && allDigits(digits)
}

// isIdentity tells whether a text is an identity number: 18 characters of GB
// 11643-1999, with a division and a birthday, or the 15 digits of before. A wrong
// check digit is a typing error in what is personal all the same, unless it makes a
// firm's credit code.
func isIdentity(text string) bool {
	switch len(text) {
	case 18:
		if !allDigits(text[:17]) || !digit(text[17]) && upperX(text[17]) != 'X' || !province(text[:2]) || !birthday(text[6:14]) {
			return false
		}
		credit, _ := objects.CreditCheck(text[:17])
		return credit != upperX(text[17]) || identityCheck(text[:17]) == credit
	case 15:
		if !allDigits(text) || !province(text[:2]) || !birthday("19"+text[6:12]) {
			return false
		}
		registration, _ := objects.RegistrationCheck(text[:14])
		return registration != text[14]
	}
	return false
}

// identityCheck gives the check digit of 17 digits (ISO 7064, MOD 11-2).
func identityCheck(first17 string) byte {
	sum := 0
	for i := range len(first17) {
		sum += int(first17[i]-'0') << (17 - i) % 11
	}
	return "10X98765432"[sum%11]
}

func upperX(c byte) byte {
	if c == 'x' {
		return 'X'
	}
	return c
}

// province tells whether two digits begin division codes.
func province(code string) bool {
	switch code[0] {
	case '1':
		return code[1] >= '1' && code[1] <= '5'
	case '2':
		return code[1] >= '1' && code[1] <= '3'
	case '3':
		return code[1] >= '1' && code[1] <= '7'
	case '4':
		return code[1] >= '1' && code[1] <= '6'
	case '5':
		return code[1] >= '0' && code[1] <= '4'
	case '6':
		return code[1] >= '1' && code[1] <= '5'
	case '7':
		return code[1] == '1'
	case '8':
		return code[1] >= '1' && code[1] <= '3'
	}
	return false
}

// birthday tells whether eight digits are a day since 1900.
func birthday(digits string) bool {
	at, err := time.Parse("20060102", digits)
	return err == nil && at.Year() >= 1900 && at.Year() < 2100
}

// isCard tells whether digits are a bank card's number: 16 to 19, one of the
// beginnings that cards have here, and the check digit of Luhn.
func isCard(digits string) bool {
	if len(digits) < 16 || len(digits) > 19 || !allDigits(digits) {
		return false
	}
	known := false
	for _, begins := range []string{"62", "60", "4", "51", "52", "53", "54", "55", "35", "37", "9558"} {
		known = known || strings.HasPrefix(digits, begins)
	}
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return known && sum%10 == 0
}

func allDigits(text string) bool {
	for i := range len(text) {
		if !digit(text[i]) {
			return false
		}
	}
	return true
}

// masked gives a text with its personal numbers masked; found is false if it has
// none, and the text is then as it was.
func masked(text string) (out string, kinds []string, found bool) {
	if !hasDigits(text) {
		return text, nil, false
	}
	half := objects.HalfWidth(text)
	spans := numbersIn(half)
	if len(spans) == 0 {
		return text, nil, false
	}
	var b strings.Builder
	last := 0
	for _, s := range spans {
		b.WriteString(half[last:s.from])
		b.WriteString(maskNumber(half[s.from:s.to]))
		kinds, last = append(kinds, s.kind), s.to
	}
	b.WriteString(half[last:])
	return b.String(), kinds, true
}

// maskNumber leaves the first three characters.
func maskNumber(number string) string { return number[:3] + strings.Repeat("*", len(number)-3) }

// hasDigits tells, soon, whether a text may hold a personal number: eleven
// digits, half- or full-width.
func hasDigits(text string) bool {
	n := 0
	for i := range len(text) {
		if digit(text[i]) {
			n++
		} else if text[i] == 0xEF && i+2 < len(text) && text[i+1] == 0xBC && text[i+2] >= 0x90 && text[i+2] <= 0x99 {
			n++
		}
	}
	return n >= 11
}

// sample is a value as a preview shows it: cut, and masked where it is personal.
func sample(value, kind string) string {
	const longest = 60
	if kind != "" {
		first, _ := utf8.DecodeRuneInString(value)
		return string(first) + "***"
	}
	value, _, _ = masked(value)
	if runes := []rune(value); len(runes) > longest {
		value = string(runes[:longest]) + "…"
	}
	return value
}
