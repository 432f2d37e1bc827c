package formats

import (
	"archive/zip"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"unigrid/grids"
	"unigrid/importers/source"
)

// entry is a file of an archive or of a folder.
type entry struct {
	name   string    // within it, with slashes
	packed *zip.File // in an archive
	path   string    // in a folder
}

// item is what can be opened of an archive or folder: a file with its
// companions, or a geodatabase.
type item struct {
	name  string // without extension, with the folders around it
	main  string // extension in lower case
	files map[string]entry
}

// systemCatalog is the file that every File Geodatabase has.
const systemCatalog = "a00000001.gdbtable"

// mains are the extensions that can be opened, those that come first before
// others of the same name.
var mains = []string{
	".shp", ".gpkg", ".geojson", ".json", ".geojsonl", ".geojsons", ".ndjson", ".kml", ".kmz", ".fgb", ".dxf",
	".tab", ".mif", ".xlsx", ".xlsm", ".xls", ".csv", ".tsv", ".dbf",
}

// companions are the extensions that belong to a main one.
var companions = map[string][]string{
	".shp": {".shx", ".dbf", ".prj", ".qpj", ".cpg"},
	".tab": {".dat", ".map", ".id", ".ind", ".dbf"},
	".mif": {".mid"},
	".dbf": {".cpg"},
}

// contents is what an archive or folder holds.
type contents struct {
	file  string // base name
	items []item // sorted by name
	left  []string
}

// group finds the items among entries. Extensions and, among the companions of
// a file, names go together in any case.
func group(file string, entries []entry) contents {
	c := contents{file: file}
	databases := map[string]*item{}
	for _, e := range entries {
		if strings.EqualFold(path.Base(e.name), systemCatalog) {
			folder := path.Dir(e.name)
			name := strings.TrimSuffix(folder, path.Ext(folder))
			if folder == "." {
				name = strings.TrimSuffix(file, filepath.Ext(file))
			}
			databases[folder] = &item{name: name, main: ".gdb", files: map[string]entry{}}
		}
	}
	var groups []*item
	byName := map[string][]*item{}
	for _, e := range entries {
		base := path.Base(e.name)
		if hidden(e.name) {
			continue
		}
		if d := databases[path.Dir(e.name)]; d != nil {
			d.files[base] = e
			continue
		}
		extension := strings.ToLower(path.Ext(base))
		stem := e.name[:len(e.name)-len(path.Ext(base))]
		alike := byName[strings.ToLower(stem)]
		at := slices.IndexFunc(alike, func(g *item) bool { _, taken := g.files[extension]; return !taken && g.name == stem })
		if at < 0 {
			at = slices.IndexFunc(alike, func(g *item) bool { _, taken := g.files[extension]; return !taken })
		}
		if at < 0 {
			g := &item{name: stem, files: map[string]entry{}}
			groups, alike, at = append(groups, g), append(alike, g), len(alike)
			byName[strings.ToLower(stem)] = alike
		}
		alike[at].files[extension] = e
	}
	for _, d := range databases {
		c.items = append(c.items, *d)
	}
	for _, g := range groups {
		c.take(*g)
	}
	sort.Slice(c.items, func(i, j int) bool { return c.items[i].name < c.items[j].name })
	return c
}

// hidden says whether a file is one that programs leave behind.
func hidden(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(base, ".") || strings.HasPrefix(base, "~$") || strings.Contains("/"+name, "/__MACOSX/")
}

// take makes items of the files of one name, and remembers those that are an
// archive within, or of a format that isn't read.
func (c *contents) take(g item) {
	taken := map[string]bool{}
	for _, main := range mains {
		e, there := g.files[main]
		if !there || taken[main] {
			continue
		}
		one := item{name: e.name[:len(e.name)-len(main)], main: main, files: map[string]entry{main: e}}
		if len(taken) > 0 {
			one.name += main
		}
		taken[main] = true
		for _, extension := range companions[main] {
			if companion, there := g.files[extension]; there {
				one.files[extension] = companion
				taken[extension] = true
			}
		}
		c.items = append(c.items, one)
	}
	for extension, e := range g.files {
		if extension == ".zip" || refuse(e.name, nil) != nil {
			c.left = append(c.left, e.name)
		}
	}
	sort.Strings(c.left)
}

