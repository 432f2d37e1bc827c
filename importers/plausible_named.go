package importers

import (
	"cmp"
	"context"
	_ "embed"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"unigrid/grids/cells"
)

//go:embed plausible_named.sql
var namedSQL string

// naming is the column that names the smallest cells in at least ten and a
// third of the rows looked at, and the cells that each row may mean by it.
type naming struct {
	field string
	cells map[int][]int64 // by row
}

// namingOf finds that column; its field is "" where there is none.
func namingOf(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, looked []int) (naming, error) {
	type word struct{ field, name string }
	said := map[word][]int{} // rows
	names := map[string]bool{}
	rows, err := tx.Query(ctx, `
		SELECT s.row, a.key, btrim(a.value)
		FROM unnest($3::int[]) AS l (row) JOIN staging.row s ON s.territory_id = $1 AND s.batch = $2 AND s.row = l.row
		CROSS JOIN LATERAL jsonb_each_text(s.attributes) a WHERE length(a.value) BETWEEN 2 AND 60`, t.ID, batch, looked)
	if err != nil {
		return naming{}, err
	}
	var row int
	var w word
	if _, err := pgx.ForEachRow(rows, []any{&row, &w.field, &w.name}, func() error {
		said[w] = append(said[w], row)
		names[w.name] = true
		return nil
	}); err != nil {
		return naming{}, err
	}
	type column struct {
		field string
		tier  int
	}
	found := map[column]map[int][]int64{}
	rows, err = tx.Query(ctx, `
		SELECT cell_id, tier, name FROM cells.of($1, (SELECT max(seq) FROM editions.edition WHERE territory_id = $1))
		WHERE tier > 1 AND name = ANY ($2)`, t.ID, slices.Collect(maps.Keys(names)))
	if err != nil {
		return naming{}, err
	}
	fields := map[string]bool{}
	for w := range said {
		fields[w.field] = true
	}
	var cell int64
	var tier int
	var name string
	if _, err := pgx.ForEachRow(rows, []any{&cell, &tier, &name}, func() error {
		for field := range fields {
			for _, row := range said[word{field, name}] {
				c := column{field, tier}
				if found[c] == nil {
					found[c] = map[int][]int64{}
				}
				found[c][row] = append(found[c][row], cell)
			}
		}
		return nil
	}); err != nil {
		return naming{}, err
	}
	maps.DeleteFunc(found, func(_ column, byRow map[int][]int64) bool { return len(byRow) < 10 || len(byRow)*3 < len(looked) })
	if len(found) == 0 {
		return naming{}, nil
	}
	best := slices.MaxFunc(slices.Collect(maps.Keys(found)), func(a, b column) int {
		return cmp.Or(cmp.Compare(a.tier, b.tier), cmp.Compare(len(found[a]), len(found[b])), cmp.Compare(b.field, a.field))
	})
	return naming{best.field, found[best]}, nil
}

// inNamed counts the rows that name a cell, and under each hypothesis those
// that lie in it.
func (n naming) inNamed(ctx context.Context, tx pgx.Tx, t cells.Territory, p placed, hypotheses int) (all int, hits []int, err error) {
	hits = make([]int, hypotheses)
	var pairs placed
	var cell []int64
	for i, row := range p.row {
		for _, c := range n.cells[row] {
			pairs.h, pairs.row, cell = append(pairs.h, p.h[i]), append(pairs.row, row), append(cell, c)
			pairs.lon, pairs.lat = append(pairs.lon, p.lon[i]), append(pairs.lat, p.lat[i])
		}
	}
	rows, err := tx.Query(ctx, namedSQL, t.ID, pairs.h, pairs.row, cell, pairs.lon, pairs.lat)
	if err != nil {
		return 0, nil, err
	}
	var h, named, inside int
	_, err = pgx.ForEachRow(rows, []any{&h, &named, &inside}, func() error {
		hits[h] = inside
		all = max(all, named)
		return nil
	})
	return all, hits, err
}
