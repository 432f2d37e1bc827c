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
	g.Rows = fmt.Sprintf(`(SELECT g.*, access.generalised(g.geom, %d) AS shown FROM %s g) f`, int(math.Ceil(metres)), strings.TrimSuffix(d.Rows, " f"))
	g.Place, g.shown = `f.shown`, `f.shown`
	g.near, g.shift = `f.geom`, 2*metres/100_000
	return &g
}
