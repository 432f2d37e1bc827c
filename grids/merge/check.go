package merge

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// What Check lets pass: sums and re-measured shares may be off by checkError;
// checkSample pieces that are not a whole leaf are measured again.
const (
	checkError  = 1e-6
	checkSample = 300
)

//go:embed check_sums.sql
var checkSumsSQL string

//go:embed check_pieces.sql
var checkPiecesSQL string

// Check tests the crosswalk of the newest run of the newest published edition
// (of the open draft, before the first) against its own leaves and the layers,
// by SQL that has nothing to do with how it was made: shares of each leaf and
// layer sum to 1, shares of each layer cell to no more, areas to the leaf's, and
// a sample of pieces, the same every time, measured again. checked counts
// pieces, maxError is the largest deviation of a sum or a share.
func Check(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) (findings []grids.Finding, checked int, maxError float64, err error) {
	var run *int64
	err = tx.QueryRow(ctx, `
		SELECT id FROM merge.run WHERE territory_id = $1
		ORDER BY edition <= editions.published($1) DESC, edition DESC, id DESC LIMIT 1`, territory).Scan(&run)
	if err == pgx.ErrNoRows {
		return nil, 0, 0, nil
	}
	if err != nil {
		return nil, 0, 0, fmt.Errorf("crosswalk: %w", err)
	}
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM merge.crosswalk WHERE territory_id = $1 AND run_id = $2`, territory, *run).Scan(&checked); err != nil {
		return nil, 0, 0, fmt.Errorf("crosswalk: %w", err)
	}
	for _, query := range []step{
		{"sums", checkSumsSQL, []any{territory, *run}},
		{"pieces", checkPiecesSQL, []any{territory, *run, checkSample}},
	} {
		rows, err := tx.Query(ctx, query.sql, query.args...)
		if err != nil {
			return nil, 0, 0, fmt.Errorf("crosswalk, %s: %w", query.name, err)
		}
		f := grids.Finding{Check: "crosswalk", Severity: grids.SeverityError}
		var said grids.Text
		var off float64
		_, err = pgx.ForEachRow(rows, []any{&f.Kind, &f.Code, &f.Field, &f.Value, &said.ZH, &said.EN, &f.Lon, &f.Lat, &off}, func() error {
			maxError = max(maxError, off)
			if off > checkError {
				findings = append(findings, f.Say(grids.Text{ZH: fmt.Sprintf("%s,相差 %.3g", said.ZH, off), EN: fmt.Sprintf("%s; off by %.3g", said.EN, off)}))
			}
			return nil
		})
		if err != nil {
			return nil, 0, 0, fmt.Errorf("crosswalk, %s: %w", query.name, err)
		}
	}
	return findings, checked, maxError, nil
}
