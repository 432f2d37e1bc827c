package access_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
)

// rule says who may do what with the rows of a table, straight in PostgreSQL as
// the service's role: an action, or several of which one is enough; all: who
// asks at all; -: nobody.
type rule struct {
	table                        string
	read, insert, update, remove string
	places                       string // columns that say in which subtree a row lies, and what stands in them
	layer                        string // column that says of which layer a row is, "" for none
	territory                    string // column of the territory; "": territory_id; -: of all
	readsWithin                  bool   // a row outside the subtree isn't seen either
}

// matrix is what is expected of every table. What a column named in places holds:
// cell: a cell's uid; code: its code; spot and shape: a geometry in it; person:
// one who is assigned there; unit: the code of its division.
var matrix = []rule{
	{table: "cells.territory", read: "all", insert: "territories.edit boards.edit", update: "territories.edit boards.edit", remove: "-", territory: "id"},
	{table: "cells.cell", read: "all", insert: "draft.edit", update: "-", remove: "-"},
	{table: "cells.version", read: "all", insert: "draft.edit", update: "draft.edit", remove: "draft.edit", places: "code=code"},
	{table: "cells.lineage", read: "all", insert: "draft.edit draft.publish", update: "-", remove: "draft.edit draft.publish", places: "from_cell=cell to_cell=cell"},
	{table: "cells.display", read: "all", insert: "draft.publish", update: "-", remove: "draft.publish"},
	{table: "cells.generalised", read: "all", insert: "collections.open draft.publish", update: "-", remove: "collections.open draft.publish"},
	{table: "access.opened", read: "all", insert: "collections.open", update: "collections.open", remove: "collections.open"},
	{table: "cells.step", read: "all", insert: "draft.edit draft.publish", update: "draft.edit draft.publish", remove: "draft.edit draft.publish"},
	{table: "cells.journal", read: "all", insert: "draft.edit draft.publish", update: "draft.edit draft.publish", remove: "draft.edit draft.publish"},
	{table: "cells.intake", read: "all", insert: "draft.edit", update: "draft.edit", remove: "draft.edit"},
	{table: "cells.unplaced", read: "-", insert: "-", update: "-", remove: "-"},
	{table: "cells.sent", read: "imports.make", insert: "imports.make", update: "-", remove: "-"},
	{table: "cells.undone", read: "all", insert: "draft.edit", update: "-", remove: "-"},
	{table: "editions.edition", read: "all", insert: "draft.edit imports.make", update: "draft.edit imports.make", remove: "draft.edit imports.make"},
	{table: "editions.setting", read: "all", insert: "territories.edit", update: "-", remove: "-"},
	{table: "editions.accepted_vacancy", read: "draft.read", insert: "conflicts.settle", update: "-", remove: "-", places: "cell_id=cell"},
	{table: "editions.decision", read: "editions.read", insert: "draft.publish", update: "draft.publish", remove: "-"},
	{table: "editions.report", read: "editions.read", insert: "draft.publish", update: "-", remove: "-"},
	{table: "editions.scan", read: "draft.read", insert: "draft.publish", update: "draft.publish", remove: "-"},
	{table: "drawing.draw", read: "all", insert: "draft.edit", update: "-", remove: "draft.edit", places: "parent_id=cell"},
	{table: "layers.layer", read: "all", insert: "layers.edit territories.edit", update: "layers.edit territories.edit", remove: "-", layer: "code"},
	{table: "layers.cell", read: "all", insert: "layers.edit", update: "layers.edit", remove: "layers.edit", places: "geom=shape", layer: "layer"},
	{table: "layers.identity", read: "all", insert: "-", update: "-", remove: "-"},
	{table: "layers.version", read: "all", insert: "-", update: "-", remove: "-"},
	{table: "layers.intake", read: "all", insert: "layers.edit", update: "layers.edit", remove: "layers.edit"},
	{table: "layers.sent", read: "imports.make", insert: "imports.make", update: "-", remove: "-"},
	{table: "layers.undone", read: "all", insert: "layers.edit", update: "-", remove: "-"},
	{table: "objects.kind", read: "all", insert: "-", update: "-", remove: "-", territory: "-"},
	{table: "objects.identity", read: "all", insert: "-", update: "-", remove: "-"},
	{table: "objects.object", read: "all", insert: "objects.edit draft.publish", update: "objects.edit draft.publish", remove: "objects.edit draft.publish", places: "geom=spot", layer: "attributes"},
	{table: "objects.version", read: "all", insert: "-", update: "-", remove: "-"},
	{table: "objects.placement", read: "all", insert: "objects.edit draft.publish", update: "objects.edit draft.publish", remove: "objects.edit draft.publish", places: "cell_id=cell"},
	{table: "objects.intake", read: "all", insert: "objects.edit", update: "objects.edit", remove: "objects.edit"},
	{table: "objects.sent", read: "imports.make", insert: "imports.make", update: "-", remove: "-"},
	{table: "objects.undone", read: "all", insert: "objects.edit", update: "-", remove: "-"},
	{table: "people.role", read: "all", insert: "-", update: "-", remove: "-", territory: "-"},
	{table: "people.unit_kind", read: "all", insert: "-", update: "-", remove: "-", territory: "-"},
	{table: "people.unit", read: "all", insert: "people.edit", update: "people.edit", remove: "-", places: "division=code"},
	{table: "people.post", read: "all", insert: "people.edit", update: "people.edit", remove: "-", places: "unit_id=unit"},
	{table: "people.identity", read: "all", insert: "-", update: "-", remove: "-"},
	{table: "people.person", read: "all", insert: "people.edit", update: "people.edit", remove: "people.edit", places: "id=person", layer: "id"},
	{table: "people.person_version", read: "all", insert: "-", update: "-", remove: "-"},
	{table: "people.person_post", read: "all", insert: "people.edit", update: "people.edit", remove: "people.edit", places: "person_id=person", layer: "person_id"},
	{table: "people.person_layer", read: "all", insert: "people.edit", update: "people.edit", remove: "people.edit", places: "person_id=person", layer: "person_id"},
	{table: "people.search_key", read: "all", insert: "people.edit", update: "people.edit", remove: "-", places: "person_id=person", layer: "person_id"},
	{table: "people.contact", read: "phones.read", insert: "-", update: "-", remove: "-", places: "person_id=person", layer: "person_id", readsWithin: true},
	{table: "people.contact_before", read: "phones.read", insert: "-", update: "-", remove: "-", places: "person_id=person", layer: "person_id", readsWithin: true},
	{table: "people.membership_before", read: "all", insert: "people.edit", update: "-", remove: "people.edit", places: "person_id=person", layer: "person_id"},
	{table: "people.sent", read: "people.edit", insert: "people.edit", update: "-", remove: "-"},
	{table: "people.undone", read: "all", insert: "people.edit assignments.edit", update: "-", remove: "-"},
	{table: "people.assignment", read: "all", insert: "assignments.edit draft.publish conflicts.settle", update: "assignments.edit draft.publish conflicts.settle", remove: "assignments.edit draft.publish conflicts.settle", places: "cell_id=cell", layer: "layer"},
	{table: "people.assignment_past", read: "all", insert: "-", update: "-", remove: "-"},
	{table: "people.assignment_journal", read: "all", insert: "assignments.edit", update: "-", remove: "-", places: "cell_id=cell", layer: "layer"},
	{table: "people.handover", read: "all", insert: "assignments.edit", update: "-", remove: "-", places: "cell_id=cell", layer: "layer"},
	{table: "people.leave", read: "all", insert: "assignments.edit", update: "assignments.edit", remove: "assignments.edit", places: "person_id=person", layer: "person_id"},
	{table: "people.leave_cell", read: "all", insert: "assignments.edit", update: "-", remove: "assignments.edit", places: "cell_id=cell"},
	{table: "people.alarm", read: "all", insert: "assignments.edit duty.read", update: "assignments.edit duty.read", remove: "-"},
	{table: "people.question", read: "all", insert: "assignments.edit draft.publish", update: "assignments.edit draft.publish", remove: "-", places: "cell_id=cell", layer: "layer"},
	{table: "people.intake_person", read: "all", insert: "people.edit", update: "people.edit", remove: "people.edit"},
	{table: "people.intake_assignment", read: "all", insert: "assignments.edit conflicts.settle", update: "-", remove: "assignments.edit conflicts.settle"},
	{table: "people.intake_lead", read: "all", insert: "assignments.edit conflicts.settle draft.publish", update: "-", remove: "assignments.edit conflicts.settle draft.publish"},
	{table: "merge.run", read: "all", insert: "draft.edit draft.publish conflicts.settle", update: "draft.edit draft.publish conflicts.settle", remove: "draft.edit draft.publish conflicts.settle"},
	{table: "merge.crosswalk", read: "all", insert: "draft.edit draft.publish conflicts.settle", update: "-", remove: "draft.edit draft.publish conflicts.settle"},
	{table: "merge.stretch", read: "all", insert: "draft.edit draft.publish conflicts.settle", update: "-", remove: "draft.edit draft.publish conflicts.settle"},
	{table: "merge.move", read: "all", insert: "draft.edit draft.publish conflicts.settle", update: "-", remove: "draft.edit draft.publish conflicts.settle"},
	{table: "merge.sliver", read: "all", insert: "draft.edit draft.publish conflicts.settle", update: "-", remove: "draft.edit draft.publish conflicts.settle"},
	{table: "merge.move", read: "all", insert: "draft.edit draft.publish conflicts.settle", update: "-", remove: "draft.edit draft.publish conflicts.settle"},
	{table: "merge.seen_leaf", read: "all", insert: "draft.edit draft.publish conflicts.settle", update: "-", remove: "draft.edit draft.publish conflicts.settle"},
	{table: "layers.past_name", read: "all", insert: "-", update: "-", remove: "-"},
	{table: "merge.rules", read: "all", insert: "conflicts.settle", update: "-", remove: "-"},
	{table: "merge.decision", read: "all", insert: "-", update: "-", remove: "-"},
	{table: "merge.comment", read: "all", insert: "conflicts.comment", update: "-", remove: "-"},
	{table: "merge.conflict", read: "all", insert: "draft.edit draft.publish conflicts.settle", update: "draft.edit draft.publish conflicts.settle", remove: "draft.edit draft.publish conflicts.settle"},
	{table: "staging.batch", read: "imports.make", insert: "imports.make", update: "imports.make", remove: "imports.make"},
	{table: "staging.row", read: "imports.make", insert: "imports.make", update: "imports.make", remove: "imports.make"},
	{table: "staging.row_copied", read: "-", insert: "imports.make", update: "-", remove: "-"},
	{table: "staging.finding", read: "imports.make", insert: "imports.make", update: "imports.make", remove: "imports.make"},
	{table: "staging.difference", read: "imports.make", insert: "imports.make", update: "imports.make", remove: "imports.make"},
	{table: "staging.profile", read: "imports.make", insert: "imports.make", update: "imports.make", remove: "imports.make"},
	{table: "staging.consent", read: "imports.make", insert: "imports.personal", update: "-", remove: "-"},
	{table: "duty.usual", read: "all", insert: "-", update: "-", remove: "-", territory: "-"},
	{table: "workdays.usual", read: "all", insert: "-", update: "-", remove: "-", territory: "-"},
	{table: "workdays.own", read: "all", insert: "territories.edit", update: "-", remove: "territories.edit"},
	{table: "audit.entry", read: "audit.read", insert: "-", update: "-", remove: "-"},
	{table: "audit.head", read: "all", insert: "-", update: "-", remove: "-"},
	{table: "audit.watched", read: "all", insert: "-", update: "-", remove: "-", territory: "-"},
	{table: "audit.person_key", read: "-", insert: "-", update: "-", remove: "-"},
	{table: "audit.pending", read: "-", insert: "-", update: "-", remove: "-"},
	{table: "audit.turn", read: "-", insert: "-", update: "-", remove: "-", territory: "-"},
	{table: "access.policy", read: "all", insert: "-", update: "-", remove: "-", territory: "-"},
}

