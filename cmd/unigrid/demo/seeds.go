package demo

import (
	"fmt"
	"strconv"

	"github.com/paulmach/orb"

	"unigrid/grids/cells"
	"unigrid/grids/drawing"
)

// SeedSource stands in the column 来源 of a file of seeds.
const SeedSource = "演示生成,非真实位置"

// Seeds invents a place for each code below a cell, from which a nearest draw
// gets natural-looking children: round the seat small cells for streets or
// communities, farther out larger ones for towns, townships and villages. The
// seed nearest to the seat gets the first code in the order of
// drawing.Outward, and so on. Seeds lie inside the cell, apart from each other
// and off its boundary; they come in the order of their codes' list. The same
// seed number gives the same seeds.
//
// For a township's villages the seat may be drawing.Middle of the township. A
// seat need not lie inside.
func Seeds(parent cells.Cell, seat orb.Point, codes []drawing.CodeName, seed uint64) ([]drawing.SeedPoint, error) {
	if len(codes) == 0 {
		return nil, nil
	}
	r := stream(seed, "seeds "+string(parent.Code))
	g, err := newGround(parent.Geom)
	if err != nil {
		return nil, fmt.Errorf("seeds in %s: %w", parent.Code, err)
	}
	urban := drawing.Urban(codes)
	places, err := scatter(g, len(codes), around(g, seat, urban, len(codes), r), r)
	if err != nil {
		return nil, fmt.Errorf("seeds in %s: %w", parent.Code, err)
	}
	out := make([]drawing.SeedPoint, len(codes))
	ranked := drawing.Outward(codes)
	for n, i := range drawing.ByDistance(places, seat) {
		code := codes[ranked[n]]
		out[ranked[n]] = drawing.SeedPoint{Code: code.Code, Name: code.Name, At: places[i]}
	}
	return out, nil
}

// WriteSeeds writes seeds as a CSV file in UTF-8: 代码,名称,经度,纬度,来源.
func WriteSeeds(path string, seeds []drawing.SeedPoint) error {
	rows := [][]string{{"代码", "名称", "经度", "纬度", "来源"}}
	for _, s := range seeds {
		rows = append(rows, []string{string(s.Code), s.Name, degrees(s.At[0]), degrees(s.At[1]), SeedSource})
	}
	return writeCSV(path, rows)
}

func degrees(d float64) string { return strconv.FormatFloat(d, 'f', 7, 64) }
