// Package source is the vocabulary that every file reader of unigrid speaks:
// fields, records with an optional geometry, findings about single values, and
// notes about the file as a whole.
//
// Geometries stay in the coordinate system of their file and have two
// dimensions; PostGIS transforms them later.
package source

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/twpayne/go-geom"

	"unigrid/grids"
)

// Type says what a field's values are.
type Type int

// The types that a field can have. A value can still be text where the field
// is a number: then the text could not be read as that number, and a finding
// on the record says so.
const (
	Text    Type = iota // string
	Integer             // int64
	Float               // float64
	Boolean             // bool
	Date                // time.Time
	Mixed               // differs from record to record
)

// String names the type for people.
func (t Type) String() string {
	switch t {
	case Text:
		return "text"
	case Integer:
		return "integer"
	case Float:
		return "float"
	case Boolean:
		return "boolean"
	case Date:
		return "date"
	case Mixed:
		return "mixed"
	}
	return fmt.Sprintf("type %d", int(t))
}

// TypeNamed is the inverse of String; what has values of several types is Text,
// and so is any other name.
func TypeNamed(name string) Type {
	for _, t := range []Type{Integer, Float, Boolean, Date} {
		if t.String() == name {
			return t
		}
	}
	return Text
}

// Value gives a text, as staging keeps it, the type's value: nil for "", the text
// itself where it isn't of that type.
func (t Type) Value(text string) any {
	if text == "" {
		return nil
	}
	switch t {
	case Integer:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
	case Float:
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f
		}
	case Boolean:
		if b, err := strconv.ParseBool(text); err == nil {
			return b
		}
	case Date:
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			return at
		}
	}
	return text
}

// Field is one attribute of a file.
type Field struct {
	Name string
	Type Type
	// Length is the width in bytes and Decimals the digits after the point,
	// where the format has them (DBF); else both are 0.
	Length, Decimals int
}

// Record is one row of a file.
type Record struct {
	// Row is the number by which a person finds the row: for spreadsheets and
	// CSV the row number of the sheet, for everything else the feature's
	// place in the file, from 1.
	Row int
	// Values are aligned with the source's Fields. Each is a string, int64,
	// float64, bool, time.Time or nil.
	Values []any
	// Geometry has the layout XY, or is nil where the row has none.
	Geometry geom.T
	// Z and M are the height and measure of a point, or nil; see Regular.
	Z, M *float64
	// Findings are what was wrong in this row without making it unreadable.
	Findings []*RowError
}

// Source reads the records of one layer of a file in order.
type Source interface {
	// Name is the layer's name: the file's, without its extension, or the sheet's.
	Name() string
	// Fields are the attributes, in the file's order.
	Fields() []Field
	// CRS is the EPSG code of the coordinates and how it was found out.
	// Code 0 means unknown; how then says why.
	CRS() (epsg int, how grids.Text)
	// Encoding is the character encoding and how it was found out.
	Encoding() (name string, how grids.Text)
	// Next returns the next record, and io.EOF after the last. A *RowError
	// means that this one row could not be read; reading may go on. After any
	// other error it may not.
	Next() (Record, error)
	// Notes are remarks about the file as a whole. They are complete once
	// Next has returned io.EOF.
	Notes() []Note
	// Close releases the files.
	Close() error
}

// Options are what the person who imports can say about a file.
type Options struct {
	// Encoding overrules what the file says, if it isn't empty.
	Encoding string
	// EPSG overrules what the file says, if it isn't 0.
	EPSG int
	// Layer chooses a sheet of a workbook or a file of an archive by name.
	Layer string
	// Swap says that x and y of the file are exchanged; see Exchanged. A reader
	// only judges coordinates so.
	Swap bool `json:",omitempty"`
}

// Ordered gives a file's two ordinates as x and y.
func (o Options) Ordered(first, second float64) (x, y float64) {
	if o.Swap {
		return second, first
	}
	return first, second
}

// ByUser is the answer to "how" where the user said so.
var ByUser = grids.Text{ZH: "由用户指定", EN: "named by the user"}

// Closers are the files that a reader opened.
type Closers []io.Closer

// Close closes all of them, once.
func (c *Closers) Close() error {
	var all []error
	for _, file := range *c {
		all = append(all, file.Close())
	}
	*c = nil
	return errors.Join(all...)
}
