package people

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed person_list.sql
var personList string

// UnitID and PostID number the units and posts of a territory.
type (
	UnitID int64
	PostID int64
)

// HeldPost is a post that a person holds, held or is to hold. A nil From is since
// ever, a nil To for good.
type HeldPost struct {
	Post      PostID     `json:"post"`
	Title     string     `json:"title"`
	Unit      *UnitID    `json:"unit"`
	UnitLabel string     `json:"unit_label"`
	Side      *string    `json:"side"`
	Rank      int        `json:"rank"`
	From      *time.Time `json:"from"`
	To        *time.Time `json:"to"`
	State     string     `json:"state"` // current, planned or past
}

// Membership is a layer that a person works for: the one at home, or one that
// the person supports.
type Membership struct {
	Layer grids.LayerCode `json:"layer"`
	Home  bool            `json:"home"`
}

// HeldCell is a cell that a person holds a role in now.
type HeldCell struct {
	Code  grids.Code       `json:"code"`
	Name  string           `json:"name"`
	Role  Role             `json:"role"`
	Layer *grids.LayerCode `json:"layer"`
}

// Person is somebody of the unified team as shown; the telephone number is
// masked. Version tells one state of a person from another.
type Person struct {
	ID         grids.PersonID `json:"id"`
	StaffNo    string         `json:"staff_no"`
	Name       string         `json:"name"`
	Phone      string         `json:"phone_masked"`
	Provenance string         `json:"provenance"`
	Version    int            `json:"version"`
	ChangedAt  time.Time      `json:"changed_at"`
	Unit       *UnitID        `json:"unit"`
	UnitLabel  string         `json:"unit_label"`
	Division   string         `json:"division"` // of the unit: whose administrators may edit the person
	Posts      []HeldPost     `json:"posts"`
	Layers     []Membership   `json:"layers"`
	Cells      []HeldCell     `json:"cells"` // the first twenty
	CellCount  int            `json:"cell_count"`
}

// Search says which persons are wanted; zero values don't count.
type Search struct {
	Text        string          // characters, pinyin or initials of the name, or a staff number
	Unit        UnitID          // there at home or in a post, or in a unit below; NoUnit: in none
	Layer       grids.LayerCode // at home there or supporting it
	Cells       []grids.CellID  // holding something in one of these
	WithoutCell bool            // holding nothing
	After       string          // staff number of the last of the page before
	Limit       int
}

// NoUnit in a Search means persons without a unit.
const NoUnit UnitID = -1

// conditions gives the search as SQL over people.person p, with arguments after
// the territory and the instant. Arrays make it one look-up by key each, however
// many the planner expects.
func (s Search) conditions() (string, []any) {
	var sql strings.Builder
	var args []any
	add := func(condition string, arg ...any) {
		for _, a := range arg {
			args = append(args, a)
			condition = strings.ReplaceAll(condition, "$?", fmt.Sprintf("$%d", len(args)+2))
		}
		sql.WriteString("\n  AND " + condition)
	}
	if q := searchQuery(s.Text); q != "" {
		add(`p.id = ANY (ARRAY(SELECT k.person_id FROM people.search_key k WHERE k.territory_id = $1 AND k.keys @@ $?::tsquery))`, q)
	} else if strings.TrimSpace(s.Text) != "" {
		add(`false`)
	}
	switch {
	case s.Unit == NoUnit:
		add(`p.unit_id IS NULL`)
	case s.Unit != 0:
		add(`p.id = ANY (ARRAY(WITH RECURSIVE down AS (
      SELECT $?::bigint AS id UNION SELECT u.id FROM down d JOIN people.unit u ON u.territory_id = $1 AND u.parent_id = d.id
    ) SELECT h.id FROM people.person h WHERE h.territory_id = $1 AND h.unit_id IN (SELECT id FROM down)
      UNION SELECT q.person_id FROM people.post o JOIN people.person_post q ON q.territory_id = $1 AND q.post_id = o.id AND q.during @> $2::timestamptz
      WHERE o.territory_id = $1 AND o.unit_id IN (SELECT id FROM down)))`, s.Unit)
	}
	if s.Layer != "" {
		add(`p.id = ANY (ARRAY(SELECT m.person_id FROM people.person_layer m WHERE m.territory_id = $1 AND m.layer = $?))`, s.Layer)
	}
	if s.Cells != nil {
		add(`p.id = ANY (ARRAY(SELECT a.person_id FROM people.assignment a WHERE a.territory_id = $1 AND a.cell_id = ANY ($?::bigint[]) AND a.during @> $2::timestamptz))`, s.Cells)
	}
	if s.WithoutCell {
		add(`NOT EXISTS (SELECT FROM people.assignment a WHERE a.territory_id = $1 AND a.person_id = p.id AND a.during @> $2::timestamptz)`)
	}
	return sql.String(), args
}

// People gives a page of persons by staff number, as they are at an instant, and
// how many there are in all pages (0 after the first).
func People(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, at time.Time, s Search) ([]Person, int, error) {
	where, args := s.conditions()
	args = append([]any{territory, at}, args...)
	matched := 0
	if s.After == "" {
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM people.person p WHERE p.territory_id = $1 AND $2::timestamptz IS NOT NULL`+where, args...).Scan(&matched); err != nil {
			return nil, 0, fmt.Errorf("counting persons: %w", err)
		}
	}
	page, args := s.page(territory, at)
	rows, err := tx.Query(ctx, page, args...)
	if err != nil {
		return nil, 0, fmt.Errorf("finding persons: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[grids.PersonID])
	if err != nil {
		return nil, 0, fmt.Errorf("finding persons: %w", err)
	}
	list, err := persons(ctx, tx, territory, edition, at, ids)
	return list, matched, err
}

// page is the query of a page's ids.
func (s Search) page(territory grids.TerritoryID, at time.Time) (string, []any) {
	where, args := s.conditions()
	args = append([]any{territory, at}, args...)
	args = append(args, s.After, s.Limit)
	return fmt.Sprintf(`SELECT p.id FROM people.person p WHERE p.territory_id = $1 AND $2::timestamptz IS NOT NULL AND p.staff_no > $%d%s
ORDER BY p.staff_no LIMIT $%d`, len(args)-1, where, len(args)), args
}

// FindPerson gives one person.
func FindPerson(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, at time.Time, id grids.PersonID) (Person, error) {
	list, err := persons(ctx, tx, territory, edition, at, []grids.PersonID{id})
	if err != nil {
		return Person{}, err
	}
	if len(list) == 0 {
		return Person{}, noPerson(id)
	}
	return list[0], nil
}

func noPerson(id grids.PersonID) *grids.Error {
	e := grids.Errorf(grids.NotFound, "id", "没有这个人员,或已离职", "there is no such person, or not any more")
	e.Value = fmt.Sprint(id)
	return e
}

// persons gives those of some ids that there are, in order.
func persons(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, at time.Time, ids []grids.PersonID) ([]Person, error) {
	rows, err := tx.Query(ctx, personList, territory, ids, at, edition)
	if err != nil {
		return nil, fmt.Errorf("reading persons: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Person, error) {
		var p Person
		err := row.Scan(&p.ID, &p.StaffNo, &p.Name, &p.Phone, &p.Provenance, &p.Version, &p.ChangedAt,
			&p.Unit, &p.UnitLabel, &p.Division, &p.Posts, &p.Layers, &p.Cells, &p.CellCount)
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("reading persons: %w", err)
	}
	return list, nil
}
