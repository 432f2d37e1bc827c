package geotest

import (
	"math"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// Country is a coverage of any size: columns × rows cells of 60 vertices or so,
// laid like bricks, every corner moved and every border between two corners bent
// at random, the same for both sides. Each cell is computed when asked for, so a
// country takes no memory. Cells are numbered parent by parent, as codes are.
type Country struct {
	Columns, Rows int
	across, up    int // parents
}

// Every parent has 7 × 5 cells.
const parentColumns, parentRows = 7, 5

// brick is the size of a cell in units of 1e-7°: about 3 km by 3.3 km. A country
// of 700,000 cells is 25° wide and high.
const brick = 300000

// NewCountry returns a country of about n cells, in whole parents.
func NewCountry(n int) *Country {
	side := math.Sqrt(float64(n) / (parentColumns * parentRows))
	up := max(int(math.Round(side*parentColumns/parentRows)), 1)
	across := max(int(math.Round(float64(n)/(parentColumns*parentRows)/float64(up))), 1)
	return &Country{Columns: across * parentColumns, Rows: up * parentRows, across: across, up: up}
}

// Len returns the number of cells.
func (c *Country) Len() int { return c.Columns * c.Rows }

// Parents returns the number of parents.
func (c *Country) Parents() int { return c.across * c.up }

// Parent returns the parent of a cell.
func (c *Country) Parent(cell int) int { return cell / (parentColumns * parentRows) }

// Cell returns a cell in degrees.
func (c *Country) Cell(cell int) orb.MultiPolygon {
	parent, n := c.Parent(cell), cell%(parentColumns*parentRows)
	column := parent%c.across*parentColumns + n%parentColumns
	row := parent/c.across*parentRows + n/parentColumns
	// Corners are half a brick apart along the rows, odd rows half a brick to the
	// east, so a brick has a corner in the middle above and below.
	x := 2*column + row%2
	around := [][2]int{{x, row}, {x + 1, row}, {x + 2, row}, {x + 2, row + 1}, {x + 1, row + 1}, {x, row + 1}}
	var ring orb.Ring
	for i, a := range around {
		b := around[(i+1)%len(around)]
		for _, p := range border(corner(a), corner(b))[1:] {
			ring = append(ring, p.Orb())
		}
	}
	return orb.MultiPolygon{{append(ring, ring[0])}}
}

// corner returns a corner, up to a twelfth of a brick off its place.
func corner(at [2]int) lattice.Point {
	h := lattice.Point{X: int32(at[0]), Y: int32(at[1])}.Hash()
	return lattice.Point{
		X: 980e6 + int32(at[0]*brick/2) + int32(h%(brick/6)) - brick/12,
		Y: 220e6 + int32(at[1]*brick) + int32(h>>32%(brick/6)) - brick/12,
	}
}

// border returns the line between two corners, both included: ten segments that
// midpoints, moved sideways again and again, make of it.
func border(a, b lattice.Point) []lattice.Point {
	s := lattice.Segment{A: a, B: b}.Canonical()
	line := make([]lattice.Point, 11)
	line[0], line[10] = s.A, s.B
	bow(line, s.A.Hash()^s.B.Hash())
	if s.A != a {
		for i, j := 0, 10; i < j; i, j = i+1, j-1 {
			line[i], line[j] = line[j], line[i]
		}
	}
	return line
}

// bow fills in the points between the first and the last.
func bow(line []lattice.Point, random uint64) {
	n := len(line) - 1
	if n < 2 {
		return
	}
	m := n / 2
	a, b := line[0], line[n]
	dx, dy := float64(b.X-a.X), float64(b.Y-a.Y)
	f := float64(m) / float64(n)
	off := (float64(random>>11)/(1<<53) - 0.5) * 0.16
	line[m] = lattice.Point{X: a.X + int32(math.Round(f*dx-off*dy)), Y: a.Y + int32(math.Round(f*dy+off*dx))}
	bow(line[:m+1], line[m].Hash()^random)
	bow(line[m:], line[m].Hash()+random)
}

// PixelAt returns the size in metres of a pixel of a 512-pixel tile of the web
// map at a zoom, at latitude 27°: what a line may be off without being seen.
func PixelAt(zoom int) float64 {
	return 2 * math.Pi * 6378137 * math.Cos(27*math.Pi/180) / 512 / math.Exp2(float64(zoom))
}
