package audit

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Head is where a chain ends. Whoever keeps it elsewhere can see later whether
// the chain was written anew up to there.
type Head struct {
	Seq  int64
	Hash string // SHA-256, hexadecimal
}

// String gives the number of the last entry and its hash.
func (h Head) String() string {
	return fmt.Sprintf("entry %d %s", h.Seq, h.Hash)
}

// ReadHead gives the end of a territory's chain; territory 0 is that of what
// belongs to none.
func ReadHead(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) (Head, error) {
	var h Head
	err := tx.QueryRow(ctx, `SELECT coalesce(max(seq), 0), coalesce(max(encode(hash, 'hex')), '') FROM audit.head WHERE territory_id = $1`, territory).Scan(&h.Seq, &h.Hash)
	return h, err
}

// Check walks a territory's chain (0: the one of what belongs to none) and names
// every entry that was changed, taken away, moved or put in between: the finding
// has its number as Row, the table as Field and the key as Value. It gives the
// number of entries.
//
// It can't see, and nothing within the database could, a chain that somebody who
// owns the database has written anew to its end, with a new head, nor changes
// made while the triggers of a table were switched off and on again. Against the
// first helps a copy of the head that is kept elsewhere.
func Check(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) ([]grids.Finding, int, error) {
	var checked int
	var code grids.Code
	if err := tx.QueryRow(ctx, `SELECT (SELECT count(*) FROM audit.entry WHERE territory_id = $1), coalesce((SELECT code FROM cells.territory WHERE id = $1), '')`,
		territory).Scan(&checked, &code); err != nil {
		return nil, 0, err
	}
	rows, err := tx.Query(ctx, `SELECT kind, seq, last, coalesce(noun, ''), coalesce(key, ''), coalesce(op, '') FROM audit.broken($1) LIMIT 1000`, territory)
	if err != nil {
		return nil, 0, fmt.Errorf("checking the log: %w", err)
	}
	var found []grids.Finding
	var b broken
	_, err = pgx.ForEachRow(rows, []any{&b.kind, &b.seq, &b.last, &b.noun, &b.key, &b.op}, func() error {
		f := grids.Finding{Check: "audit", Kind: b.kind, Severity: grids.SeverityError, Row: int(b.seq), Field: b.noun, Value: b.key, Code: string(code)}
		found = append(found, f.Say(b.text(code)))
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("checking the log: %w", err)
	}
	return found, checked, nil
}

// broken is a place where a chain is.
type broken struct {
	kind, noun, key, op string
	seq, last           int64
}

func (b broken) text(territory grids.Code) grids.Text {
	log := grids.Textf("辖区 %s 的审计日志", "the log of territory %s", territory)
	if territory == "" {
		log = grids.Text{ZH: "账号与系统的审计日志", EN: "the log of accounts and the system"}
	}
	entry := grids.Textf("第 %d 条(表 %s,键 %s,%s)", "entry %d (table %s, key %s, %s)", b.seq, b.noun, b.key, b.op)
	switch b.kind {
	case "removed":
		return grids.Textf("%s缺少第 %d 至 %d 条:记录被删除", "%s lacks entries %d to %d: they were taken away", log, b.seq, b.last)
	case "added":
		return grids.Textf("%s:%s在链尾之后,是另行添加的", "%s: %s lies beyond its end: it was put there", log, entry)
	case "head":
		return grids.Textf("%s:%s不是链尾所记的记录:最后的记录被替换", "%s: %s is not the one with which it ended: the last entries were replaced", log, entry)
	case "none":
		return grids.Textf("%s不存在:整条链被删除", "%s is not there: it was taken away", log)
	}
	return grids.Textf("%s:%s与其散列值不符:该条或其前一条被更改或移动", "%s: %s does not match its hash: it, or the one before it, was changed or moved", log, entry)
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
