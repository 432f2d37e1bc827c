package duty

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

var (
	//go:embed figures.sql
	figures string
	//go:embed figure_vacancies.sql
	figureVacancies string
	//go:embed figure_understaffed.sql
	figureUnderstaffed string
	//go:embed figure_people.sql
	figurePeople string
)

// Figure names a figure of duty and the rows behind it.
type Figure string

// The figures: cells without somebody accountable of their own (by age), and of
// these the ones that somebody acts for (from furthest up); leaves with too few
// officers; people with too much, with no cell, and all who hold cells, with
// what these hold.
const (
	Vacancies    Figure = "vacancies"
	Acting       Figure = "acting"
	Understaffed Figure = "understaffed"
	Overloaded   Figure = "overloaded"
	Idle         Figure = "idle"
	Workload     Figure = "workload"
)

// Figures gives the figures of a cell and all below it as a JSON object.
func Figures(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, at time.Time, cell grids.CellID) (body []byte, err error) {
	if err := tx.QueryRow(ctx, figures, territory, edition, at, cell).Scan(&body); err != nil {
		return nil, fmt.Errorf("figures of duty: %w", err)
	}
	return body, nil
}

// Row is one cell or person behind a figure; what does not go with the figure is
// empty.
type Row struct {
	Cell   *RowCell   `json:"cell,omitempty"`
	Person *RowPerson `json:"person,omitempty"` // of cells: who acts
	Since  *time.Time `json:"since,omitempty"`
	Days   *int       `json:"days,omitempty"`  // whole days since
	Steps  *int       `json:"steps,omitempty"` // tiers up to the cell whose stand-in acts
	// Officers of the cell.
	Officers *int  `json:"officers,omitempty"`
	Load     *Load `json:"load,omitempty"`
}

// RowCell is a cell behind a figure, with the place of its name (degrees) where
// that is of use.
type RowCell struct {
	Code grids.Code `json:"code"`
	Name string     `json:"name"`
	Tier grids.Tier `json:"tier"`
	Lon  *float64   `json:"lon,omitempty"`
	Lat  *float64   `json:"lat,omitempty"`
}

// RowPerson is a person behind a figure.
type RowPerson struct {
	ID      grids.PersonID `json:"id"`
	StaffNo string         `json:"staff_no"`
	Name    string         `json:"name"`
	Unit    string         `json:"unit"`
	Post    string         `json:"post"`
}

// Load is what a person carries: cells accountable for, acting for and officer
// of, and what lies in those held.
type Load struct {
	Cells       int            `json:"cells"`
	Acting      int            `json:"acting"`
	Rounds      int            `json:"rounds"`
	AreaM2      float64        `json:"area_m2"`
	Objects     int            `json:"objects"`
	Enterprises int            `json:"enterprises"`
	Risks       map[string]int `json:"risks"` // enterprises by risk class, where it is known
	Held        []RowCell      `json:"held"`  // cells, at most 200
}

// Rows gives the rows behind a figure of a cell and all below it, the worst
// first, from offset on, and how many there are.
func Rows(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, at time.Time, cell grids.CellID, f Figure, offset, limit int) (list []Row, matched int, err error) {
	query := map[Figure]string{Vacancies: figureVacancies, Acting: figureVacancies, Understaffed: figureUnderstaffed}[f]
	if query == "" {
		query = figurePeople
	}
	rows, err := tx.Query(ctx, query, territory, edition, at, cell, f, offset, limit)
	if err != nil {
		return nil, 0, fmt.Errorf("%s of duty: %w", f, err)
	}
	list = []Row{}
	var row Row
	_, err = pgx.ForEachRow(rows, []any{&matched, &row.Cell, &row.Person, &row.Since, &row.Days, &row.Steps, &row.Officers, &row.Load}, func() error {
		list, row = append(list, row), Row{}
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("%s of duty: %w", f, err)
	}
	return list, matched, nil
}

// Top gives the cell that a view of duty begins at: the one of a code; without
// one the highest in which the principal may act.
func Top(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, who grids.Principal, code grids.Code) (cell cells.Cell, err error) {
	if code == "" {
		prefix := ""
		if len(who.Within) > 0 {
			prefix = who.Within[0]
		}
		err := tx.QueryRow(ctx, `SELECT coalesce((SELECT v.code FROM cells.of($1, $2) v WHERE starts_with(v.code, $3) ORDER BY v.tier, v.code USING ~<~ LIMIT 1), '')`,
			t.ID, edition, prefix).Scan(&code)
		if err != nil {
			return cell, fmt.Errorf("cell of duty: %w", err)
		}
	}
	if cell, err = cells.ByCode(ctx, tx, t, edition, code); err != nil {
		return cell, err
	}
	var within bool
	if err := tx.QueryRow(ctx, `SELECT access.within($1, $2)`, t.ID, cell.Code).Scan(&within); err != nil {
		return cell, fmt.Errorf("cell of duty: %w", err)
	}
	if !within {
		return cell, grids.Errorf(grids.Forbidden, "cell", "网格 %s 不在您的管辖范围内", "the cell %s is not in your part of the territory", cell.Code).
			Fix("查看您管辖范围内的网格", "look at a cell in your part")
	}
	return cell, nil
}
