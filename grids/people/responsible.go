package people

import (
	"context"
	_ "embed"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed responsible.sql
var responsible string

// Holder is who answers for a cell. Acting: the cell's own post is vacant, and
// this is the stand-in of the cell Holds, or whose it is is away (Absent). To the
// public a vacant post has no person (ID 0): Name says that it is vacant, Post
// which unit looks after it.
type Holder struct {
	ID        grids.PersonID `json:"id"`
	Name      string         `json:"name"`
	Post      string         `json:"post"`
	Phone     string         `json:"phone"` // masked
	Acting    bool           `json:"acting"`
	Holds     grids.CellID   `json:"-"`
	HoldsCode grids.Code     `json:"holds"`
	HoldsName string         `json:"holds_name"`
	// Absent is on leave, and this person acts instead.
	Absent     *grids.PersonID `json:"absent"`
	AbsentName *string         `json:"absent_name"`
}

// LayerLead is who leads one layer in a cell.
type LayerLead struct {
	Layer grids.LayerCode `json:"layer"`
	ID    grids.PersonID  `json:"id"`
	Name  string          `json:"name"`
	Post  string          `json:"post"`
	Phone string          `json:"phone"` // masked
}

// Leader holds a chief or joint-chief post (党政同责). Accountable is true for
// exactly one of a cell's leaders.
type Leader struct {
	ID          grids.PersonID `json:"id"`
	Name        string         `json:"name"`
	Post        string         `json:"post"`
	Side        string         `json:"side"` // party, government or empty
	Rank        int            `json:"rank"` // place in the protocol order (排序号)
	Accountable bool           `json:"accountable"`
	Acting      bool           `json:"acting"`
}

// Post is a cell with those who answer for it. Accountable is nil only where
// nobody is found up to the tier-1 cell, which can't be once an edition is
// published.
type Post struct {
	Cell        grids.CellID `json:"uid"`
	Code        grids.Code   `json:"code"`
	Name        string       `json:"name"`
	Tier        grids.Tier   `json:"tier"`
	Accountable *Holder      `json:"accountable"`
	Leads       []LayerLead  `json:"leads"`   // by layer
	Leaders     []Leader     `json:"leaders"` // in protocol order
}

// Responsible tells who answers for cells of an edition at an instant, in the
// order given; a cell that is not in the edition is left out.
func Responsible(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, at time.Time, cells ...grids.CellID) ([]Post, error) {
	rows, err := tx.Query(ctx, responsible, territory, edition, at, cells)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Post, error) {
		var post Post
		var id, absent *grids.PersonID
		var absentName, name, title, phone, code, holdsName *string
		var acting *bool
		var holds *grids.CellID
		err := row.Scan(&post.Cell, &post.Code, &post.Name, &post.Tier,
			&id, &name, &title, &phone, &acting, &holds, &absent, &absentName, &code, &holdsName, &post.Leads, &post.Leaders)
		if err == nil && name != nil {
			if id == nil {
				id = new(grids.PersonID)
			}
			post.Accountable = &Holder{ID: *id, Absent: absent, AbsentName: absentName, Name: *name, Post: *title, Phone: *phone, Acting: *acting,
				Holds: *holds, HoldsCode: grids.Code(*code), HoldsName: *holdsName}
		}
		return post, err
	})
}

// Chain gives a cell of an edition and the cells above it up to tier 1 (instead
// of a parent, the cell that administers one), each with those who answer for it at an instant.
func Chain(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, at time.Time, cell grids.CellID) ([]Post, error) {
	rows, err := tx.Query(ctx, `
		SELECT s.uid FROM cells.of($1, $2) v CROSS JOIN LATERAL people.superiors($1, ARRAY[v.cell_id], ARRAY[$2::int], ARRAY[$4::timestamptz]) s
		WHERE v.cell_id = $3 ORDER BY s.steps`, territory, edition, cell, at)
	if err != nil {
		return nil, err
	}
	line, err := pgx.CollectRows(rows, pgx.RowTo[grids.CellID])
	if err != nil {
		return nil, err
	}
	if len(line) == 0 {
		return nil, grids.Errorf(grids.NotFound, "cell", "版本 %d 中没有该网格(uid %d)", "edition %d has no cell with uid %d", edition, cell)
	}
	return Responsible(ctx, tx, territory, edition, at, line...)
}
