package ogr

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"unigrid/grids"
)

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
