package cells

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/ewkb"

	"unigrid/grids"
	"unigrid/grids/database"
)

// nameInvalid cuts spikes off, reports what is invalid even so, and keeps the
// area of every row in memory as it came in clean_state: of rings that cross
// themselves, what they enclose.
func (c *cleaning) nameInvalid() error {
	for _, b := range c.blocks {
		c.despike(b)
	}
	if _, err := c.tx.CopyFrom(c.ctx, pgx.Identifier{"clean_state"}, []string{"i", "parent", "latitude", "before", "blunt"},
		pgx.CopyFromSlice(len(c.rows), func(i int) ([]any, error) {
			r := &c.rows[i]
			before, err := c.fromOrigin(r.input)
			if err != nil {
				return nil, err
			}
			blunt, err := c.fromOrigin(r.shape)
			var parent *grids.CellID
			if r.parent != 0 {
				parent = &r.parent
			}
			box := r.input.Box()
			return []any{r.number, parent, (box.Min.Orb()[1] + box.Max.Orb()[1]) / 2, before, blunt}, err
		})); err != nil {
		return err
	}
	rows, err := c.tx.Query(c.ctx, `
		SELECT s.i, d.reason, cells.fault_zh(d.reason), ST_AsEWKB(l.place), coalesce(ST_X(l.place), 0), coalesce(ST_Y(l.place), 0),
		       coalesce(ST_Area(ST_Transform(ST_Translate(ST_SymDifference(
		         ST_CollectionExtract(ST_MakeValid(s.blunt, 'method=structure'), 3), ST_CollectionExtract(ST_MakeValid(s.blunt, 'method=linework'), 3)),
		         $2::float8, $3::float8), $1::int)), 0)
		FROM clean_state s, ST_IsValidDetail(s.blunt) d, LATERAL (SELECT ST_Translate(d.location, $2::float8, $3::float8) AS place) l
		WHERE NOT d.valid AND s.i = ANY ($4) ORDER BY s.i`, c.options.EPSG, c.origin[0], c.origin[1], c.numbers())
	if err != nil {
		return err
	}
	var row int
	var reason grids.Text
	var place []byte
	var at orb.Point
	var m2 float64
	if _, err := pgx.ForEachRow(rows, []any{&row, &reason.EN, &reason.ZH, &place, &at[0], &at[1], &m2}, func() error {
		change := Change{Kind: Invalid, Severity: grids.SeverityRepair, At: at, AreaM2: m2, Lost: c.row(row).named(),
			Message: grids.Text{ZH: "图形无效(" + reason.ZH + "),已修复", EN: "invalid polygon repaired: " + reason.EN}}
		switch {
		case strings.HasPrefix(reason.EN, "Self-intersection"):
			change.Kind = SelfCrossing
		case strings.HasPrefix(reason.EN, "Ring Self-intersection"):
			change.Kind = SelfTouch
		}
		var err error
		if place != nil {
			change.Place, _, err = ewkb.Unmarshal(place)
		}
		c.invalid = append(c.invalid, change)
		return err
	}); err != nil {
		return fmt.Errorf("validity: %w", err)
	}
	_, err = c.tx.Exec(c.ctx, `
		UPDATE clean_state SET before = ST_CollectionExtract(ST_MakeValid(before, 'method=structure'), 3), blunt = NULL
		WHERE NOT ST_IsValid(before) AND i = ANY ($1)`, c.numbers())
	return err
}

// nameDuplicates takes rows in memory out that repeat an earlier one of the same parent,
// to 1 % of their area. With another code that is for a person to decide.
func (c *cleaning) nameDuplicates() error {
	rows, err := c.tx.Query(c.ctx, `
		SELECT a.i, b.i, ST_X(m.inside), ST_Y(m.inside), ST_Area(ST_Transform(ST_Translate(b.before, $2::float8, $3::float8), $1::int))
		FROM unnest($4::int[]) k (i) JOIN clean_state a USING (i)
		JOIN clean_state b ON a.i < b.i AND a.before && b.before AND a.parent IS NOT DISTINCT FROM b.parent
		 AND abs(ST_XMin(a.before) - ST_XMin(b.before)) < 0.1 * (ST_XMax(a.before) - ST_XMin(a.before))
		 AND abs(ST_YMin(a.before) - ST_YMin(b.before)) < 0.1 * (ST_YMax(a.before) - ST_YMin(a.before))
		 AND abs(ST_Area(a.before) - ST_Area(b.before)) < 0.01 * ST_Area(a.before)
		CROSS JOIN LATERAL (SELECT ST_Translate(ST_PointOnSurface(b.before), $2::float8, $3::float8) AS inside) m
		WHERE ST_Area(ST_Intersection(a.before, b.before)) > 0.99 * greatest(ST_Area(a.before), ST_Area(b.before))
		ORDER BY a.i, b.i`, c.options.EPSG, c.origin[0], c.origin[1], c.numbers())
	if err != nil {
		return err
	}
	var i, j int
	var at orb.Point
	var m2 float64
	_, err = pgx.ForEachRow(rows, []any{&i, &j, &at[0], &at[1], &m2}, func() error {
		first, second := c.row(i), c.row(j)
		if first.duplicate || second.duplicate {
			return nil
		}
		change := Change{Kind: Duplicate, Severity: grids.SeverityRepair, Place: second.input.Orb(), At: at, AreaM2: m2, Lost: second.named(), Gained: first.named()}
		change.describe()
		if first.code != second.code {
			change.Severity = grids.SeverityError
			change.Message = change.Message.And(grids.Text{ZH: ";不能确定哪个代码正确,保留了前一行", EN: "; which code is right is not known, the first was kept"})
		}
		c.duplicate = append(c.duplicate, change)
		second.duplicate, second.shape = true, nil
		return nil
	})
	return err
}

