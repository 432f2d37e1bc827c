package audit_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/audit"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
)

// log is a database with a territory, and a superuser's connection to it.
type log struct {
	*testing.T
	cellstest.Squares
	db    *database.DB
	owner *pgx.Conn
}

func newLog(t *testing.T) log {
	t.Helper()
	url := databasetest.URL(t)
	db, err := database.Open(t.Context(), url, 8)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	owner, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { owner.Close(t.Context()) })
	return log{T: t, Squares: cellstest.New(t, db, "4302", 1, 2), db: db, owner: owner}
}

func (l log) as(who grids.Principal, sql string, args ...any) error {
	return l.db.Tx(l.Context(), who, func(tx pgx.Tx) error {
		_, err := tx.Exec(l.Context(), sql, args...)
		return err
	})
}

func (l log) must(who grids.Principal, sql string, args ...any) {
	l.Helper()
	if err := l.as(who, sql, args...); err != nil {
		l.Fatal(err)
	}
}

// tamper does what only a superuser can, and with the triggers switched off.
func (l log) tamper(statements ...string) {
	l.Helper()
	for _, sql := range statements {
		if _, err := l.owner.Exec(l.Context(), sql); err != nil {
			l.Fatalf("%s: %v", sql, err)
		}
	}
}

// text is one value that the owner of the database sees, as text.
func (l log) text(sql string, args ...any) string {
	l.Helper()
	var value *string
	if err := l.owner.QueryRow(l.Context(), sql, args...).Scan(&value); err != nil {
		l.Fatalf("%s: %v", sql, err)
	}
	if value == nil {
		return "NULL"
	}
	return *value
}

func (l log) check(territory grids.TerritoryID) (found []grids.Finding, checked int) {
	l.Helper()
	err := l.db.Read(l.Context(), grids.Local, func(tx pgx.Tx) (err error) {
		found, checked, err = audit.Check(l.Context(), tx, territory)
		return err
	})
	if err != nil {
		l.Fatal(err)
	}
	return found, checked
}

// person inserts a person with a telephone number and gives its id.
func (l log) person(staffNo, name, phone string) string {
	l.Helper()
	l.tamper(`INSERT INTO people.person (territory_id, staff_no, name, unit, phone_masked, provenance) VALUES (1, '`+staffNo+`', '`+name+`', '示例办', people.masked('`+phone+`'), 'demo')`,
		`INSERT INTO people.contact (territory_id, person_id, phone) SELECT territory_id, id, '`+phone+`' FROM people.person WHERE staff_no = '`+staffNo+`'`)
	return l.text(`SELECT id::text FROM people.person WHERE staff_no = $1`, staffNo)
}

// A change is logged with who made it, from where, and what was before and
// after.
func TestChangesAreLogged(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	who := grids.Principal{Name: "李示例", Role: grids.RolePlanner, Territory: l.Territory, Account: 7, From: "192.0.2.8"}
	l.must(who, `INSERT INTO layers.layer (territory_id, code, name_zh, name_en) VALUES ($1, 'safety', '安全', 'Safety')`, l.Territory)
	l.must(who, `UPDATE layers.layer SET name_zh = '安全生产' WHERE territory_id = $1`, l.Territory)
	l.must(who, `UPDATE layers.layer SET name_zh = '安全生产' WHERE territory_id = $1`, l.Territory) // changes nothing
	if err := l.as(who, `UPDATE layers.layer SET rank = 1 / (rank - rank)`); err == nil {
		t.Fatal("divided by zero")
	}
	got := l.text(`SELECT string_agg(concat_ws('|', name, role, account, origin, op, key, before, after - '{created_at,territory_id,rank,code}'::text[]), E'\n' ORDER BY seq)
		FROM audit.entry WHERE noun = 'layers.layer'`)
	want := `李示例|planner|7|192.0.2.8|insert|safety|{"colour": "", "name_en": "Safety", "name_zh": "安全", "geometry": "areas", "department": "", "department_en": ""}
李示例|planner|7|192.0.2.8|update|safety|{"name_zh": "安全"}|{"name_zh": "安全生产"}`
	if got != want {
		t.Errorf("the log says\n%s\nwant\n%s", got, want)
	}
	for _, territory := range []grids.TerritoryID{0, l.Territory} {
		if found, checked := l.check(territory); len(found) > 0 || checked < 1 {
			t.Errorf("territory %d, %d entries: %v", territory, checked, found)
		}
	}
	if pending := l.text(`SELECT (SELECT count(*) FROM audit.pending) + (SELECT count(*) FROM audit.turn)`); pending != "0" {
		t.Errorf("%s entries wait for a commit", pending)
	}
}