// apart are tables that other tests try: who may do what with them isn't said
// by an action alone. jobs are the queue's own.
var apart = []string{"access.account", "access.secret", "access.attempt", "access.session", "access.key", "access.grant_", // TestGuards of accounts
	"editions.sign_off",                         // package editions
	"duty.text", "duty.hotline", "duty.setting", // package duty
	"circulation.*",                                               // package circulation
	"people.setting", "people.displaced", "people.administration", // package people
	"jobs.*"}

// sample is one row of each table in one place.
type sample struct {
	name      string
	territory int
	column    int // of the squares: 1 is own, 2 is not
	layer     string
}

// TestMatrix tries every table: reading and writing a row, by every role, bound
// to nothing, to a territory, to a subtree and to a layer, in its own and in
// another. Constraints and other triggers are taken away, so that rows can be
// made up; privileges, row-level security and guards are what is tried.
func TestMatrix(t *testing.T) {
	t.Parallel()
	url := databasetest.URL(t)
	db, err := database.Open(t.Context(), url, 12)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	here, there := cellstest.New(t, db, "4302", 2, 2), cellstest.New(t, db, "4303", 2, 2)
	own := int(here.Territory)
	samples := []sample{
		{"own", own, 1, "environment"},
		{"other subtree", own, 2, "environment"},
		{"other layer", own, 1, "safety"},
		{"other territory", int(there.Territory), 1, "environment"},
	}
	owner, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close(context.WithoutCancel(t.Context()))
	everyTableHasItsRow(t, owner)
	var policy access.Policy
	if err := db.Read(t.Context(), grids.Local, func(tx pgx.Tx) (err error) {
		policy, err = access.LoadPolicy(t.Context(), tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := owner.Exec(t.Context(), onlyGuards); err != nil {
		t.Fatal(err)
	}
	for _, r := range matrix {
		for n, s := range samples {
			if err := makeSample(t.Context(), owner, r, n, s, map[int]cellstest.Squares{own: here, int(there.Territory): there}[s.territory]); err != nil {
				t.Fatalf("%s %s: %v", r.table, s.name, err)
			}
		}
	}
	for _, role := range []grids.Role{grids.RolePublic, grids.RoleAgency, grids.RoleOfficer, grids.RoleDepartment, grids.RoleGIS, grids.RolePlanner,
		grids.RoleAdmin, grids.RoleSecurity, grids.RoleAuditor, grids.RoleLocal, ""} {
		for bound, who := range map[string]grids.Principal{
			"unbounded": {Role: role},
			"territory": {Role: role, Territory: here.Territory},
			"subtree":   {Role: role, Territory: here.Territory, Within: []string{"430201"}},
			"layer":     {Role: role, Territory: here.Territory, Layers: []grids.LayerCode{"environment"}},
		} {
			t.Run(fmt.Sprintf("%s/%s", role, bound), func(t *testing.T) {
				t.Parallel()
				var wrong []string
				err := db.Tx(t.Context(), who, func(tx pgx.Tx) error {
					for _, r := range matrix {
						for n, s := range samples {
							for _, op := range []string{"read", "insert", "update", "remove"} {
								did, err := attempt(t.Context(), tx, r, op, n)
								if err != nil {
									return fmt.Errorf("%s %s %s: %w", op, r.table, s.name, err)
								}
								if want := r.expects(policy, who, bound, op, s); did != want {
									wrong = append(wrong, fmt.Sprintf("%s %s, %s: %t", op, r.table, s.name, did))
								}
							}
						}
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				if len(wrong) > 0 {
					t.Errorf("otherwise than said:\n%s", strings.Join(wrong, "\n"))
				}
			})
		}
	}
}

// expects tells from the matrix and the policy table whether something is done.
func (r rule) expects(policy access.Policy, who grids.Principal, bound, op string, s sample) bool {
	actions := map[string]string{"read": r.read, "insert": r.insert, "update": r.update, "remove": r.remove}[op]
	switch {
	case actions == "-":
		return false
	case actions == "all":
		return true
	case !slices.ContainsFunc(strings.Fields(actions), func(a string) bool { return policy.May(who.Role, access.Action(a)) }):
		return false
	case r.territory == "-" || bound == "unbounded":
		return true
	case s.name == "other territory":
		return false
	case op == "read" && !r.readsWithin:
		return true
	case bound == "subtree" && s.name == "other subtree":
		return r.places == ""
	case bound == "layer" && s.name == "other layer":
		return r.layer == ""
	}
	return true
}

// attempt tries an operation on a sample, and takes it back.
func attempt(ctx context.Context, tx pgx.Tx, r rule, op string, n int) (did bool, err error) {
	var columns, updatable string
	if err := tx.QueryRow(ctx, `SELECT insertable, updatable FROM sample.columns WHERE name = $1`, r.table).Scan(&columns, &updatable); err != nil {
		return false, err
	}
	sql := map[string]string{
		"read":   fmt.Sprintf(`SELECT FROM %s WHERE sample_n = %d LIMIT 1`, r.table, n),
		"insert": fmt.Sprintf(`INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM sample.%s WHERE sample_n = %d`, r.table, columns, columns, underscored(r.table), n),
		"update": fmt.Sprintf(`UPDATE %s SET %s = %s WHERE sample_n = %d`, r.table, updatable, updatable, n),
		"remove": fmt.Sprintf(`DELETE FROM %s WHERE sample_n = %d`, r.table, n),
	}[op]
	if _, err := tx.Exec(ctx, `SAVEPOINT before`); err != nil {
		return false, err
	}
	done, failed := tx.Exec(ctx, sql)
	if _, err := tx.Exec(ctx, `ROLLBACK TO before`); err != nil {
		return false, err
	}
	var pg *pgconn.PgError
	if errors.As(failed, &pg) && pg.Code == "42501" {
		return false, nil
	}
	return failed == nil && done.RowsAffected() > 0, failed
}

func underscored(table string) string { return strings.ReplaceAll(table, ".", "_") }

// everyTableHasItsRow fails for tables that are neither in the matrix nor apart,
// and for views that would show what the asker may not see.
func everyTableHasItsRow(t *testing.T, owner *pgx.Conn) {
	t.Helper()
	rows, err := owner.Query(t.Context(), `
		SELECT n.nspname || '.' || c.relname, c.relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'public') AND n.nspname NOT LIKE 'pg_t%'
		  AND (c.relkind <> 'v' OR NOT coalesce('security_invoker=true' = ANY (c.reloptions), false))`)
	if err != nil {
		t.Fatal(err)
	}
	var name string
	var open bool
	var there []string
	if _, err := pgx.ForEachRow(rows, []any{&name, &open}, func() error {
		there = append(there, name)
		if open {
			t.Errorf("view %s is not security_invoker", name)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, r := range matrix {
		said = append(said, r.table)
		if !slices.Contains(there, r.table) {
			t.Errorf("%s is in the matrix, not in the database", r.table)
		}
	}
	for _, name := range there {
		schema, _, _ := strings.Cut(name, ".")
		if !slices.Contains(said, name) && !slices.Contains(apart, name) && !slices.Contains(apart, schema+".*") {
			t.Errorf("%s has no row in the matrix: say who may read and write it", name)
		}
	}
}

// makeSample puts a row of a table in a place, and keeps a copy to insert.
func makeSample(ctx context.Context, owner *pgx.Conn, r rule, n int, s sample, squares cellstest.Squares) error {
	leaf := squares.Leaf(s.column, 1)
	lon, lat := cellstest.At(float64(s.column)-0.5, 0.5)
	x, y := cellstest.At(float64(s.column)-0.6, 0.4)
	values := map[string]string{
		"cell":   fmt.Sprintf(`(SELECT cell_id FROM cells.version WHERE territory_id = %d AND code = '%s' AND to_edition IS NULL AND cell_id IS NOT NULL)`, s.territory, leaf),
		"code":   "'" + string(leaf) + "'",
		"spot":   fmt.Sprintf(`ST_SetSRID(ST_MakePoint(%f, %f), 4326)`, lon, lat),
		"shape":  fmt.Sprintf(`ST_Multi(ST_MakeEnvelope(%f, %f, %f, %f, 4326))`, x, y, lon, lat),
		"person": fmt.Sprint(1000 + n),
		"unit":   fmt.Sprint(2000 + n),
	}
	columns, list := []string{"sample_n"}, []string{fmt.Sprint(n)}
	add := func(column, value string) {
		if !slices.Contains(columns, column) {
			columns, list = append(columns, column), append(list, value)
		}
	}
	if r.territory != "-" {
		column := "territory_id"
		if r.territory != "" {
			column = r.territory
		}
		add(column, fmt.Sprint(s.territory))
	}
	for _, place := range strings.Fields(r.places) {
		column, kind, _ := strings.Cut(place, "=")
		add(column, values[kind])
	}
	switch r.layer {
	case "":
	case "attributes":
		add("attributes", fmt.Sprintf(`'{"layers": ["%s"]}'`, s.layer))
	default:
		add(r.layer, "'"+s.layer+"'")
	}
	if r.table == "people.person" { // whom the samples of other tables are about
		if _, err := owner.Exec(ctx, fmt.Sprintf(`
			INSERT INTO people.assignment (territory_id, id, person_id, cell_id, layer, during) OVERRIDING SYSTEM VALUE VALUES (%d, %d, %d, %s, '%s', '[2020-01-01,)');
			INSERT INTO people.unit (territory_id, id, division) OVERRIDING SYSTEM VALUE VALUES (%d, %d, '%s')`,
			s.territory, 1000+n, 1000+n, values["cell"], s.layer, s.territory, 2000+n, leaf)); err != nil {
			return err
		}
	}
	name := underscored(r.table)
	if r.table == "staging.row_copied" { // the same rows, seen otherwise
		_, err := owner.Exec(ctx, fmt.Sprintf(`CREATE TABLE IF NOT EXISTS sample.%s AS SELECT * FROM sample.staging_row`, name))
		return err
	}
	_, err := owner.Exec(ctx, fmt.Sprintf(`
		INSERT INTO %[1]s (%[2]s) OVERRIDING SYSTEM VALUE VALUES (%[3]s);
		CREATE TABLE IF NOT EXISTS sample.%[4]s AS SELECT * FROM %[1]s LIMIT 0;
		INSERT INTO sample.%[4]s SELECT * FROM %[1]s WHERE sample_n = %[5]d`, r.table, strings.Join(columns, ", "), strings.Join(list, ", "), name, n))
	return err
}

// onlyGuards takes away what would refuse a row that was made up, numbers the
// samples of every table, and says which columns the service's role may write.
const onlyGuards = `
DO $$
DECLARE
  x record;
BEGIN
  FOR x IN SELECT c.conrelid::regclass AS t, c.conname FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
           WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'public', 'jobs') AND c.conparentid = 0 AND c.coninhcount = 0 AND c.contype IN ('f', 'p', 'u', 'x', 'c')
           ORDER BY c.contype <> 'f' LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE', x.t, x.conname);
  END LOOP;
  FOR x IN SELECT i.indexrelid::regclass AS i FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE i.indisunique AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'public', 'jobs', 'pg_toast') LOOP
    EXECUTE format('DROP INDEX %s', x.i);
  END LOOP;
  FOR x IN SELECT t.tgrelid::regclass AS t, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgname NOT LIKE 'guard%' AND n.nspname <> 'jobs' LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', x.tgname, x.t);
  END LOOP;
  FOR x IN SELECT a.attrelid::regclass AS t, a.attname, a.attidentity FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped AND (a.attnotnull OR a.attidentity <> '')
             AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'public', 'jobs', 'pg_toast') LOOP
    IF x.attidentity <> '' THEN
      EXECUTE format('ALTER TABLE %s ALTER %I DROP IDENTITY', x.t, x.attname);
    END IF;
    EXECUTE format('ALTER TABLE %s ALTER %I DROP NOT NULL', x.t, x.attname);
  END LOOP;
  CREATE SCHEMA sample;
  CREATE TABLE sample.columns (name text PRIMARY KEY, insertable text, updatable text);
  FOR x IN SELECT c.oid, c.relispartition, c.oid::regclass AS t, n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'public', 'jobs', 'pg_toast', 'sample') ORDER BY c.relispartition LOOP
    INSERT INTO sample.columns
      SELECT x.name, string_agg(quote_ident(a.attname), ', ') FILTER (WHERE has_column_privilege('unigrid_app', x.oid, a.attname, 'INSERT') OR NOT has_any_column_privilege('unigrid_app', x.oid, 'INSERT')),
             coalesce((array_agg(quote_ident(a.attname) ORDER BY a.attnum)
               FILTER (WHERE has_column_privilege('unigrid_app', x.oid, a.attname, 'UPDATE') AND has_column_privilege('unigrid_app', x.oid, a.attname, 'SELECT')))[1], min(quote_ident(a.attname)))
      FROM pg_attribute a WHERE a.attrelid = x.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '';
    IF NOT x.relispartition THEN
      EXECUTE format('ALTER TABLE %s ADD COLUMN sample_n int', x.t);
    END IF;
    IF has_any_column_privilege('unigrid_app', x.oid, 'SELECT') THEN
      EXECUTE format('GRANT SELECT (sample_n) ON %s TO unigrid_app', x.t);
    END IF;
  END LOOP;
  GRANT USAGE ON SCHEMA sample TO unigrid_app;
  ALTER DEFAULT PRIVILEGES IN SCHEMA sample GRANT SELECT ON TABLES TO unigrid_app;
  GRANT SELECT ON sample.columns TO unigrid_app;
END $$`
