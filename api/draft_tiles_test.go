package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb/encoding/mvt"

	"unigrid/grids/cells/cellstest"
)

// TestDraftTiles changes one leaf and looks at it in tiles of the draft, which the
// public and the tiles in force don't show.
func TestDraftTiles(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	lon, lat := cellstest.At(0.5, 0.5)
	// seen gives the cells of a tile, and those of them that the draft changed.
	seen := func(path string) (all, changed []string) {
		t.Helper()
		a := p.get(path)
		if a.status != 200 {
			t.Fatalf("%s: %d %s", path, a.status, a.body)
		}
		layers, err := mvt.Unmarshal(a.body)
		if err != nil {
			t.Fatal(err)
		}
		for _, layer := range layers {
			if layer.Name != "cells" {
				continue
			}
			for _, f := range layer.Features {
				all = append(all, fmt.Sprint(f.Properties["code"]))
				if f.Properties["changed"] == true {
					changed = append(changed, fmt.Sprint(f.Properties["code"]))
				}
			}
		}
		slices.Sort(all)
		slices.Sort(changed)
		return all, changed
	}
	at := func(z uint32) string { return strings.TrimSuffix(tileAt(z, lon, lat), ".mvt") }
	for _, z := range []uint32{8, 11, 14} {
		draft, changed := seen(p.base + "/draft/tiles/" + at(z))
		published, _ := seen("/t/431000000000/tiles/cells/" + tileAt(z, lon, lat))
		if !slices.Equal(draft, published) || len(changed) > 0 {
			t.Errorf("z%d without a draft: %v, published %v, changed %v", z, draft, published, changed)
		}
	}
	if a := p.post("/draft/edits", `{"op":"rename","cell":`+p.cell(2, 1)+`,"name":"另名示例村"}`); a.status != 201 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if _, changed := seen(p.base + "/draft/tiles/" + at(11)); len(changed) > 0 {
		t.Errorf("a name is no shape: %v", changed)
	}
	if a := p.post("/draft/edits", `{"op":"split","cell":`+p.cell(1, 1)+`,"line":`+line(-.1, .4, 1.1, .4)+`}`); a.status != 201 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	before, _ := seen("/t/431000000000/tiles/cells/" + tileAt(11, lon, lat))
	after, changed := seen(p.base + "/draft/tiles/" + at(11))
	if len(after) != len(before)+1 || len(changed) == 0 || len(changed) > 2 {
		t.Errorf("after a split: %v, before %v, changed %v", after, before, changed)
	}
	for path, want := range map[string]int{"/draft/tiles": 200, "/draft/tiles/3/8/0": 400, "/draft/tiles/30/0/0": 400, "/draft/tiles/14/0/0": 204} {
		if a := p.get(p.base + path); a.status != want {
			t.Errorf("%s: %d, want %d: %s", path, a.status, want, a.body)
		}
	}
	if tiles := p.get(p.base + "/draft/tiles").json(t)["tiles"].([]any); !strings.HasSuffix(tiles[0].(string), "/t/431000000000/v1/draft/tiles/{z}/{x}/{y}") {
		t.Error(tiles)
	}
}