// Only triggers write the log, and nobody changes it, not even who owns it.
func TestNobodyWritesTheLog(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	for _, sql := range []string{
		`INSERT INTO audit.entry SELECT territory_id, seq + 1, at, name, role, account, origin, noun, op, key, label, person_id, rows, before, after, person_key, sealed, hash FROM audit.entry`,
		`UPDATE audit.entry SET name = 'another'`, `DELETE FROM audit.entry`, `TRUNCATE audit.entry`,
		`UPDATE audit.head SET seq = 0`, `DELETE FROM audit.head`, `SELECT * FROM audit.person_key`, `SELECT * FROM audit.pending`,
		`DELETE FROM audit.pending`, `INSERT INTO audit.turn (turn) VALUES (2)`, `UPDATE audit.watched SET most = 0`,
		`SELECT audit.add(1, 'people.person', 'update', '1')`, `SELECT audit.watch('people.person', '{id}')`,
		`CREATE TEMP TABLE person (id int); CREATE TRIGGER forged AFTER INSERT ON person FOR EACH STATEMENT EXECUTE FUNCTION audit.note()`,
		`DROP TRIGGER audit_update ON people.person`, `ALTER TABLE people.person DISABLE TRIGGER audit_update`,
		`SET LOCAL session_replication_role = replica`,
	} {
		if err := l.as(grids.Local, sql); err == nil || !strings.Contains(err.Error(), "42501") {
			t.Errorf("the service's role: %s: %v", sql, err)
		}
	}
	for _, sql := range []string{
		`UPDATE audit.entry SET name = 'another'`, `DELETE FROM audit.entry WHERE seq = 0`, `TRUNCATE audit.entry`,
		`DELETE FROM audit.head`, `TRUNCATE audit.head`, `DELETE FROM audit.person_key`,
		`SET session_replication_role = replica; DELETE FROM audit.entry`,
	} {
		if _, err := l.owner.Exec(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "only added to") {
			t.Errorf("the owner: %s: %v", sql, err)
		}
	}
}

// Whatever is done to the log behind its back is found and named.
func TestTamperingIsFound(t *testing.T) {
	t.Parallel()
	const off, on = `ALTER TABLE audit.entry DISABLE TRIGGER append_only`, `ALTER TABLE audit.entry ENABLE ALWAYS TRIGGER append_only`
	l := newLog(t)
	l.must(grids.Local, `INSERT INTO cells.territory (code, name, epsg, code_lengths, code_pad) VALUES ('430300000000', '示例市', 4547, '{4,6,9,12}', 12)`)
	l.must(grids.Local, `INSERT INTO editions.edition (territory_id, seq, state, created_by) VALUES (2, 1, 'draft', '')`)
	for _, code := range []string{"a", "b", "c", "d"} {
		l.must(grids.Local, `INSERT INTO layers.layer (territory_id, code, name_zh, name_en) VALUES (2, $1, '层', 'layer')`, code)
	}
	for name, test := range map[string]struct {
		do   []string
		want []string // kind, number and what it is about
	}{
		"nothing":               {},
		"content changed":       {[]string{`UPDATE audit.entry SET name = 'another' WHERE territory_id = 2 AND seq = 4`}, []string{"changed 4 layers.layer b"}},
		"time changed":          {[]string{`UPDATE audit.entry SET at = at - interval '1 microsecond' WHERE territory_id = 2 AND seq = 4`}, []string{"changed 4 layers.layer b"}},
		"before changed":        {[]string{`UPDATE audit.entry SET after = '{}' WHERE territory_id = 2 AND seq = 5`}, []string{"changed 5 layers.layer c"}},
		"with a hash that fits": {[]string{`UPDATE audit.entry SET name = 'another' WHERE territory_id = 2 AND seq = 4`, `UPDATE audit.entry e SET hash = sha256(p.hash || audit.content(e)) FROM audit.entry p WHERE (e.territory_id, e.seq, p.territory_id, p.seq) = (2, 4, 2, 3)`}, []string{"changed 5 layers.layer c"}},
		"removed":               {[]string{`DELETE FROM audit.entry WHERE territory_id = 2 AND seq = 4`}, []string{"removed 4"}},
		"the first removed":     {[]string{`DELETE FROM audit.entry WHERE territory_id = 2 AND seq = 1`}, []string{"removed 1"}},
		"the last removed":      {[]string{`DELETE FROM audit.entry WHERE territory_id = 2 AND seq = 6`}, []string{"removed 6"}},
		"all removed":           {[]string{`DELETE FROM audit.entry WHERE territory_id = 2`}, []string{"removed 1"}},
		"all and the head":      {[]string{`DELETE FROM audit.entry WHERE territory_id = 2`, `ALTER TABLE audit.head DISABLE TRIGGER USER`, `DELETE FROM audit.head WHERE territory_id = 2`}, []string{"none 0"}},
		"reordered":             {[]string{`UPDATE audit.entry SET seq = 104 - seq WHERE territory_id = 2 AND seq IN (4, 5)`, `UPDATE audit.entry SET seq = CASE seq WHEN 100 THEN 5 ELSE 4 END WHERE territory_id = 2 AND seq > 90`}, []string{"changed 4 layers.layer c", "changed 5 layers.layer b", "changed 6 layers.layer d"}},
		"one put at the end":    {[]string{`INSERT INTO audit.entry SELECT territory_id, seq + 1, at, name, role, account, origin, noun, op, key, label, person_id, rows, before, after, person_key, sealed, hash FROM audit.entry WHERE territory_id = 2 AND seq = 6`}, []string{"added 7 layers.layer d", "changed 7 layers.layer d"}},
		"the last replaced":     {[]string{`UPDATE audit.entry SET name = 'another' WHERE territory_id = 2 AND seq = 6`, `UPDATE audit.entry e SET hash = sha256(p.hash || audit.content(e)) FROM audit.entry p WHERE (e.territory_id, e.seq, p.territory_id, p.seq) = (2, 6, 2, 5)`}, []string{"head 6 layers.layer d"}},
		"moved to another":      {[]string{`UPDATE audit.entry SET territory_id = 3 WHERE territory_id = 2 AND seq = 6`}, []string{"removed 6"}},
	} {
		t.Run(name, func(t *testing.T) {
			tx, err := l.owner.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback(t.Context()) }()
			for _, sql := range append(append([]string{off}, test.do...), on, `SET LOCAL ROLE unigrid_app`) {
				if _, err := tx.Exec(t.Context(), sql); err != nil {
					t.Fatalf("%s: %v", sql, err)
				}
			}
			found, _, err := audit.Check(t.Context(), tx, 2)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range found {
				got = append(got, strings.TrimSpace(strings.Join([]string{f.Kind, fmt.Sprint(f.Row), f.Field, f.Value}, " ")))
			}
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("found %q, want %q", got, test.want)
			}
			databasetest.InBothLanguages(t, found)
			for _, f := range found {
				if f.Code != "430300000000" || !strings.Contains(f.Message, "430300000000") {
					t.Errorf("%s says nothing of the territory", f.Message)
				}
			}
		})
	}
}

