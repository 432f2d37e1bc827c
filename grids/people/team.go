package people

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

var (
	//go:embed team.sql
	team string
	//go:embed team_stand_in.sql
	teamStandIn string
)

// Member is somebody who serves a cell in a role, without any way to reach
// them.
type Member struct {
	Cell  grids.CellID
	ID    grids.PersonID
	Name  string
	Unit  string
	Post  string
	Role  Role
	Layer grids.LayerCode // "" for all
	Side  string          // party, government or empty
	Rank  int             // place in the protocol order
	// Deputising is the name of who stands in for a chief on leave (代行); "": nobody.
	Deputising string
}

// Team gives all who serve some cells themselves at an instant: those of a cell
// follow one another, its chiefs first, in protocol order.
func Team(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, at time.Time, cells []grids.CellID) ([]Member, error) {
	rows, err := tx.Query(ctx, team, territory, at, cells)
	if err != nil {
		return nil, fmt.Errorf("who serves cells: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Member])
}

// StandIn says for a cell whose post is vacant which cell's stand-in acts for
// it: public views name the unit, not the person.
type StandIn struct {
	Cell  grids.CellID
	Holds grids.CellID // nearest ancestor that has one
	Name  string       // of that cell
	Unit  string       // of its stand-in; may be empty
}

// StandIns gives those of some cells of an edition that have nobody accountable
// of their own at an instant.
func StandIns(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, at time.Time, cells []grids.CellID) ([]StandIn, error) {
	rows, err := tx.Query(ctx, teamStandIn, territory, edition, at, cells)
	if err != nil {
		return nil, fmt.Errorf("vacant posts: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[StandIn])
}
