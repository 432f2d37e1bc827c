package kml

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"unigrid/grids"
	"unigrid/importers/source"
)

// key says what a value is: an element of the placemark, or one of its
// extended data, which may have the same name.
type key struct {
	name     string
	extended bool
}

// value is one attribute of a placemark.
type value struct {
	key
	text string
}

// folder is a Document or Folder.
type folder struct {
	name       string
	parent     int  // -1 for those that lie in none
	outermost  bool // the document
	placemarks int
	keys       []key
	known      map[key]bool
}

func (f *folder) learn(p placemark) error {
	f.placemarks++
	for _, v := range p.values {
		if f.known[v.key] {
			continue
		}
		if len(f.keys) >= mostFields {
			return source.Fault("属性种类超过 %d 个", "more than %d different attributes", mostFields)
		}
		if f.known == nil {
			f.known = map[key]bool{}
		}
		f.known[v.key] = true
		f.keys = append(f.keys, v.key)
	}
	return nil
}

// placemark is one with its values and the parts of its geometry.
type placemark struct {
	folder  int
	values  []value
	parts   []part
	heights bool       // some aren't zero
	height  *float64   // of the last position that has one
	bad     grids.Text // why the geometry can't be read
	badText string
}

// meter fails a read that goes too far without a placemark having ended.
type meter struct {
	from        io.Reader
	read, since int64
}

var errTooLarge = source.Fault("有一个地标超过 %d MB", "a placemark of more than %d MB", largestPlacemark>>20)

// Read passes on what from has.
func (m *meter) Read(p []byte) (int, error) {
	if m.since > largestPlacemark {
		return 0, errTooLarge
	}
	n, err := m.from.Read(p)
	m.read += int64(n)
	m.since += int64(n)
	return n, err
}

// walker hands out the placemarks of a file in order and remembers its folders.
type walker struct {
	decoder *xml.Decoder
	meter   *meter
	folders []folder
	open    []int // folders around the place where it stands
	begun   bool
	links   int
	images  int
}

func (w *walker) next() (placemark, error) {
	w.meter.since = 0
	p, err := w.step()
	switch syntax := (*xml.SyntaxError)(nil); {
	case err == nil || err == io.EOF:
		return p, err
	case errors.As(err, &syntax):
		return p, grids.Errorf(grids.Invalid, "file", "第 %d 行不是合法的 XML：%s", "line %d is not proper XML: %s", syntax.Line, syntax.Msg)
	}
	line, _ := w.decoder.InputPos()
	return p, fmt.Errorf("line %d: %w", line, err)
}

func (w *walker) step() (placemark, error) {
	for {
		token, err := w.decoder.Token()
		if err == io.EOF && !w.begun {
			return placemark{}, source.Fault("不是 KML:其中没有元素", "not KML: there is no element in it")
		}
		if err != nil {
			return placemark{}, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if !w.begun && t.Name.Local != "kml" && t.Name.Local != "Document" && t.Name.Local != "Folder" && t.Name.Local != "Placemark" {
				return placemark{}, source.Fault("不是 KML:以 <%s> 开头", "not KML: it begins with <%s>", t.Name.Local)
			}
			w.begun = true
			p, found, err := w.start(t)
			if found || err != nil {
				return p, err
			}
		case xml.EndElement:
			if isFolder(t.Name.Local) && len(w.open) > 0 {
				w.open = w.open[:len(w.open)-1]
			}
		}
	}
}

func isFolder(name string) bool { return name == "Document" || name == "Folder" }

func (w *walker) start(t xml.StartElement) (p placemark, found bool, err error) {
	switch name := t.Name.Local; {
	case name == "kml":
		return p, false, nil
	case isFolder(name):
		parent := -1
		if len(w.open) > 0 {
			parent = w.open[len(w.open)-1]
		}
		if len(w.folders) >= mostFolders || len(w.open) >= deepestFolder {
			return p, false, source.Fault("文件夹太多或嵌套太深", "too many folders, or too deep in each other")
		}
		w.folders = append(w.folders, folder{parent: parent, outermost: parent < 0})
		w.open = append(w.open, len(w.folders)-1)
		return p, false, nil
	case name == "name" && len(w.open) > 0:
		text, err := w.text()
		w.folders[w.open[len(w.open)-1]].name = text
		return p, false, err
	case name == "Placemark":
		if len(w.open) == 0 { // without a document around it
			if len(w.folders) == 0 {
				w.folders = append(w.folders, folder{parent: -1, outermost: true})
			}
			p.folder = 0
		} else {
			p.folder = w.open[len(w.open)-1]
		}
		return p, true, w.placemark(&p)
	case name == "NetworkLink":
		w.links++
	case name == "GroundOverlay":
		w.images++
	}
	return p, false, w.decoder.Skip()
}

// text reads the text up to the end of the element just begun.
func (w *walker) text() (string, error) {
	var b strings.Builder
	for depth := 0; ; {
		token, err := w.decoder.Token()
		if err != nil {
			return "", early(err)
		}
		switch t := token.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.StartElement:
			depth++
		case xml.EndElement:
			if depth--; depth < 0 {
				return strings.TrimSpace(strings.ReplaceAll(b.String(), "\x00", "")), nil
			}
		}
	}
}

// children calls take for each element within the one just begun; take reads
// it to its end.
func (w *walker) children(take func(xml.StartElement) error) error {
	for {
		token, err := w.decoder.Token()
		if err != nil {
			return early(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := take(t); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

// early says of an end inside an element that it is not the end of the file.
func early(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (w *walker) placemark(p *placemark) error {
	return w.children(func(t xml.StartElement) error {
		switch name := t.Name.Local; name {
		case "name", "description", "address", "phoneNumber":
			return w.keep(p, key{name, false})
		case "TimeStamp", "TimeSpan":
			return w.children(func(t xml.StartElement) error { return w.keep(p, key{t.Name.Local, false}) })
		case "ExtendedData":
			return w.extended(p)
		default:
			return w.geometry(p, t, 0)
		}
	})
}

// keep keeps an element's text as an attribute, if there is any.
func (w *walker) keep(p *placemark, k key) error {
	text, err := w.text()
	if text != "" && k.name != "" {
		p.values = append(p.values, value{k, text})
	}
	return err
}

// extended reads <Data name="…"><value>, <SimpleData name="…"> and elements of
// any other kind by their own name.
func (w *walker) extended(p *placemark) error {
	return w.children(func(t xml.StartElement) error {
		switch t.Name.Local {
		case "Data":
			return w.children(func(inner xml.StartElement) error {
				if inner.Name.Local != "value" {
					return w.decoder.Skip()
				}
				return w.keep(p, key{named(t), true})
			})
		case "SchemaData":
			return w.children(func(t xml.StartElement) error { return w.keep(p, key{named(t), true}) })
		}
		return w.keep(p, key{t.Name.Local, true})
	})
}

// named is an element's name attribute.
func named(t xml.StartElement) string {
	for _, a := range t.Attr {
		if a.Name.Local == "name" {
			return strings.ReplaceAll(strings.TrimSpace(a.Value), "\x00", "")
		}
	}
	return ""
}
