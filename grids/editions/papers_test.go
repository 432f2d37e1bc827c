package editions_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/drawing"
	"unigrid/grids/editions"
	"unigrid/grids/editions/editionstest"
)

// papers is a town with a draft in which a leaf has another name.
type papers struct {
	*editionstest.Town
	t     *testing.T
	draft grids.EditionID
}

func newPapers(t *testing.T) papers {
	t.Helper()
	w := papers{Town: editionstest.New(t, databasetest.New(t), "4302", 2, 2), t: t, draft: 2}
	w.rename("新村")
	return w
}

func (w papers) rename(name string) {
	w.t.Helper()
	cell := w.Now(w.Leaf(1, 1))
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		draft, err := editions.Draft(ctx, tx, w.In, grids.Local)
		if err != nil {
			return err
		}
		return drawing.Edit{Op: drawing.Rename, Cell: &cells.Base{ID: cell.ID, ETag: cell.ETag}, Name: name}.Apply(ctx, tx, w.In, draft, grids.Local)
	})
}

func (w papers) require(s editions.Settings) {
	w.t.Helper()
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		since, err := editions.SetSettings(ctx, tx, w.In, s)
		if err != nil {
			return err
		}
		// they hold at once, from the very instant on
		for _, at := range []time.Time{since, {}} {
			now, err := editions.ReadSettings(ctx, tx, w.In, at)
			if err != nil {
				return err
			}
			if s.Since.IsZero() && !now.Since.Equal(since) {
				w.t.Errorf("settings of %s, those of %s were made", now.Since, since)
			}
		}
		return nil
	})
}

// as runs fn for a principal.
func (w papers) as(who grids.Principal, fn func(context.Context, pgx.Tx) error) error {
	who.Territory = w.In.ID
	return w.DB.Tx(w.t.Context(), who, func(tx pgx.Tx) error { return fn(w.t.Context(), tx) })
}

func (w papers) sign(who grids.Principal, p editions.Party, seen string) (id int64, err error) {
	err = w.as(who, func(ctx context.Context, tx pgx.Tx) (err error) {
		id, err = editions.Sign(ctx, tx, w.In, w.draft, p, seen, "同意")
		return err
	})
	return id, err
}

