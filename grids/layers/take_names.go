package layers

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed take_names.sql
var takeNamesSQL string

// takeNames finds the cells that rows without a code mean by their names, and
// gives a finding for each row of which that isn't clear.
func takeNames(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, batch int64) ([]grids.Finding, error) {
	rows, err := tx.Query(ctx, takeNamesSQL, territory, batch)
	if err != nil {
		return nil, fmt.Errorf("layer cells by name: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (grids.Finding, error) {
		f := grids.Finding{Check: "layers", Severity: grids.SeverityError, Field: "name"}
		var said grids.Text
		err := row.Scan(&f.Row, &f.Value, &f.Code, &f.Kind, &said.ZH, &said.EN, &f.Candidates)
		return f.Say(said), err
	})
	if err != nil {
		return nil, fmt.Errorf("layer cells by name: %w", err)
	}
	return found, nil
}
