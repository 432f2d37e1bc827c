package importers

import (
	"context"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

func suggestCRS(context.Context, pgx.Tx, cells.Territory, int64) ([]CRSCandidate, error) {
	return nil, nil
}

func plausible(context.Context, pgx.Tx, cells.Territory, int64, int) ([]grids.Finding, error) {
	return nil, nil
}
