package people_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/people"
)

// day gives an instant n days after the beginning of the tests' time.
func day(n int) time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n) }

// town is a territory with a database of its own.
type town struct {
	cellstest.Squares
	t     testing.TB
	db    *database.DB
	url   string // as the owner
	batch int64
}

func newTown(t testing.TB, columns, rows int) *town {
	t.Helper()
	url := databasetest.URL(t)
	db, err := database.Open(t.Context(), url, 8)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return &town{Squares: cellstest.New(t, db, "4302", columns, rows), t: t, db: db, url: url}
}

func (w *town) tx(fn func(tx pgx.Tx) error) {
	w.t.Helper()
	if err := w.db.Tx(w.t.Context(), grids.Local, fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) exec(who grids.Principal, sql string, args ...any) error {
	return w.db.Tx(w.t.Context(), who, func(tx pgx.Tx) error {
		_, err := tx.Exec(w.t.Context(), sql, args...)
		return err
	})
}

// hire makes persons with the staff numbers S1 ... Sn.
func (w *town) hire(n int) {
	w.t.Helper()
	rows := make([][]any, n)
	for i := range rows {
		rows[i] = []any{fmt.Sprintf("S%d", i+1), fmt.Sprintf("示例人员 %04d", i+1), "示例办", "网格员", fmt.Sprintf("000-0000-%04d", i+1)}
	}
	if report := w.takePeople(rows...); report.Applied != n {
		w.t.Fatalf("%+v", report)
	}
}

// takePeople takes rows of staff_no, name, unit, post, phone.
func (w *town) takePeople(rows ...[]any) grids.Taken {
	w.t.Helper()
	w.batch++
	var report grids.Taken
	w.tx(func(tx pgx.Tx) error {
		_, err := tx.CopyFrom(w.t.Context(), pgx.Identifier{"people", "intake_person"},
			[]string{"territory_id", "batch", "row", "staff_no", "name", "unit", "post", "phone", "provenance"},
			pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
				return append(append([]any{w.Territory, w.batch, i + 1}, rows[i]...), "demo"), nil
			}))
		if err != nil {
			return err
		}
		report, err = people.TakePeople(w.t.Context(), tx, w.Territory, w.batch)
		return err
	})
	return report
}

// wish is a row of people.intake_assignment.
type wish struct {
	staff, cell, role, layer, post, side string
	rank                                 int
	from, to                             time.Time
}

func (w *town) assign(at time.Time, wishes ...wish) (grids.Taken, error) {
	w.t.Helper()
	w.batch++
	return w.assignAs(w.batch, at, wishes...)
}

func (w *town) assignAs(batch int64, at time.Time, wishes ...wish) (grids.Taken, error) {
	w.t.Helper()
	var report grids.Taken
	err := w.db.Tx(w.t.Context(), grids.Local, func(tx pgx.Tx) error {
		_, err := tx.CopyFrom(w.t.Context(), pgx.Identifier{"people", "intake_assignment"},
			[]string{"territory_id", "batch", "row", "staff_no", "cell_code", "role", "layer", "post", "side", "rank", "from_at", "to_at"},
			pgx.CopyFromSlice(len(wishes), func(i int) ([]any, error) {
				x := wishes[i]
				return []any{w.Territory, batch, i + 1, x.staff, x.cell, x.role, null(x.layer), x.post, null(x.side), x.rank, instant(x.from), instant(x.to)}, nil
			}))
		if err != nil {
			return err
		}
		report, err = people.TakeAssignments(w.t.Context(), tx, w.Territory, w.Edition, batch, "test", at)
		return err
	})
	return report, err
}

// must assigns and wants all applied.
func (w *town) must(at time.Time, wishes ...wish) {
	w.t.Helper()
	report, err := w.assign(at, wishes...)
	if err != nil || report.Rejected > 0 {
		w.t.Fatalf("%+v, %v", report, err)
	}
}

func null(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func accountable(staff string, cell grids.Code) wish {
	return wish{staff: staff, cell: string(cell), role: "accountable"}
}

// who tells who answers for a cell, as "S1", "S1 acting" or "nobody".
func (w *town) who(at time.Time, cell grids.Code) string {
	w.t.Helper()
	a := w.responsible(grids.Local, at, cell)[0]
	switch {
	case a.Name == "":
		return "nobody"
	case a.Acting:
		return a.StaffNo + " acting"
	}
	return a.StaffNo
}

// answer is who answers for a cell: to the public a vacant post has no person, and
// its Name says so; to others nobody has none at all.
type answer struct {
	Code                       grids.Code
	StaffNo, Name, Post, Phone string
	Acting                     bool
	Holds                      grids.Code
}

// responsible asks who answers for cells of the edition, in their order.
func (w *town) responsible(who grids.Principal, at time.Time, cells ...grids.Code) (list []answer) {
	w.t.Helper()
	err := w.db.Read(w.t.Context(), who, func(tx pgx.Tx) error {
		rows, err := tx.Query(w.t.Context(), `
			WITH wanted AS (SELECT v.cell_id, v.code, w.n FROM unnest($4::text[]) WITH ORDINALITY AS w (code, n) JOIN cells.of($1, $2) v ON v.code = w.code)
			SELECT w.code, coalesce(p.staff_no, ''), coalesce(a.name, ''), coalesce(a.post, ''), coalesce(a.phone, ''), coalesce(a.acting, false), coalesce(h.code, '')
			FROM wanted w
			LEFT JOIN people.accountables($1, (SELECT array_agg(cell_id ORDER BY n) FROM wanted), (SELECT array_agg($2::int) FROM wanted), (SELECT array_agg($3::timestamptz) FROM wanted)) a ON a.n = w.n
			LEFT JOIN people.person p ON p.territory_id = $1 AND p.id = a.person_id
			LEFT JOIN cells.of($1, $2) h ON h.cell_id = a.holds
			ORDER BY w.n`, w.Territory, w.Edition, at, cells)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[answer])
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// chain gives a cell and those above it as they are run at an instant.
func (w *town) chain(at time.Time, cell grids.Code) (codes []grids.Code) {
	w.t.Helper()
	w.tx(func(tx pgx.Tx) error {
		rows, err := tx.Query(w.t.Context(), `
			SELECT v.code FROM people.superiors($1, ARRAY[$3::bigint], ARRAY[$2::int], ARRAY[$4::timestamptz]) s JOIN cells.of($1, $2) v ON v.cell_id = s.uid ORDER BY s.steps`,
			w.Territory, w.Edition, w.Cell(w.t, cell), at)
		if err != nil {
			return err
		}
		codes, err = pgx.CollectRows(rows, pgx.RowTo[grids.Code])
		return err
	})
	return codes
}

func (w *town) check() []grids.Finding {
	w.t.Helper()
	var found []grids.Finding
	w.tx(func(tx pgx.Tx) error {
		var err error
		found, _, err = people.Check(w.t.Context(), tx, w.Territory)
		return err
	})
	databasetest.InBothLanguages(w.t, found)
	return found
}
