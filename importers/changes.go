package importers

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/paulmach/orb/geojson"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// FileChange is a change that cleaning made to rows of a file.
type FileChange struct {
	File string
	cells.Change
}

// WriteChanges writes what cleaning changed to a file, GeoJSON or CSV by the
// name's ending: kind, place, area in square metres, how far boundaries moved
// at most, and the rows that lost and gained.
func WriteChanges(path string, changes []FileChange) error {
	if err := CheckOutputs("", path); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		err = changesCSV(file, changes)
	} else {
		err = changesGeoJSON(file, changes)
	}
	return errors.Join(err, file.Close())
}

// CheckOutputs tells before any work whether the names of an output of cells and
// of a report of changes say formats that are written; "" is none.
func CheckOutputs(output, report string) error {
	switch strings.ToLower(filepath.Ext(output)) {
	case ".shp", ".geojson", ".json":
	default:
		if output != "" {
			return grids.Errorf(grids.Invalid, "output", "输出文件 %q 应以 .shp 或 .geojson 结尾", "output %q has to end in .shp or .geojson", output)
		}
	}
	switch strings.ToLower(filepath.Ext(report)) {
	case ".geojson", ".json", ".csv":
	default:
		if report != "" {
			return grids.Errorf(grids.Invalid, "report", "报告文件 %q 应以 .geojson 或 .csv 结尾", "report %q has to end in .geojson or .csv", report)
		}
	}
	return nil
}

func changesGeoJSON(file *os.File, changes []FileChange) error {
	collection := geojson.NewFeatureCollection()
	for _, c := range changes {
		f := geojson.NewFeature(c.Place)
		f.Properties = geojson.Properties{
			"file": c.File, "kind": c.Kind, "种类": c.Kind.Chinese(), "severity": c.Severity, "area_m2": c.AreaM2, "displacement_m": c.Metres,
			"lost": rowsOf(c.Lost), "gained": rowsOf(c.Gained), "message": c.Message.EN, "说明": c.Message.ZH,
		}
		collection.Append(f)
	}
	encoder := json.NewEncoder(file)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(collection)
}

// rowsOf is never null.
func rowsOf(rows []cells.ChangedRow) []cells.ChangedRow {
	return append([]cells.ChangedRow{}, rows...)
}

func changesCSV(file *os.File, changes []FileChange) error {
	w := csv.NewWriter(file)
	rows := [][]string{{"文件", "kind", "种类", "severity", "经度", "纬度", "面积(平方米)", "最大位移(米)", "失去的行", "失去的代码", "得到的行", "得到的代码", "说明"}}
	for _, c := range changes {
		lon, lat := "", ""
		if c.Place != nil {
			lon, lat = fmt.Sprintf("%.7f", c.At[0]), fmt.Sprintf("%.7f", c.At[1])
		}
		lost, lostCodes := columns(c.Lost)
		gained, gainedCodes := columns(c.Gained)
		rows = append(rows, []string{c.File, string(c.Kind), c.Kind.Chinese(), string(c.Severity), lon, lat,
			fmt.Sprintf("%.4f", c.AreaM2), fmt.Sprintf("%.4f", c.Metres), lost, lostCodes, gained, gainedCodes, c.Message.ZH})
	}
	return w.WriteAll(rows)
}

func columns(list []cells.ChangedRow) (rows, codes string) {
	numbers, names := make([]string, len(list)), make([]string, len(list))
	for i, r := range list {
		numbers[i], names[i] = strconv.Itoa(r.Row), r.Code
	}
	return strings.Join(numbers, " "), strings.Join(names, " ")
}
