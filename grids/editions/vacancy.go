package editions

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

//go:embed vacancy.sql
var vacancySQL string

// Vacant is a cell that would have nobody of its own, its vacancy not accepted.
type Vacant struct {
	Code grids.Code `json:"code"`
	Name string     `json:"name"`
}

// Unassigned lists the cells of a draft that would have nobody of their own if
// it were published at an instant, and whose vacancy nobody accepted, upper tiers
// first.
func Unassigned(ctx context.Context, tx pgx.Tx, t cells.Territory, draft grids.EditionID, at time.Time) ([]Vacant, error) {
	rows, err := tx.Query(ctx, vacancySQL, t.ID, draft, at)
	if err != nil {
		return nil, fmt.Errorf("vacancies of the draft: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Vacant])
	if err != nil {
		return nil, fmt.Errorf("vacancies of the draft: %w", err)
	}
	return list, nil
}

// AcceptVacancies says of cells of the draft, by name, that they may be published
// with nobody of their own: whoever stands in above answers for them. It counts
// until somebody is made accountable. It fails with NotFound for a code that the
// draft has not.
func AcceptVacancies(ctx context.Context, tx pgx.Tx, t cells.Territory, draft grids.EditionID, codes []grids.Code, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return grids.Errorf(grids.Invalid, "reason", "请说明接受空缺的理由", "say why the vacancies are accepted")
	}
	var unknown *string
	err := tx.QueryRow(ctx, `
		SELECT min(c) FROM unnest($3::text[]) AS c WHERE NOT EXISTS (SELECT FROM cells.of($1, $2) v WHERE v.code = c)`, t.ID, draft, codes).Scan(&unknown)
	if err != nil {
		return fmt.Errorf("vacancies: %w", err)
	}
	if unknown != nil {
		return grids.Errorf(grids.NotFound, "cells", "草案中没有网格 %s", "the draft has no cell %s", *unknown)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO editions.accepted_vacancy (territory_id, edition, cell_id, reason)
		SELECT $1, $2, v.cell_id, $4 FROM cells.of($1, $2) v WHERE v.code = ANY ($3)
		ON CONFLICT DO NOTHING`, t.ID, draft, codes, reason)
	if err != nil {
		return fmt.Errorf("vacancies: %w", err)
	}
	return nil
}
