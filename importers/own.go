package importers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"unigrid/grids/cells"
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

// keepOwn keeps beside a row of people (in the attribute _own) what the export
// said of the person, which may have been edited in the file: apply_people.sql
// takes it where the file's first columns say what they always did.
func keepOwn(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, r Request, passed []string) error {
	if r.Target != People {
		return nil
	}
	fields := []string{"uid"}
	for _, f := range r.fields() {
		fields = append(fields, f.Name)
	}
	_, err := tx.Exec(ctx, `
		UPDATE staging.row s SET attributes = s.attributes || jsonb_build_object('_own', (
		  SELECT coalesce(jsonb_object_agg(lower(c), coalesce(s.attributes ->> c, '')), '{}') FROM unnest($3::text[]) c WHERE lower(c) = ANY ($4)))
		WHERE s.territory_id = $1 AND s.batch = $2`, t.ID, batch, passed, fields)
	if err != nil {
		return fmt.Errorf("columns of an export: %w", err)
	}
	return nil
}

// unwanted are those of our own columns of which the target takes nothing.
func (r Request) unwanted(own []string) []string {
	return slices.DeleteFunc(slices.Clone(own), func(c string) bool {
		_, is := r.Target.field(strings.ToLower(c))
		return is && r.Target == People
	})
}

// apart gives the surveys of all columns but some.
func apart(surveys []*survey, columns []string) []*survey {
	return slices.DeleteFunc(slices.Clone(surveys), func(s *survey) bool { return slices.Contains(columns, s.column) })
}
