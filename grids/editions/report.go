package editions

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

//go:embed report_people.sql
var reportPeopleSQL string

//go:embed report_decisions.sql
var reportDecisionsSQL string

// Report says for people what an edition changes: in figures, and by township for
// whom. Names are by person, and empty for who may not read them.
type Report struct {
	Edition   grids.EditionID           `json:"edition"`
	Draft     bool                      `json:"draft"`
	Restores  grids.EditionID           `json:"restores"` // 0: none
	Effective *time.Time                `json:"effective"`
	Note      string                    `json:"note"`
	Code      grids.Code                `json:"code"` // of the territory
	Name      string                    `json:"name"`
	Decision  *Decision                 `json:"decision"`
	Names     map[grids.PersonID]string `json:"names"`
	Figures
}

// Figures are what a report counts and lists; of a published edition they are
// those of its publishing.
type Figures struct {
	Before      grids.EditionID `json:"before"` // 0: none
	Totals      Totals          `json:"totals"`
	Cells       int             `json:"cells"`       // of the edition
	Vacant      int             `json:"vacant"`      // of these, without an accountable person of their own
	Accountable int             `json:"accountable"` // cells of the edition with another accountable person than before
	People      int             `json:"people"`      // who are accountable for more or less than before
	Towns       []Town          `json:"towns"`
	Decisions   []Decided       `json:"decisions"` // about conflicts
	Settled     []TownDecided   `json:"settled"`   // the same by township; empty in reports that were kept before it was counted so
}

// Town is what changed within a township (of cells above it: Code is "").
type Town struct {
	Code    grids.Code `json:"code"`
	Name    string     `json:"name"`
	Changes []Reported `json:"changes"`
}

// Reported is what changed about a cell. Op may be accountable: nothing else.
// Was and Is are who is accountable, nil nobody of its own.
type Reported struct {
	Change
	Was *grids.PersonID `json:"was"`
	Is  *grids.PersonID `json:"is"`
}

// Decided counts conflicts that were settled alike: by a rule, or by an account.
type Decided struct {
	Kind       string `json:"kind"`
	Resolution string `json:"resolution"` // accountable or interim without whom
	By         string `json:"by"`
	Rule       bool   `json:"rule"`
	Count      int    `json:"count"`
}

// TownDecided is what was decided about the conflicts of a township (of cells above
// it, or beyond all cells: Code is "").
type TownDecided struct {
	Code      grids.Code `json:"code"`
	Name      string     `json:"name"`
	Decisions []Decided  `json:"decisions"`
}

// ReadReport gives the report of a published edition, as it was kept, or of the
// open draft against the newest edition. It fails with NotFound.
func ReadReport(ctx context.Context, tx pgx.Tx, t cells.Territory, seq grids.EditionID) (Report, error) {
	r := Report{Edition: seq, Code: t.Code, Names: map[grids.PersonID]string{}, Figures: Figures{Settled: []TownDecided{}}}
	var state string
	var kept []byte
	err := tx.QueryRow(ctx, `
		SELECT e.state, e.effective, e.note, coalesce(e.restores, 0), r.figures, t.name
		FROM editions.edition e JOIN cells.territory t ON t.id = e.territory_id LEFT JOIN editions.report r ON r.territory_id = e.territory_id AND r.edition = e.seq
		WHERE e.territory_id = $1 AND e.seq = $2`, t.ID, seq).Scan(&state, &r.Effective, &r.Note, &r.Restores, &kept, &r.Name)
	if errors.Is(err, pgx.ErrNoRows) {
		return r, grids.Errorf(grids.NotFound, "seq", "没有版本 %d", "there is no edition %d", seq).
			Fix("版本列表见 /v1/editions", "see /v1/editions for those there are")
	}
	if err != nil {
		return r, fmt.Errorf("report of edition %d: %w", seq, err)
	}
	r.Draft = state != "published"
	switch {
	case kept != nil:
		if err := json.Unmarshal(kept, &r.Figures); err != nil {
			return r, fmt.Errorf("report of edition %d: %w", seq, err)
		}
	case r.Draft:
		if r.Figures, err = figures(ctx, tx, t, seq, time.Now(), true); err != nil {
			return r, err
		}
	default:
		return r, grids.Errorf(grids.NotFound, "seq", "版本 %d 发布时尚无变更报告", "edition %d was published before there were reports", seq)
	}
	if r.Decision, err = ReadDecision(ctx, tx, t, seq); err != nil {
		return r, err
	}
	return r, r.name(ctx, tx, t)
}

