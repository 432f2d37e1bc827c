package shapefile

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"unigrid/geo/crs"
	"unigrid/importers/source"
)

// Open reads the shapefile to which path, its .shp or .dbf, belongs. The other
// parts stand beside it under the same name; the case of their extensions
// doesn't matter.
func Open(path string, options source.Options) (*Reader, error) {
	base := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	siblings, err := siblingsOf(path, base)
	if err != nil {
		return nil, err
	}
	parts := Parts{Name: base}
	var opened []io.Closer
	fail := func(err error) (*Reader, error) {
		for _, c := range opened {
			_ = c.Close() // the first error is the one to report
		}
		return nil, err
	}
	for extension, part := range map[string]*File{".shp": &parts.Shapes, ".shx": &parts.Index, ".dbf": &parts.Table} {
		sibling := siblings[extension]
		if strings.EqualFold(extension, filepath.Ext(path)) {
			sibling = path
		}
		if sibling == "" {
			continue
		}
		file, err := os.Open(sibling)
		if err != nil {
			return fail(err)
		}
		opened = append(opened, file)
		info, err := file.Stat()
		if err != nil {
			return fail(err)
		}
		*part = File{file, info.Size()}
	}
	if parts.CodePage, err = small(siblings[".cpg"]); err != nil {
		return fail(err)
	}
	if parts.CRS, err = definition(siblings); err != nil {
		return fail(err)
	}
	r, err := New(parts, options)
	if err != nil {
		return fail(err)
	}
	r.closers = opened
	return r, nil
}

// siblingsOf finds the files of the same base name, by extension in lower
// case. The exact base name goes before one in other case.
func siblingsOf(path, base string) (map[string]string, error) {
	folder := filepath.Dir(path)
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, e := range entries {
		extension := filepath.Ext(e.Name())
		name := strings.TrimSuffix(e.Name(), extension)
		extension = strings.ToLower(extension)
		if !strings.EqualFold(name, base) || e.IsDir() {
			continue
		}
		if found[extension] == "" || name == base {
			found[extension] = filepath.Join(folder, e.Name())
		}
	}
	return found, nil
}

// definition is the text of the .prj, or of the .qpj that QGIS writes beside it
// if that says more.
func definition(siblings map[string]string) (string, error) {
	prj, err := small(siblings[".prj"])
	if err != nil || siblings[".qpj"] == "" {
		return prj, err
	}
	if _, unknown := crs.Identify(prj); unknown == nil {
		return prj, nil
	}
	qpj, err := small(siblings[".qpj"])
	if _, unknown := crs.Identify(qpj); unknown != nil && prj != "" {
		return prj, err
	}
	return qpj, err
}

// small reads a file that is a line or two of text.
func small(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	const most = 64 << 10
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, most))
	if err != nil {
		return "", fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	return string(raw), nil
}
