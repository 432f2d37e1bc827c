package merge

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/people"
)

var (
	//go:embed team_named.sql
	teamNamed string
	//go:embed team_list.sql
	teamList string
)

// Member of the one team (统一队伍): what a person had in the departments' grids
// and the unified one, and has after the merge. State is accountable, lead or
// officer (also any other role); unplaced (待安置) who has nothing; confirmed of
// whom their own unit has said so.
type Member struct {
	Person      grids.PersonID `json:"person"`
	Name        string         `json:"name"`
	StaffNo     string         `json:"staff_no"`
	Unit        string         `json:"unit"`
	State       string         `json:"state"`
	Before      Workload       `json:"before"`
	After       Workload       `json:"after"`
	DisplacedAt *time.Time     `json:"displaced_at"`
	ConfirmedAt *time.Time     `json:"confirmed_at"`
	ConfirmedBy *string        `json:"confirmed_by"`
	Outcome     *string        `json:"outcome"` // kept, placed or left
	Reason      string         `json:"reason"`
	MayPlace    bool           `json:"may_place"` // who asks may say what becomes of them
}

// Workload is what a person has: Count posts, and of the leaves that they serve
// themselves the area (square metres) and the enterprises, each leaf once.
type Workload struct {
	Count       int      `json:"count"`
	AreaM2      float64  `json:"area_m2"`
	Enterprises float64  `json:"enterprises"`
	Cells       []Served `json:"cells"` // at most 50
}

// Served is a cell of the unified grid, or LayerCell of a department's, and as
// what a person serves it.
type Served struct {
	Cell      grids.Code       `json:"cell,omitempty"`
	LayerCell grids.Code       `json:"layer_cell,omitempty"`
	Name      string           `json:"name"`
	As        people.Role      `json:"as"`
	Layer     *grids.LayerCode `json:"layer"`
}

// Asked chooses members of a team; what is zero does not matter.
type Asked struct {
	Person grids.PersonID
	State  string
	Limit  int
	Offset int
}

// Team lists the team of a run at an instant, those who have nothing first, then
// those displaced and those whose posts in the unified grid change, and how many
// there are. In a draft it is as the run would make it now.
func Team(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run Run, now time.Time, q Asked) ([]Member, int, error) {
	var planned bool
	var before time.Time
	if err := tx.QueryRow(ctx, `SELECT state <> 'published', CASE WHEN state = 'published' THEN effective - interval '1 microsecond' ELSE $3 END
		FROM editions.edition WHERE territory_id = $1 AND seq = $2`, territory, run.Edition, now).Scan(&planned, &before); err != nil {
		return nil, 0, fmt.Errorf("edition of run %d: %w", run.ID, err)
	}
	rows, err := tx.Query(ctx, teamList, territory, run.ID, run.Edition, planned, now, before, q.State, q.Limit, q.Offset, tolerance, q.Person)
	if err != nil {
		return nil, 0, fmt.Errorf("team of run %d: %w", run.ID, err)
	}
	matched := 0
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Member, error) {
		var m Member
		err := row.Scan(&m.Person, &m.Name, &m.StaffNo, &m.Unit, &m.State, &m.Before, &m.After, &m.DisplacedAt, &m.ConfirmedAt, &m.ConfirmedBy, &m.Outcome, &m.Reason, &m.MayPlace, &matched)
		return m, err
	})
	return list, matched, err
}

// KeepTeam follows a publish: it lists who was named by a layer that was merged
// into the edition, or lost something with it, and has no place of the kind any
// more, until their own unit confirms what becomes of them.
func KeepTeam(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, at time.Time) error {
	named := json.RawMessage("[]")
	run, err := Newest(ctx, tx, territory)
	switch {
	case grids.IsKind(err, grids.NotFound):
	case err != nil:
		return err
	case run.Edition == edition:
		if err := tx.QueryRow(ctx, teamNamed, territory, run.ID).Scan(&named); err != nil {
			return fmt.Errorf("whom layers name: %w", err)
		}
	}
	_, err = people.KeepDisplaced(ctx, tx, territory, edition, at, named)
	return err
}
