package draw

import (
	"math"

	"unigrid/geo/lattice"
)

// vec is a place in metres, east and north of a frame's origin.
type vec struct{ x, y float64 }

func (a vec) add(b vec) vec           { return vec{a.x + b.x, a.y + b.y} }
func (a vec) sub(b vec) vec           { return vec{a.x - b.x, a.y - b.y} }
func (a vec) times(f float64) vec     { return vec{a.x * f, a.y * f} }
func (a vec) dot(b vec) float64       { return a.x*b.x + a.y*b.y }
func (a vec) length() float64         { return math.Hypot(a.x, a.y) }
func (a vec) distance(b vec) float64  { return a.sub(b).length() }
func (a vec) distance2(b vec) float64 { d := a.sub(b); return d.dot(d) }

// frame is a local plane in metres round the middle of a box.
type frame struct {
	x0, y0 float64
	scale  lattice.Scale
}

func newFrame(b lattice.Box) frame {
	f := frame{x0: (float64(b.Min.X) + float64(b.Max.X)) / 2, y0: (float64(b.Min.Y) + float64(b.Max.Y)) / 2}
	f.scale = lattice.ScaleAt(f.y0)
	return f
}

func (f frame) vec(p lattice.Point) vec {
	return vec{(float64(p.X) - f.x0) * f.scale.X, (float64(p.Y) - f.y0) * f.scale.Y}
}

// point rounds a place to the lattice.
func (f frame) point(v vec) lattice.Point {
	return lattice.Point{
		X: int32(math.Round(f.x0 + v.x/f.scale.X)),
		Y: int32(math.Round(f.y0 + v.y/f.scale.Y)),
	}
}

// lineLength returns the length of a line.
func lineLength(line []vec) float64 {
	sum := 0.0
	for i := 1; i < len(line); i++ {
		sum += line[i].distance(line[i-1])
	}
	return sum
}

// resample cuts a line into n pieces of equal length; its ends stay.
func resample(line []vec, n int) []vec {
	total := lineLength(line)
	out := make([]vec, 0, n+1)
	out = append(out, line[0])
	at, i := 0.0, 1
	for k := 1; k < n; k++ {
		want := total * float64(k) / float64(n)
		for i < len(line)-1 && at+line[i].distance(line[i-1]) < want {
			at += line[i].distance(line[i-1])
			i++
		}
		d := line[i].distance(line[i-1])
		f := 0.0
		if d > 0 {
			f = math.Min(math.Max((want-at)/d, 0), 1)
		}
		out = append(out, line[i-1].add(line[i].sub(line[i-1]).times(f)))
	}
	return append(out, line[len(line)-1])
}