// name adds the names of people, or, for who may not read them, leaves out who
// decided.
func (r *Report) name(ctx context.Context, tx pgx.Tx, t cells.Territory) error {
	var may bool
	if err := tx.QueryRow(ctx, `SELECT access.may('people.read')`).Scan(&may); err != nil {
		return fmt.Errorf("names of the report: %w", err)
	}
	if !may {
		hide(r.Decisions)
		for _, town := range r.Settled {
			hide(town.Decisions)
		}
		return nil
	}
	var ids []grids.PersonID
	for _, town := range r.Towns {
		for _, c := range town.Changes {
			for _, p := range []*grids.PersonID{c.Was, c.Is} {
				if p != nil {
					ids = append(ids, *p)
				}
			}
		}
	}
	rows, err := tx.Query(ctx, `SELECT id, name FROM people.person WHERE territory_id = $1 AND id = ANY ($2)`, t.ID, ids)
	if err != nil {
		return fmt.Errorf("names of the report: %w", err)
	}
	var id grids.PersonID
	var name string
	if _, err = pgx.ForEachRow(rows, []any{&id, &name}, func() error { r.Names[id] = name; return nil }); err != nil {
		return fmt.Errorf("names of the report: %w", err)
	}
	return nil
}

// hide leaves out which accounts decided.
func hide(list []Decided) {
	for i := range list {
		if !list[i].Rule {
			list[i].By = ""
		}
	}
}

