package people

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed assignment_list.sql
var assignmentList string

// RoleKind is a role as people.role has it. Layers says whether it is held for
// all layers, for one, or either way.
type RoleKind struct {
	Code   Role       `json:"code"`
	Name   grids.Text `json:"name"`
	Layers string     `json:"layers"` // all, one or either
}

// Roles lists the roles in the order in which they are shown.
func Roles(ctx context.Context, tx pgx.Tx) ([]RoleKind, error) {
	rows, err := tx.Query(ctx, `SELECT code, zh, en, layers FROM people.role ORDER BY rank`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (RoleKind, error) {
		var r RoleKind
		err := row.Scan(&r.Code, &r.Name.ZH, &r.Name.EN, &r.Layers)
		return r, err
	})
}

// Assignment says that a person holds a role for a cell (or was said to, until
// KnownUntil). To is nil while no end is known.
type Assignment struct {
	ID         int64            `json:"id"`
	Cell       grids.CellID     `json:"uid"`
	Code       grids.Code       `json:"cell"`
	CellName   string           `json:"cell_name"`
	Tier       grids.Tier       `json:"tier"`
	Person     grids.PersonID   `json:"person"`
	StaffNo    string           `json:"staff_no"`
	Name       string           `json:"name"`
	Post       string           `json:"post"`
	Role       Role             `json:"role"`
	Layer      *grids.LayerCode `json:"layer"`
	Side       *string          `json:"side"`
	Rank       int              `json:"rank"`
	From       time.Time        `json:"from"`
	To         *time.Time       `json:"to"`
	RecordedAt time.Time        `json:"recorded_at"`
	RecordedBy string           `json:"recorded_by"`
	Reason     string           `json:"reason"`
	KnownUntil *time.Time       `json:"known_until"`

	post string // as recorded: empty where it is the person's own
}

// OwnPost is the post that was recorded with the assignment; "" where it is the
// person's own.
func (a Assignment) OwnPost() string { return a.post }

// Asked chooses assignments; what is zero does not matter.
type Asked struct {
	Cells  []grids.CellID // of these cells
	Person grids.PersonID
	Role   Role
	Layer  grids.LayerCode
	At     *time.Time // holding at this instant
	// Known gives what was known at this instant instead of what is known now.
	Known  *time.Time
	When   When
	Limit  int // 0: no limit
	Offset int
}

// When chooses assignments by how their period lies to now.
type When string

// The choices; Ever, the zero, is all.
const (
	Ever    When = ""
	Current When = "current"
	Planned When = "planned" // to come
	Past    When = "past"
)

// Assignments lists assignments by cell, role, protocol order and beginning, and
// says how many there are without Limit. Codes and names of cells are the last
// up to an edition; persons are called as at Asked.At, else as now.
func Assignments(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, q Asked) ([]Assignment, int, error) {
	rows, err := tx.Query(ctx, assignmentList, territory, edition, q.Cells, q.Person, q.Role, q.Layer, q.At, q.Known, q.When, q.Limit, q.Offset, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("listing assignments: %w", err)
	}
	return collect(rows)
}

// CellsOf gives the cell of a code, now or once, and with below all that lie in it
// in an edition.
func CellsOf(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, code grids.Code, below bool) ([]grids.CellID, error) {
	rows, err := tx.Query(ctx, `SELECT DISTINCT d.uid FROM cells.version v
		CROSS JOIN LATERAL (SELECT v.cell_id AS uid UNION SELECT x.uid FROM cells.descendants($1, ARRAY[v.cell_id], ARRAY[$3::int]) x WHERE $4) d
		WHERE v.territory_id = $1 AND v.code = $2`, territory, code, edition, below)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[grids.CellID])
	if err == nil && len(list) == 0 {
		e := grids.Errorf(grids.NotFound, "cell", "没有代码为 %s 的网格", "there is no cell %s", code)
		e.Value = string(code)
		return nil, e
	}
	return list, err
}

// byID gives the assignments of these numbers, as they are recorded now.
func byID(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, ids ...int64) ([]Assignment, error) {
	rows, err := tx.Query(ctx, assignmentList, territory, edition, nil, 0, "", "", nil, nil, Ever, 0, 0, ids)
	if err != nil {
		return nil, fmt.Errorf("looking up assignments: %w", err)
	}
	list, _, err := collect(rows)
	return list, err
}

func collect(rows pgx.Rows) ([]Assignment, int, error) {
	matched := 0
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Assignment, error) {
		var a Assignment
		err := row.Scan(&a.ID, &a.Cell, &a.Code, &a.CellName, &a.Tier, &a.Person, &a.StaffNo, &a.Name, &a.Post, &a.Role, &a.Layer, &a.Side, &a.Rank,
			&a.From, &a.To, &a.RecordedAt, &a.RecordedBy, &a.Reason, &a.KnownUntil, &a.post, &matched)
		return a, err
	})
	return list, matched, err
}