// lacking names what is required and not there, by the gate; it fails when the
// database, asked to publish without the gate, sees it otherwise.
func (w papers) lacking() string {
	w.t.Helper()
	var list []string
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		conditions, err := editions.Gate(ctx, tx, w.In, w.draft)
		for _, c := range conditions {
			if !c.Met && c.Required {
				list = append(list, c.Check)
			}
			if !c.Met && (c.Detail.ZH == "" || c.Fix.ZH == "" || c.Fix.EN == "") {
				w.t.Errorf("%s doesn't say what to do: %+v", c.Check, c)
			}
		}
		return err
	})
	err := w.Try(func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE editions.edition SET state = 'published', effective = clock_timestamp() WHERE territory_id = $1 AND seq = $2`, w.In.ID, w.draft); err != nil {
			return err
		}
		return errUndo
	})
	if (err == errUndo) != (len(list) == 0) {
		w.t.Errorf("the gate says %v, the database %v", list, err)
	}
	return strings.Join(list, " ")
}

func (w papers) expect(want string) {
	w.t.Helper()
	if got := w.lacking(); got != want {
		w.t.Errorf("lacking %q, want %q", got, want)
	}
}

var (
	planner     = grids.Principal{Name: "planner", Role: grids.RolePlanner}
	environment = grids.Principal{Name: "env", Role: grids.RoleDepartment, Layers: []grids.LayerCode{"environment"}}
	safety      = grids.Principal{Name: "safe", Role: grids.RoleDepartment, Layers: []grids.LayerCode{"safety"}}
)

// A sign-off is for a state of the draft: an edit after it makes it stale, undoing
// the edit brings it back.
func TestSignOffsAreOfAState(t *testing.T) {
	t.Parallel()
	w := newPapers(t)
	w.expect("")
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO layers.layer (territory_id, code, name_zh, name_en) VALUES ($1, 'environment', '生态环境', 'Environment'), ($1, 'safety', '安全生产', 'Work safety')
			ON CONFLICT DO NOTHING`, w.In.ID)
		return err
	})
	env, office := editions.Party{Layer: "environment"}, editions.Party{Role: grids.RolePlanner}
	w.require(editions.Settings{SignOffs: []editions.Party{env, office}})
	w.expect("sign-offs")
	for _, x := range []struct {
		who grids.Principal
		p   editions.Party
	}{
		{safety, env}, {planner, env}, {environment, office},
		{grids.Principal{Name: "g", Role: grids.RoleGIS}, editions.Party{Role: grids.RolePlanner}},
	} {
		if _, err := w.sign(x.who, x.p, ""); !grids.IsKind(err, grids.Forbidden) {
			t.Errorf("%s signs for %+v: %v", x.who.Name, x.p, err)
		}
		// nor straight in the database
		err := w.as(x.who, func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO editions.sign_off (territory_id, edition, party, state) SELECT $1, 2, $2, editions.draft_state($1, 2)`,
				w.In.ID, map[bool]string{true: "layer:environment", false: "role:planner"}[x.p.Layer != ""])
			return err
		})
		if err == nil {
			t.Errorf("%s signs for %+v in the database", x.who.Name, x.p)
		}
	}
	err := w.as(environment, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO editions.sign_off (territory_id, edition, party, state, signed_by) SELECT $1, 2, 'layer:environment', editions.draft_state($1, 2), 'another'`, w.In.ID)
		return err
	})
	if err == nil {
		t.Error("signed in another's name")
	}
	first, err := w.sign(environment, env, "")
	fatal(t, err)
	if _, err := w.sign(environment, env, ""); err == nil {
		t.Error("signed twice")
	}
	if _, err := w.sign(planner, office, "another state"); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("signed unseen: %v", err)
	}
	_, err = w.sign(planner, office, "")
	fatal(t, err)
	w.expect("")
	w.rename("又新村")
	w.expect("sign-offs")
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := cells.Undo(ctx, tx, w.In, w.draft)
		return err
	})
	w.expect("")
	withdraw := func(who grids.Principal, reason string) error {
		return w.as(who, func(ctx context.Context, tx pgx.Tx) error {
			return editions.Withdraw(ctx, tx, w.In, w.draft, first, reason)
		})
	}
	if err := withdraw(environment, " "); !grids.IsKind(err, grids.Invalid) {
		t.Errorf("withdrawn without a reason: %v", err)
	}
	if err := withdraw(safety, "x"); !grids.IsKind(err, grids.NotFound) {
		t.Errorf("withdrawn by another: %v", err)
	}
	fatal(t, withdraw(environment, "界线有误"))
	w.expect("sign-offs")
	_, err = publish(t, w.DB, w.In)
	if !grids.IsKind(err, grids.Conflict) || !strings.Contains(err.Error(), "Environment") {
		t.Errorf("published: %v", err)
	}
	_, err = w.sign(environment, env, "")
	fatal(t, err)
	_, err = publish(t, w.DB, w.In)
	fatal(t, err)
	err = w.Try(func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE editions.sign_off SET withdrawn_at = now(), withdrawn_by = 'x', withdrawn_reason = 'x' WHERE withdrawn_at IS NULL`)
		return err
	})
	if err == nil {
		t.Error("a sign-off of a published edition was withdrawn")
	}
}

// A unit signs by an account of a person in it or below it.
func TestUnitsSign(t *testing.T) {
	t.Parallel()
	w := newPapers(t)
	accounts := map[string]int64{}
	var unit int64
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `INSERT INTO people.unit (territory_id, name, kind, division) VALUES ($1, '示例生态环境局', 'other', '') RETURNING id`, w.In.ID).Scan(&unit); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO people.unit (territory_id, name, kind, division, parent_id) VALUES ($1, '示例科', 'other', '', $2), ($1, '示例应急管理局', 'other', '', NULL)`, w.In.ID, unit); err != nil {
			return err
		}
		for i, name := range []string{"示例生态环境局", "示例科", "示例应急管理局"} {
			var id int64
			if _, err := tx.Exec(ctx, `INSERT INTO people.person (territory_id, staff_no, name, provenance, unit_id)
				SELECT $1, $2, '示例人员', 'demo', id FROM people.unit WHERE territory_id = $1 AND name = $3`, w.In.ID, fmt.Sprintf("U%d", i), name); err != nil {
				return err
			}
			if err := tx.QueryRow(ctx, `INSERT INTO access.account (territory_id, name, kind, person_territory, person_id)
				SELECT $1, $3, 'person', $1, id FROM people.person WHERE territory_id = $1 AND staff_no = $2 RETURNING id`,
				w.In.ID, fmt.Sprintf("U%d", i), fmt.Sprintf("account%d", i)).Scan(&id); err != nil {
				return err
			}
			accounts[name] = id
		}
		return nil
	})
	var id editions.Party
	fmt.Sscan(fmt.Sprint(unit), &id.Unit)
	w.require(editions.Settings{SignOffs: []editions.Party{id}})
	for _, x := range []struct {
		unit string
		may  bool
	}{{"示例应急管理局", false}, {"示例科", true}} {
		_, err := w.sign(grids.Principal{Name: "x", Role: grids.RoleDepartment, Account: accounts[x.unit]}, id, "")
		if (err == nil) != x.may {
			t.Errorf("%s signs for 示例生态环境局: %v", x.unit, err)
		}
	}
	w.expect("")
	if err := w.as(grids.Principal{Role: grids.RoleAdmin, Name: "a"}, func(ctx context.Context, tx pgx.Tx) error {
		_, err := editions.SetSettings(ctx, tx, w.In, editions.Settings{SignOffs: []editions.Party{{Unit: 999999}}})
		return err
	}); !grids.IsKind(err, grids.Invalid) {
		t.Errorf("a unit that isn't there: %v", err)
	}
	if err := w.as(planner, func(ctx context.Context, tx pgx.Tx) error {
		_, err := editions.SetSettings(ctx, tx, w.In, editions.Settings{})
		return err
	}); !grids.IsKind(err, grids.Forbidden) {
		t.Errorf("a planner sets what is required: %v", err)
	}
}