func (c contents) names() []string {
	names := make([]string, len(c.items))
	for i, one := range c.items {
		names[i] = one.name
	}
	return names
}

// empty refuses an archive or folder in which nothing can be opened.
func (c contents) empty() error {
	if len(c.left) == 0 {
		return invalid("%s 中没有可读的数据", "%s holds nothing that can be read", c.file).
			Fix("可读的有：shapefile、GeoPackage、GeoJSON、KML、.gdb、.dxf、.xlsx、.xls、.csv", "what can be read: shapefile, GeoPackage, GeoJSON, KML, .gdb, .dxf, .xlsx, .xls, .csv")
	}
	name := c.left[0]
	if strings.EqualFold(path.Ext(name), ".zip") {
		return invalid("%s 中套有压缩包 %s", "%s holds another archive, %s", c.file, name).
			Fix("请解压里层的压缩包，直接上传其中的文件或将其单独打包", "unpack the inner archive and send what is in it, or that archive alone")
	}
	return fmt.Errorf("%s: %w", c.file, refuse(name, nil))
}

// choose finds the item that a layer's name means, and the layer within it.
func (c contents) choose(wanted string) (one item, inner string, err error) {
	if len(c.items) == 0 {
		return item{}, "", c.empty()
	}
	if wanted == "" && len(c.items) > 1 {
		return item{}, "", &source.ManyLayersError{File: c.file, Layers: c.names()}
	}
	find := func(same func(item) bool) bool {
		i := slices.IndexFunc(c.items, same)
		if i >= 0 {
			one = c.items[i]
		}
		return i >= 0
	}
	switch {
	case find(func(o item) bool { return o.name == wanted }), find(func(o item) bool { return path.Base(o.name) == wanted }):
		return one, "", nil
	case len(c.items) == 1:
		return c.items[0], wanted, nil
	case find(func(o item) bool {
		rest, within := strings.CutPrefix(wanted, o.name+"/")
		if within {
			inner = rest
		}
		return within
	}):
		return one, inner, nil
	}
	return item{}, "", invalid("%s 中没有图层 %s", "%s holds no layer %q", c.file, wanted).
		Fix("现有：%s", "it holds %s", strings.Join(c.names(), ", "))
}

// notes tell of what lies beside and isn't read.
func (c contents) notes() []source.Note {
	var notes []source.Note
	for _, name := range c.left {
		notes = append(notes, source.Note{Kind: source.OtherLayers, Count: 1, Why: grids.Textf("其中的 %s 未读取", "%s inside is not read", name)})
	}
	return notes
}

// formatName is what an item's format is called.
func (o item) formatName() string {
	words := map[string]string{
		".shp": "shapefile", ".dbf": "shapefile", ".gpkg": "geopackage", ".kml": "kml", ".kmz": "kmz", ".fgb": "flatgeobuf", ".gdb": "geodatabase",
		".dxf": "dxf", ".tab": "mapinfo", ".mif": "mapinfo", ".xlsx": "xlsx", ".xlsm": "xlsx", ".xls": "xls", ".csv": "csv", ".tsv": "csv",
	}
	if word := words[o.main]; word != "" {
		return known(word).name
	}
	return known("geojson").name
}

// several says whether an item may hold more than one layer.
func (o item) several() bool {
	switch o.main {
	case ".gpkg", ".gdb", ".kml", ".kmz":
		return true
	}
	return false
}

// nameOfContents names the format of all items, if they have one, and what
// they lie in.
func nameOfContents(file, container string) string {
	var c contents
	var err error
	if container == "ZIP" {
		var archive *zip.ReadCloser
		if archive, err = zip.OpenReader(file); err == nil {
			c, err = contentsOf(file, &archive.Reader)
			_ = archive.Close() // it was only read
		}
	} else {
		c, err = contentsOfFolder(file)
	}
	if err != nil || len(c.items) == 0 {
		return container
	}
	name := c.items[0].formatName()
	for _, o := range c.items[1:] {
		if o.formatName() != name {
			return container
		}
	}
	if container != "" {
		name += " (.zip)"
	}
	return name
}
