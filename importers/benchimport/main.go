// Benchimport writes a made-up country as a shapefile, for the measurements of
// `make bench-import`: villages of three kilometres, or, drawn an eighth as
// large, the cells of four hundred metres that a city's grid has.
package main

import (
	"fmt"
	"math"
	"os"
	"strconv"

	"github.com/twpayne/go-geom"

	"unigrid/geo/geotest"
	"unigrid/importers/shapefile"
	"unigrid/importers/source"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "benchimport:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 3 || args[1] != "1" && args[1] != "8" {
		return fmt.Errorf("usage: benchimport CELLS 1|8 FILE.shp")
	}
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	scale, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	return write(geotest.NewCountry(n), scale, args[2])
}

// write gives every cell a code under 4302: counties of 400 townships of a
// country's parents, villages of a parent's cells.
func write(country *geotest.Country, scale int, path string) error {
	w, err := shapefile.Create(path, shapefile.WriterOptions{Kind: shapefile.Polygons, EPSG: 4490, Encoding: "UTF-8", Fields: []source.Field{
		{Name: "code", Type: source.Text, Length: 12}, {Name: "name", Type: source.Text, Length: 24},
	}})
	if err != nil {
		return err
	}
	for i := range country.Len() {
		parent := country.Parent(i)
		polygon := geom.NewPolygon(geom.XY)
		ring := country.Cell(i)[0][0]
		flat := make([]float64, 0, 2*len(ring))
		for _, p := range ring {
			flat = append(flat, smaller(p[0], 110, scale), smaller(p[1], 34, scale))
		}
		if err := polygon.Push(geom.NewLinearRingFlat(geom.XY, flat)); err != nil {
			return err
		}
		code := fmt.Sprintf("4302%02d%03d%03d", parent/400+1, parent%400+1, i%35+1)
		if err := w.Write(polygon, []any{code, fmt.Sprintf("第%d村", i+1)}); err != nil {
			return err
		}
	}
	return w.Close()
}

// smaller draws a coordinate nearer to the centre, on the lattice.
func smaller(degrees, centre float64, scale int) float64 {
	return math.Round((centre+(degrees-centre)/float64(scale))*1e7) / 1e7
}
