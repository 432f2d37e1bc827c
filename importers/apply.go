package importers

import (
	"context"
	_ "embed"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/layers"
)

// apply hands the staged rows to the room that they are for and lets it check
// and take them. Staged rows stay as they are.
func apply(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, batch int64, r Request, who grids.Principal, at time.Time, report *Report) error {
	if err := complete(r.Target, report.Mapping); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		DROP TABLE IF EXISTS pg_temp.import_value, pg_temp.import_code, pg_temp.import_rejected;
		CREATE TEMP TABLE import_value (field text, text text, value text NOT NULL, PRIMARY KEY (field, text)) ON COMMIT DROP;
		CREATE TEMP TABLE import_code (row int PRIMARY KEY, text text, code text) ON COMMIT DROP;
		CREATE TEMP TABLE import_rejected (row int PRIMARY KEY) ON COMMIT DROP`); err != nil {
		return err
	}
	switch r.Target {
	case Cells:
		return applyCells(ctx, tx, t, edition, batch, r, who, report)
	case LayerCells:
		return applyLayerCells(ctx, tx, t, batch, r, report)
	case People:
		return applyPeople(ctx, tx, t, batch, r, report)
	case Assignments:
		return applyAssignments(ctx, tx, t, edition, batch, r, who, at, report)
	default:
		return applyObjects(ctx, tx, t, edition, batch, r, report)
	}
}

//go:embed apply_layer_cells.sql
var applyLayerCellsSQL string

// applyLayerCells hands rows to package layers.
func applyLayerCells(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, r Request, report *Report) error {
	if err := layers.EnsureDefaults(ctx, tx, t.ID); err != nil {
		return err
	}
	choices, err := r.choices()
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, applyLayerCellsSQL,
		t.ID, batch, r.Layer, report.Mapping["code"], report.Mapping["name"], report.Mapping["staff_no"], r.Provenance, r.published(), choices); err != nil {
		return err
	}
	var took grids.Taken
	if r.Adopt.RetireMissing {
		took, err = layers.TakeWhole(ctx, tx, t.ID, batch, r.Layer, report.Rejected)
	} else {
		took, err = layers.Take(ctx, tx, t.ID, batch)
	}
	report.take(took)
	return err
}

// take adds what a room made of the rows to what reading them has found.
func (r *Report) take(took grids.Taken) {
	r.Applied += took.Applied
	r.Unchanged += took.Unchanged
	r.Rejected += took.Rejected
	r.Created += took.Created
	r.Changed += took.Changed
	r.Retired += took.Retired
	r.Findings = append(r.Findings, took.Findings...)
	r.Differences = append(r.Differences, took.Differences...)
}

// reject keeps findings and keeps their rows with an error from the room.
func (r *Report) reject(ctx context.Context, tx pgx.Tx, found []grids.Finding) error {
	_, err := tx.Exec(ctx, `INSERT INTO import_rejected SELECT unnest($1::int[]) ON CONFLICT DO NOTHING`, r.Add(found))
	return err
}

// published are the columns that collections may show, never nil.
func (r Request) published() []string {
	if r.Publish == nil {
		return []string{}
	}
	return r.Publish
}

// choices are the answers to ambiguous rows, as jsonb by row.
func (r Request) choices() (string, error) {
	if r.Choices == nil {
		return "{}", nil
	}
	encoded, err := json.Marshal(r.Choices)
	return string(encoded), err
}
