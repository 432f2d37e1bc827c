package geo

import (
	"fmt"

	"github.com/paulmach/orb"

	"unigrid/geo/lattice"
)

// Densify cuts every segment longer than metres into equal pieces no longer
// than that. The new vertices are computed and rounded to 1e-7° once per
// segment, whichever side it is seen from, so that shared boundaries stay
// identical. It fails on a length that is not positive and as NewCoverage does.
func Densify(cells []orb.MultiPolygon, metres float64) ([]orb.MultiPolygon, error) {
	if !(metres > 0) {
		return nil, fmt.Errorf("densify to %v m: length must be positive", metres)
	}
	out := make([]orb.MultiPolygon, len(cells))
	for i, mp := range cells {
		m, err := lattice.FromMultiPolygon(mp)
		if err != nil {
			return nil, fmt.Errorf("cell %d: %w", i, err)
		}
		m.Densify(metres)
		out[i] = m.Orb()
	}
	return out, nil
}
