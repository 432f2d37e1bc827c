package importers

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database/databasetest"
)

// BenchmarkUnderstand looks through 700,000 staged villages of ten columns.
func BenchmarkUnderstand(b *testing.B) {
	db := databasetest.New(b)
	cellstest.New(b, db, "4302", 1, 1)
	columns := []string{"XZQDM", "XZQMC", "TOWNCODE", "TOWNNAME", "MJ", "BSM", "备注", "x", "y", "日期"}
	if err := db.Tx(b.Context(), grids.Local, func(tx pgx.Tx) error {
		t, err := cells.FindTerritory(b.Context(), tx, "")
		if err != nil {
			return err
		}
		if _, err := tx.Exec(b.Context(), `INSERT INTO staging.batch (territory_id, id, target, file, epsg, encoding, created_by) VALUES ($1, 1, 'x', 'f', 0, '', 'b')`, t.ID); err != nil {
			return err
		}
		if _, err := tx.Exec(b.Context(), `INSERT INTO staging.row (territory_id, batch, row, attributes)
			SELECT $1, 1, n, jsonb_build_object('XZQDM', (430202001000 + n)::text, 'XZQMC', '示例社区居民委员会' || n, 'TOWNCODE', '430202001', 'TOWNNAME', '示例街道办事处',
			       'MJ', (n * 1.2345)::text, 'BSM', n::text, '备注', CASE WHEN n % 1000 = 0 THEN '电话13812345678' ELSE '示例社区三组' END,
			       'x', (113 + n / 1e6)::text, 'y', (27 + n / 1e6)::text, '日期', '2024-03-01')
			FROM generate_series(1, 700000) n`, t.ID); err != nil {
			return err
		}
		for b.Loop() {
			u, err := understand(b.Context(), tx, t, 1, grids.Local, Request{Target: Cells, Tier: 4}, columns)
			if err != nil || u.mapping["code"] != "XZQDM" || u.mapping["name"] != "XZQMC" {
				return fmt.Errorf("%v: %w", u.mapping, err)
			}
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
}
