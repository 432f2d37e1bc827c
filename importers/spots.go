package importers

import (
	"context"

	"github.com/jackc/pgx/v5"

	"unigrid/grids/cells"
)

// spots are the middles of staged shapes in the file's coordinates: of all
// rows, or of one in so many, the same each time, where there are more than was
// asked for.
type spots struct {
	total int // rows with a shape
	row   []int
	x, y  []float64
}

// whole says whether no row was left out.
func (s spots) whole() bool { return len(s.row) == s.total }

// spotsOf looks at the shapes of at most about most rows.
func spotsOf(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, most int) (spots, error) {
	var s spots
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM staging.row WHERE territory_id = $1 AND batch = $2 AND geom IS NOT NULL`, t.ID, batch).Scan(&s.total); err != nil {
		return s, err
	}
	rows, err := tx.Query(ctx, `
		SELECT row, ST_X(middle), ST_Y(middle) FROM (
		  SELECT row, ST_Centroid(ST_Envelope(geom)) AS middle FROM staging.row
		  WHERE territory_id = $1 AND batch = $2 AND geom IS NOT NULL AND hashint4(row)::bigint % $3 = 0) looked_at
		WHERE NOT ST_IsEmpty(middle) ORDER BY row`, t.ID, batch, max(1, (s.total+most-1)/most))
	if err != nil {
		return s, err
	}
	var row int
	var x, y float64
	_, err = pgx.ForEachRow(rows, []any{&row, &x, &y}, func() error {
		s.row, s.x, s.y = append(s.row, row), append(s.x, x), append(s.y, y)
		return nil
	})
	return s, err
}
