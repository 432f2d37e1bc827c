package merge

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/ewkb"
	"github.com/paulmach/orb/planar"

	"unigrid/grids"
	"unigrid/grids/cells"
)

//go:embed redraw_siblings.sql
var redrawSiblingsSQL string

//go:embed redraw_units.sql
var redrawUnitsSQL string

//go:embed redraw_drawn.sql
var redrawDrawnSQL string

// longest is how long a segment of a new line may be, in metres: lines of layer
// cells are taken as they are, and the parents' stay as they are.
const longest = 1e7

// Redrawn says what Redraw changed in the draft.
type Redrawn struct {
	Parents int `json:"parents"` // whose children have other lines, or are new
	Created int `json:"created"` // cells
	Changed int `json:"changed"` // cells that have another line
}

// drawn is a cell as it is to be; without a code it is new.
type drawn struct {
	parent     grids.CellID
	tier       grids.Tier
	code       grids.Code
	name       string
	provenance cells.Provenance
	geom       []byte // EWKB
}

// Redraw moves the unified lines of a draft as settled conflicts of its run say:
// pieces go to siblings (adopt-layer-boundary) or become cells of their own beside
// the leaf (split-leaf) or below it (draw-unit-cells). The parents stay what they
// are and their children partition them exactly, by cells.Adopt; all of it is one
// step of the draft. The run is stale after it: overlay again.
func Redraw(ctx context.Context, tx pgx.Tx, t cells.Territory, run int64, who grids.Principal) (Redrawn, error) {
	var done Redrawn
	r, err := draftRun(ctx, tx, t.ID, run)
	if err != nil {
		return done, err
	}
	if r.HasChanged {
		return done, stale()
	}
	siblings, err := wanted(ctx, tx, redrawSiblingsSQL, t.ID, run, r.Edition)
	if err != nil {
		return done, err
	}
	moving := []grids.CellID{}
	for _, d := range siblings {
		if d.code != "" {
			cell, err := cells.ByCode(ctx, tx, t, r.Edition, d.code)
			if err != nil {
				return done, err
			}
			moving = append(moving, cell.ID)
		}
	}
	units, err := wanted(ctx, tx, redrawUnitsSQL, t.ID, run, r.Edition, moving)
	if err != nil {
		return done, err
	}
	if len(siblings)+len(units) == 0 {
		return done, nil
	}
	if err := cells.OpenStep(ctx, tx, t, who, "merge", map[string]any{"run": run}); err != nil {
		return done, err
	}
	byTier := map[grids.Tier][]drawn{}
	parents := map[grids.CellID]bool{}
	for _, d := range append(siblings, units...) {
		byTier[d.tier] = append(byTier[d.tier], d)
		parents[d.parent] = true
	}
	done.Parents = len(parents)
	for tier, list := range byTier {
		if err := number(ctx, tx, t, r.Edition, tier, list); err != nil {
			return done, err
		}
		report, err := adopt(ctx, tx, t, r.Edition, tier, list)
		if err != nil {
			return done, err
		}
		done.Created, done.Changed = done.Created+report.Created, done.Changed+report.Changed
	}
	if _, err := tx.Exec(ctx, redrawDrawnSQL, t.ID, run, moving); err != nil {
		return done, fmt.Errorf("lines that were drawn: %w", err)
	}
	return done, nil
}

func wanted(ctx context.Context, tx pgx.Tx, sql string, args ...any) ([]drawn, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("lines to draw: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d drawn, err error) {
		err = row.Scan(&d.parent, &d.tier, &d.code, &d.name, &d.provenance, &d.geom)
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("lines to draw: %w", err)
	}
	return list, nil
}

