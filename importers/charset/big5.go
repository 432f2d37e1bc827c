package charset

import (
	"fmt"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/traditionalchinese"
)

// big5Codes are the codes of Big5 itself, without later additions (ETEN, HKSCS)
// that few programs read. Package traditionalchinese reads them all, but writes
// some characters of Big5 (港, 包, 晴) as additions that came to mean the same.
var big5Codes = sync.OnceValue(func() map[rune][2]byte {
	codes := map[rune][2]byte{}
	decoder := traditionalchinese.Big5.NewDecoder()
	// characters before symbols, for two numerals are both
	for _, part := range [][2]int{{0xA440, 0xC67E}, {0xC940, 0xF9D5}, {0xA140, 0xA3BF}} {
		for code := part[0]; code <= part[1]; code++ {
			raw := [2]byte{byte(code >> 8), byte(code)}
			if trail := raw[1]; trail < 0x40 || trail > 0x7E && trail < 0xA1 || trail == 0xFF {
				continue
			}
			text, err := decoder.Bytes(raw[:])
			r, size := utf8.DecodeRune(text)
			if err != nil || size != len(text) || r == utf8.RuneError {
				continue
			}
			if _, there := codes[r]; !there {
				codes[r] = raw
			}
		}
	}
	return codes
})

func encodeBig5(text string) ([]byte, error) {
	out := make([]byte, 0, len(text))
	for _, r := range text {
		if r < utf8.RuneSelf {
			out = append(out, byte(r))
			continue
		}
		raw, ok := big5Codes()[r]
		if !ok {
			return nil, fmt.Errorf("Big5 has no character %q (%U)", r, r)
		}
		out = append(out, raw[:]...)
	}
	return out, nil
}
