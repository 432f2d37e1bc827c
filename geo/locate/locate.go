// Package locate finds the cell that covers a place, in memory: millions of
// places a second, where the database finds tens of thousands.
package locate

import (
	"math"

	"unigrid/geo/lattice"
)

// Index knows where cells are. It never changes once it is built, and any number
// of goroutines may ask it at once.
type Index struct {
	grid
	cells   []cell
	rings   []ring
	blocks  [][]lattice.Point
	corners [2][2]float64 // of the box around all cells, in degrees
}

// cell is where a cell's vertices are: one ring after the other, the first at
// blocks[block][first], and which are its rings.
type cell struct {
	box                 lattice.Box
	block, first        uint32
	firstRing, lastRing uint32 // the last not included
}

const cellBytes = 32

// ring is the number of vertices, and whether the ring begins a part.
type ring uint32

const shell ring = 1 << 31

// At returns the lowest of the numbers of the cells that cover a place in
// degrees (EPSG:4326), their boundaries included; false when none does. It
// answers as ST_Covers of PostGIS does, to the last bit: which side of a border a
// place is on is what its formula gives in floating-point numbers, wrong only for
// places within their rounding of a border (1e-15 degrees or so).
func (x *Index) At(lon, lat float64) (int, bool) {
	if !(lon >= x.corners[0][0] && lon <= x.corners[1][0] && lat >= x.corners[0][1] && lat <= x.corners[1][1]) {
		return 0, false
	}
	p := placeOf(lon, lat)
	b := x.row(lat*lattice.PerDegree)*x.cols + x.col(lon*lattice.PerDegree)
	for _, i := range x.items[x.start[b]:x.start[b+1]] {
		if i.whole() || x.covers(i.cell(), p) {
			return i.cell(), true
		}
	}
	return 0, false
}

// Len returns the number of cells.
func (x *Index) Len() int { return len(x.cells) }

// Bytes returns about how much memory the index takes.
func (x *Index) Bytes() int {
	n := cellBytes*cap(x.cells) + 4*cap(x.rings) + 4*cap(x.start) + 4*cap(x.items)
	for _, block := range x.blocks {
		n += 8 * cap(block)
	}
	return n
}

// place is a position in degrees, and the lattice lines on both sides of it, the
// same where it is on one: comparing with them is comparing with the float64
// that stands for a lattice coordinate.
type place struct {
	lon, lat     float64
	west, east   int32
	south, north int32
}

func placeOf(lon, lat float64) place {
	p := place{lon: lon, lat: lat}
	p.west, p.east = around(lon)
	p.south, p.north = around(lat)
	return p
}

// around returns the greatest k for which the float64 nearest to k·1e-7 is not
// above degrees, and the least for which it isn't below.
func around(degrees float64) (below, above int32) {
	k := int32(math.Floor(degrees * lattice.PerDegree))
	for degreesOf(k) > degrees {
		k--
	}
	for degreesOf(k+1) <= degrees {
		k++
	}
	if degreesOf(k) == degrees {
		return k, k
	}
	return k, k + 1
}

func degreesOf(k int32) float64 { return float64(k) / lattice.PerDegree }

// covers tells whether the place is in a cell or on its boundary.
func (x *Index) covers(number int, p place) bool {
	c := &x.cells[number]
	if c.box.Min.X > p.west || c.box.Max.X < p.east || c.box.Min.Y > p.south || c.box.Max.Y < p.north {
		return false
	}
	points := x.blocks[c.block][c.first:]
	inside := false // of a part so far
	for _, r := range x.rings[c.firstRing:c.lastRing] {
		n := int(r &^ shell)
		if r&shell != 0 {
			if inside {
				return true
			}
			inside = true
		}
		if inside {
			turns, on := winding(points[:n], p)
			if on {
				return true
			}
			inside = (turns != 0) == (r&shell != 0)
		}
		points = points[n:]
	}
	return inside
}

// winding tells how often a ring winds around a place, and whether the place is
// on it. It tells in integers which segments matter.
func winding(points []lattice.Point, p place) (turns int, on bool) {
	a := points[len(points)-1]
	for _, b := range points {
		if min(a.Y, b.Y) <= p.south && max(a.Y, b.Y) >= p.north {
			side := sideOf(a, b, p)
			switch {
			case side == 0 && min(a.X, b.X) <= p.west && max(a.X, b.X) >= p.east:
				return 0, true
			case side > 0 && a.Y <= p.south && b.Y > p.south:
				turns++
			case side < 0 && b.Y <= p.south && a.Y > p.south:
				turns--
			}
		}
		a = b
	}
	return turns, false
}

// sideOf is positive when the place is to the left of the line from a to b, zero
// when it is on it: the formula of PostGIS, each product rounded for itself (the
// conversions keep a compiler from fusing them).
func sideOf(a, b lattice.Point, p place) float64 {
	ax, ay := degreesOf(a.X), degreesOf(a.Y)
	return float64((degreesOf(b.X)-ax)*(p.lat-ay)) - float64((p.lon-ax)*(degreesOf(b.Y)-ay))
}
