package ogr

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"unigrid/geo/crs"
	"unigrid/grids"
	"unigrid/importers/geopackage"
)

// table2000 is a MapInfo table. MapInfo has long had no CGCS2000, so that zones
// of it are written as zones of WGS 84, of which there are none; the two differ
// by centimetres.
type table2000 struct{ *geopackage.Reader }

var (
	wgs84    = regexp.MustCompile(`GEOGCS\["[^"]*",DATUM\["WGS_1984",SPHEROID\["WGS 84",6378137,298\.257223563[^\]]*\](,AUTHORITY\[[^\]]*\])*\]`)
	cgcs2000 = `GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000",SPHEROID["CGCS2000",6378137,298.257222101]]`
)

// CRS is the table's, a zone of WGS 84 taken for one of CGCS2000.
func (t table2000) CRS() (epsg int, how grids.Text) {
	epsg, how = t.Reader.CRS()
	if text := t.Definition(); epsg == 0 && wgs84.MatchString(text) {
		if code, err := crs.Identify(wgs84.ReplaceAllString(text, cgcs2000)); err == nil {
			return code, grids.Textf("文件中是 WGS 84 的分带投影;MapInfo 多以此代替国家2000(相差厘米),按 EPSG:%d", "the file has a zone of WGS 84, as MapInfo writes those of CGCS2000 (centimetres apart): EPSG:%d", code)
		}
	}
	return epsg, how
}

var elsewhere = regexp.MustCompile(`(?i)\bopen\s+table\b|"\\isseamless"\s*=\s*"true"|\btype\s+(linked|odbc|raster|wms|wfs)\b|^\s*file\s+"[^"]*[/\\]`)

// ownFilesOnly refuses a .tab that draws in other tables, which could be any
// file of this machine.
func ownFilesOnly(path string) error {
	if !strings.EqualFold(filepath.Ext(path), ".tab") {
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, 1<<20))
	if err != nil {
		return err
	}
	for line := range bytes.Lines(raw) {
		if elsewhere.Match(line) {
			return grids.Errorf(grids.Invalid, "file", "该 .tab 引用了其他表，不予读取", "this .tab refers to other tables, which are not read").
				Fix("请在 MapInfo 中另存为独立的表", "save a copy of the table in MapInfo")
		}
	}
	return nil
}
