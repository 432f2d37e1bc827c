package collections

import (
	"fmt"
	"math"
	"strings"
)

// Generalised is the collection with its geometry to so many metres, as the
// public sees it: it is sent so, and bbox selects by what is sent. Cells come
// from the coverage that was simplified once for both sides.
func (d *Def) Generalised(metres float64) *Def {
	g := *d
	g.Sent, g.Instant = "", ""
	if d.ID == "cells" {
		g.Rows = `cells.public_features($1, $2, $3) f`
		return &g
	}
	g.exact, g.metres = d.Rows, int(math.Ceil(metres))
	g.Rows = g.generalise(d.Rows)
	g.Place, g.shown = `f.shown`, `f.shown`
	g.near, g.shift = `f.geom`, 2*metres/100_000
	return &g
}

// generalise adds to rows the geometry that is sent.
func (d *Def) generalise(rows string) string {
	return fmt.Sprintf(`(SELECT g.*, access.generalised(g.geom, %d) AS shown FROM %s g) f`, d.metres, strings.TrimSuffix(rows, " f"))
}
