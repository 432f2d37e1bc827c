package demo

import (
	"embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/paulmach/orb"

	"unigrid/grids"
	"unigrid/grids/drawing"
)

//go:embed data
var data embed.FS

// Data is the sketch that the demo starts from: counties.shp (nine counties,
// EPSG:4547, GBK), codes.csv, seats.csv and rivers.geojson.
func Data() (fs.FS, error) { return fs.Sub(data, "data") }

// CodeRow is one row of the list of division codes.
type CodeRow struct {
	drawing.CodeName
	Tier   grids.Tier
	Parent grids.Code // "" at tier 1
}

// Codes reads the list of division codes: 1 city, 9 counties, 112 townships
// and 1,400 villages, in its order.
func Codes() ([]CodeRow, error) {
	rows, err := table("data/codes.csv")
	if err != nil {
		return nil, err
	}
	out := make([]CodeRow, len(rows))
	for i, r := range rows {
		tier, err := strconv.Atoi(r[2])
		if err != nil {
			return nil, fmt.Errorf("codes.csv, row %d: tier %q", i+2, r[2])
		}
		name := drawing.CodeName{Code: grids.Code(r[0]), Name: r[1]}
		out[i] = CodeRow{CodeName: name, Tier: grids.Tier(tier), Parent: grids.Code(r[3])}
	}
	return out, nil
}

// Under gives the codes right below one, in the list's order.
func Under(parent grids.Code, rows []CodeRow) []drawing.CodeName {
	var out []drawing.CodeName
	for _, r := range rows {
		if r.Parent == parent {
			out = append(out, r.CodeName)
		}
	}
	return out
}

// Seats gives the county seats (县城) by county code, EPSG:4326.
func Seats() (map[grids.Code]orb.Point, error) {
	rows, err := table("data/seats.csv")
	if err != nil {
		return nil, err
	}
	out := make(map[grids.Code]orb.Point, len(rows))
	for i, r := range rows {
		lon, err1 := strconv.ParseFloat(r[2], 64)
		lat, err2 := strconv.ParseFloat(r[3], 64)
		if err1 != nil || err2 != nil {
			return nil, fmt.Errorf("seats.csv, row %d: %q, %q are no degrees", i+2, r[2], r[3])
		}
		out[grids.Code(r[0])] = orb.Point{lon, lat}
	}
	return out, nil
}

// River is a sketched river, EPSG:4326.
type River struct {
	Name string
	Line orb.LineString
}

// Rivers gives the sketched rivers.
func Rivers() ([]River, error) {
	text, err := data.ReadFile("data/rivers.geojson")
	if err != nil {
		return nil, err
	}
	var file struct {
		Features []struct {
			Properties struct{ Name string }
			Geometry   struct{ Coordinates orb.LineString }
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("rivers.geojson: %w", err)
	}
	out := make([]River, len(file.Features))
	for i, f := range file.Features {
		out[i] = River{f.Properties.Name, f.Geometry.Coordinates}
	}
	return out, nil
}

// table reads a CSV file of four columns without its heading.
func table(name string) ([][]string, error) {
	f, err := data.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = 4
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s is empty", name)
	}
	return rows[1:], nil
}
