package importers

import (
	"context"

	"github.com/jackc/pgx/v5"

	"unigrid/grids/cells"
)

func screen(context.Context, pgx.Tx, cells.Territory, int64, []string, mapping) (map[string]Sensitive, error) {
	return map[string]Sensitive{}, nil
}

func withhold(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, columns []string) error {
	_, err := tx.Exec(ctx, `UPDATE staging.row SET attributes = attributes - $3::text[] WHERE territory_id = $1 AND batch = $2`, t.ID, batch, columns)
	return err
}
