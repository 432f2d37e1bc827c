package editions

import (
	"context"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// Check finds breaks in the history: published editions out of order, and
// versions of cells that begin or end with no edition.
func Check(ctx context.Context, tx pgx.Tx, t cells.Territory) (found []grids.Finding, checked int, err error) {
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM editions.edition WHERE territory_id = $1`, t.ID).Scan(&checked); err != nil {
		return nil, 0, err
	}
	rows, err := tx.Query(ctx, `
		SELECT 'order', seq::text, '生效时间早于之前的版本', 'takes effect before an older edition' FROM (
		  SELECT seq, effective, max(effective) OVER (ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
		  FROM editions.edition WHERE territory_id = $1 AND state = 'published') e WHERE effective <= before
		UNION ALL
		SELECT 'numbering', seq::text, '缺少前一个版本', 'an edition before this one is missing' FROM (
		  SELECT seq, row_number() OVER (ORDER BY seq) AS n FROM editions.edition WHERE territory_id = $1) e WHERE seq <> n
		UNION ALL
		SELECT 'version', code, '所属版本不存在', 'begins with an edition that is not there' FROM cells.version v
		WHERE territory_id = $1 AND NOT EXISTS (SELECT FROM editions.edition e WHERE e.territory_id = $1 AND e.seq = v.from_edition)
		UNION ALL
		SELECT 'display', v.code, '已发布的网格在地图上没有显示', 'a published cell is not shown on maps' FROM cells.version v
		JOIN editions.edition e ON e.territory_id = $1 AND e.seq = v.from_edition AND e.state = 'published'
		WHERE v.territory_id = $1 AND NOT EXISTS (
		  SELECT FROM cells.display d WHERE d.territory_id = $1 AND d.edition = v.from_edition AND d.band = 2 AND d.cell_id = v.cell_id)
		ORDER BY 1, 2 LIMIT 1000`, t.ID)
	if err != nil {
		return nil, 0, err
	}
	found, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (grids.Finding, error) {
		f := grids.Finding{Check: "history", Severity: grids.SeverityError}
		var said grids.Text
		err := row.Scan(&f.Kind, &f.Code, &said.ZH, &said.EN)
		return f.Say(said), err
	})
	return found, checked, err
}
