package charset

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"unigrid/grids"
)

// Damage learns from decoded texts whether a wrong reading was kept before the
// file was made: 锟斤拷, or UTF-8 read as Latin-1 or GBK and saved again (乱码).
// The zero value is ready.
type Damage struct {
	lost, readable int
	lostExample    string
	was, would     string
	by             string
	simple         *common
}

// Look takes in one text.
func (d *Damage) Look(text string) {
	wide := false
	for i := 0; i < len(text); i++ {
		if text[i] >= utf8.RuneSelf {
			wide = true
			break
		}
	}
	if !wide {
		return
	}
	for _, mark := range []string{"锟斤拷", "斤拷锟", "烫烫烫", "屯屯屯", "ï¿½"} {
		if strings.Contains(text, mark) {
			if d.lost++; d.lostExample == "" {
				d.lostExample = short(text)
			}
			return
		}
	}
	if would, by, ok := d.repair(text); ok {
		if d.readable++; d.was == "" {
			d.was, d.would, d.by = short(text), short(would), by
		}
	}
}

// repair reads a text's characters back into the bytes that they came from.
func (d *Damage) repair(text string) (would, by string, ok bool) {
	latin, beyond := true, 0
	for _, r := range text {
		if r > unicode.MaxASCII {
			beyond++
			latin = latin && (r <= 0xFF || strings.ContainsRune("€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ", r))
		}
	}
	const fewest = 2
	if beyond < fewest {
		return "", "", false
	}
	names := []string{"GBK"}
	if latin {
		names = []string{"ISO-8859-1", "windows-1252"}
	} else {
		if d.simple == nil {
			d.simple = simplified()
		}
		if hits, of := d.simple.share(text); hits*4 > of*3 {
			return "", "", false
		}
	}
	for _, name := range names {
		e, err := Lookup(name)
		if err != nil {
			continue
		}
		raw, err := e.Encode(text)
		if err != nil || !utf8.Valid(raw) {
			continue
		}
		would := string(raw)
		if strings.ContainsFunc(would, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			return would, name, true
		}
	}
	return "", "", false
}

// Found says how many texts are damaged, how, and which encoding would have
// read them rightly. n is 0 if none is.
func (d *Damage) Found() (n int, why grids.Text, better string) {
	if d.readable > 0 {
		why = grids.Textf("%d 个值原是 UTF-8,在做成此文件之前被按 %s 误读并存盘:%q 原为 %q", "%d values were read as %s and saved so before this file was made, though they were UTF-8: %q was %q", d.readable, d.by, d.was, d.would)
		better = "UTF-8"
	}
	if d.lost > 0 {
		if why != (grids.Text{}) {
			why = why.And(grids.Text{ZH: ";", EN: "; "})
		}
		why = why.And(grids.Textf("%d 个值中的字已丢失(如 %q),请索取做成此文件之前的原文件", "%d values hold characters that stand for lost ones (%q); ask for the file from which this one was made", d.lost, d.lostExample))
	}
	return d.lost + d.readable, why, better
}
