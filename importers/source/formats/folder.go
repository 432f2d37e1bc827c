package formats

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"unigrid/importers/source"
)

const deepestFolder = 5

// contentsOfFolder looks what a folder holds, itself and in the folders within
// it. Links are not followed.
func contentsOfFolder(folder string) (contents, error) {
	var entries []entry
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(relative)
		switch {
		case d.IsDir() && name != "." && (strings.Count(name, "/") >= deepestFolder || hidden(name)):
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		case len(entries) >= mostEntries:
			return tooMuch("%s 中的文件超过 %d 个", "%s holds more than %d files", filepath.Base(folder), mostEntries)
		}
		entries = append(entries, entry{name: name, path: path})
		return nil
	})
	if err != nil {
		return contents{}, err
	}
	return group(filepath.Base(folder), entries), nil
}

// place is where an item of a folder lies.
func (o item) place() string {
	if o.main != ".gdb" {
		return o.files[o.main].path
	}
	for _, e := range o.files {
		return filepath.Dir(e.path)
	}
	return ""
}

func folderLayers(folder string) ([]string, error) {
	c, err := contentsOfFolder(folder)
	if err != nil {
		return nil, err
	}
	return c.layers(func(o item) ([]string, error) { return Layers(o.place()) })
}

// openFolder opens the layer of a folder that options name, or the only one.
func openFolder(folder string, options source.Options) (source.Source, error) {
	c, err := contentsOfFolder(folder)
	if err != nil {
		return nil, err
	}
	one, inner, err := c.choose(options.Layer)
	if err != nil {
		return nil, err
	}
	options.Layer = inner
	s, err := open(one.place(), options)
	var many *source.ManyLayersError
	switch {
	case errors.As(err, &many):
		return nil, &source.ManyLayersError{File: c.file, Layers: prefixed(c, one, many.Layers)}
	case err != nil:
		return nil, fmt.Errorf("%s, %s: %w", c.file, one.name, err)
	}
	return &unpacked{s, nil, c.notes()}, nil
}
