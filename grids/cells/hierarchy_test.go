package cells_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"unigrid/grids"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database/databasetest"
)

// TestHierarchy writes cells of which one is nobody's, or under nobody or the
// wrong parent; the database refuses all rows of the statement.
func TestHierarchy(t *testing.T) {
	t.Parallel()
	// like inserts versions shaped like another's: cell, code, tier, parent.
	const like = `INSERT INTO cells.version (territory_id, cell_id, from_edition, code, name, tier, parent_id, geom, area_m2, label, provenance)
		SELECT v.territory_id, n.cell, 1, n.code, n.code, n.tier, n.parent, v.geom, v.area_m2, v.label, v.provenance
		FROM cells.version v CROSS JOIN LATERAL (VALUES `
	const end = `) AS n (cell, code, tier, parent) WHERE v.territory_id = @territory AND v.code = '430201001000'`
	const permissionDenied = "42501"
	for _, test := range []struct {
		name   string
		do     []string
		broken string // the constraint or code; "" for none
	}{
		{"under their parents", []string{like + `(@first::bigint, '430201008000', 3, @county::bigint), (@second::bigint, '430201009000', 3, @county::bigint)` + end}, ""},
		{"a parent after its child", []string{like + `(@first::bigint, '430209001000', 3, @second::bigint)` + end, like + `(@second::bigint, '430209000000', 2, @root::bigint)` + end}, ""},
		{"a parent in the same statement", []string{like + `(@first::bigint, '430209001000', 3, @second::bigint), (@second::bigint, '430209000000', 2, @root::bigint)` + end}, ""},
		{"no parent at all", []string{like + `(@first::bigint, '430201008000', 3, @county::bigint), (@second::bigint, '430209001000', 3, NULL)` + end}, "version_root"},
		{"a parent that never comes", []string{like + `(@first::bigint, '430209001000', 3, @second::bigint)` + end}, "version_hierarchy"},
		{"another's child", []string{like + `(@first::bigint, '430201008000', 3, @county::bigint), (@second::bigint, '430202009000', 3, @county::bigint)` + end}, "version_hierarchy"},
		{"two tiers down", []string{like + `(@first::bigint, '430201008000', 3, @root::bigint)` + end}, "version_hierarchy"},
		{"another's child by its code", []string{`UPDATE cells.version SET code = '430202001000' WHERE territory_id = @territory AND code = '430201001000'`}, "version_hierarchy"},
		{"a parent that goes again", []string{like + `(@first::bigint, '430209001000', 3, @second::bigint), (@second::bigint, '430209000000', 2, @root::bigint)` + end,
			`DELETE FROM cells.version WHERE territory_id = @territory AND cell_id = @second`}, "version_hierarchy"},
		{"a child that goes again", []string{like + `(@first::bigint, '430209001000', 3, @second::bigint)` + end,
			`DELETE FROM cells.version WHERE territory_id = @territory AND cell_id = @first`}, ""},
		{"a cell that isn't there", []string{like + `(@first::bigint, '430201008000', 3, @county::bigint), (@second + 1000::bigint, '430201009000', 3, @county::bigint)` + end}, "version_territory_id_cell_id_fkey"},
		{"below a cell that isn't there", []string{like + `(@first::bigint, '430201008000', 3, @county::bigint), (@second::bigint, '430201009000', 3, @county + 1000::bigint)` + end}, "version_territory_id_parent_id_fkey"},
		{"moved below a cell that isn't there", []string{`UPDATE cells.version SET parent_id = @second + 1000::bigint WHERE territory_id = @territory AND code = '430201001000'`}, "version_territory_id_parent_id_fkey"},
		{"what was sent for a cell that isn't there", []string{`INSERT INTO cells.sent (territory_id, cell_id, batch, sent) SELECT @territory, n, 1, '{}' FROM unnest(ARRAY[@root, @county, @second + 1000]::bigint[]) AS n`},
			"sent_territory_id_cell_id_fkey"},
		{"an identity deleted", []string{`DELETE FROM cells.cell WHERE territory_id = @territory AND id IN (@first, @second::bigint)`}, permissionDenied},
		{"an identity changed", []string{`UPDATE cells.cell SET territory_id = territory_id WHERE territory_id = @territory AND id IN (@first, @second::bigint)`}, permissionDenied},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			db := databasetest.New(t)
			s := cellstest.New(t, db, "4302", 1, 3)
			err := db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
				rows, err := tx.Query(t.Context(), `INSERT INTO cells.cell (territory_id) VALUES ($1), ($1) RETURNING id`, s.Territory)
				if err != nil {
					return err
				}
				added, err := pgx.CollectRows(rows, pgx.RowTo[int64])
				if err != nil {
					return err
				}
				args := pgx.NamedArgs{"territory": s.Territory, "root": s.Cell(t, s.Root()), "county": s.Cell(t, s.Column(1)), "first": added[0], "second": added[1]}
				for _, sql := range test.do {
					if _, err := tx.Exec(t.Context(), sql, args); err != nil {
						return err
					}
				}
				return nil
			})
			var pg *pgconn.PgError
			if errors.As(err, &pg); test.broken == "" && err != nil || test.broken != "" && (pg == nil || pg.ConstraintName != test.broken && pg.Code != test.broken) {
				t.Errorf("%v, want %q", err, test.broken)
			}
		})
	}
}
