package formats

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"unigrid/importers/charset"
	"unigrid/importers/source"
	"unigrid/importers/source/scratch"
)

const mostEntries = 100_000

// withArchive opens an archive, looks what is in it and hands that on.
func withArchive(file string, use func(contents) error) error {
	archive, err := zip.OpenReader(file)
	if err != nil {
		return advise(invalid("%s 无法解压：%v", "%s can't be unpacked: %v", filepath.Base(file), err), saveAs.unpack)
	}
	c, err := contentsOf(file, &archive.Reader)
	if err == nil {
		err = use(c)
	}
	return errors.Join(err, archive.Close())
}

func contentsOf(file string, archive *zip.Reader) (contents, error) {
	name := filepath.Base(file)
	if len(archive.File) > mostEntries {
		return contents{}, tooMuch("%s 中的文件超过 %d 个", "%s holds more than %d files", name, mostEntries)
	}
	var entries []entry
	for _, f := range archive.File {
		if !f.FileInfo().IsDir() {
			entries = append(entries, entry{name: decodedName(f), packed: f})
		}
	}
	c := group(name, entries)
	if strings.EqualFold(filepath.Ext(file), ".kmz") {
		c = documents(c)
	}
	return c, nil
}

// documents leaves of a KMZ the documents that hold places; programs write one
// of them, or one with links to others beside it. A single one goes by the
// KMZ's own name.
func documents(c contents) contents {
	var places, others []item
	for _, o := range c.items {
		switch {
		case o.main != ".kml":
		case holdsPlaces(o.files[o.main]):
			places = append(places, o)
		default:
			others = append(others, o)
		}
	}
	if len(places) == 0 {
		places = others[:min(1, len(others))] // its reader says what is wrong
	}
	if len(places) == 1 {
		places[0].name = strings.TrimSuffix(c.file, filepath.Ext(c.file))
	}
	return contents{file: c.file, items: places}
}

// holdsPlaces says whether a KML has a placemark. One that can't be unpacked
// may have.
func holdsPlaces(e entry) bool {
	const (
		most = 256 << 20
		sign = "<Placemark"
	)
	from, err := e.packed.Open()
	if err != nil {
		return true
	}
	defer from.Close()
	text := bufio.NewReaderSize(io.LimitReader(from, most), 1<<16)
	for {
		piece, err := text.Peek(1 << 16)
		if bytes.Contains(piece, []byte(sign)) {
			return true
		}
		if err != nil {
			return err != io.EOF
		}
		if _, err := text.Discard(len(piece) - len(sign)); err != nil {
			return true
		}
	}
}

// decodedName is an entry's name: UTF-8 where the archive says so or the bytes
// are, else GBK, as Chinese Windows packs.
func decodedName(f *zip.File) string {
	name := strings.ReplaceAll(f.Name, `\`, "/")
	var g charset.Guess
	g.Value([]byte(name), false)
	text, _ := g.Choice().Decode([]byte(name))
	return text
}

// archiveLayers lists what can be opened in an archive, looking into files
// that may hold several layers themselves.
func archiveLayers(file string) (names []string, err error) {
	err = withArchive(file, func(c contents) error {
		names, err = c.layers(func(o item) ([]string, error) {
			folder, main, err := unpack(c.file, o)
			if err != nil {
				return nil, err
			}
			inner, err := Layers(main)
			return inner, errors.Join(err, folder.Remove())
		})
		return err
	})
	return names, err
}

// layers lists the items, and instead of those that hold several layers these.
func (c contents) layers(within func(item) ([]string, error)) ([]string, error) {
	if len(c.items) == 0 {
		return nil, c.empty()
	}
	var names []string
	for _, o := range c.items {
		if !o.several() && len(c.items) > 1 {
			names = append(names, o.name)
			continue
		}
		inner, err := within(o)
		switch {
		case err != nil:
			return nil, err
		case len(inner) == 0 || len(inner) == 1 && len(c.items) > 1:
			names = append(names, o.name)
		case len(c.items) == 1:
			names = append(names, inner...)
		default:
			for _, name := range inner {
				names = append(names, o.name+"/"+name)
			}
		}
	}
	return names, nil
}

// openArchive unpacks one layer into a temporary folder, which lasts until the
// source is closed, and opens it.
func openArchive(file string, options source.Options) (s source.Source, err error) {
	err = withArchive(file, func(c contents) error {
		one, inner, err := c.choose(options.Layer)
		if err != nil {
			return err
		}
		folder, main, err := unpack(c.file, one)
		if err != nil {
			return err
		}
		options.Layer = inner
		opened, err := open(main, options)
		if err != nil {
			var many *source.ManyLayersError
			if errors.As(err, &many) {
				err = &source.ManyLayersError{File: c.file, Layers: prefixed(c, one, many.Layers)}
			} else {
				err = fmt.Errorf("%s, %s: %w", c.file, one.name, err)
			}
			return errors.Join(err, folder.Remove())
		}
		s = &unpacked{opened, folder, c.notes()}
		return nil
	})
	return s, err
}

// prefixed are an item's layers as they are asked for of the whole archive.
func prefixed(c contents, o item, layers []string) []string {
	if len(c.items) == 1 {
		return layers
	}
	all := make([]string, len(layers))
	for i, name := range layers {
		all[i] = o.name + "/" + name
	}
	return all
}

// unpacked is a source whose files are temporary, or that has others beside it.
type unpacked struct {
	source.Source
	folder *scratch.Folder // or nil
	beside []source.Note
}

// Notes tell also of what lies beside and isn't read.
func (u *unpacked) Notes() []source.Note { return append(u.Source.Notes(), u.beside...) }

// Progress is that of the file within.
func (u *unpacked) Progress() (done, total int64) {
	if p, ok := u.Source.(interface{ Progress() (done, total int64) }); ok {
		return p.Progress()
	}
	return 0, 0
}

// Close removes the temporary files, too.
func (u *unpacked) Close() error {
	err := u.Source.Close()
	if u.folder != nil {
		err = errors.Join(err, u.folder.Remove())
	}
	return err
}
