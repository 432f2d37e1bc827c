package crs_test

import (
	"math"
	"testing"

	"unigrid/geo/crs"
)

// The expected values are gdaltransform's (PROJ 9.1); the first is the check
// point of the field's own lists.
func TestForward(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		epsg                  int
		lon, lat, east, north float64
	}{
		{4547, 113.134, 27.827, 414681.124375924, 3079571.22287533},
		{4547, 112.96, 26.1, 395962.363201765, 2888328.87604301},
		{4547, 114.1, 28.1, 509827.094277068, 3109527.81234131},
		{4547, 118, 45, 815387.582189394, 4992735.35563386},
		{4526, 113.134, 27.827, 38414681.1243759, 3079571.22287533},
		{3826, 121.5, 24.7, 300592.2756409, 2732641.9348999},
		{32649, 113.134, 27.827, 710182.017869593, 3079866.20139561},
	} {
		p, err := crs.NewProjection(c.epsg)
		if err != nil {
			t.Fatal(err)
		}
		east, north := p.Forward(c.lon, c.lat)
		if math.Abs(east-c.east) > 1e-4 || math.Abs(north-c.north) > 1e-4 {
			t.Errorf("EPSG:%d %v %v: %.6f %.6f, want %.6f %.6f", c.epsg, c.lon, c.lat, east, north, c.east, c.north)
		}
	}
}

func TestNewProjectionRefuses(t *testing.T) {
	t.Parallel()
	for _, epsg := range []int{0, 4490, 3857, 99999} {
		if _, err := crs.NewProjection(epsg); err == nil {
			t.Errorf("EPSG:%d has no Gauss-Krüger projection, and one was given", epsg)
		}
	}
}
