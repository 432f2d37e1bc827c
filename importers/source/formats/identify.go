package formats

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"unigrid/grids"
)

const headSize = 4096

// identify says what a file or folder is, or refuses it.
func identify(path string) (format, error) {
	info, err := os.Stat(path)
	if err != nil {
		return format{}, err
	}
	if info.IsDir() {
		if isGeodatabase(path) {
			return known("geodatabase"), nil
		}
		return known("folder"), nil
	}
	if !info.Mode().IsRegular() {
		return format{}, invalid("%s 不是普通文件", "%s is not a regular file", filepath.Base(path))
	}
	head, err := beginning(path)
	if err != nil {
		return format{}, err
	}
	if err := refuse(filepath.Base(path), head); err != nil {
		return format{}, err
	}
	word, err := recognise(path, head)
	if err != nil {
		return format{}, err
	}
	return known(word), nil
}

func isGeodatabase(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, systemCatalog))
	return err == nil
}

func beginning(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	head := make([]byte, headSize)
	n, err := io.ReadFull(file, head)
	if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	return head[:n], nil
}

func isZip(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
}

// recognise gives the word of the format (see known), going by content before
// name. What the name claims and the content isn't, is refused.
func recognise(path string, head []byte) (string, error) {
	name := filepath.Base(path)
	extension := strings.ToLower(filepath.Ext(path))
	isShapefile := bytes.HasPrefix(head, []byte{0, 0, 0x27, 0x0A})
	switch {
	case len(head) == 0:
		return "", invalid("%s 是空文件", "%s is empty", name)
	case isZip(head):
		return recogniseZip(path, extension)
	case bytes.HasPrefix(head, []byte("SQLite format 3\x00")):
		return "geopackage", nil
	case bytes.HasPrefix(head, oleMagic):
		return recogniseOLE(path)
	case bytes.HasPrefix(head, []byte("fgb\x03")):
		return "flatgeobuf", nil
	case isShapefile && extension != ".shx", extension == ".dbf" && !looksLikeText(head):
		return "shapefile", nil
	case part[extension] != "":
		return "", invalid("%s 只是 %s 的附属文件", "%s is only a part of a %s", name, part[extension]).
			Fix("请打开 %s", "open the %s", part[extension])
	case isMarkup(head):
		return recogniseMarkup(name, extension, head)
	case isDXF(head):
		return "dxf", nil
	case extension == ".tab" && bytes.Contains(bytes.ToLower(head), []byte("!table")),
		extension == ".mif" && bytes.HasPrefix(bytes.ToLower(bytes.TrimSpace(head)), []byte("version")):
		return "mapinfo", nil
	case isJSON(head) && !isTabular(extension), extension != "" && strings.Contains(".geojson.json.geojsonl.geojsons.ndjson", extension) && looksLikeText(head):
		return "geojson", nil
	case isJSON(head) && looksLikeJSON(head):
		return "geojson", nil
	case isTabular(extension) && looksLikeText(head):
		return "csv", nil
	}
	return "", unknown(name, extension, head)
}

// part are extensions of files that only accompany another.
var part = map[string]string{
	".shx": ".shp", ".prj": ".shp", ".cpg": ".shp", ".sbn": ".shp", ".sbx": ".shp", ".qpj": ".shp", ".qix": ".shp",
	".gdbtable": ".gdb", ".gdbtablx": ".gdb", ".gdbindexes": ".gdb",
}

// isTabular says whether a text under this name is a table; web systems often
// export plain text under the name .xls.
func isTabular(extension string) bool {
	switch extension {
	case ".csv", ".txt", ".tsv", ".xls":
		return true
	}
	return false
}

func isJSON(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\uFEFF")), " \t\r\n\x1e")
	return len(head) > 0 && (head[0] == '{' || head[0] == '[')
}

func looksLikeJSON(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\uFEFF")), " \t\r\n\x1e")
	return len(head) > 0 && (head[0] == '{' || head[0] == '[' && !bytes.Contains(head, []byte{'\n'}))
}

// looksLikeText is false for bytes that no text has. UTF-16 is text if it says so.
func looksLikeText(head []byte) bool {
	if bytes.HasPrefix(head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(head, []byte{0xFE, 0xFF}) {
		return true
	}
	return !bytes.ContainsFunc(head, func(r rune) bool {
		return r < ' ' && !strings.ContainsRune("\t\r\n\f\v\x1a\x1b\x1e\x1c\x1d\x1f", r)
	})
}

func isDXF(head []byte) bool {
	if bytes.HasPrefix(head, []byte("AutoCAD Binary DXF")) {
		return true
	}
	fields := bytes.Fields(bytes.TrimPrefix(head, []byte("\uFEFF")))
	if len(fields) < 2 {
		return false
	}
	if string(fields[0]) == "999" { // comments first
		return bytes.Contains(head, []byte("SECTION"))
	}
	return string(fields[0]) == "0" && string(fields[1]) == "SECTION"
}

func invalid(zh, en string, args ...any) *grids.Error {
	return grids.Errorf(grids.Invalid, "file", zh, en, args...)
}

// advise says what to do about an error.
func advise(e *grids.Error, what grids.Text) *grids.Error {
	e.Fixes = append(e.Fixes, what)
	return e
}

// unknown refuses what is nothing of all this.
func unknown(name, extension string, head []byte) error {
	claimed := map[string]string{
		".shp": "shapefile", ".gpkg": "GeoPackage", ".fgb": "FlatGeobuf", ".dxf": "DXF", ".kml": "KML", ".kmz": "KMZ", ".zip": "ZIP",
		".xlsx": "Excel", ".xlsm": "Excel", ".xls": "Excel", ".csv": "CSV", ".txt": "CSV", ".tsv": "CSV", ".dbf": "DBF",
		".tab": "MapInfo", ".mif": "MapInfo", ".json": "GeoJSON", ".geojson": "GeoJSON", ".geojsonl": "GeoJSON", ".ndjson": "GeoJSON", ".geojsons": "GeoJSON",
	}[extension]
	if claimed == "" {
		return invalid("%s 的格式无法识别", "%s: the format is not known", name).
			Fix("请将数据另存为 shapefile、GeoPackage、GeoJSON、.xlsx 或 .csv", "save the data as shapefile, GeoPackage, GeoJSON, .xlsx or .csv")
	}
	e := invalid("%s 不是 %s 文件，内容与扩展名不符", "%s is not what its name says: its content is no %s", name, claimed)
	if looksLikeText(head) {
		return e.Fix("其内容是文本：请确认文件，或改名为 .csv、.txt", "its content is text: look whether it is the right file, or name it .csv or .txt")
	}
	return e.Fix("文件可能已损坏或改过扩展名，请从原软件重新导出", "it may be damaged or renamed; export it anew from the program it comes from")
}
