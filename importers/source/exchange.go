package source

import (
	"github.com/twpayne/go-geom"

	"unigrid/grids"
)

// Exchanged wraps a reader of a file whose x and y stand in each other's place:
// its shapes have them in theirs.
func Exchanged(s Source) Source { return exchanged{s} }

type exchanged struct{ Source }

// CRS says also what was done.
func (e exchanged) CRS() (epsg int, how grids.Text) {
	epsg, how = e.Source.CRS()
	return epsg, how.And(grids.Text{ZH: ";X、Y 已按用户指定对调", EN: "; x and y exchanged, as the user said"})
}

// Progress is the reader's, in bytes; zeros if it has none.
func (e exchanged) Progress() (done, total int64) {
	if p, ok := e.Source.(interface{ Progress() (done, total int64) }); ok {
		return p.Progress()
	}
	return 0, 0
}

// Next gives the reader's next record with its shape exchanged.
func (e exchanged) Next() (Record, error) {
	record, err := e.Source.Next()
	Exchange(record.Geometry)
	return record, err
}

// Exchange exchanges x and y of a geometry of two dimensions, which may be nil,
// in place.
func Exchange(g geom.T) {
	switch g := g.(type) {
	case nil:
	case *geom.GeometryCollection:
		for _, member := range g.Geoms() {
			Exchange(member)
		}
	default:
		coords := g.FlatCoords()
		for i := 0; i+1 < len(coords); i += 2 {
			coords[i], coords[i+1] = coords[i+1], coords[i]
		}
	}
}
