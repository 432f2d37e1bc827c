package people

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed handover_list.sql
var handoverList string

// Handing is a handover to be made: To takes the place that the assignment
// Replaces has, with its cell, role, layer, side and rank, from the instant At
// (nil: now) until its end, or until Until, when the predecessor comes back.
type Handing struct {
	Replaces int64
	From     grids.PersonID // who holds it, for a second look; 0: whoever does
	To       grids.PersonID
	At       *time.Time
	Until    *time.Time
	Post     string // empty: the predecessor's
	Note     string
}

// Handover is one that was made, with what was open then.
type Handover struct {
	ID         int64            `json:"id"`
	Cell       grids.CellID     `json:"uid"`
	Code       grids.Code       `json:"cell"`
	CellName   string           `json:"cell_name"`
	Role       Role             `json:"role"`
	Layer      *grids.LayerCode `json:"layer"`
	Replaced   int64            `json:"replaced"` // assignment
	From       grids.PersonID   `json:"from"`
	FromName   string           `json:"from_name"`
	Assignment int64            `json:"assignment"` // the new one
	To         grids.PersonID   `json:"to"`
	ToName     string           `json:"to_name"`
	At         time.Time        `json:"at"`
	Until      *time.Time       `json:"until"`
	Note       string           `json:"note"`
	OpenWork   json.RawMessage  `json:"open_work"` // items of people.open_work
	RecordedAt time.Time        `json:"recorded_at"`
	RecordedBy string           `json:"recorded_by"`
}

// HandOver ends an assignment and begins the successor's at one instant, and
// keeps the list of what is open in the cell with it (交接清单). It replaces the
// assignment that is named or none: when that one does not hold at the instant
// any more, or another person has it, the answer is a *Held with who does.
func HandOver(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, h Handing) (Handover, error) {
	a, err := claim(ctx, tx, territory, edition, h.Replaces)
	if err != nil {
		return Handover{}, err
	}
	return handOver(ctx, tx, territory, edition, a, h)
}

// handOver is HandOver of an assignment that is claimed.
func handOver(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, a Assignment, h Handing) (Handover, error) {
	var at time.Time
	if err := tx.QueryRow(ctx, `SELECT coalesce($1, clock_timestamp())`, h.At).Scan(&at); err != nil {
		return Handover{}, err
	}
	switch {
	case at.Before(a.From) || (a.To != nil && !at.Before(*a.To)) || (h.From != 0 && h.From != a.Person):
		return Handover{}, changed(ctx, tx, territory, edition, a, &at)
	case a.Person == h.To:
		return Handover{}, grids.Errorf(grids.Invalid, "to", "接任者就是现任", "the successor holds it already")
	case h.Until != nil && !h.Until.After(at):
		return Handover{}, grids.Errorf(grids.Invalid, "until", "代理结束不晚于开始", "it would end before it begins")
	case h.Until != nil && a.To != nil && !h.Until.Before(*a.To):
		h.Until = nil // the whole rest
	}
	if err := present(ctx, tx, territory, h.To); err != nil {
		return Handover{}, err
	}
	end := a.To
	if h.Until != nil {
		end = h.Until
	}
	var twice bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM people.assignment b WHERE b.territory_id = $1 AND b.cell_id = $2 AND b.role = $3 AND b.person_id = $4
		AND b.layer IS NOT DISTINCT FROM $5 AND b.during && tstzrange($6, $7))`, territory, a.Cell, a.Role, h.To, a.Layer, at, end).Scan(&twice); err != nil {
		return Handover{}, err
	}
	if twice {
		return Handover{}, grids.Errorf(grids.Conflict, "to", "接任者在此期间已担任同一角色", "the successor holds the same role in this period already").
			Fix("改为结束前任的任职", "end the predecessor's assignment instead")
	}
	var made, id int64
	batch := &pgx.Batch{}
	// what the predecessor keeps: until then, and after a substitute's time
	if at.After(a.From) {
		batch.Queue(`UPDATE people.assignment SET during = tstzrange(lower(during), $3), recorded_by = `+author+`, reason = $4 WHERE territory_id = $1 AND id = $2`,
			territory, a.ID, at, "handed over")
	} else {
		batch.Queue(`DELETE FROM people.assignment WHERE territory_id = $1 AND id = $2`, territory, a.ID)
	}
	const opening = `INSERT INTO people.assignment (territory_id, person_id, cell_id, role, layer, post, side, rank, during, recorded_by, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, tstzrange($9, $10), ` + author + `, $11) RETURNING id`
	if h.Until != nil {
		batch.Queue(opening, territory, a.Person, a.Cell, a.Role, a.Layer, a.post, a.Side, a.Rank, h.Until, a.To, "comes back")
	}
	batch.Queue(opening, territory, h.To, a.Cell, a.Role, a.Layer, cmp.Or(h.Post, a.post), a.Side, a.Rank, at, end, "handed over").
		QueryRow(func(row pgx.Row) error { return row.Scan(&made) })
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return Handover{}, fmt.Errorf("handing over: %w", err)
	}
	if err := tx.QueryRow(ctx, `
		INSERT INTO people.handover (territory_id, cell_id, role, layer, from_assignment, from_person, to_assignment, to_person, at, until, note, open_work, recorded_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, people.open_work($1, $12, $9, $2), `+author+`) RETURNING id`,
		territory, a.Cell, a.Role, a.Layer, a.ID, a.Person, made, h.To, at, h.Until, h.Note, edition).Scan(&id); err != nil {
		return Handover{}, fmt.Errorf("keeping the handover: %w", err)
	}
	rows, err := tx.Query(ctx, handoverList, territory, edition, nil, 0, id, 1)
	if err != nil {
		return Handover{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanHandover)
}

// Handovers lists those of cells (nil: all) and of a person (0: all), on either
// side, the latest first, at most limit.
func Handovers(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, cells []grids.CellID, person grids.PersonID, limit int) ([]Handover, error) {
	rows, err := tx.Query(ctx, handoverList, territory, edition, cells, person, 0, limit)
	if err != nil {
		return nil, fmt.Errorf("listing handovers: %w", err)
	}
	return pgx.CollectRows(rows, scanHandover)
}

func scanHandover(row pgx.CollectableRow) (Handover, error) {
	var h Handover
	err := row.Scan(&h.ID, &h.Cell, &h.Code, &h.CellName, &h.Role, &h.Layer, &h.Replaced, &h.From, &h.FromName, &h.Assignment, &h.To, &h.ToName,
		&h.At, &h.Until, &h.Note, &h.OpenWork, &h.RecordedAt, &h.RecordedBy)
	return h, err
}

// OpenWork gives what is open in a cell and below it at an instant, as a
// handover would keep it.
func OpenWork(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, cell grids.CellID, at time.Time) (json.RawMessage, error) {
	var list json.RawMessage
	err := tx.QueryRow(ctx, `SELECT people.open_work($1, $2, $3, $4)`, territory, edition, at, cell).Scan(&list)
	return list, err
}
