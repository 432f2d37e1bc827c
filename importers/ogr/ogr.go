// Package ogr reads what only GDAL reads well: FlatGeobuf, File
// Geodatabase, DXF and MapInfo files become a temporary GeoPackage, workbooks of Excel
// 97-2003 a temporary .xlsx, which unigrid's own readers then read. GDAL runs
// as a process of its own, with limits (see gdal).
package ogr

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"unigrid/grids"
	"unigrid/importers/geopackage"
	"unigrid/importers/source"
	"unigrid/importers/source/scratch"
	"unigrid/importers/table"
)

// Format is one that GDAL reads for us.
type Format struct {
	name   string
	driver string
	single bool // one layer, whose name the file's is
}

// The formats that become GeoPackages. A FileGeodatabase is a folder.
var (
	FlatGeobuf      = Format{"FlatGeobuf", "FlatGeobuf", true}
	FileGeodatabase = Format{"File Geodatabase", "OpenFileGDB", false}
	DXF             = Format{"DXF", "DXF", true}
	MapInfo         = Format{"MapInfo", "MapInfo File", true}
)

// Name is the format's, for people.
func (f Format) Name() string { return f.name }

// converted is a source that lies in a temporary folder.
type converted struct {
	source.Source
	name   string // instead of the source's, unless empty
	folder *scratch.Folder
}

// Name is the layer's, or the file's where a file is one layer.
func (c *converted) Name() string {
	if c.name != "" {
		return c.name
	}
	return c.Source.Name()
}

// Progress is that of the temporary file.
func (c *converted) Progress() (done, total int64) {
	if p, ok := c.Source.(interface{ Progress() (done, total int64) }); ok {
		return p.Progress()
	}
	return 0, 0
}

// Close removes the temporary files, too.
func (c *converted) Close() error {
	return errors.Join(c.Source.Close(), c.folder.Remove())
}

// Open opens a file, or the layer of it that options name. The error is a
// *source.ManyLayersError where there are several. Findings count the
// features from 1.
func Open(path string, f Format, options source.Options) (source.Source, error) {
	layer := options.Layer
	if f.single {
		layer = ""
	}
	folder, file, err := convert(path, f, layer)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	options.Layer, options.Encoding = "", ""
	r, err := geopackage.Open(file, options)
	if err != nil {
		return nil, errors.Join(err, folder.Remove())
	}
	c := &converted{Source: r, folder: folder}
	switch f {
	case DXF:
		c.Source = outlines{r}
	case MapInfo:
		c.Source = table2000{r}
	}
	if f.single {
		c.name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	return c, nil
}

// Layers lists the layers of a file; none for a format of one layer.
func Layers(path string, f Format) ([]string, error) {
	if f.single {
		return nil, nil
	}
	folder, file, err := convert(path, f, "")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	names, err := geopackage.Layers(file)
	return names, errors.Join(err, folder.Remove())
}

// OpenXLS opens a workbook of Excel 97-2003. Its rows keep their numbers, and
// its sheets their names.
func OpenXLS(path string, options source.Options) (source.Source, error) {
	folder, file, err := convertXLS(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	r, err := table.OpenXLSX(file, options)
	if err != nil {
		return nil, errors.Join(err, folder.Remove())
	}
	return &converted{Source: rounded{r, filepath.Base(path)}, folder: folder}, nil
}

// convert makes a GeoPackage in a folder that the caller removes. It has the
// file's own name, for findings to name.
func convert(path string, f Format, layer string) (folder *scratch.Folder, file string, err error) {
	if f == MapInfo {
		if err := ownFilesOnly(path); err != nil {
			return nil, "", err
		}
	}
	args := []string{"-q", "-f", "GPKG", "-nlt", "CONVERT_TO_LINEAR", "-lco", "SPATIAL_INDEX=NO", "-lco", "GEOMETRY_NAME=geometry_of_geopackage", "-lco", "FID=" + geopackage.RowNumber}
	var layers []string
	if strings.HasPrefix(layer, "-") {
		return nil, "", source.Fault("图层名 %q 无法指定,请改名", "a layer named %q can't be asked for; rename it", layer)
	}
	if layer != "" {
		layers = []string{layer}
	}
	return temporary(path, gdal{keep: []string{f.driver, "GPKG"}}, ".gpkg", args, layers)
}

func convertXLS(path string) (folder *scratch.Folder, file string, err error) {
	return temporary(path, gdal{keep: []string{"XLS", "XLSX"}}, ".xlsx", []string{"-q", "-f", "XLSX"}, nil)
}

// temporary runs ogr2ogr into a new folder.
func temporary(path string, g gdal, extension string, args, layers []string) (folder *scratch.Folder, file string, err error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, "", err
	}
	if strings.HasPrefix(absolute, "/vsi") {
		return nil, "", source.Fault("路径以 /vsi 开头,GDAL 会误解,请移动文件", "a path that begins with /vsi means something else to GDAL; move the file")
	}
	g.from = filepath.Dir(absolute)
	if folder, err = scratch.New(); err != nil {
		return nil, "", err
	}
	g.folder = folder.Path
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	made := filepath.Join(g.folder, "made"+extension)
	args = append(append(args, made, absolute), layers...)
	_, err = g.run(ctx, "ogr2ogr", args...)
	file = filepath.Join(g.folder, filepath.Base(absolute))
	if err == nil {
		if _, missing := os.Stat(made); missing != nil {
			err = grids.Errorf(grids.Invalid, "file", "其中没有任何图层或工作表", "it holds no layer and no sheet")
		} else {
			err = os.Rename(made, file)
		}
	}
	if err != nil {
		return nil, "", errors.Join(err, folder.Remove())
	}
	return folder, file, nil
}

// Sheets lists the sheets of a workbook of Excel 97-2003 that hold something.
func Sheets(path string) ([]string, error) {
	folder, file, err := convertXLS(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	names, err := table.SheetNames(file)
	return names, errors.Join(err, folder.Remove())
}
