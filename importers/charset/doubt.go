package charset

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"unigrid/grids"
)

// Sample keeps values of a file that have bytes beyond ASCII, to judge the
// encoding by which they are read. The zero value is ready.
type Sample struct {
	values [][]byte
	bytes  int
}

const (
	mostSampled      = 4000
	mostSampledBytes = 1 << 20
)

// Value takes in one value.
func (s *Sample) Value(raw []byte) {
	if len(s.values) < mostSampled && s.bytes < mostSampledBytes && !ascii(raw) {
		s.values = append(s.values, bytes.Clone(raw))
		s.bytes += len(raw)
	}
}

// Lines takes in the values of a piece of a text file, cut at separators. What
// may be cut off at its end is left out.
func (s *Sample) Lines(head []byte) {
	for _, value := range bytes.FieldsFunc(head, func(r rune) bool { return r == '\n' || r == '\r' || r == ',' || r == ';' || r == '\t' || r == '"' }) {
		s.Value(value)
	}
}

// Doubt is the evidence that an encoding is the wrong one.
type Doubt struct {
	Values int        // that were looked at
	Why    grids.Text // for people, with a value as it is read and as it would be
	Better string     // the encoding that fits better
}

// verdict is how a sample reads by one encoding.
type verdict struct {
	e     Encoding
	clean int     // values of which every byte is known
	score float64 // share of the characters that fit, from 0 to 1
	of    int     // characters
}

// Doubt judges the encoding that was chosen against the others that Chinese
// offices use. It is false where nothing speaks for another one, and where
// there is too little to go by.
func (s *Sample) Doubt(chosen Encoding) (Doubt, bool) {
	if len(s.values) == 0 {
		return Doubt{}, false
	}
	simple, full := simplified(), traditional()
	now := s.judge(chosen, simple, full)
	best := now
	for _, name := range []string{"UTF-8", "GBK", "Big5", "ISO-8859-1"} {
		e, err := Lookup(name)
		if err != nil || e.Name() == chosen.Name() || chosen.Name() == "GB18030" && name == "GBK" {
			continue
		}
		if v := s.judge(e, simple, full); v.merit(len(s.values)) > best.merit(len(s.values)) {
			best = v
		}
	}
	const (
		margin = 0.25
		fewest = 4 // characters, of which fewer prove nothing
	)
	if best.of < fewest && now.clean == len(s.values) {
		return Doubt{}, false
	}
	if best.e.Name() == now.e.Name() || best.merit(len(s.values)) < now.merit(len(s.values))+margin {
		return Doubt{}, false
	}
	example := s.example(chosen, best.e)
	was, _ := chosen.Decode(example)
	would, _ := best.e.Decode(example)
	why := grids.Textf("有汉字等字符的 %d 个值中,", "of %d values with characters beyond ASCII ", len(s.values))
	if bad := len(s.values) - now.clean; bad > 0 {
		why = why.And(grids.Textf("%d 个有 %s 中没有的字节,", "%d have bytes that %s does not know, and ", bad, chosen.Name()))
	}
	why = why.And(grids.Textf("按 %[2]s 读有 %.0[1]f%% 是常用字,按 %[4]s 读有 %.0[3]f%%:%[5]q 应为 %[6]q", "%.0f%% of the characters are usual ones when read as %s, %.0f%% when read as %s: %q would be %q",
		100*now.score, chosen.Name(), 100*best.score, best.e.Name(), short(was), short(would)))
	return Doubt{Values: len(s.values), Why: why, Better: best.e.Name()}, true
}

// merit weighs undecodable values and unusual characters together.
func (v verdict) merit(values int) float64 {
	return v.score * float64(v.clean) / float64(values)
}

func (s *Sample) judge(e Encoding, simple, full *common) verdict {
	v := verdict{e: e}
	hits := 0.0
	for _, raw := range s.values {
		text, clean := e.Decode(raw)
		if !clean {
			// A character cut off where the column ends is no evidence.
			if trimmed, ok := e.Decode(raw[:len(raw)-1]); ok && len(raw) > 2 {
				text, clean = trimmed, true
			} else if trimmed, ok := e.Decode(raw[:max(0, len(raw)-2)]); ok && len(raw) > 4 {
				text, clean = trimmed, true
			}
		}
		if clean {
			v.clean++
		}
		h, of := fit(e, text, simple, full)
		hits += h
		v.of += of
	}
	if v.of > 0 {
		v.score = hits / float64(v.of)
	}
	return v
}

// fit is how many characters of a text are what the encoding is used for.
func fit(e Encoding, text string, simple, full *common) (hits float64, of int) {
	switch e.Name() {
	case "GBK", "GB18030", "HZ-GB2312":
		h, n := simple.share(text)
		return float64(h), n
	case "Big5":
		h, n := full.share(text)
		return float64(h), n
	case "UTF-8", "UTF-16LE", "UTF-16BE":
		// Valid UTF-8 of more than a letter or two isn't valid by chance.
		for _, r := range text {
			if r > unicode.MaxASCII {
				if of++; r != utf8.RuneError && !unicode.Is(unicode.Co, r) && !unicode.IsControl(r) {
					hits++
				}
			}
		}
		return hits * 0.98, of
	}
	return western(text)
}

// western counts the letters beyond ASCII that stand within words of Latin
// letters and are no crowd there.
func western(text string) (hits float64, of int) {
	runes := []rune(text)
	for i, r := range runes {
		if r <= unicode.MaxASCII {
			continue
		}
		of++
		if !unicode.Is(unicode.Latin, r) {
			continue
		}
		beside := 0
		for _, j := range []int{i - 1, i + 1} {
			if j >= 0 && j < len(runes) && runes[j] <= unicode.MaxASCII && unicode.IsLetter(runes[j]) {
				beside++
			}
		}
		if beside > 0 {
			hits += 0.95
		}
	}
	return hits, of
}

// example is a value that the two encodings read differently, the first of a
// fair length.
func (s *Sample) example(a, b Encoding) []byte {
	var found []byte
	for _, raw := range s.values {
		if x, _ := a.Decode(raw); x != "" {
			if y, clean := b.Decode(raw); clean && x != y && len(raw) > len(found) {
				if found = raw; len(raw) >= 6 {
					break
				}
			}
		}
	}
	if found == nil {
		return s.values[0]
	}
	return found
}

func short(text string) string {
	const most = 20
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return strings.TrimSpace(text)
}