// What is personal enters the log sealed, is read by the auditor alone, and is
// gone once its key is.
func TestPersonalFieldsAreSealed(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	one, other := l.person("S-4711", "示例人员甲", "00012345678"), l.person("S-4712", "示例人员乙", "00087654321")
	l.must(grids.Local, `UPDATE people.person SET name = '示例人员丙', post = '网格员' WHERE territory_id = 1 AND id = $1`, one)
	if leak := l.text(`SELECT string_agg(e::text, E'\n') FROM audit.entry e WHERE e::text ~ 'S-471|示例人员|0001234|000\*|\*5678|45678'`); leak != "NULL" {
		t.Errorf("the log shows %s", leak)
	}
	const sealed = `SELECT string_agg(concat_ws(' ', noun, op, before, after, audit.unseal(e)), E'\n' ORDER BY seq) FROM audit.entry e WHERE person_id = $1 AND op = 'update'`
	read := func(who grids.Principal, person string) (text *string) {
		t.Helper()
		err := l.db.Read(t.Context(), who, func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), sealed, person).Scan(&text)
		})
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	const want = `people.person update {"post": ""} {"post": "网格员"} {"after": {"name": "示例人员丙"}, "before": {"name": "示例人员甲"}}`
	auditor := grids.Principal{Name: "审计员", Role: grids.RoleAuditor}
	if got := read(auditor, one); got == nil || *got != want {
		t.Errorf("the auditor reads %v", got)
	}
	for _, role := range []grids.Role{grids.RoleAdmin, grids.RoleSecurity, grids.RolePlanner, grids.RolePublic} {
		if got := read(grids.Principal{Role: role}, one); got != nil {
			t.Errorf("%s reads %s", role, *got)
		}
	}
	if got := read(grids.Principal{Role: grids.RoleAuditor, Territory: 2}, one); got != nil {
		t.Errorf("the auditor of another territory reads %s", *got)
	}
	if err := l.as(auditor, `SELECT audit.forget(1, $1)`, one); err == nil {
		t.Error("an auditor erased somebody")
	}
	err := l.db.Tx(t.Context(), grids.Principal{Name: "管理员", Role: grids.RoleAdmin}, func(tx pgx.Tx) error {
		return audit.Forget(t.Context(), tx, 1, 1, "本人要求删除")
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := read(auditor, one); got == nil || strings.Contains(*got, "示例人员") {
		t.Errorf("after it was erased the auditor reads %v", got)
	}
	if got := l.text(`SELECT count(*)::text FROM audit.person_key WHERE key IS NOT NULL AND person_id = $1`, one); got != "0" {
		t.Errorf("%s keys are left", got)
	}
	if got := l.text(`SELECT count(audit.unseal(e))::text FROM audit.entry e WHERE person_id = $1`, other); got != "0" {
		t.Errorf("no role reads %s", got)
	}
	l.must(grids.Local, `UPDATE people.person SET name = '示例人员丁' WHERE territory_id = 1 AND id = $1`, one)
	if got := read(auditor, one); got == nil || !strings.Contains(*got, "示例人员丁") || strings.Contains(*got, "示例人员甲") {
		t.Errorf("a change after it: %v", got)
	}
	if found, _ := l.check(1); len(found) > 0 {
		t.Errorf("the chain: %v", found)
	}
}

func TestDisclosuresAreRecorded(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	l.person("S-1", "示例人员", "00012345678")
	who := grids.Principal{Name: "王示例", Role: grids.RoleOfficer, From: "192.0.2.9"}
	err := l.db.Tx(t.Context(), who, func(tx pgx.Tx) error { return audit.Disclosed(t.Context(), tx, 1, 1, "phone", "值班联系") })
	if err != nil {
		t.Fatal(err)
	}
	got := l.text(`SELECT concat_ws('|', name, role, origin, noun, op, key, label, person_id, after) FROM audit.entry WHERE op = 'disclose'`)
	if want := `王示例|officer|192.0.2.9|people.contact|disclose|1|phone|1|{"why": "值班联系"}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A statement on many rows is one entry, with a digest that can be made again.
func TestManyRowsAreOneEntry(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	const insert = `INSERT INTO objects.object (territory_id, kind, code, name, geom, located_by, attributes, provenance, batch)
		SELECT 1, 'enterprise', 'E' || i, '示例企业', ST_Point(113, 27, 4326), 'import', '{"电话": "00012345678", "industry": "C26"}', 'imported', 9 FROM generate_series($1::int, $2) AS i`
	l.must(grids.Local, insert, 1, 100)
	l.must(grids.Local, insert, 101, 500)
	if got := l.text(`SELECT string_agg(n || ' ' || r, ', ' ORDER BY r) FROM (SELECT count(*) AS n, rows AS r FROM audit.entry WHERE noun = 'objects.object' GROUP BY rows) g`); got != "100 1, 1 400" {
		t.Errorf("entries and their rows: %s", got)
	}
	if leak := l.text(`SELECT count(*)::text FROM audit.entry e WHERE e::text LIKE '%00012345678%'`); leak != "0" {
		t.Errorf("%s entries show a telephone number of an attribute", leak)
	}
	const digest = `SELECT encode(sha256(string_agg(sha256(convert_to(ROW(r.id, r.kind, r.code, r.name, r.geom, r.located_by, r.hint_cell,
		objects.public_attributes(r.attributes), r.provenance, r.published)::text, 'UTF8')), '' ORDER BY r.id)), 'hex') FROM objects.object r WHERE id > 100`
	logged := `SELECT concat_ws('|', after ->> 'batch', after -> 'first', after ->> 'sha256') FROM audit.entry WHERE rows = 400 AND op = '`
	if got, want := l.text(logged+`insert'`), `9|["enterprise E101", "enterprise E102", "enterprise E103", "enterprise E104", "enterprise E105"]|`+l.text(digest); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	before := l.text(digest)
	l.must(grids.Local, `UPDATE objects.object SET name = name || '号' WHERE id > 100`)
	l.must(grids.Local, `UPDATE objects.object SET outside_share = 0 WHERE id > 100`) // nothing that is logged
	if got, want := l.text(`SELECT concat_ws('|', before ->> 'sha256', after ->> 'sha256') FROM audit.entry WHERE rows = 400 AND op = 'update'`), before+"|"+l.text(digest); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	l.must(grids.Local, `DELETE FROM objects.object WHERE id > 100`)
	if got := l.text(`SELECT count(*)::text FROM audit.entry WHERE rows = 400 AND op = 'delete' AND before ? 'sha256' AND after IS NULL`); got != "1" {
		t.Errorf("%s entries of what was deleted", got)
	}
	if found, _ := l.check(1); len(found) > 0 {
		t.Error(found)
	}
}

// A table whose triggers were switched off is named.
func TestSwitchedOffIsFound(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	l.tamper(`ALTER TABLE people.person DISABLE TRIGGER audit_update`, `DROP TRIGGER audit_insert ON layers.layer`)
	err := l.db.Read(t.Context(), grids.Local, func(tx pgx.Tx) error {
		found, tables, err := audit.CheckWatch(t.Context(), tx)
		if err != nil {
			return err
		}
		if len(found) != 2 || found[0].Field+found[0].Value != "layers.layerinsert" || found[1].Field+found[1].Value != "people.personupdate" || tables < 10 {
			t.Errorf("of %d tables: %v", tables, found)
		}
		databasetest.InBothLanguages(t, found)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
