package geo_test

import (
	"encoding/binary"
	"testing"

	"github.com/paulmach/orb"

	"unigrid/geo"
	"unigrid/geo/lattice"
)

// FuzzCoverage reads cells from bytes, few positions so that rings meet often:
// whatever they are, nothing may panic, and what validates must dissolve.
func FuzzCoverage(f *testing.F) {
	f.Add([]byte{0x00, 0x10, 0x11, 0x01, 0xff, 0x10, 0x20, 0x21, 0x11})
	f.Add([]byte{0x00, 0x30, 0x33, 0x03, 0xfe, 0x11, 0x12, 0x22, 0x21, 0xff, 0x11, 0x21, 0x22, 0x12})
	f.Add([]byte{0x00, 0x20, 0x02, 0x22, 0xfd, 0x11, 0x10, 0x11})
	f.Add(binary.BigEndian.AppendUint64(nil, 0x0011223300112233))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 200 {
			return
		}
		cells := []orb.MultiPolygon{{{{}}}}
		for _, b := range data {
			c := len(cells) - 1
			p := len(cells[c]) - 1
			r := len(cells[c][p]) - 1
			switch b {
			case 0xff:
				cells = append(cells, orb.MultiPolygon{{{}}})
			case 0xfe:
				cells[c][p] = append(cells[c][p], orb.Ring{})
			case 0xfd:
				cells[c] = append(cells[c], orb.Polygon{{}})
			default:
				cells[c][p][r] = append(cells[c][p][r], orb.Point{float64(b>>4) * 1e-7, float64(b&15) * 1e-7})
			}
		}
		for _, m := range cells {
			for _, p := range m {
				for i, r := range p {
					if len(r) > 0 {
						p[i] = append(r, r[0])
					}
				}
			}
		}
		c, err := geo.NewCoverage(cells)
		if err != nil {
			return
		}
		valid := true
		for _, f := range c.Validate(nil) {
			valid = valid && f.Kind == geo.Unmatched
		}
		whole, err := c.Dissolve(make([]int, len(cells)))
		if !valid {
			c.Validate(cells[0])
			c.Simplify(1)
			c.Neighbours()
			c.Arcs()
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if f := c.Validate(whole[0]); len(f) > 0 {
			t.Errorf("cells do not cover their own union: %v", f)
		}
		// In two groups, every unit of area and every segment stays.
		groups := make([]int, len(cells))
		for i := range groups {
			groups[i] = int(data[i%len(data)]) % min(2, len(cells))
		}
		halves, err := c.Dissolve(groups)
		if err != nil {
			t.Fatal(err)
		}
		var area int64
		for _, m := range halves {
			area += areaOf(t, m)
		}
		if area != areaOf(t, whole[0]) {
			t.Errorf("two groups have area %d, the whole %d", area, areaOf(t, whole[0]))
		}
		for _, tolerance := range []float64{0.01, 0.03, 1} {
			sameWhenSimple(t, c, cells, c.Simplify(tolerance))
		}
	})
}

// areaOf returns twice the area in square units.
func areaOf(t *testing.T, m orb.MultiPolygon) int64 {
	t.Helper()
	l, err := lattice.FromMultiPolygon(m)
	if err != nil {
		t.Fatal(err)
	}
	return l.Area2()
}
