package lattice_test

import (
	"testing"

	"unigrid/geo/lattice"
)

// FuzzAssemble reads segments from bytes. What is assembled must be the very
// segments given, no more, no fewer.
func FuzzAssemble(f *testing.F) {
	f.Add([]byte{0x00, 0x20, 0x20, 0x22, 0x22, 0x00})
	f.Add([]byte{0x00, 0x40, 0x40, 0x44, 0x44, 0x04, 0x04, 0x00, 0x00, 0x12, 0x12, 0x21, 0x21, 0x00})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 100 {
			return
		}
		at := func(b byte) lattice.Point { return lattice.Point{X: int32(b >> 4), Y: int32(b & 15)} }
		left := map[lattice.Segment]int{}
		var segments []lattice.Segment
		for i := 0; i+1 < len(data); i += 2 {
			if s := (lattice.Segment{A: at(data[i]), B: at(data[i+1])}); s.A != s.B {
				segments = append(segments, s)
				left[s]++
			}
		}
		m, err := lattice.Assemble(segments)
		if err != nil {
			return
		}
		for _, s := range m.Segments() {
			left[s]--
		}
		for s, n := range left {
			if n != 0 {
				t.Errorf("segment %v: %d more than in %v", s, n, m)
			}
		}
		if !m.Equal(m.Normal()) {
			t.Errorf("%v is not in normal order", m)
		}
	})
}
