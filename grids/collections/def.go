// Package collections turns what the rooms publish into collections of
// features: one Def for each, from which OGC items, their JSON Schema and
// exports follow. SQL is put together from constants of this package only;
// whatever comes from outside travels as a parameter.
package collections

import (
	"unigrid/grids"
)

// Type is a property's type, which decides how its values are written.
type Type string

// The types of properties. A Number is written with a decimal point always
// (45.0), an Instant in UTC with milliseconds, rounded up; JSON is an object or
// a list.
const (
	String  Type = "string"
	Integer Type = "integer"
	Number  Type = "number"
	Boolean Type = "boolean"
	Instant Type = "date-time"
	JSON    Type = "json"
)

// Property is one property of a collection's features. It is there in every
// feature, null when it has no value.
type Property struct {
	Name        string
	Type        Type
	SQL         string // over f (a row) and what Details joins
	Filter      string // over f alone; empty when one can't filter by it
	Enum        []string
	Unit        string // as in UCUM, e.g. m2; empty for none
	Short       string // name in a shapefile, at most ten bytes; empty: Name
	Spread      bool   // of JSON: in a table its members are columns
	Nested      bool   // of JSON: in a table other properties say the same
	Description grids.Text
}

// Def is a collection: how its rows are found and what its features look like.
//
// Rows is a FROM item named f: versions with valid_from and valid_to, of
// editions or of dated rows. It and every expression may use $1 territory
// (int), $2 first and $3 last edition (int), $4 the instant (timestamptz) and
// $5 the instant since which an interval runs ($4 when it is none).
// Details are joins to the rows of one page, set-based; the page's rows have
// n (1, 2, ... in order) and at (the instant that counts for this row) too.
type Def struct {
	ID          string
	Title       grids.Text
	Description grids.Text
	Geometry    string // GeoJSON type that all features have; "" for several
	Rows        string
	Instant     string // Rows for an instant, where a plainer query does; empty: Rows
	Place       string // geometry (EPSG:4326) that bbox selects by
	near        string // geometry with an index, within shift degrees of Place; empty: Place has one
	shift       float64
	shown       string // geometry that is sent; empty: f.geom
	exact       string // Rows before they were generalised to metres; empty: they aren't
	metres      int
	Key         string // unique, by which pages are ordered
	KeyType     string // SQL type of Key
	Order       string // operator class of Key's order: "USING ~<~" and "~>~" are bytewise
	Greater     string
	FeatureID   string   // expression for a feature's id
	Find        []string // conditions on $6, an id, in the order in which they are tried
	Identity    string   // what all versions of a feature share
	Once        string   // what an interval shows once; empty: Key
	With        string   // named queries that Details use
	Details     string
	// Sent joins, as sent, what a file said of a row: attributes (jsonb), geom
	// (in the file's coordinates), batch, and as_sent: the feature's geometry is
	// that of the file, made valid. Row-level security decides who sees any.
	Sent       string
	Properties []Property
}

// Property gives the property of that name.
func (d *Def) Property(name string) (Property, bool) {
	for _, p := range d.Properties {
		if p.Name == name {
			return p, true
		}
	}
	return Property{}, false
}

// validity are the properties that tell when a feature's version is in force.
func validity() []Property {
	return []Property{
		{Name: "valid_from", Type: Instant, SQL: `f.valid_from`,
			Description: grids.Text{ZH: "生效时刻", EN: "instant from which this version is in force"}},
		{Name: "valid_to", Type: Instant, SQL: `f.valid_to`,
			Description: grids.Text{ZH: "失效时刻", EN: "instant at which the next version takes over, or there is none"}},
	}
}

// All gives the collections there are, in the order in which they are listed.
func All() []*Def {
	list := []*Def{cellsDef(), layerCellsDef()}
	for _, k := range grids.ObjectKinds() {
		list = append(list, objectsDef(k))
	}
	return append(list, crosswalkDef())
}

// Exports gives what can be had as a table: the collections, and people and
// assignments, which have no geometry and are no collections of the API.
func Exports() []*Def { return append(All(), peopleDef(), assignmentsDef()) }
