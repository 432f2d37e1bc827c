package importers

import (
	"slices"
	"strings"

	"unigrid/grids/collections"
)

// ownColumns gives the columns of a file that an export of the target's
// collection added to what was sent: it has them all when it has uid,
// valid_from and valid_to. Those that the request names count as the file's.
func ownColumns(r Request, columns []string) []string {
	at := slices.IndexFunc(collections.Exports(), func(d *collections.Def) bool { return d.ID == string(r.Target) })
	if at < 0 || r.Target == Assignments {
		return nil
	}
	names := map[string]bool{}
	for _, p := range collections.Exports()[at].Properties {
		names[p.Name] = true
		if p.Short != "" {
			names[p.Short] = true
		}
	}
	for _, f := range r.fields() {
		names[f.Name] = true
	}
	for _, needed := range []string{"uid", "valid_from", "valid_to"} {
		if !slices.Contains(columns, needed) {
			return nil
		}
	}
	var own []string
	for _, column := range columns {
		said := false
		for _, wanted := range r.Map {
			said = said || plain(wanted) == plain(column)
		}
		if names[strings.ToLower(column)] && !said && !slices.Contains(r.Publish, column) {
			own = append(own, column)
		}
	}
	return own
}

// takeOwn lets own columns feed the fields that no other column of the file
// feeds, and gives those that are left: they say what is known here.
func takeOwn(r Request, m mapping, own []string) (passed []string) {
	for _, f := range r.fields() {
		if _, said := r.Map[f.Name]; said || m[f.Name] != "" || f.Name == "located_by" {
			continue
		}
		if at := slices.IndexFunc(own, func(c string) bool { return strings.EqualFold(c, f.Name) }); at >= 0 {
			m[f.Name] = own[at]
		}
	}
	for _, column := range own {
		if m.feeds(column) == "" {
			passed = append(passed, column)
		}
	}
	return passed
}

// apart gives the surveys of all columns but some.
func apart(surveys []*survey, columns []string) []*survey {
	return slices.DeleteFunc(slices.Clone(surveys), func(s *survey) bool { return slices.Contains(columns, s.column) })
}