// keepReport keeps the figures of an edition that is being published.
func keepReport(ctx context.Context, tx pgx.Tx, t cells.Territory, seq grids.EditionID, at time.Time) error {
	f, err := figures(ctx, tx, t, seq, at, false)
	if err != nil {
		return err
	}
	text, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("report of edition %d: %w", seq, err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO editions.report (territory_id, edition, figures) VALUES ($1, $2, $3)`, t.ID, seq, text); err != nil {
		return fmt.Errorf("report of edition %d: %w", seq, err)
	}
	return nil
}

// figures compares an edition that is not published yet with the newest: people
// as they are before the instant and from it on, or of a draft as they will be.
func figures(ctx context.Context, tx pgx.Tx, t cells.Territory, seq grids.EditionID, at time.Time, draft bool) (Figures, error) {
	f := Figures{Towns: []Town{}, Decisions: []Decided{}, Settled: []TownDecided{}}
	var err error
	if f.Before, err = Newest(ctx, tx, t); err != nil {
		return f, err
	}
	err = tx.QueryRow(ctx, `
		SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT FROM people.assignment a
		  WHERE a.territory_id = $1 AND a.cell_id = v.cell_id AND a.role = 'accountable' AND a.during @> $3::timestamptz))
		FROM cells.of($1, $2) v`, t.ID, seq, at).Scan(&f.Cells, &f.Vacant)
	if err != nil {
		return f, fmt.Errorf("figures of edition %d: %w", seq, err)
	}
	if err := f.decisions(ctx, tx, t, seq); err != nil {
		return f, err
	}
	if f.Before == 0 {
		f.Totals.Created = f.Cells
		return f, nil
	}
	c, err := Compare(ctx, tx, t, f.Before, seq)
	if err != nil {
		return f, err
	}
	f.Totals = c.Totals
	changes := make([]Reported, len(c.Changes))
	for i, x := range c.Changes {
		changes[i].Change = x
	}
	if changes, err = f.people(ctx, tx, t, seq, at, draft, changes); err != nil {
		return f, err
	}
	return f, f.byTown(ctx, tx, t, seq, changes)
}

// people adds who is accountable.
func (f *Figures) people(ctx context.Context, tx pgx.Tx, t cells.Territory, seq grids.EditionID, at time.Time, draft bool, changes []Reported) ([]Reported, error) {
	place := map[string]int{}
	for i, c := range changes {
		place[c.UID] = i
	}
	rows, err := tx.Query(ctx, reportPeopleSQL, t.ID, draft, seq, at.Add(-time.Microsecond), at)
	if err != nil {
		return nil, fmt.Errorf("people of edition %d: %w", seq, err)
	}
	concerned := map[grids.PersonID]bool{}
	x := Reported{Change: Change{Op: "accountable", Successors: []Share{}, Predecessors: []Share{}}}
	var id grids.CellID
	var ended bool
	_, err = pgx.ForEachRow(rows, []any{&id, &x.Code, &x.Name, &x.Tier, &x.Was, &x.Is, &ended}, func() error {
		if !ended {
			f.Accountable++
		}
		if draft && x.Was == nil && x.Is != nil {
			f.Vacant--
		}
		one := x
		one.UID = fmt.Sprint(id)
		for _, p := range []*grids.PersonID{x.Was, x.Is} {
			if p != nil {
				concerned[*p] = true
			}
		}
		if i, there := place[one.UID]; there {
			changes[i].Was, changes[i].Is = one.Was, one.Is
		} else {
			changes = append(changes, one)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("people of edition %d: %w", seq, err)
	}
	f.People = len(concerned)
	return changes, nil
}

// townTier is that of townships and streets; where an edition has no tier below
// it, the one above its leaves.
func townTier(ctx context.Context, tx pgx.Tx, t cells.Territory, seq grids.EditionID) (tier grids.Tier, err error) {
	err = tx.QueryRow(ctx, `SELECT greatest(1, least(3, max(tier) - 1)) FROM cells.of($1, $2)`, t.ID, seq).Scan(&tier)
	if err != nil {
		return 0, fmt.Errorf("tiers of edition %d: %w", seq, err)
	}
	return min(tier, grids.Tier(len(t.Scheme.Lengths))), nil
}

func (f *Figures) byTown(ctx context.Context, tx pgx.Tx, t cells.Territory, seq grids.EditionID, changes []Reported) error {
	tier, err := townTier(ctx, tx, t, seq)
	if err != nil {
		return err
	}
	towns := map[string]*Town{}
	for _, c := range changes {
		key := ""
		if c.Tier >= tier {
			key = t.Scheme.Significant(c.Code, tier)
		}
		if towns[key] == nil {
			towns[key] = &Town{}
		}
		towns[key].Changes = append(towns[key].Changes, c)
	}
	rows, err := tx.Query(ctx, `
		SELECT v.code, v.name FROM cells.of($1, $2) v WHERE v.tier = $4
		UNION ALL SELECT v.code, v.name FROM cells.of($1, $3) v WHERE v.tier = $4`, t.ID, f.Before, seq, tier)
	if err != nil {
		return fmt.Errorf("townships: %w", err)
	}
	var code grids.Code
	var name string
	if _, err := pgx.ForEachRow(rows, []any{&code, &name}, func() error {
		if town := towns[t.Scheme.Significant(code, tier)]; town != nil {
			town.Code, town.Name = code, name
		}
		return nil
	}); err != nil {
		return fmt.Errorf("townships: %w", err)
	}
	for _, town := range towns {
		slices.SortStableFunc(town.Changes, func(a, b Reported) int { return cmp.Or(cmp.Compare(a.Tier, b.Tier), cmp.Compare(a.Code, b.Code)) })
		f.Towns = append(f.Towns, *town)
	}
	slices.SortFunc(f.Towns, func(a, b Town) int { return cmp.Compare(a.Code, b.Code) })
	return nil
}

// decisions counts what was decided about the conflicts of an edition's own merge,
// in all and by township.
func (f *Figures) decisions(ctx context.Context, tx pgx.Tx, t cells.Territory, seq grids.EditionID) error {
	tier, err := townTier(ctx, tx, t, seq)
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, reportDecisionsSQL, t.ID, seq, tier, t.Scheme.Lengths[tier-1])
	if err != nil {
		return fmt.Errorf("decisions of edition %d: %w", seq, err)
	}
	var inTown bool
	var prefix, name string
	var d Decided
	_, err = pgx.ForEachRow(rows, []any{&inTown, &prefix, &name, &d.Kind, &d.Resolution, &d.By, &d.Rule, &d.Count}, func() error {
		if !inTown {
			f.Decisions = append(f.Decisions, d)
			return nil
		}
		town := TownDecided{Name: name, Decisions: []Decided{d}}
		if prefix != "" {
			var err error
			if town.Code, err = t.Scheme.Parse(prefix, tier); err != nil {
				return err
			}
		}
		if last := len(f.Settled) - 1; last >= 0 && f.Settled[last].Code == town.Code {
			f.Settled[last].Decisions = append(f.Settled[last].Decisions, d)
		} else {
			f.Settled = append(f.Settled, town)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("decisions of edition %d: %w", seq, err)
	}
	return nil
}
