package people_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// holds gives who holds which posts now, and since when where that is known:
// S1 示例镇政府:镇长(government).
func (w *town) holds() string {
	w.t.Helper()
	var got string
	w.tx(func(tx pgx.Tx) error {
		return tx.QueryRow(w.t.Context(), `
			SELECT coalesce(string_agg(format('%s %s:%s%s%s', p.staff_no, u.label, o.title, '(' || o.side || ')', CASE WHEN NOT lower_inf(q.during) THEN ' anew' END), E'\n' ORDER BY p.staff_no, q.position), '')
			FROM people.person p JOIN people.person_post q ON q.territory_id = p.territory_id AND q.person_id = p.id AND q.during @> clock_timestamp()
			JOIN people.post o ON o.territory_id = q.territory_id AND o.id = q.post_id
			LEFT JOIN people.unit u ON u.territory_id = o.territory_id AND u.id = o.unit_id
			WHERE p.territory_id = $1`, w.Territory).Scan(&got)
	})
	return got
}

// units lists them as label (kind, division).
func (w *town) units() string {
	w.t.Helper()
	var got string
	w.tx(func(tx pgx.Tx) error {
		return tx.QueryRow(w.t.Context(), `SELECT coalesce(string_agg(format('%s (%s%s)', label, kind, nullif(', ' || division, ', ')), E'\n' ORDER BY label), '')
			FROM people.unit WHERE territory_id = $1 AND retired_at IS NULL`, w.Territory).Scan(&got)
	})
	return got
}

func TestImportsMakeUnitsAndPosts(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1, 1)
	list := [][]any{
		{"S1", "张三", "示例镇人民政府", "镇长、示例镇党委:副书记；示例办：主任(环保、安全)", ""},
		{"S2", "李四", "示例镇党委 ", "书记", ""},
		{"S3", "王五", "", "网格员", ""},
		{"S4", "赵六", "示例镇 党委", "", ""},
	}
	if r := w.takePeople(list...); r.Created != 4 || r.Rejected != 0 {
		t.Fatalf("%+v", r)
	}
	wantUnits := "示例办 (department)\n示例镇人民政府 (township)\n示例镇党委 (party-committee)"
	wantPosts := `S1 示例镇人民政府:镇长(government)
S1 示例镇党委:副书记(party)
S1 示例办:主任(环保、安全)
S2 示例镇党委:书记(party)
S3 :网格员`
	if got := w.units(); got != wantUnits {
		t.Errorf("%s", got)
	}
	if got := w.holds(); got != wantPosts {
		t.Errorf("%s", got)
	}
	if r := w.takePeople(list...); r.Applied != 0 || r.Unchanged != 4 {
		t.Errorf("again: %+v", r)
	}
	before := w.staff()
	r := w.takePeople([]any{"S1", "张三", "", "示例镇人民政府:人大主席、示例镇党委:副书记", ""}, []any{"S3", "王五", "示例办", "网格员", ""})
	if r.Changed != 2 || r.Differences[0].After["post"] != "人大主席、示例镇党委:副书记" {
		t.Errorf("%+v %+v", r, r.Differences)
	}
	if got := w.holds(); got != strings.NewReplacer("镇长(government)", "人大主席(government) anew", "S1 示例办:主任(环保、安全)\n", "", "S3 :网格员", "S3 示例办:网格员 anew").Replace(wantPosts) {
		t.Errorf("%s", got)
	}
	if _, err := w.undo(w.batch); err != nil {
		t.Fatal(err)
	}
	if got := w.staff(); got != before {
		t.Errorf("%s\nwant\n%s", got, before)
	}
	if got := strings.ReplaceAll(w.holds(), " anew", ""); got != wantPosts {
		t.Errorf("%s", got)
	}
}

func TestUnitsOfOneName(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1, 1)
	w.takePeople([]any{"S1", "张三", "甲镇", "镇长", ""}, []any{"S2", "李四", "乙镇", "镇长、甲镇:委员", ""})
	for _, sql := range []string{
		`INSERT INTO people.unit (territory_id, name, kind, parent_id) SELECT territory_id, '党政办', 'department', id FROM people.unit WHERE territory_id = $1 AND name = '甲镇'`,
		`UPDATE people.person SET unit = '党政办', post = '主任' WHERE territory_id = $1 AND staff_no = 'S1'`,
		`SELECT people.follow_texts($1, ARRAY(SELECT id FROM people.person WHERE staff_no = 'S1'), clock_timestamp())`,
		`INSERT INTO people.unit (territory_id, name, kind, parent_id) SELECT territory_id, '党政办', 'department', id FROM people.unit WHERE territory_id = $1 AND name = '乙镇'`,
		`UPDATE people.unit SET name = '丙镇' WHERE territory_id = $1 AND name = '甲镇'`,
	} {
		if err := w.exec(grids.Local, sql, w.Territory); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.staff(); !strings.Contains(got, "S1|张三|丙镇>党政办|主任") || !strings.Contains(got, "S2|李四|乙镇|镇长、丙镇:委员") {
		t.Error(got)
	}
	r := w.takePeople([]any{"S3", "王五", "党政办", "", ""}, []any{"S4", "赵六", "丙镇 > 党政办", "主任", ""})
	if r.Created != 1 || r.Rejected != 1 || r.Findings[0].Kind != "ambiguous-unit" || !strings.Contains(r.Findings[0].MessageZH, "丙镇>党政办, 乙镇>党政办") {
		t.Errorf("%+v", r)
	}
	for sql, constraint := range map[string]string{
		`UPDATE people.unit SET retired_at = now() WHERE territory_id = $1 AND name = '丙镇'`:                                                            "unit",
		`UPDATE people.unit SET parent_id = (SELECT id FROM people.unit WHERE label = '丙镇>党政办') WHERE territory_id = $1 AND name = '丙镇'`:               "itself",
		`UPDATE people.post SET retired_at = now() WHERE territory_id = $1 AND title = '委员'`:                                                           "post",
		`INSERT INTO people.unit (territory_id, name, kind) VALUES ($1, '丙 镇', 'township')`:                                                            "name",
		`INSERT INTO people.person_post (territory_id, person_id, post_id, during, position) SELECT $1, 999999, id, '[,)', 1 FROM people.post LIMIT 1`: "holds a post",
	} {
		if err := w.exec(grids.Local, sql, w.Territory); !grids.IsKind(err, grids.Conflict) || !strings.Contains(err.Error(), constraint) {
			t.Errorf("%s: %v", sql, err)
		}
	}
}
