package table

import (
	"bytes"
	"encoding/xml"
	"io"
	"slices"
	"strconv"
	"strings"
)

// area is a range of merged cells, its columns from 0 and its rows as the
// sheet numbers them.
type area struct {
	firstRow, lastRow       int
	firstColumn, lastColumn int
}

func (a area) rows() int    { return a.lastRow - a.firstRow + 1 }
func (a area) columns() int { return a.lastColumn - a.firstColumn + 1 }

// parseArea reads a reference such as B2:D4.
func parseArea(ref string) (area, bool) {
	from, to, found := strings.Cut(ref, ":")
	if !found {
		return area{}, false
	}
	a := area{rowNumber(from), rowNumber(to), columnNumber(from), columnNumber(to)}
	return a, a.firstRow > 0 && a.lastRow >= a.firstRow && a.firstColumn >= 0 && a.lastColumn >= a.firstColumn && a.lastColumn < mostColumns
}

func rowNumber(ref string) int {
	n, err := strconv.Atoi(strings.TrimLeft(strings.TrimLeft(ref, "$"), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz$"))
	if err != nil || n > 1<<20 {
		return 0
	}
	return n
}

// tail is what stands in a worksheet after its rows.
type tail struct {
	areas    []area // merged cells, by first row
	filtered bool
}

const mostAreas = 1 << 20

// readTail runs through a worksheet to what stands after its rows. The merged
// ranges are needed before the first row is understood and stand behind the last.
func (w *workbook) readTail(s sheetInfo) (tail, error) {
	part, err := w.part(s.part, largestSheet)
	if part == nil || err != nil {
		return tail{}, err
	}
	defer part.Close()
	rest, err := afterRows(part)
	if rest == nil || err != nil {
		return tail{}, err
	}
	var t tail
	d := newDecoder(&meter{from: io.MultiReader(bytes.NewReader(rest), io.LimitReader(part, largestPart))})
	for len(t.areas) < mostAreas {
		token, err := d.RawToken()
		if err != nil {
			break // what is broken here the reading of the rows doesn't need
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "mergeCell":
			if a, ok := parseArea(attribute(start, "ref")); ok {
				t.areas = append(t.areas, a)
			}
		case "filterColumn":
			t.filtered = true
		}
	}
	slices.SortFunc(t.areas, func(a, b area) int { return a.firstRow - b.firstRow })
	return t, nil
}

// afterRows reads to the end of the rows and returns what it has read beyond;
// nil if the part ends before.
func afterRows(part io.Reader) ([]byte, error) {
	const chunk, overlap = 256 << 10, 64
	end := []byte("sheetData>")
	buffer := make([]byte, 0, chunk+overlap)
	for {
		n, err := part.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		for from := 0; ; {
			i := bytes.Index(buffer[from:], end)
			if i < 0 {
				break
			}
			before := buffer[max(0, from+i-overlap/2) : from+i]
			from += i + len(end)
			if open := bytes.LastIndexByte(before, '<'); open >= 0 && open+1 < len(before) && before[open+1] == '/' {
				return buffer[from:], nil
			}
		}
		if err == io.EOF {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if len(buffer) > overlap {
			buffer = append(buffer[:0], buffer[len(buffer)-overlap:]...)
		}
	}
}
