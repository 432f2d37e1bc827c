package table

import (
	"archive/zip"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"
	"unigrid/importers/source"
)

// The parts of a workbook that are read whole are small, except for the texts.
const (
	largestPart  = 64 << 20
	largestTexts = 512 << 20
	largestSheet = 8 << 30
)

// workbook is an .xlsx: what is needed to read one of its sheets row by row.
//
// It is read here rather than by a library because the one at hand either
// streams without saying which cells are text, which numbers and which dates,
// or holds whole sheets in memory, filled up to their last cell.
type workbook struct {
	archive  *zip.Reader
	sheets   []sheetInfo
	from1904 bool
	styles   string // the part's name
	texts    []string
	formats  []numberFormat // by cell style
}

type sheetInfo struct {
	name, part string
	hidden     bool
}

// numberFormat is what a cell style does to a number.
type numberFormat struct {
	date   bool
	zeroes int // digits that the number is filled up to with zeros, if more than 1
}

func openWorkbook(file io.ReaderAt, size int64) (*workbook, error) {
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return nil, fmt.Errorf("not an .xlsx: %w", err)
	}
	w := &workbook{archive: archive, styles: "xl/styles.xml"}
	if err := w.readSheets(); err != nil {
		return nil, err
	}
	if err := w.readStyles(); err != nil {
		return nil, err
	}
	return w, nil
}

// part opens a part of the archive; nil if it isn't there.
func (w *workbook) part(name string, limit int64) (io.ReadCloser, error) {
	for _, f := range w.archive.File {
		if !strings.EqualFold(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"), name) {
			continue
		}
		if int64(f.UncompressedSize64) > limit {
			return nil, source.Fault("%s 超过 %d MB", "%s has more than %d MB", name, limit>>20)
		}
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return struct {
			io.Reader
			io.Closer
		}{io.LimitReader(r, limit), r}, nil
	}
	return nil, nil
}

// partSize is how many bytes a part says it has.
func (w *workbook) partSize(name string) int64 {
	for _, f := range w.archive.File {
		if strings.EqualFold(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"), name) {
			return int64(f.UncompressedSize64)
		}
	}
	return 0
}

// decode reads a whole small part into v; absent parts leave v as it is.
func (w *workbook) decode(name string, v any) (found bool, err error) {
	r, err := w.part(name, largestPart)
	if r == nil || err != nil {
		return false, err
	}
	defer r.Close()
	if err := newDecoder(r).Decode(v); err != nil {
		return true, fmt.Errorf("%s: %w", name, err)
	}
	return true, nil
}

type relationships struct {
	List []struct {
		ID     string `xml:"Id,attr"`
		Type   string `xml:"Type,attr"`
		Target string `xml:"Target,attr"`
	} `xml:"Relationship"`
}

func (w *workbook) readSheets() error {
	main := "xl/workbook.xml"
	var root relationships
	if _, err := w.decode("_rels/.rels", &root); err != nil {
		return err
	}
	for _, r := range root.List {
		if strings.HasSuffix(r.Type, "/officeDocument") {
			main = strings.TrimPrefix(r.Target, "/")
		}
	}
	var book struct {
		Properties struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name  string     `xml:"name,attr"`
			State string     `xml:"state,attr"`
			Attrs []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	found, err := w.decode(main, &book)
	if err != nil {
		return err
	}
	if !found {
		return source.Fault("不是工作簿:缺少 xl/workbook.xml", "not a workbook: xl/workbook.xml is missing")
	}
	w.from1904 = book.Properties.Date1904 == "1" || book.Properties.Date1904 == "true"
	var parts relationships
	if _, err := w.decode(path.Join(path.Dir(main), "_rels", path.Base(main)+".rels"), &parts); err != nil {
		return err
	}
	for _, s := range book.Sheets {
		for _, a := range s.Attrs {
			if a.Name.Local != "id" {
				continue
			}
			for _, r := range parts.List {
				if r.ID == a.Value && strings.HasSuffix(r.Type, "/worksheet") {
					w.sheets = append(w.sheets, sheetInfo{s.Name, resolve(main, r.Target), s.State != "" && s.State != "visible"})
				}
			}
		}
	}
	for _, r := range parts.List {
		if strings.HasSuffix(r.Type, "/styles") {
			w.styles = resolve(main, r.Target)
		}
	}
	for _, r := range parts.List {
		if strings.HasSuffix(r.Type, "/sharedStrings") {
			return w.readTexts(resolve(main, r.Target))
		}
	}
	return nil
}

func resolve(main, target string) string {
	target = strings.ReplaceAll(target, `\`, "/")
	if strings.HasPrefix(target, "/") {
		return strings.TrimPrefix(target, "/")
	}
	return path.Join(path.Dir(main), target)
}

// richText is a text in pieces; phonetic hints among them are left out.
type richText struct {
	Plain  string `xml:"t"`
	Pieces []struct {
		Text string `xml:"t"`
	} `xml:"r"`
}

func (t richText) String() string {
	text := t.Plain
	for _, p := range t.Pieces {
		text += p.Text
	}
	return unescape(text)
}

// unescape resolves _x000D_ and the like, as which control characters are kept.
func unescape(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	return regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`).ReplaceAllStringFunc(text, func(code string) string {
		n, err := strconv.ParseUint(code[2:6], 16, 16)
		if err != nil || n >= 0xD800 && n < 0xE000 {
			return code
		}
		return string(rune(n))
	})
}

func (w *workbook) readTexts(part string) error {
	r, err := w.part(part, largestTexts)
	if r == nil || err != nil {
		return err
	}
	defer r.Close()
	m := &meter{from: r}
	d := newDecoder(m)
	for {
		m.since = 0
		token, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "si" {
			var t richText
			if err := d.DecodeElement(&t, &start); err != nil {
				return fmt.Errorf("%s: %w", part, err)
			}
			w.texts = append(w.texts, t.String())
		}
	}
}

func (w *workbook) readStyles() error {
	var styles struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if _, err := w.decode(w.styles, &styles); err != nil {
		return err
	}
	custom := map[int]string{}
	for _, f := range styles.Formats {
		custom[f.ID] = f.Code
	}
	for _, c := range styles.Cells {
		code, ok := custom[c.Format]
		switch {
		case ok:
			w.formats = append(w.formats, formatOf(code))
		case c.Format >= 14 && c.Format <= 22, c.Format >= 27 && c.Format <= 36,
			c.Format >= 45 && c.Format <= 47, c.Format >= 50 && c.Format <= 58:
			w.formats = append(w.formats, numberFormat{date: true})
		default:
			w.formats = append(w.formats, numberFormat{})
		}
	}
	return nil
}

// formatOf reads a number format's code: a date if it has a letter of one
// outside quotation marks and brackets; or nothing but zeros.
func formatOf(code string) numberFormat {
	if strings.Trim(code, "0") == "" {
		return numberFormat{zeroes: min(len(code), 32)}
	}
	first, _, _ := strings.Cut(code, ";")
	bare := regexp.MustCompile(`"[^"]*"|\\.|_.|\*.|\[[^\]hmsHMS][^\]]*\]`).ReplaceAllString(first, "")
	if strings.EqualFold(bare, "general") {
		return numberFormat{}
	}
	return numberFormat{date: strings.ContainsAny(strings.ToLower(bare), "ymdhs")}
}
