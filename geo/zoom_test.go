package geo_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"unigrid/geo"
	"unigrid/geo/geotest"
)

// counties reads the nine areas of testdata/counties.geojson.
func counties(t *testing.T) []orb.MultiPolygon {
	t.Helper()
	data, err := os.ReadFile("testdata/counties.geojson")
	if err != nil {
		t.Fatal(err)
	}
	collection, err := geojson.UnmarshalFeatureCollection(data)
	if err != nil {
		t.Fatal(err)
	}
	var out []orb.MultiPolygon
	for _, f := range collection.Features {
		switch g := f.Geometry.(type) {
		case orb.Polygon:
			out = append(out, orb.MultiPolygon{g})
		case orb.MultiPolygon:
			out = append(out, g)
		}
	}
	if len(out) != 9 {
		t.Fatalf("%d counties", len(out))
	}
	return out
}

// At every zoom of the map, tiers simplified to a pixel are coverages with the
// same neighbours and the same outer boundary, without gap, overlap or loss. The
// tiers: counties as they are and with a vertex every 50 m, as they are stored;
// a thousand villages, and their parents.
func TestNoGapAtAnyZoom(t *testing.T) {
	t.Parallel()
	sketch := counties(t)
	dense, err := geo.Densify(sketch, 50)
	if err != nil {
		t.Fatal(err)
	}
	country := geotest.NewCountry(1000)
	var villages []orb.MultiPolygon
	var groups []int
	for i := range country.Len() {
		villages = append(villages, country.Cell(i))
		groups = append(groups, country.Parent(i))
	}
	towns, err := coverage(t, villages...).Dissolve(groups)
	if err != nil {
		t.Fatal(err)
	}
	for name, cells := range map[string][]orb.MultiPolygon{
		"counties": sketch, "dense counties": dense, "villages": villages, "towns": towns,
	} {
		c := coverage(t, cells...)
		before := 0
		for zoom := 14; zoom >= 4; zoom-- {
			simple := c.Simplify(geotest.PixelAt(zoom))
			vertices := 0
			for _, m := range simple {
				for _, p := range m {
					for _, r := range p {
						vertices += len(r)
					}
				}
			}
			if before > 0 && vertices > before*11/10 {
				t.Errorf("%s: %d vertices at zoom %d, %d at the next", name, vertices, zoom, before)
			}
			before = vertices
			t.Run(fmt.Sprintf("%s at zoom %d", name, zoom), func(t *testing.T) {
				t.Parallel()
				sameWhenSimple(t, c, cells, simple)
			})
		}
	}
}
