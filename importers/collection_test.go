package importers_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"unigrid/grids"
	"unigrid/grids/database/databasetest"
	"unigrid/importers"
)

// A geometry that is a collection of several kinds is read as it stands, with a
// warning on its row.
func TestCollectionsOfSeveralKinds(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	territory := newTerritory(t, db)
	const collection = `{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[113.05,27.05]},{"type":"LineString","coordinates":[[113.05,27.05],[113.06,27.05]]}]}`
	feature := func(code, geometry string) string {
		return fmt.Sprintf(`{"type":"Feature","properties":{"编码":"%s","名称":"示例企业"},"geometry":%s}`, code, geometry)
	}
	for _, test := range []struct {
		file   string
		target importers.Target
	}{
		{write(t, "firms.geojson", `{"type":"FeatureCollection","features":[`+feature("F-1", collection)+`,`+feature("F-2", `{"type":"Point","coordinates":[113.05,27.06]}`)+`]}`), "enterprises"},
		{write(t, "firms.csv", "编码,名称,WKT\nF-3,示例,\"GEOMETRYCOLLECTION (POINT (113.05 27.05), LINESTRING (113.05 27.05, 113.06 27.05))\"\nF-4,示例,POINT (113.05 27.06)\n"), "enterprises"},
		{write(t, "reaches.geojson", `{"type":"FeatureCollection","features":[`+feature("R-1", collection)+`,`+feature("R-2", `{"type":"LineString","coordinates":[[113.05,27.05],[113.06,27.05]]}`)+`]}`), "river-reaches"},
	} {
		report, err := importers.Run(t.Context(), db, grids.Local, territory, importers.Request{File: test.file, Target: test.target}, nil)
		if err != nil || report.Applied != 2 || report.Warnings != 1 || report.Findings[0].Kind != "odd-geometry" {
			t.Errorf("%s: %v %+v", filepath.Base(test.file), err, report)
		}
	}
}
