package api_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"
)

// in gives the codes of one MVT layer.
func in(t *testing.T, body []byte, layer string) []string {
	t.Helper()
	layers, err := mvt.Unmarshal(body)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, l := range layers {
		if l.Name != layer {
			continue
		}
		for _, f := range l.Features {
			list = append(list, fmt.Sprint(f.Properties["code"]))
			if layer == "cells" && (f.Properties["uid"] == nil || f.Properties["tier"] == nil || f.Properties["name"] == nil || f.Properties["provenance"] != "demo" || len(f.Properties) != 5) {
				t.Errorf("properties %v", f.Properties)
			}
		}
	}
	slices.Sort(list)
	return list
}

func tileAt(z uint32, lon, lat float64) string {
	tile := maptile.At([2]float64{lon, lat}, maptile.Zoom(z))
	return fmt.Sprintf("%d/%d/%d.mvt", z, tile.X, tile.Y)
}

func TestTiles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l := s.territory("4302", "示例市", 113, 27.5, 2)
	l.object("enterprise", "E1", "示例企业 0001 号", "POINT(113.01 27.6)", `{}`)
	l.object("river-reach", "R1", "示例河段", "LINESTRING(113.01 27.51, 113.01 27.69)", `{}`)
	l.crosswalk()
	for _, c := range []struct {
		collection string
		z          uint32
		layer      string
		want       int
	}{
		{"cells", 5, "cells", 3}, {"cells", 7, "cells", 3}, {"cells", 8, "cells", 7}, {"cells", 6, "labels", 3},
		{"enterprises", 10, "enterprises", 1}, {"river-reaches", 8, "river-reaches", 1}, {"layer-cells", 8, "layer-cells", 1},
	} {
		a := s.get("/tiles/" + c.collection + "/" + tileAt(c.z, 113.01, 27.6))
		if got := in(t, a.body, c.layer); a.status != 200 || len(got) != c.want {
			t.Errorf("%s z%d: %d %v, want %d", c.collection, c.z, a.status, got, c.want)
		}
		if strings.Contains(string(a.body), "示例人员") {
			t.Error("a person in a tile")
		}
	}
	// Deep down, what touches the tile, and one label at most.
	a := s.get("/tiles/cells/" + tileAt(14, 113.0125, 27.6))
	if got := in(t, a.body, "cells"); fmt.Sprint(got) != "[430200000000 430202000000 430202001000 430202001001]" {
		t.Error(got)
	}
	if got := in(t, a.body, "labels"); fmt.Sprint(got) != "[430202001001]" {
		t.Error(got)
	}
	if a := s.get("/tiles/cells/" + tileAt(14, 20, 20)); a.status != 204 {
		t.Errorf("nowhere: %d", a.status)
	}
	if a := s.get("/tiles/layer-cells/" + tileAt(8, 113.01, 27.6) + "?layer=safety"); a.status != 204 {
		t.Errorf("another layer: %d", a.status)
	}
	path := "/tiles/enterprises/" + tileAt(10, 113.01, 27.6)
	tag := s.get(path).header.Get("ETag")
	if a := s.get(path, "If-None-Match", tag); a.status != 304 {
		t.Errorf("%d", a.status)
	}
	s.exec(`UPDATE objects.object SET geom = ST_Translate(geom, 0.05, 0) WHERE code = 'E1'`)
	if a := s.get(path, "If-None-Match", tag); a.status != 200 {
		t.Errorf("after a change: %d", a.status)
	}
	// TileJSON pins the edition that browsers may keep.
	j := s.get("/t/430200000000/tiles/cells.json").json(t)
	template := j["tiles"].([]any)[0].(string)
	if !strings.Contains(template, "/t/430200000000/tiles/cells/{z}/{x}/{y}.mvt?edition=1") || j["tilejson"] != "3.0.0" || j["demo"] != true || j["bounds"].([]any)[0] != 113.0 {
		t.Error(j)
	}
	plain := s.get(strings.NewReplacer("{z}", "0", "{x}", "0", "{y}", "0").Replace(template), "Accept-Encoding", "identity")
	if plain.header.Get("Content-Encoding") != "" || !strings.Contains(plain.header.Get("Cache-Control"), "immutable") || len(in(t, plain.body, "cells")) != 3 {
		t.Error(plain.header)
	}
}

func TestEqualTilesComputeOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.territory("4302", "示例市", 113, 27.5, 40)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if a := s.get("/tiles/cells/" + tileAt(10, 113.1, 27.6)); a.status != 200 {
				t.Errorf("%d", a.status)
			}
		})
	}
	wait.Wait()
	text := string(s.get("/metrics").body)
	if !strings.Contains(text, `unigrid_tiles_total{how="computed"} 1`) {
		t.Errorf("computed more than once: %s", text[strings.Index(text, "unigrid_tiles_total"):])
	}
}
