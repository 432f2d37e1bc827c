package audit

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Head is where a chain ends. Whoever keeps it elsewhere can see later whether
// the chain was written anew up to there.
type Head struct {
	Seq  int64
	Hash []byte // SHA-256
}

// String gives the number of the last entry and the beginning of its hash.
func (h Head) String() string {
	return fmt.Sprintf("entry %d %s", h.Seq, hex.EncodeToString(h.Hash))
}

// ReadHead gives the end of a territory's chain; territory 0 is that of what
// belongs to none.
func ReadHead(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) (Head, error) {
	var h Head
	err := tx.QueryRow(ctx, `SELECT coalesce(max(seq), 0), coalesce(max(encode(hash, 'hex')), '') FROM audit.head WHERE territory_id = $1`, territory).Scan(&h.Seq, &h.Hash)
	return h, err
}

// Check walks a territory's chain (0: the one of what belongs to none) and names
// every entry that was changed, taken away, moved or put in between. It gives the
// number of entries.
//
// It can't see, and nothing within the database could, a chain that somebody who
// owns the database has written anew to its end, with a new head, nor changes
// made while the triggers of a table were switched off and on again. Against the
// first helps a copy of the head that is kept elsewhere.
func Check(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) ([]grids.Finding, int, error) {
	var checked int
	if err := tx.QueryRow(ctx, `SELECT coalesce(max(seq), 0) FROM audit.head WHERE territory_id = $1`, territory).Scan(&checked); err != nil {
		return nil, 0, err
	}
	rows, err := tx.Query(ctx, `SELECT kind, seq, last, coalesce(noun, ''), coalesce(key, ''), coalesce(op, ''), at FROM audit.broken($1) LIMIT 1000`, territory)
	if err != nil {
		return nil, 0, fmt.Errorf("checking the log: %w", err)
	}
	var found []grids.Finding
	var kind, noun, key, op string
	var seq, last int64
	var at *time.Time
	_, err = pgx.ForEachRow(rows, []any{&kind, &seq, &last, &noun, &key, &op, &at}, func() error {
		f := grids.Finding{Check: "audit", Kind: kind, Severity: grids.SeverityError, Field: noun, Value: key, Code: fmt.Sprintf("%d/%d", territory, seq)}
		found = append(found, f.Say(tampered(kind, territory, seq, last, noun, key, op)))
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("checking the log: %w", err)
	}
	return found, checked, nil
}

func tampered(kind string, territory grids.TerritoryID, seq, last int64, noun, key, op string) grids.Text {
	switch kind {
	case "removed":
		return grids.Textf("审计日志(辖区 %d)缺少第 %d 至 %d 条:记录被删除", "the log of territory %d lacks entries %d to %d: they were taken away", territory, seq, last)
	case "added":
		return grids.Textf("审计日志(辖区 %d)第 %d 条(%s %s,%s)在链尾之后:记录被添加", "entry %[2]d (%[3]s %[4]s, %[5]s) of the log of territory %[1]d lies beyond its end: it was put there", territory, seq, noun, key, op)
	case "head":
		return grids.Textf("审计日志(辖区 %d)第 %d 条(%s %s,%s)不是链尾所记的记录:最后的记录被替换", "entry %[2]d (%[3]s %[4]s, %[5]s) of the log of territory %[1]d is not the one with which it ended: the last entries were replaced", territory, seq, noun, key, op)
	case "none":
		return grids.Textf("辖区 %d 没有审计日志:整条链被删除", "territory %d has no log: its chain was taken away", territory)
	}
	return grids.Textf("审计日志(辖区 %d)第 %d 条(%s %s,%s)与其散列值不符:该条或其前一条被更改或移动", "entry %[2]d (%[3]s %[4]s, %[5]s) of the log of territory %[1]d does not match its hash: it, or the one before it, was changed or moved", territory, seq, noun, key, op)
}

// CheckWatch names the tables that should be logged and whose triggers are
// missing or switched off. It gives the number of tables.
func CheckWatch(ctx context.Context, tx pgx.Tx) ([]grids.Finding, int, error) {
	rows, err := tx.Query(ctx, `
		SELECT w.noun, coalesce(string_agg(o.op, ', ') FILTER (WHERE o.op = ANY (w.ops) AND g.tgenabled IS DISTINCT FROM 'A'), '')
		FROM audit.watched w CROSS JOIN unnest('{insert,update,delete,truncate}'::text[]) AS o (op)
		LEFT JOIN pg_trigger g ON g.tgrelid = to_regclass(w.noun) AND g.tgname = 'audit_' || o.op AND g.tgfoid = 'audit.note'::regproc
		GROUP BY w.noun ORDER BY w.noun`)
	if err != nil {
		return nil, 0, fmt.Errorf("checking what is logged: %w", err)
	}
	var found []grids.Finding
	var noun, missing string
	tables := 0
	_, err = pgx.ForEachRow(rows, []any{&noun, &missing}, func() error {
		tables++
		if missing != "" {
			f := grids.Finding{Check: "audit", Kind: "unwatched", Severity: grids.SeverityError, Field: noun, Value: missing}
			found = append(found, f.Say(grids.Textf("表 %s 的审计触发器(%s)缺失或被停用:其更改未被记录", "the triggers of table %s (%s) are missing or switched off: its changes are not logged", noun, missing)))
		}
		return nil
	})
	return found, tables, err
}
