// Benchimport writes a made-up country of villages as a shapefile, for the
// measurements of `make bench-import`.
package main

import (
	"fmt"
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
	if len(args) != 2 {
		return fmt.Errorf("usage: benchimport CELLS FILE.shp")
	}
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	return write(geotest.NewCountry(n), args[1])
}

// write gives every cell a code under 4302: counties of 400 townships of a
// country's parents, villages of a parent's cells.
func write(country *geotest.Country, path string) error {
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
			flat = append(flat, p[0], p[1])
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
