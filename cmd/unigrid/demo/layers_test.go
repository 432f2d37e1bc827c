package demo_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"unigrid/cmd/unigrid/demo"
	"unigrid/geo"
	"unigrid/geo/lattice"
	"unigrid/grids"
	"unigrid/grids/drawing"
)

type layerCell struct {
	name, person string
	area         orb.MultiPolygon
}

// readLayer reads a layer's shapefile by GDAL, in degrees of seven decimals.
func readLayer(t *testing.T, layer grids.LayerCode) []layerCell {
	t.Helper()
	folder, _ := files(t)
	path := filepath.Join(folder, "layer-"+string(layer)+".shp")
	out, err := exec.Command("ogr2ogr", "-f", "GeoJSON", "/vsistdout/", path, "-t_srs", "EPSG:4326", "-lco", "COORDINATE_PRECISION=7", "-nlt", "PROMOTE_TO_MULTI").Output()
	if err != nil {
		t.Fatalf("ogr2ogr %s: %v", path, err)
	}
	var file struct {
		Features []struct {
			Properties map[string]*string
			Geometry   struct{ Coordinates orb.MultiPolygon }
		}
	}
	if err := json.Unmarshal(out, &file); err != nil {
		t.Fatal(err)
	}
	list := make([]layerCell, len(file.Features))
	for i, f := range file.Features {
		if f.Properties["代码"] == nil || f.Properties["名称"] == nil {
			t.Fatalf("%s: Chinese columns are not read: %v", path, f.Properties)
		}
		list[i] = layerCell{name: *f.Properties["名称"], area: f.Geometry.Coordinates}
		if p := f.Properties["工号"]; p != nil {
			list[i].person = *p
		}
	}
	return list
}

func areas(list []layerCell) []orb.MultiPolygon {
	out := make([]orb.MultiPolygon, len(list))
	for i, c := range list {
		out[i] = c.area
	}
	return out
}

// TestLayersCover checks, after a way through projected shapefiles and GDAL,
// that three layers partition the territory exactly, vertex by vertex.
func TestLayersCover(t *testing.T) {
	t.Parallel()
	root := city(t)[0].Geom
	for layer, want := range map[grids.LayerCode][2]int{"environment": {220, 280}, "safety": {150, 200}, "social-order": {600, 900}} {
		t.Run(string(layer), func(t *testing.T) {
			t.Parallel()
			list := readLayer(t, layer)
			if len(list) < want[0] || len(list) > want[1] {
				t.Errorf("%d cells", len(list))
			}
			require(t, root, areas(list))
		})
	}
}

func TestRiverChiefHasGapAndOverlaps(t *testing.T) {
	t.Parallel()
	root, err := lattice.FromMultiPolygon(city(t)[0].Geom)
	if err != nil {
		t.Fatal(err)
	}
	list := readLayer(t, "river-chief")
	var basins []orb.MultiPolygon
	double, sum := 0, int64(0)
	for _, c := range list {
		if strings.Contains(c.name, "争议") {
			double++
			continue
		}
		m, err := lattice.FromMultiPolygon(c.area)
		if err != nil {
			t.Fatal(err)
		}
		sum += m.Area2()
		basins = append(basins, c.area)
	}
	if double != 3 || len(basins) < 60 || len(basins) > 100 {
		t.Errorf("%d basins, %d claimed twice", len(basins), double)
	}
	coverage, err := geo.NewCoverage(basins)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range coverage.Validate(nil) {
		if f.Kind != geo.Unmatched {
			t.Errorf("basins: %s", f)
		}
	}
	if gap := 1 - float64(sum)/float64(root.Area2()); gap < 1e-5 || gap > 0.03 {
		t.Errorf("the gap is %v of the territory", gap)
	}
}

func TestSocialOrderNamesVillagesOwnPeople(t *testing.T) {
	t.Parallel()
	folder, _ := files(t)
	unified := map[string]bool{}
	for _, r := range rows(t, filepath.Join(folder, "people.xlsx"), "") {
		unified[r[0]] = true
	}
	own, nobody := 0, 0
	list := readLayer(t, "social-order")
	for _, c := range list {
		switch {
		case c.person == "":
			nobody++
		case unified[c.person]:
			own++
		}
	}
	if own < len(list)*3/4 || nobody == 0 || nobody > len(list)/20 {
		t.Errorf("of %d cells %d name the unified team, %d nobody", len(list), own, nobody)
	}
}

func TestShapefilesSayTheirCRS(t *testing.T) {
	t.Parallel()
	folder, manifest := files(t)
	for _, f := range manifest {
		if !strings.HasSuffix(f.Name, ".shp") {
			continue
		}
		out, err := exec.Command("ogrinfo", "-al", "-so", filepath.Join(folder, f.Name)).CombinedOutput()
		if err != nil || !strings.Contains(string(out), `ID["EPSG",4547]`) || !strings.Contains(string(out), "名称: String") {
			t.Errorf("%s: %v\n%s", f.Name, err, out)
		}
	}
}

func TestSeeds(t *testing.T) {
	t.Parallel()
	codes, err := demo.Codes()
	if err != nil {
		t.Fatal(err)
	}
	seats, err := demo.Seats()
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range city(t) {
		if cell.Tier != 2 {
			continue
		}
		below := demo.Under(cell.Code, codes)
		seeds, err := demo.Seeds(cell, seats[cell.Code], below, seed)
		if err != nil {
			t.Fatal(err)
		}
		again, err := demo.Seeds(cell, seats[cell.Code], below, seed)
		if err != nil {
			t.Fatal(err)
		}
		var places []orb.Point
		at := map[orb.Point]bool{}
		for i, s := range seeds {
			if s != again[i] || s.Code != below[i].Code || at[s.At] {
				t.Errorf("%s: seed %v", cell.Name, s)
			}
			at[s.At] = true
			places = append(places, s.At)
		}
		order := drawing.ByDistance(places, seats[cell.Code])
		for n, i := range drawing.Outward(below) {
			if order[n] != i {
				t.Errorf("%s: %s is not number %d from the seat", cell.Name, below[i].Name, n+1)
			}
		}
	}
}
