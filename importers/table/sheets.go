package table

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"unigrid/grids"
	"unigrid/importers/source"
)

// Sheet is one worksheet of a workbook.
type Sheet struct {
	Name   string
	Hidden bool // kept from people who open the workbook; never read unless named
	Empty  bool // without a filled cell
}

// Sheets lists a workbook's worksheets in their order.
func Sheets(path string) ([]Sheet, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	book, err := openWorkbook(file, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	all := make([]Sheet, len(book.sheets))
	for i, s := range book.sheets {
		empty, err := book.empty(s)
		if err != nil {
			return nil, fmt.Errorf("%s: sheet %s: %w", filepath.Base(path), s.name, err)
		}
		all[i] = Sheet{Name: s.name, Hidden: s.hidden, Empty: empty}
	}
	return all, nil
}

// SheetNames lists the worksheets that hold something, the hidden ones last.
func SheetNames(path string) ([]string, error) {
	sheets, err := Sheets(path)
	var visible, hidden []string
	for _, s := range sheets {
		switch {
		case s.Empty:
		case s.Hidden:
			hidden = append(hidden, s.Name)
		default:
			visible = append(visible, s.Name)
		}
	}
	return append(visible, hidden...), err
}

// empty says whether a sheet has no filled cell, reading no further than to
// the first.
func (w *workbook) empty(s sheetInfo) (bool, error) {
	part, err := w.part(s.part, largestSheet)
	if part == nil || err != nil {
		return true, err
	}
	defer part.Close()
	m := &meter{from: part}
	rows := &sheetRows{book: w, part: part, meter: m, decoder: newDecoder(m)}
	_, err = rows.next()
	if err == io.EOF {
		return true, nil
	}
	return false, err
}

// choose finds the sheet by name, or the first visible one that isn't empty.
func (w *workbook) choose(name string) (sheetInfo, error) {
	var names []string
	visible := 0
	for _, s := range w.sheets {
		names = append(names, s.name)
		if name == s.name {
			return s, nil
		}
		if name != "" || s.hidden {
			continue
		}
		visible++
		if empty, err := w.empty(s); err != nil || !empty {
			return s, nil // what is wrong with it its reading will say
		}
	}
	switch {
	case name != "":
		return sheetInfo{}, source.Fault("工作簿没有工作表 %q,现有 %s", "the workbook has no sheet %q; it has %s", name, strings.Join(names, ", "))
	case visible == 0 && len(names) > 0:
		return sheetInfo{}, source.Fault("工作簿的工作表都是隐藏的,请指明其一:%s", "the workbook has no visible sheet; name one of %s", strings.Join(names, ", "))
	case visible == 0:
		return sheetInfo{}, source.Fault("工作簿没有工作表", "the workbook has no sheet")
	}
	return sheetInfo{}, source.Fault("其中没有记录", "there is no row in it")
}

// noteOthers mentions the sheets that aren't read.
func (w *workbook) noteOthers(chosen string, tally *source.Tally) {
	for _, s := range w.sheets {
		switch {
		case s.name == chosen:
		case s.hidden:
			tally.Add(source.OtherLayers, grids.Textf("工作表 %s 是隐藏的,未读取", "sheet %s is hidden and not read", s.name))
		default:
			tally.Add(source.OtherLayers, grids.Textf("工作表 %s 未读取", "sheet %s is not read", s.name))
		}
	}
}