// nameVanished reports that nothing is left of a row.
func (c *cleaning) nameVanished(r cleanRow) {
	change := Change{Kind: Vanished, Severity: grids.SeverityError, Place: r.input.Orb(), At: r.input[0][0][0].Orb(), Lost: r.named()}
	change.describe()
	c.vanished = append(c.vanished, change)
}

// nameGapsLeft reports gaps of the part in memory that are too large to be closed:
// errors where a parent has to be covered.
func (c *cleaning) nameGapsLeft() error {
	for _, b := range c.blocks {
		for _, g := range b.gaps {
			place := g.shape.Orb()
			geom, err := database.Geometry(place)
			if err != nil {
				return err
			}
			change := Change{Kind: GapLeft, Severity: grids.SeverityWarning, Place: place}
			if b.parent != nil {
				change.Severity = grids.SeverityError
			}
			if err := c.tx.QueryRow(c.ctx, `
				SELECT ST_Area(ST_Transform(g, $2::int)), ST_X(ST_PointOnSurface(g)), ST_Y(ST_PointOnSurface(g)) FROM ST_GeomFromEWKB($1) g`,
				geom, c.options.EPSG).Scan(&change.AreaM2, &change.At[0], &change.At[1]); err != nil {
				return fmt.Errorf("gap: %w", err)
			}
			change.describe()
			c.left = append(c.left, change)
		}
	}
	return nil
}

// lockedSlack is by how many metres a locked boundary may be off the lattice's
// nearest place: two steps.
const lockedSlack = 0.025

// lockedRows are the rows whose boundaries are statutory.
func (c *cleaning) lockedRows() (map[int]bool, error) {
	rows, err := c.tx.Query(c.ctx, `SELECT row FROM clean_row WHERE locked`)
	if err != nil {
		return nil, err
	}
	locked := map[int]bool{}
	var row int
	_, err = pgx.ForEachRow(rows, []any{&row}, func() error { locked[row] = true; return nil })
	return locked, err
}

// tell gives changes to the caller. Where the first moves a locked row, it is
// refused, or the report opens with why it was allowed.
func (c *cleaning) tell(changes ...Change) error {
	for _, change := range changes {
		if row := c.movesLocked(change); row != nil && c.refused == nil && len(c.opening) == 0 {
			if c.options.Unlock == "" {
				c.refused = grids.Errorf(grids.Conflict, "locked", "%s 的边界是法定界线,不能移动(%s,在 %.7f,%.7f)", "the boundary of %s is locked and would have to move (%s at %.7f,%.7f)",
					names(row), change.Kind, change.At[0], change.At[1]).
					Fix("改正文件,或由管理员用 --unlock 理由 放行", "correct the file, or let an administrator allow it with --unlock REASON")
			} else {
				c.opening = []Change{{Kind: Unlocked, Severity: grids.SeverityWarning, Place: change.Place, At: change.At, Lost: row,
					Message: grids.Textf("已准许移动法定界线:%s", "locked boundaries were allowed to move: %s", c.options.Unlock)}}
			}
		}
		if err := c.options.told(change); err != nil {
			return err
		}
	}
	return nil
}

// movesLocked gives the locked row that a change moves, nil where it moves none.
func (c *cleaning) movesLocked(change Change) []ChangedRow {
	if !change.Changed() || change.Kind == TJunction || change.Kind == Duplicate || change.Metres <= lockedSlack && change.AreaM2 <= 1 {
		return nil
	}
	moved := change.Lost
	if len(change.Lost) == 0 || change.Kind != Overlap && change.Kind != Sliver && change.Kind != Spike { // else it had the place before
		moved = slices.Concat(moved, change.Gained)
	}
	for i, r := range moved {
		if c.locked[r.Row] {
			return moved[i : i+1]
		}
	}
	return nil
}
