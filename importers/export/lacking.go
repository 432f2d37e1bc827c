package export

import (
	"fmt"

	"unigrid/grids"
	"unigrid/importers/charset"
)

// mostLacking is how many values a LackingError lists.
const mostLacking = 1000

// Lacking is a value that can't be written in the encoding asked for.
type Lacking struct {
	Row       int    `json:"row"`  // from 1; 0: it is the column's name
	Code      string `json:"code"` // of the feature
	Field     string `json:"field"`
	Value     string `json:"value"`
	Character string `json:"character"` // the first one that the encoding lacks
}

// LackingError says which characters an encoding lacks. Nothing is written then,
// for no character is ever replaced. It unwraps to a *grids.Error.
type LackingError struct {
	List  []Lacking // the first thousand
	Count int       // of values
	known *grids.Error
}

func (e *LackingError) Error() string { return e.known.Error() }

// Unwrap gives the *grids.Error.
func (e *LackingError) Unwrap() error { return e.known }

// Encoding names the encoding.
func (e *LackingError) Encoding() string { return e.known.Value }

// add notes a text of which the encoding lacks a character.
func (e *LackingError) add(encoding charset.Encoding, one Lacking, text string) {
	if e.Count++; e.Count > mostLacking {
		return
	}
	for _, r := range text {
		if _, err := encoding.Encode(string(r)); err != nil {
			one.Character = string(r)
			break
		}
	}
	e.List = append(e.List, one)
	if e.known == nil {
		e.known = &grids.Error{Kind: grids.Invalid, Field: "encoding", Value: encoding.Name()}
	}
}

// err gives the error, nil if nothing is lacking.
func (e *LackingError) err() error {
	if e.Count == 0 {
		return nil
	}
	first := e.List[0]
	e.known.Message = grids.Text{
		ZH: fmt.Sprintf("%s 缺少 %d 个值中的字符,如第 %d 行 %s 的“%s”(%s)", e.known.Value, e.Count, first.Row, first.Field, first.Character, first.Value),
		EN: fmt.Sprintf("%s lacks characters of %d values, such as %q in row %d, %s (%s)", e.known.Value, e.Count, first.Character, first.Row, first.Field, first.Value),
	}
	e.known.Fixes = nil
	e.known.Fix("改用 UTF-8(shapefile 附 .cpg,CSV 带 BOM,Excel、WPS、QGIS、ArcGIS 均可打开)", "take UTF-8 (a shapefile has a .cpg, CSV a byte order mark; Excel, WPS, QGIS and ArcGIS read both)")
	if e.known.Value != "GB18030" {
		e.known.Fix("或改用 GB18030,它含有全部汉字", "or take GB18030, which has all Chinese characters")
	}
	return e
}
