package importers

import (
	"slices"

	"unigrid/grids"
)

// Target is what the rows of a file become.
type Target string

// The targets of an import, besides the collections of grids.ObjectKinds.
const (
	Cells       Target = "cells"
	LayerCells  Target = "layer-cells"
	People      Target = "people"
	Assignments Target = "assignments"
)

// Targets lists what rows may become.
func Targets() []Target {
	list := []Target{Cells, LayerCells}
	for _, k := range grids.ObjectKinds() {
		list = append(list, Target(k.Collection))
	}
	return append(list, People, Assignments)
}

// Label names a target for people.
func (t Target) Label() grids.Text {
	switch t {
	case Cells:
		return grids.Text{ZH: "网格", EN: "Cells"}
	case LayerCells:
		return grids.Text{ZH: "条线网格", EN: "Layer cells"}
	case People:
		return grids.Text{ZH: "人员", EN: "People"}
	case Assignments:
		return grids.Text{ZH: "任职", EN: "Assignments"}
	}
	for _, k := range grids.ObjectKinds() {
		if k.Collection == string(t) {
			return k.Title
		}
	}
	return grids.Text{}
}

// Field is what a target takes from a row.
type Field struct {
	Name     string     `json:"name"`
	Required bool       `json:"required"`
	Label    grids.Text `json:"label"`
	// Instead is another field that will do where this required one has no
	// column.
	Instead string `json:"instead,omitempty"`
	// Headings are those by which a column is proposed for it, best first.
	Headings []string `json:"-"`
	// holds are the kinds of personal data that the field is made for.
	holds []string
	// alike is a kind of personal number that its values may look like: a unit
	// cell's 15 digits may be an identity number of before 1999.
	alike string
}

// Fields are what a target takes from a row; nil: there is no such target.
func (t Target) Fields() []Field {
	kind := grids.KindOf(string(t))
	switch {
	case t == Cells:
		return cellFields(0)
	case kind == "":
		return slices.Clone(targets[t])
	}
	fields := slices.Concat(object, particulars[kind], places)
	fields[0].Headings = slices.Concat(codeHeadings[kind], fields[0].Headings)
	fields[1].Headings = slices.Concat(nameHeadings[kind], fields[1].Headings)
	return fields
}

// fields are what a request takes from a row, with the headings that its tier
// gives them.
func (r Request) fields() []Field {
	if r.Target == Cells {
		return cellFields(r.Tier)
	}
	return r.Target.Fields()
}

// cellFields are those of cells of a tier; 0: not said. The column of towns is
// the name in a file of towns, and lies above in one of villages.
func cellFields(tier grids.Tier) []Field {
	fields := slices.Concat(targets[Cells], places[:2])
	name := &fields[1]
	for i := range places[:2] {
		above := &fields[2+i]
		switch {
		case tier == 0:
			above.Headings = without(above.Headings, name.Headings)
		case int(tier) <= i+2:
			above.Headings = nil
		default:
			name.Headings = without(name.Headings, above.Headings)
		}
	}
	if own := int(tier) - 2; own >= 0 && own < len(places) {
		name.Headings = slices.Concat(name.Headings, without(places[own].Headings, name.Headings))
	}
	return fields
}

// without gives the headings of a list that another hasn't.
func without(list, others []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(h string) bool {
		return slices.ContainsFunc(others, func(o string) bool { return plain(o) == plain(h) })
	})
}

// field gives the field of a name.
func (t Target) field(name string) (Field, bool) {
	for _, f := range t.Fields() {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}
