// Package kml reads KML placemark by placemark. Folders and documents that
// hold placemarks are its layers.
//
// It reads the XML itself: GDAL's LIBKML driver turns every Chinese name of
// untyped extended data into underscores, and its KML driver reads none.
package kml

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/twpayne/go-geom"

	"unigrid/grids"
	"unigrid/importers/charset"
	"unigrid/importers/source"
)

const (
	largestPlacemark = 256 << 20 // bytes
	mostFields       = 4096
	mostFolders      = 100_000
	deepestFolder    = 100
)

// Reader reads one layer of a KML file. It is a source.Source.
type Reader struct {
	file    string
	input   io.ReadSeeker
	options source.Options
	closer  io.Closer
	choice  charset.Choice
	skip    int64 // byte order mark
	size    int64
	meter   *meter
	walk    *walker
	folders []folder
	layer   string
	mine    []bool // of the folders
	fields  []source.Field
	place   map[key]int
	epsg    int
	how     grids.Text
	row     int
	tally   source.Tally
}

// Open opens the layer that options name, or the only one. The error is a
// *source.ManyLayersError where there are several.
func Open(path string, options source.Options) (*Reader, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := New(filepath.Base(path), file, options)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	r.closer = file
	return r, nil
}

// New is Open for anything that can be read twice. The Reader doesn't close it.
func New(file string, input io.ReadSeeker, options source.Options) (*Reader, error) {
	r := &Reader{file: file, input: input, options: options, place: map[key]int{}}
	err := r.prepare()
	if many := (*source.ManyLayersError)(nil); errors.As(err, &many) {
		return nil, err // it names the file
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return r, nil
}

// Layers lists the folders and documents that hold placemarks, in the file's
// order. Folders of one name at one place are one layer.
func Layers(path string) ([]string, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r := &Reader{file: filepath.Base(path), input: file}
	if err := r.look(); err != nil {
		return nil, fmt.Errorf("%s: %w", r.file, err)
	}
	return r.layers(), nil
}

func (r *Reader) prepare() error {
	if err := r.look(); err != nil {
		return err
	}
	layers := r.layers()
	switch {
	case len(layers) == 0 && r.walk.links > 0:
		return grids.Errorf(grids.Invalid, "file", "其中只有指向其他文件的链接（NetworkLink），不予跟随", "it holds only links to other files (NetworkLink), which are not followed").
			Fix("请将地标本身另存为 KML", "save the places themselves as KML")
	case len(layers) == 0:
		return grids.Errorf(grids.Invalid, "file", "其中没有地标（Placemark）", "it holds no placemark")
	case r.options.Layer == "" && len(layers) > 1:
		return &source.ManyLayersError{File: r.file, Layers: layers}
	case r.options.Layer == "":
		r.layer = layers[0]
	case slices.Contains(layers, r.options.Layer):
		r.layer = r.options.Layer
	default:
		return grids.Errorf(grids.Invalid, "layer", "没有图层 %s", "there is no layer %s", r.options.Layer).
			Fix("现有：%s", "there is %s", strings.Join(layers, ", "))
	}
	if r.walk.links > 0 {
		r.tally.Add(source.OtherLayers, grids.Textf("%d 个指向其他文件的链接(NetworkLink)未跟随", "%d links to other files (NetworkLink) are not followed", r.walk.links))
	}
	if r.walk.images > 0 {
		r.tally.Add(source.OtherLayers, grids.Textf("%d 幅叠加影像未读取", "%d images laid over the map are not read", r.walk.images))
	}
	r.name()
	r.epsg, r.how = 4326, grids.Text{ZH: "KML 用 WGS 84", EN: "KML is in WGS 84"}
	if r.options.EPSG != 0 {
		r.epsg, r.how = r.options.EPSG, source.ByUser
	}
	return r.rewind()
}

// look reads the file once for its folders and the fields in each.
func (r *Reader) look() error {
	choice, skip, err := charset.DecideText(r.input, r.options.Encoding)
	if err != nil {
		return err
	}
	r.choice, r.skip = choice, int64(skip)
	if r.size, err = r.input.Seek(0, io.SeekEnd); err != nil {
		return err
	}
	if err := r.rewind(); err != nil {
		return err
	}
	for {
		p, err := r.walk.next()
		if err == io.EOF {
			r.folders = r.walk.folders
			return nil
		}
		if err != nil {
			return err
		}
		if err := r.walk.folders[p.folder].learn(p); err != nil {
			return err
		}
	}
}

func (r *Reader) rewind() error {
	if _, err := r.input.Seek(r.skip, io.SeekStart); err != nil {
		return err
	}
	r.meter = &meter{from: r.input, read: r.skip}
	decoder := xml.NewDecoder(r.choice.Reader(r.meter))
	decoder.Entity = xml.HTMLEntity
	// The text is decoded already, whatever its first line calls it.
	decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	r.walk = &walker{decoder: decoder, meter: r.meter}
	return nil
}

// layers are the names of the folders that hold placemarks, once each.
func (r *Reader) layers() []string {
	var names []string
	seen := map[string]bool{}
	for i := range r.folders {
		if name := r.nameOf(i); r.folders[i].placemarks > 0 && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}

// nameOf is a folder's name after those of the folders around it; the
// document's own name is said only where nothing else is.
func (r *Reader) nameOf(i int) string {
	var parts []string
	for at := i; at >= 0; at = r.folders[at].parent {
		f := r.folders[at]
		if f.outermost && len(parts) > 0 {
			break
		}
		name := strings.ReplaceAll(strings.TrimSpace(f.name), "/", "／")
		if name == "" {
			name = strings.TrimSuffix(r.file, filepath.Ext(r.file))
			if !f.outermost {
				name = fmt.Sprintf("folder %d", at)
			}
		}
		parts = append(parts, name)
	}
	slices.Reverse(parts)
	return strings.Join(parts, "/")
}

// name finds the layer's folders and gives its fields their names and places.
func (r *Reader) name() {
	taken := map[string]bool{}
	r.mine = make([]bool, len(r.folders))
	for i, f := range r.folders {
		if f.placemarks == 0 || r.nameOf(i) != r.layer {
			continue
		}
		r.mine[i] = true
		for _, k := range f.keys {
			if _, known := r.place[k]; known {
				continue
			}
			name := k.name
			for n := 2; taken[name]; n++ {
				name = fmt.Sprintf("%s_%d", k.name, n)
			}
			taken[name] = true
			r.place[k] = len(r.fields)
			r.fields = append(r.fields, source.Field{Name: name, Type: source.Text})
		}
	}
}

// Name is the layer's: the folder's, after those of the folders around it.
func (r *Reader) Name() string { return r.layer }

// Fields are the placemarks' names, descriptions, times and extended data, as
// far as there are any; all are text.
func (r *Reader) Fields() []source.Field { return slices.Clone(r.fields) }

// CRS is 4326 unless the user says otherwise.
func (r *Reader) CRS() (epsg int, how grids.Text) { return r.epsg, r.how }

// Encoding should be UTF-8, but files in GBK occur.
func (r *Reader) Encoding() (name string, how grids.Text) { return r.choice.Name(), r.choice.How }

// Notes are remarks about the file.
func (r *Reader) Notes() []source.Note { return r.tally.Notes() }

// Progress is how many bytes of the file are read.
func (r *Reader) Progress() (done, total int64) { return min(r.meter.read, r.size), r.size }

// Close closes the file that Open opened.
func (r *Reader) Close() error {
	if r.closer == nil {
		return nil
	}
	err := r.closer.Close()
	r.closer = nil
	return err
}

// Next returns the layer's next placemark. Row counts those of the layer.
func (r *Reader) Next() (source.Record, error) {
	for {
		p, err := r.walk.next()
		if err != nil {
			return source.Record{}, err
		}
		if p.folder >= len(r.mine) || !r.mine[p.folder] {
			continue
		}
		r.row++
		return r.record(p), nil
	}
}

func (r *Reader) record(p placemark) source.Record {
	record := source.Record{Row: r.row, Values: make([]any, len(r.fields))}
	find := func(kind source.Kind, field, value string, why grids.Text) {
		record.Findings = append(record.Findings, &source.RowError{
			Kind: kind, File: r.file, Row: r.row, Field: field, Value: source.Shorten(value), Why: why,
		})
	}
	for _, v := range p.values {
		i, known := r.place[v.key]
		if !known {
			continue // only if the file changed between the passes
		}
		if record.Values[i] == nil {
			record.Values[i] = v.text
		}
		if strings.ContainsRune(v.text, '\uFFFD') {
			find(source.Undecodable, r.fields[i].Name, v.text, source.NotIn(r.choice.Name()))
		}
	}
	if p.bad != (grids.Text{}) {
		find(source.BadGeometry, "", p.badText, p.bad)
		return record
	}
	g := assemble(p.parts)
	record.Geometry = g
	if _, point := g.(*geom.Point); !point {
		p.height = nil
	}
	r.tally.KeepHeights(&record, p.heights, false, p.height, nil)
	if g == nil {
		return record
	}
	if why := source.Flaw(g); why != (grids.Text{}) {
		find(source.OddGeometry, "", "", why)
	}
	if why := r.options.NotDegrees(g); r.epsg == 4326 && why != "" {
		find(source.OddGeometry, "", why, grids.Text{ZH: "坐标不是经纬度", EN: "a coordinate is not in degrees"})
	}
	return record
}

var _ source.Source = (*Reader)(nil)
