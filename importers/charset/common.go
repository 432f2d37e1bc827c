package charset

import (
	"strings"
	"unicode"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// common knows the characters that people use: the first plane of GB 2312
// (3,755 simplified ones) or of Big5 (5,401 traditional ones), and the signs.
// Bytes read by a wrong encoding come out as characters beyond.
type common struct {
	bits [0x10000 / 64]uint64
}

func (c *common) has(r rune) bool { return r < 0x10000 && c.bits[r/64]>>(r%64)&1 != 0 }

func commonOf(e encoding.Encoding, first, last, trail byte) *common {
	c := &common{}
	d := e.NewDecoder()
	for lead := first; lead <= last; lead++ {
		for second := int(trail); second <= 0xFE; second++ {
			text, err := d.Bytes([]byte{lead, byte(second)})
			if r := []rune(string(text)); err == nil && len(r) == 1 && r[0] < 0x10000 && unicode.Is(unicode.Han, r[0]) {
				c.bits[r[0]/64] |= 1 << (r[0] % 64)
			}
		}
	}
	return c
}

func simplified() *common {
	return commonOf(simplifiedchinese.GB18030, 0xB0, 0xD7, 0xA1)
}

func traditional() *common {
	return commonOf(traditionalchinese.Big5, 0xA4, 0xC6, 0x40)
}

// share is how many of a text's characters beyond ASCII are common, and of
// how many.
func (c *common) share(text string) (hits, of int) {
	for _, r := range text {
		if r <= unicode.MaxASCII {
			continue
		}
		of++
		if c.has(r) || r >= 0x3000 && r <= 0x3017 || r >= 0xFF01 && r <= 0xFF5E || strings.ContainsRune("—‘’“”…·×℃㎡°′″Ⅰ Ⅱ Ⅲ Ⅳ①②③④⑤⑥⑦⑧⑨", r) {
			hits++
		}
	}
	return hits, of
}
