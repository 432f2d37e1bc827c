// Package formats opens a file of any format that unigrid reads, by what is in
// it first and by its name second, since files are often misnamed. Archives
// and folders are looked into; everything else is refused with words that say
// what to save the data as.
package formats

import (
	"errors"

	"unigrid/importers/geojson"
	"unigrid/importers/geopackage"
	"unigrid/importers/kml"
	"unigrid/importers/ogr"
	"unigrid/importers/shapefile"
	"unigrid/importers/source"
	"unigrid/importers/table"
)

// ManyLayersError says that a file holds several layers and none was named.
type ManyLayersError = source.ManyLayersError

// format is one that can be opened.
type format struct {
	name   string
	open   func(path string, options source.Options) (source.Source, error)
	layers func(path string) ([]string, error) // nil where a file is one layer
}

// as makes an opener of a reader's, keeping a nil *Reader from becoming a
// Source that isn't nil.
func as[S source.Source](open func(string, source.Options) (S, error)) func(string, source.Options) (source.Source, error) {
	return func(path string, options source.Options) (source.Source, error) {
		s, err := open(path, options)
		if err != nil {
			return nil, err
		}
		return s, nil
	}
}

// throughGDAL is a format that ogr reads.
func throughGDAL(f ogr.Format) format {
	return format{f.Name(), func(path string, options source.Options) (source.Source, error) {
		return ogr.Open(path, f, options)
	}, func(path string) ([]string, error) { return ogr.Layers(path, f) }}
}

// known are the formats by a short word for each.
func known(word string) format {
	switch word {
	case "shapefile":
		return format{"Shapefile", as(shapefile.Open), nil}
	case "geopackage":
		return format{"GeoPackage", as(geopackage.Open), geopackage.Layers}
	case "geojson":
		return format{"GeoJSON", as(geojson.Open), nil}
	case "kml":
		return format{"KML", as(kml.Open), kml.Layers}
	case "csv":
		return format{"CSV", as(table.OpenCSV), nil}
	case "xlsx":
		return format{"Excel (.xlsx)", as(table.OpenXLSX), table.SheetNames}
	case "xls":
		return format{"Excel 97-2003 (.xls)", ogr.OpenXLS, ogr.Sheets}
	case "flatgeobuf":
		return throughGDAL(ogr.FlatGeobuf)
	case "geodatabase":
		return throughGDAL(ogr.FileGeodatabase)
	case "dxf":
		return throughGDAL(ogr.DXF)
	case "mapinfo":
		return throughGDAL(ogr.MapInfo)
	case "kmz":
		return format{"KMZ", openArchive, archiveLayers}
	case "folder":
		return format{"", openFolder, folderLayers}
	}
	return format{"ZIP", openArchive, archiveLayers}
}

// Open opens a .shp (or .dbf), .gpkg, .geojson, .json, .geojsonl, .kml, .kmz,
// .fgb, .gdb, .dxf, .tab, .mif, .csv, .txt, .xlsx or .xls, and a .zip or a
// folder that holds such files. The error is a *ManyLayersError where there
// are several layers and options name none; of a workbook's sheets the first
// is taken then. For other formats the error says what to save the data as. The
// records are made alike by source.Regular, and exchanged where options say so.
func Open(path string, options source.Options) (source.Source, error) {
	s, err := open(path, options)
	if err != nil {
		return nil, err
	}
	if options.Swap {
		s = source.Exchanged(s)
	}
	regular, err := source.Regular(s)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return regular, nil
}

func open(path string, options source.Options) (source.Source, error) {
	f, err := identify(path)
	if err != nil {
		return nil, err
	}
	return f.open(path, options)
}

// Layers lists the layers of a file, as Options.Layer takes them: those of a
// GeoPackage, KML, geodatabase, archive or folder, a workbook's sheets. For a
// file that is one layer there is none.
func Layers(path string) ([]string, error) {
	f, err := identify(path)
	if err != nil || f.layers == nil {
		return nil, err
	}
	return f.layers(path)
}

// Name is a file's format for people, such as "GeoPackage" or "Shapefile
// (.zip)"; empty if it can't be opened.
func Name(path string) string {
	f, err := identify(path)
	if err != nil {
		return ""
	}
	if f.name == "ZIP" || f.name == "" {
		return nameOfContents(path, f.name)
	}
	return f.name
}
