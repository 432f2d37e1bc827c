package importers

import (
	"context"
	"maps"
	"strings"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// codeColumns proposes, where several columns look like codes (a village file
// that names county and town too), the one whose values are all distinct codes
// of the tier, and the name column that goes with it.
func codeColumns(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, tier grids.Tier, columns []string, given map[string]string) (map[string]string, error) {
	out := maps.Clone(given)
	if out == nil {
		out = map[string]string{}
	}
	if out["code"] != "" {
		return out, nil
	}
	for _, column := range columns {
		fits, err := distinctCodes(ctx, tx, t, batch, tier, column)
		if err != nil {
			return nil, err
		}
		if !fits {
			continue
		}
		out["code"] = column
		if stem, ok := strings.CutSuffix(strings.ToUpper(column), "CODE"); ok && out["name"] == "" {
			for _, other := range columns {
				if strings.ToUpper(other) == stem+"NAME" {
					out["name"] = other
				}
			}
		}
		break
	}
	return out, nil
}

// distinctCodes tells whether a staged column holds a code of the tier in every
// row, and none twice.
func distinctCodes(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, tier grids.Tier, column string) (bool, error) {
	rows, err := tx.Query(ctx, `SELECT coalesce(attributes ->> $3, '') FROM staging.row WHERE territory_id = $1 AND batch = $2`, t.ID, batch, column)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	seen := map[grids.Code]bool{}
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return false, err
		}
		code, err := t.Scheme.Parse(text, tier)
		if err != nil || seen[code] {
			return false, nil
		}
		seen[code] = true
	}
	return len(seen) > 0, rows.Err()
}
