package cells

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed partition.sql
var partition string

// Check finds where the cells of an edition are no exact partition: overlaps,
// gaps, vertices that parent and children don't share, areas that don't add
// up. It is SQL that shares nothing with the code that draws. checked counts
// the cells looked at; at most 1000 findings come back.
func Check(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID) (found []grids.Finding, checked int, err error) {
	return check(ctx, tx, t, edition, false)
}

// CheckChanged is Check for what an edition changed: the cells concerned, their
// siblings and their children. Where the edition before was an exact partition,
// nothing else can have become inexact.
func CheckChanged(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID) (found []grids.Finding, checked int, err error) {
	return check(ctx, tx, t, edition, true)
}

func check(ctx context.Context, tx pgx.Tx, t Territory, edition grids.EditionID, changed bool) (found []grids.Finding, checked int, err error) {
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM cells.of($1, $2)`, t.ID, edition).Scan(&checked); err != nil {
		return nil, 0, err
	}
	rows, err := tx.Query(ctx, partition, t.ID, edition, changed)
	if err != nil {
		return nil, 0, fmt.Errorf("partition check: %w", err)
	}
	found, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (grids.Finding, error) {
		f := grids.Finding{Check: "partition", Severity: grids.SeverityError, Lon: new(float64), Lat: new(float64)}
		err := row.Scan(&f.Kind, &f.Code, f.Lon, f.Lat, &f.AreaM2)
		return f.Say(partitionTexts[f.Kind]), err
	})
	return found, checked, err
}

var partitionTexts = map[string]grids.Text{
	"overlap":          {ZH: "同级的两个网格在此重叠", EN: "two cells of one tier overlap here"},
	"not-on-parent":    {ZH: "下级网格的外界线在此偏离上级界线", EN: "the outer boundary of the children leaves the parent's here"},
	"parent-uncovered": {ZH: "上级界线在此有一段不属于任何下级网格", EN: "a stretch of the parent's boundary belongs to no child here"},
	"outside-parent":   {ZH: "网格超出上级范围", EN: "the cell reaches out of its parent"},
	"area":             {ZH: "下级网格面积之和与上级不符", EN: "the children's areas don't add up to the parent's"},
	"invalid":          {ZH: "图形无效", EN: "the polygon is invalid"},
	"off-lattice":      {ZH: "有顶点不在 1e-7° 的格点上", EN: "a vertex is not on the 1e-7° lattice"},
}
