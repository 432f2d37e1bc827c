// Package formats opens a file of any format that unigrid reads, by what is in
// it first and by its name second, since files are often misnamed.
package formats

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"unigrid/importers/geojson"
	"unigrid/importers/shapefile"
	"unigrid/importers/source"
	"unigrid/importers/table"
)

// Open opens a .shp (or .dbf), .geojson, .json, .csv, .txt, .xlsx, or a .zip
// that holds such files. For other formats the error says what to save the
// data as. The records are made alike by source.Regular.
func Open(path string, options source.Options) (source.Source, error) {
	s, err := open(path, options)
	if err != nil {
		return nil, err
	}
	regular, err := source.Regular(s)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return regular, nil
}

func open(path string, options source.Options) (source.Source, error) {
	name := filepath.Base(path)
	head, err := beginning(path)
	if err != nil {
		return nil, err
	}
	if err := refuse(name, head); err != nil {
		return nil, err
	}
	extension := strings.ToLower(filepath.Ext(path))
	switch {
	case isZip(head) && (isWorkbook(path) || extension == ".xlsx" || extension == ".xlsm"):
		return opened(table.OpenXLSX(path, options))
	case isZip(head):
		return openArchive(path, options)
	case bytes.HasPrefix(head, []byte{0, 0, 0x27, 0x0A}) && extension != ".shx", extension == ".dbf", extension == ".shp":
		return opened(shapefile.Open(path, options))
	case extension == ".shx" || extension == ".prj" || extension == ".cpg":
		return nil, fmt.Errorf("%s is only a part of a shapefile; open the .shp", name)
	case extension == ".geojson" || extension == ".json" || extension == ".geojsonl" || extension == ".ndjson" || looksLikeJSON(head):
		return opened(geojson.Open(path, options))
	case extension == ".csv" || extension == ".txt" || extension == ".tsv":
		return opened(table.OpenCSV(path, options))
	case len(head) == 0:
		return nil, fmt.Errorf("%s is empty", name)
	}
	return nil, fmt.Errorf("%s: the format is not known; save the data as shapefile, GeoJSON, .xlsx or .csv", name)
}

// opened keeps a nil *Reader from becoming a Source that isn't nil.
func opened[S source.Source](s S, err error) (source.Source, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}

func beginning(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fmt.Errorf("%s is a folder; open a file in it", filepath.Base(path))
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(file, head)
	if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	return head[:n], nil
}

func isZip(head []byte) bool { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }

func looksLikeJSON(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\uFEFF")), " \t\r\n\x1e")
	return len(head) > 0 && (head[0] == '{' || head[0] == '[' && !bytes.Contains(head, []byte{'\n'}))
}

// refuse says of formats that can't be read what to save them as.
func refuse(name string, head []byte) error {
	const (
		unpack   = "unpack it first, or pack the files as .zip"
		workbook = "open it in Excel or WPS and save it as .xlsx"
		layer    = "export the layer as shapefile or GeoJSON"
		drawing  = "export the closed outlines as shapefile, with their codes as attributes"
	)
	for _, m := range []struct{ magic, what, instead string }{
		{"Rar!", "a RAR archive", unpack},
		{"7z\xBC\xAF\x27\x1C", "a 7z archive", unpack},
		{"\x1F\x8B", "a gzip archive", unpack},
		{"\xD0\xCF\x11\xE0", "an old or password-protected Office file", workbook + " without a password"},
		{"AC10", "an AutoCAD drawing", drawing},
		{"SQLite format 3", "a GeoPackage or SQLite database", layer},
		{"\x00\x01\x00\x00Standard", "an Access or personal geodatabase", layer},
		{"%PDF", "a PDF", "ask for the table or layer that it was made from"},
		{"fgb\x03", "a FlatGeobuf file", layer},
	} {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return fmt.Errorf("%s is %s, which is not read: %s", name, m.what, m.instead)
		}
	}
	instead := map[string]string{
		".rar": unpack, ".7z": unpack, ".gz": unpack, ".tar": unpack,
		".mdb": layer, ".accdb": layer, ".gdb": layer, ".gpkg": layer, ".mif": layer, ".tab": layer, ".mid": layer, ".fgb": layer,
		".kml": layer, ".kmz": layer, ".gml": layer, ".wl": layer, ".wp": layer, ".wt": layer,
		".dwg": drawing, ".dxf": drawing, ".dgn": drawing,
		".et": workbook, ".ett": workbook, ".xls": workbook, ".xlsb": workbook, ".ods": workbook, ".numbers": workbook,
		".doc":  "copy its table into a workbook and save that as .xlsx",
		".docx": "copy its table into a workbook and save that as .xlsx",
		".pdf":  "ask for the table or layer that it was made from",
	}
	extension := strings.ToLower(filepath.Ext(name))
	if what, ok := instead[extension]; ok && !(isZip(head) && extension == ".xls") {
		return fmt.Errorf("%s: %s files are not read: %s", name, extension, what)
	}
	return nil
}