// Settings hold from an instant on, never before now.
func TestSettingsAreDated(t *testing.T) {
	t.Parallel()
	w := newPapers(t)
	w.require(editions.Settings{Since: time.Now().Add(time.Hour), Decision: true})
	w.expect("")
	w.require(editions.Settings{Decision: true})
	w.expect("decision")
	w.require(editions.Settings{})
	w.expect("")
	err := w.Try(func(ctx context.Context, tx pgx.Tx) error {
		_, err := editions.SetSettings(ctx, tx, w.In, editions.Settings{Since: time.Now().Add(-time.Hour)})
		return err
	})
	if !grids.IsKind(err, grids.Invalid) {
		t.Errorf("from an hour ago: %v", err)
	}
	err = w.Try(func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO editions.setting (territory_id, since) VALUES ($1, now() - interval '1 hour')`, w.In.ID)
		return err
	})
	if err == nil {
		t.Error("the database takes settings for the past")
	}
}

func TestDecisionAndScan(t *testing.T) {
	t.Parallel()
	w := newPapers(t)
	w.require(editions.Settings{Decision: true, Scan: true})
	w.expect("decision scan")
	attach := func(content string) error {
		return w.as(planner, func(ctx context.Context, tx pgx.Tx) error {
			return editions.Attach(ctx, tx, w.In, w.draft, "决定.pdf", []byte(content))
		})
	}
	decide := func(number, date string) error {
		return w.as(planner, func(ctx context.Context, tx pgx.Tx) error {
			return editions.Decide(ctx, tx, w.In, w.draft, number, date)
		})
	}
	for name, err := range map[string]error{
		"no number": decide(" ", "2026-03-01"), "no date": decide("株网格办〔2026〕3号", "2026-02-30"),
		"a web page": attach("<!doctype html><script>"), "nothing": attach(""),
	} {
		if !grids.IsKind(err, grids.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := attach("%PDF-1.7" + strings.Repeat("x", editions.MaxScan)); !grids.IsKind(err, grids.TooMuch) {
		t.Errorf("too large: %v", err)
	}
	fatal(t, decide("株网格办〔2026〕3号", "2026-03-01"))
	w.expect("scan")
	fatal(t, attach("%PDF-1.7 first"))
	fatal(t, attach("%PDF-1.7 second"))
	w.expect("")
	_, err := publish(t, w.DB, w.In)
	fatal(t, err)
	w.Tx(func(ctx context.Context, tx pgx.Tx) error {
		scan, err := editions.ReadScan(ctx, tx, w.In, 2)
		if string(scan.Content) != "%PDF-1.7 second" || scan.Media != "application/pdf" {
			t.Errorf("%+v", scan)
		}
		return err
	})
	for name, err := range map[string]error{"another decision": decide("x", "2026-03-02"), "another scan": attach("%PDF-1.7 third")} {
		if !grids.IsKind(err, grids.Conflict) {
			t.Errorf("%s for a published edition: %v", name, err)
		}
	}
	fatal(t, w.as(safety, func(ctx context.Context, tx pgx.Tx) error {
		_, err := editions.ReadScan(ctx, tx, w.In, 2)
		return err
	}))
	if err := w.as(grids.Principal{Name: "o", Role: grids.RoleOfficer}, func(ctx context.Context, tx pgx.Tx) error {
		_, err := editions.ReadScan(ctx, tx, w.In, 2)
		return err
	}); !grids.IsKind(err, grids.NotFound) {
		t.Errorf("an officer sees the scan: %v", err)
	}
}

// Everybody's place is taken or its vacancy accepted by name; the acceptance ends
// when somebody is made accountable.
func TestEveryoneAssigned(t *testing.T) {
	t.Parallel()
	w := newPapers(t)
	w.require(editions.Settings{Assigned: true})
	w.expect("assigned")
	accept := func(who grids.Principal, codes ...grids.Code) error {
		return w.as(who, func(ctx context.Context, tx pgx.Tx) error {
			return editions.AcceptVacancies(ctx, tx, w.In, w.draft, codes, "编制未到位")
		})
	}
	assign := func(code grids.Code, during string) {
		t.Helper()
		w.Tx(func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
				SELECT $1, (SELECT id FROM people.person WHERE staff_no = 'T1'), $2, 'accountable', $3::tstzrange, 'test'`, w.In.ID, w.Cell(t, code), during)
			return err
		})
	}
	now, column2 := time.Now().Format(time.RFC3339), []grids.Code{"430202000000", w.Leaf(2, 1), w.Leaf(2, 2)}
	assign("430201000000", "["+now+",)")
	assign(w.Leaf(1, 1), "["+now+",)")
	if err := accept(environment, column2...); !grids.IsKind(err, grids.Forbidden) {
		t.Errorf("a department accepts a vacancy: %v", err)
	}
	if err := accept(planner, "430209000000"); !grids.IsKind(err, grids.NotFound) {
		t.Errorf("a cell that isn't there: %v", err)
	}
	fatal(t, accept(planner, column2...))
	w.expect("assigned")
	fatal(t, accept(planner, w.Leaf(1, 2)))
	w.expect("")
	// whoever comes and goes again leaves a vacancy that nobody accepted
	soon := time.Now()
	assign(w.Leaf(2, 2), "["+soon.Format(time.RFC3339Nano)+","+soon.Add(time.Millisecond).Format(time.RFC3339Nano)+")")
	w.expect("assigned")
	if _, err := publish(t, w.DB, w.In); err == nil || !strings.Contains(err.Error(), "nobody of their own") {
		t.Errorf("published: %v", err)
	}
}

// While opinions are asked for nothing is published.
func TestGateWaitsForCirculation(t *testing.T) {
	t.Parallel()
	w := newPapers(t)
	err := w.Try(func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE editions.edition SET state = 'review' WHERE territory_id = $1 AND seq = 2`, w.In.ID); err != nil {
			return err
		}
		_, err := editions.Publish(ctx, tx, w.In, grids.Local, "")
		return err
	})
	if !grids.IsKind(err, grids.Conflict) || !strings.Contains(err.Error(), "circulated") {
		t.Errorf("published while it is circulated: %v", err)
	}
}
