package merge

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Count is how many conflicts there are, by how far they have come.
type Count struct {
	Total    int `json:"total"`
	Settled  int `json:"settled"`
	Open     int `json:"open"`
	Deferred int `json:"deferred"`
	Blocking int `json:"blocking_open"` // open or deferred, and forbid publishing
}

// KindCount is the Count of a kind.
type KindCount struct {
	Kind Kind `json:"kind"`
	Count
}

// SeverityCount is the Count of a severity.
type SeverityCount struct {
	Severity Severity `json:"severity"`
	Count
}

// Tally is how far a run's conflicts have come.
type Tally struct {
	Count
	ByKind     []KindCount     `json:"by_kind"`
	BySeverity []SeverityCount `json:"by_severity"` // the highest first
	ToDraw     int             `json:"to_draw"`     // settled so that lines move, which Redraw draws; a merge after it has none of them
}

// moving are the resolutions that move lines.
var moving = []string{AdoptLayer, SplitLeaf, DrawUnits}

//go:embed tally.sql
var tallySQL string

// TallyUp counts those of a run's conflicts that filter chooses.
func TallyUp(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, run int64, filter Filter) (Tally, error) {
	t := Tally{ByKind: []KindCount{}, BySeverity: []SeverityCount{}}
	rows, err := tx.Query(ctx, tallySQL, territory, run, filter, moving)
	if err != nil {
		return t, fmt.Errorf("conflicts of run %d: %w", run, err)
	}
	var kind Kind
	var severity Severity
	var c Count
	var toDraw int
	_, err = pgx.ForEachRow(rows, []any{&kind, &severity, &c.Total, &c.Settled, &c.Open, &c.Deferred, &c.Blocking, &toDraw}, func() error {
		switch {
		case kind != "":
			t.ByKind = append(t.ByKind, KindCount{kind, c})
		case severity != "":
			t.BySeverity = append(t.BySeverity, SeverityCount{severity, c})
		default:
			t.Count, t.ToDraw = c, toDraw
		}
		return nil
	})
	if err != nil {
		return t, fmt.Errorf("conflicts of run %d: %w", run, err)
	}
	return t, nil
}