// number gives codes and names to new cells: the numbers after the highest that
// was ever used below their parent, west to east and north to south.
func number(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, tier grids.Tier, list []drawn) error {
	fresh, names := map[grids.CellID][]*drawn{}, map[grids.CellID]map[string]bool{}
	for i := range list {
		parent := list[i].parent
		if names[parent] == nil {
			names[parent] = map[string]bool{}
		}
		if list[i].code == "" {
			fresh[parent] = append(fresh[parent], &list[i])
		} else {
			names[parent][list[i].name] = true
		}
	}
	ids := make([]grids.CellID, 0, len(fresh))
	for id := range fresh {
		ids = append(ids, id)
	}
	parents, err := cells.ByID(ctx, tx, t, edition, ids)
	if err != nil {
		return err
	}
	for _, parent := range parents {
		prefix := t.Scheme.Significant(parent.Code, parent.Tier)
		var highest int
		err := tx.QueryRow(ctx, `
			SELECT coalesce(max(substr(code, length($3) + 1, $4)::int), 0) FROM cells.version
			WHERE territory_id = $1 AND tier = $2 AND code LIKE $3 || '%'`,
			t.ID, tier, prefix, t.Scheme.Lengths[tier-1]-t.Scheme.Lengths[tier-2]).Scan(&highest)
		if err != nil {
			return fmt.Errorf("codes below %s: %w", parent.Code, err)
		}
		children := fresh[parent.ID]
		if err := inReadingOrder(children); err != nil {
			return err
		}
		width := t.Scheme.Lengths[tier-1] - t.Scheme.Lengths[tier-2]
		for i, child := range children {
			n := strconv.Itoa(highest + 1 + i)
			if len(n) > width {
				return grids.Errorf(grids.Conflict, "code", "%s 的下级代码已用完", "no code is left under %s", parent.Code)
			}
			if child.code, err = t.Scheme.Parse(prefix+strings.Repeat("0", width-len(n))+n, tier); err != nil {
				return err
			}
			if child.name != "" && names[parent.ID][child.name] {
				child.name += " " + n // of a parent's children each has a name of its own
			}
			if child.name = cmp.Or(child.name, string(child.code)); names[parent.ID][child.name] {
				child.name = string(child.code)
			}
			names[parent.ID][child.name] = true
		}
	}
	return nil
}

// inReadingOrder sorts by rows from the north, each from the west. A row is three
// quarters as high as the cells are on average.
func inReadingOrder(list []*drawn) error {
	at := map[*drawn]orb.Point{}
	height, north := 0.0, math.Inf(-1)
	for _, d := range list {
		shape, _, err := ewkb.Unmarshal(d.geom)
		if err != nil {
			return fmt.Errorf("a new cell's shape: %w", err)
		}
		at[d], _ = planar.CentroidArea(shape)
		bound := shape.Bound()
		height += 0.75 * (bound.Max[1] - bound.Min[1]) / float64(len(list))
		north = max(north, at[d][1])
	}
	slices.SortFunc(list, func(a, b *drawn) int {
		return cmp.Or(cmp.Compare(math.Floor((north-at[a][1])/height), math.Floor((north-at[b][1])/height)), cmp.Compare(at[a][0], at[b][0]), cmp.Compare(at[b][1], at[a][1]))
	})
	return nil
}

func adopt(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, tier grids.Tier, list []drawn) (cells.AdoptReport, error) {
	batch, err := cells.NewBatch(ctx, tx)
	if err != nil {
		return cells.AdoptReport{}, err
	}
	codes, names, provenances, shapes := make([]string, len(list)), make([]string, len(list)), make([]string, len(list)), make([][]byte, len(list))
	for i, d := range list {
		codes[i], names[i], provenances[i], shapes[i] = string(d.code), d.name, string(d.provenance), d.geom
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO cells.intake (territory_id, batch, row, code, name, tier, geom, provenance)
		SELECT $1, $2, n, code, name, $3, ST_GeomFromEWKB(shape), provenance
		FROM unnest($4::text[], $5::text[], $6::text[], $7::bytea[]) WITH ORDINALITY AS d (code, name, provenance, shape, n)`,
		t.ID, batch, tier, codes, names, provenances, shapes)
	if err != nil {
		return cells.AdoptReport{}, fmt.Errorf("lines to draw: %w", err)
	}
	report, err := cells.Adopt(ctx, tx, t, edition, batch, cells.AdoptOptions{MaxSegment: longest})
	if err != nil {
		return report, fmt.Errorf("drawing what the merge decided: %w", err)
	}
	return report, nil
}

// rounds is how often lines are drawn and the layers merged anew: what one layer
// moves, another may dispute.
const rounds = 6

// Draw draws what a draft's newest run says, as Redraw does, and merges the same
// layers again, until no line that was decided to move is left. between settles
// conflicts before each drawing; nil: nothing does. A Conflict error when lines
// still move after a number of rounds.
func Draw(ctx context.Context, tx pgx.Tx, t cells.Territory, run Run, who grids.Principal, between func(Run) error) (Redrawn, Run, error) {
	var all Redrawn
	for range rounds {
		if between != nil {
			if err := between(run); err != nil {
				return all, run, err
			}
		}
		drawn, err := Redraw(ctx, tx, t, run.ID, who)
		if err != nil || drawn.Parents == 0 {
			return all, run, err
		}
		all.Parents, all.Created, all.Changed = all.Parents+drawn.Parents, all.Created+drawn.Created, all.Changed+drawn.Changed
		if run, err = Overlay(ctx, tx, t.ID, run.Edition, run.options(), who.Name); err != nil {
			return all, run, err
		}
	}
	return all, run, grids.Errorf(grids.Conflict, "run", "画了 %d 轮界线仍未定", "after %d rounds of drawing lines still move", rounds).
		Fix("检查规则,或逐个决定", "look at the rules, or decide one by one")
}
