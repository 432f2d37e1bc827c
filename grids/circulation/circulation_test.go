package circulation_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/cells/cellstest"
	"unigrid/grids/circulation"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/editions"
	"unigrid/grids/layers"
	"unigrid/grids/merge"
	"unigrid/grids/people"
	"unigrid/grids/workdays"
)

// city is a territory of two counties with two leaves each, over which two
// layers disagree, merged and unpublished.
type city struct {
	cellstest.Squares
	t   *testing.T
	url string
	db  *database.DB
	in  cells.Territory
}

func newCity(t *testing.T) city {
	t.Helper()
	url := databasetest.URL(t)
	db, err := database.Open(t.Context(), url, 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	c := city{cellstest.New(t, db, "4302", 2, 2), t, url, db, cells.Territory{}}
	c.in = cells.Territory{ID: c.Territory, Code: c.Root(), EPSG: 4547, Scheme: grids.GB12}
	c.must(grids.Local, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `
			INSERT INTO people.person (territory_id, staff_no, name, provenance)
			SELECT $1, 'S' || n, '示例人员 000' || n, 'demo' FROM generate_series(1, 3) AS n`, c.Territory); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			INSERT INTO people.assignment (territory_id, person_id, cell_id, role, during, recorded_by)
			SELECT $1, p.id, v.cell_id, 'accountable', tstzrange('2020-01-01', NULL), 'test'
			FROM cells.version v JOIN people.person p ON p.staff_no = 'S' || (CASE v.tier WHEN 1 THEN 3 ELSE 1 END) WHERE v.tier IN (1, 3)`, c.Territory); err != nil {
			return err
		}
		if err := layers.EnsureDefaults(ctx, tx, c.Territory); err != nil {
			return err
		}
		// environment cuts the second county, safety leaves a leaf of the first out
		for i, b := range []struct {
			layer, code    string
			x0, y0, x1, y1 float64
			staff          string
		}{
			{"environment", "E1", 0, 0, 1.4, 2, ""}, {"environment", "E2", 1.4, 0, 2, 2, ""},
			{"safety", "A1", 0, 0, 2, 1, ""}, {"safety", "A2", 1, 1, 2, 2, "S2"},
		} {
			x0, y0 := cellstest.At(b.x0, b.y0)
			x1, y1 := cellstest.At(b.x1, b.y1)
			if _, err := tx.Exec(ctx, `INSERT INTO layers.intake (territory_id, batch, row, layer, code, name, staff_no, geom, provenance)
				VALUES ($1, 1, $2, $3, $4, $4, $5, ST_MakeEnvelope($6, $7, $8, $9, 4326), 'demo')`, c.Territory, i+1, b.layer, b.code, b.staff, x0, y0, x1, y1); err != nil {
				return err
			}
		}
		_, err := layers.Take(ctx, tx, c.Territory, 1)
		return err
	})
	c.merge()
	return c
}

func (c city) merge() {
	c.t.Helper()
	c.must(grids.Local, func(ctx context.Context, tx pgx.Tx) error {
		_, err := merge.Overlay(ctx, tx, c.Territory, c.Edition, merge.Options{}, "test")
		return err
	})
}

// department, county and planner are accounts of the city.
func (c city) department(layer grids.LayerCode) grids.Principal {
	return grids.Principal{Name: "of " + string(layer), Role: grids.RoleDepartment, Territory: c.Territory, Layers: []grids.LayerCode{layer}}
}

func (c city) county(prefix string) grids.Principal {
	return grids.Principal{Name: "of " + prefix, Role: grids.RoleDepartment, Territory: c.Territory, Within: []string{prefix}}
}

func (c city) planner() grids.Principal {
	return grids.Principal{Name: "planner", Role: grids.RolePlanner, Territory: c.Territory}
}

func (c city) try(who grids.Principal, fn func(context.Context, pgx.Tx) error) error {
	return c.db.Tx(c.t.Context(), who, func(tx pgx.Tx) error { return fn(c.t.Context(), tx) })
}

func (c city) must(who grids.Principal, fn func(context.Context, pgx.Tx) error) {
	c.t.Helper()
	if err := c.try(who, fn); err != nil {
		c.t.Fatal(err)
	}
}

func (c city) begin(terms circulation.Terms) (round int64) {
	c.t.Helper()
	c.must(c.planner(), func(ctx context.Context, tx pgx.Tx) (err error) {
		round, err = editions.Circulate(ctx, tx, c.in, terms)
		return err
	})
	return round
}

func (c city) end(round int64, withdrawn string) error {
	return c.try(c.planner(), func(ctx context.Context, tx pgx.Tx) error { return editions.EndReview(ctx, tx, c.in, round, withdrawn) })
}

// items gives what somebody sees of a round, by "kind leaf".
func (c city) items(who grids.Principal, round int64, f circulation.Filter) map[string]circulation.Item {
	c.t.Helper()
	found := map[string]circulation.Item{}
	c.must(who, func(ctx context.Context, tx pgx.Tx) error {
		list, err := circulation.Items(ctx, tx, c.Territory, round, f)
		for _, i := range list {
			found[fmt.Sprintf("%s %s%s", i.Kind, i.Code[5:6], i.Code[8:9])] = i
		}
		return err
	})
	return found
}

func (c city) parties(who grids.Principal, round int64) map[string]circulation.Party {
	c.t.Helper()
	found := map[string]circulation.Party{}
	c.must(who, func(ctx context.Context, tx pgx.Tx) error {
		list, err := circulation.Parties(ctx, tx, c.Territory, round)
		for _, p := range list {
			found[string(p.Layer)+string(p.County)] = p
		}
		return err
	})
	return found
}

func (c city) give(who grids.Principal, round int64, stance circulation.Stance, text string, conflicts ...int64) (n int, err error) {
	err = c.try(who, func(ctx context.Context, tx pgx.Tx) (err error) {
		n, err = circulation.Give(ctx, tx, c.Territory, round, conflicts, len(conflicts) == 0, stance, text)
		return err
	})
	return n, err
}

func (c city) answer(opinion int64, outcome circulation.Outcome, reason string) error {
	return c.try(c.planner(), func(ctx context.Context, tx pgx.Tx) error {
		return circulation.Answer(ctx, tx, c.Territory, opinion, outcome, reason)
	})
}

// pass lets the deadline of all rounds pass, as only time can.
func (c city) pass() {
	c.t.Helper()
	c.owner(`UPDATE circulation.round SET opened_at = opened_at - interval '30 days', due_at = now() - interval '1 second'`)
}

// owner runs a statement past triggers and guards.
func (c city) owner(sql string) {
	c.t.Helper()
	conn, err := pgx.Connect(c.t.Context(), c.url)
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(c.t.Context()))
	if _, err := conn.Exec(c.t.Context(), `SET session_replication_role = replica`); err != nil {
		c.t.Fatal(err)
	}
	if _, err := conn.Exec(c.t.Context(), sql); err != nil {
		c.t.Fatal(err)
	}
}

func keys[V any](m map[string]V) string {
	var list []string
	for k := range m {
		list = append(list, k)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func TestWhoIsAskedAboutWhat(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	round := c.begin(circulation.Terms{Note: "请核对"})
	if got, want := keys(c.parties(c.planner(), round)), "430201000000, 430202000000, environment, safety"; got != want {
		t.Errorf("parties %s, want %s", got, want)
	}
	if p := c.parties(c.planner(), round); p["environment"].Name != (grids.Text{ZH: "生态环境局", EN: "Ecology and Environment Bureau"}) || p["430202000000"].Name.ZH != "示例县2" {
		t.Errorf("%+v", p)
	}
	all := c.items(c.planner(), round, circulation.Filter{})
	if got, want := keys(all), "gap 12, split 21, split 22, two-accountable 22"; got != want {
		t.Fatalf("conflicts %s, want %s", got, want)
	}
	for _, test := range []struct {
		who  grids.Principal
		name string
		want string
	}{
		{c.department("environment"), "environment", "split 21, split 22"},
		{c.department("safety"), "safety", "gap 12, two-accountable 22"},
		{c.county("430201"), "the first county", "gap 12"},
		{c.county("430202"), "the second county", "split 21, split 22, two-accountable 22"},
		{c.department("social-order"), "a layer without conflicts", ""},
		{c.county("430201001"), "a town of the county", ""},
		{grids.Principal{Role: grids.RoleDepartment, Territory: c.Territory, Layers: []grids.LayerCode{"safety"}, Within: []string{"430201"}}, "a county's office of a layer", ""},
		{grids.Principal{Role: grids.RoleDepartment, Territory: c.Territory}, "a department bound to nothing", ""},
		{grids.Principal{Role: grids.RoleDepartment, Territory: c.Territory, Layers: []grids.LayerCode{"safety"}, Within: []string{"4302"}}, "a department bound to all of the city", "gap 12, two-accountable 22"},
		{grids.Principal{Role: grids.RoleDepartment, Territory: c.Territory, Within: []string{"4302"}}, "all of the city, of no layer", ""},
		{grids.Principal{Role: grids.RoleGIS, Territory: c.Territory}, "who draws", ""},
		{grids.Principal{Role: grids.RoleOfficer, Territory: c.Territory, Within: []string{"430201"}}, "an officer", ""},
		{grids.Public, "the public", ""},
		{grids.Principal{Role: grids.RoleAuditor, Territory: c.Territory}, "the auditor", keys(all)},
		{grids.Principal{Role: grids.RolePlanner, Territory: c.Territory + 1}, "another territory's planner", ""},
	} {
		if got := keys(c.items(test.who, round, circulation.Filter{})); got != test.want {
			t.Errorf("%s sees %q, want %q", test.name, got, test.want)
		}
	}
	for _, who := range []grids.Principal{c.department("environment"), c.county("430202")} {
		if got := c.parties(who, round); len(got) != 1 {
			t.Errorf("%s sees the parties %s", who.Name, keys(got))
		}
		for _, item := range c.items(who, round, circulation.Filter{}) {
			if len(item.Standings) != 1 {
				t.Errorf("%s sees %+v", who.Name, item.Standings)
			}
		}
	}
	c.must(c.planner(), func(ctx context.Context, tx pgx.Tx) error {
		r, err := circulation.Current(ctx, tx, c.Territory)
		if err != nil {
			return err
		}
		if days := r.DueAt.Sub(r.OpenedAt).Hours() / 24; r.Number != 1 || !r.Open() || r.Due || r.WorkingDays != 5 || r.Note != "请核对" || r.Items != 4 || !r.Current || r.Known != (r.DueAt.Year() == 2026) || days < 5 || days > 20 {
			t.Errorf("%+v, %.1f days", r, days)
		}
		return nil
	})
}

// A cell that another administers is asked about through the county that runs it.
func TestAdministeredCellsAreAskedThroughWhoRunsThem(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name          string
		cell, by      func(city) grids.Code
		first, second string // what the counties are asked about
	}{
		{"a leaf by a cell of the first county", leafOf(2, 2), leafOf(1, 1), "gap 12, split 22, two-accountable 22", "split 21"},
		{"a leaf by the first county itself", leafOf(2, 1), column(1), "gap 12, split 21", "split 22, two-accountable 22"},
		{"a leaf by the city, which asks", leafOf(2, 2), city.Root, "gap 12", "split 21"},
		{"a county by another: both", column(2), column(1), "gap 12, split 21, split 22, two-accountable 22", "split 21, split 22, two-accountable 22"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newCity(t)
			c.must(grids.Local, func(ctx context.Context, tx pgx.Tx) error {
				_, err := people.Entrust(ctx, tx, c.Territory, c.Edition, people.Entrusting{Cell: c.Cell(t, test.cell(c)), By: c.Cell(t, test.by(c))})
				return err
			})
			round := c.begin(circulation.Terms{})
			for county, want := range map[string]string{"430201": test.first, "430202": test.second} {
				if got := keys(c.items(c.county(county), round, circulation.Filter{})); got != want {
					t.Errorf("%s is asked about %q, want %q", county, got, want)
				}
			}
		})
	}
}

func leafOf(county, n int) func(city) grids.Code {
	return func(c city) grids.Code { return c.Leaf(county, n) }
}

func column(county int) func(city) grids.Code {
	return func(c city) grids.Code { return c.Column(county) }
}

// A deadline whose holidays aren't known says so, in the table of opinions, too,
// also when they are taken in later.
func TestDeadlineWithoutACalendar(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	c.owner(`DELETE FROM workdays.usual`)
	look := func(round int64, want bool) (due time.Time) {
		t.Helper()
		c.must(c.planner(), func(ctx context.Context, tx pgx.Tx) error {
			table, err := circulation.MakeTable(ctx, tx, c.Territory, round)
			if err != nil {
				return err
			}
			said := slices.ContainsFunc(table.Summary(), func(line grids.Text) bool {
				return strings.Contains(line.ZH, "仅扣除周末") && strings.Contains(line.EN, "only weekends were left out")
			})
			if table.Round.Known != want || said == want {
				t.Errorf("known %t, said %t", table.Round.Known, said)
			}
			due = table.Round.DueAt
			return nil
		})
		return due
	}
	round := c.begin(circulation.Terms{WorkingDays: 10})
	due := look(round, false)
	c.must(grids.Local, func(ctx context.Context, tx pgx.Tx) error {
		for _, year := range []int{due.Year() - 1, due.Year()} {
			holidays := []workdays.Exception{{Day: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)}}
			for day := due.AddDate(0, 0, -7).UTC().Truncate(24 * time.Hour); day.Before(due); day = day.AddDate(0, 0, 1) {
				if day.Year() == year && day.YearDay() > 1 {
					holidays = append(holidays, workdays.Exception{Day: day})
				}
			}
			if err := workdays.SetYear(ctx, tx, c.Territory, year, holidays); err != nil {
				return err
			}
		}
		return nil
	})
	if now := look(round, false); !now.Equal(due) {
		t.Errorf("the deadline moved from %s to %s", due, now)
	}
	if err := c.end(round, "重新发出"); err != nil {
		t.Fatal(err)
	}
	if later := look(c.begin(circulation.Terms{WorkingDays: 10}), true); !later.After(due) {
		t.Errorf("with holidays the deadline is %s, without %s", later, due)
	}
}

func TestOpinionsAndAnswers(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	round := c.begin(circulation.Terms{})
	all := c.items(c.planner(), round, circulation.Filter{})
	environment, county := c.department("environment"), c.county("430202")
	if n, err := c.give(environment, round, circulation.Comment, "应以河道为界", all["split 21"].Conflict); n != 1 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if n, err := c.give(environment, round, circulation.Accept, ""); n != 1 || err != nil {
		t.Fatalf("accepting the rest: %d, %v", n, err)
	}
	if n, err := c.give(county, round, circulation.Accept, "", all["split 21"].Conflict, all["split 22"].Conflict); n != 2 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	for _, test := range []struct {
		name      string
		who       grids.Principal
		conflicts []int64
		stance    circulation.Stance
		text      string
		kind      grids.ErrorKind
	}{
		{"another's conflict", environment, []int64{all["gap 12"].Conflict}, circulation.Accept, "", grids.Forbidden},
		{"own and another's", environment, []int64{all["split 21"].Conflict, all["gap 12"].Conflict}, circulation.Accept, "", grids.Forbidden},
		{"none that there is", environment, []int64{999999}, circulation.Accept, "", grids.Forbidden},
		{"nobody's department", c.department("social-order"), nil, circulation.Accept, "", grids.Forbidden},
		{"a planner", c.planner(), nil, circulation.Accept, "", grids.Forbidden},
		{"a comment without words", environment, []int64{all["split 21"].Conflict}, circulation.Comment, " ", grids.Invalid},
	} {
		if _, err := c.give(test.who, round, test.stance, test.text, test.conflicts...); !grids.IsKind(err, test.kind) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	said := c.items(c.planner(), round, circulation.Filter{State: circulation.Commented})["split 21"].Standings
	if len(said) != 2 || said[0].State != circulation.Commented || *said[0].Text != "应以河道为界" || *said[0].By != "of environment" || said[0].Late || said[1].State != circulation.Accepted {
		t.Fatalf("%+v", said)
	}
	// the planner decides, whatever was said
	c.must(c.planner(), func(ctx context.Context, tx pgx.Tx) error {
		run, err := merge.Latest(ctx, tx, c.Territory, c.Edition)
		if err != nil {
			return err
		}
		for name, want := range map[string]merge.State{"split 21": merge.Open, "split 22": merge.Open} {
			list, err := merge.List(ctx, tx, c.Territory, run.ID, merge.Filter{State: want, Kind: merge.Split}, merge.Page{})
			if err != nil {
				return err
			}
			if len(list) != 2 {
				t.Errorf("%s was settled by an opinion: %+v", name, list)
			}
		}
		_, err = merge.SettleOne(ctx, tx, c.Territory, run.ID, all["split 21"].Conflict, merge.Decision{Resolution: merge.KeepBase, By: "planner", Reason: "按会议纪要"})
		return err
	})
	if err := c.answer(*said[0].Opinion, circulation.Partly, ""); !grids.IsKind(err, grids.Invalid) {
		t.Errorf("an answer without a reason: %v", err)
	}
	if err := c.answer(*said[1].Opinion, circulation.Adopted, "好"); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("an answer to who accepts: %v", err)
	}
	for _, outcome := range []circulation.Outcome{circulation.NotTaken, circulation.Partly} {
		if err := c.answer(*said[0].Opinion, outcome, "河道中心线只用于东段"); err != nil {
			t.Fatal(err)
		}
	}
	c.must(c.county("430202"), func(ctx context.Context, tx pgx.Tx) error {
		table, err := circulation.MakeTable(ctx, tx, c.Territory, round)
		if err != nil {
			return err
		}
		var drafts []string
		for _, row := range table.Rows {
			drafts = append(drafts, row.Matter().ZH+" → "+row.Draft.ZH+" "+row.Standing.State.Name().ZH)
		}
		slices.Sort(drafts[1:]) // two are about one cell
		environment := layers.Defaults()[slices.IndexFunc(layers.Defaults(), func(l layers.Layer) bool { return l.Code == "environment" })].Name.ZH
		if got, want := strings.Join(drafts, "\n"), strings.ReplaceAll(`示例村2-1 430202001000:网格被分割(环保) → 拟维持统一网格界线 同意
示例村2-2 430202002000:网格被分割(环保) → 拟维持统一网格界线 同意
示例村2-2 430202002000:责任人不一致 → 拟由 示例人员 0001(S1) 负责 待反馈`, "环保", environment); got != want {
			t.Errorf("the county's table is\n%s\nwant\n%s", got, want)
		}
		return nil
	})
	own := c.items(environment, round, circulation.Filter{})["split 21"].Standings[0]
	if *own.Outcome != circulation.Partly || *own.Reason != "河道中心线只用于东段" || *own.AnsweredBy != "planner" {
		t.Errorf("%+v", own)
	}
	// a party that has changed its mind
	if _, err := c.give(environment, round, circulation.Comment, "改为以道路为界", all["split 21"].Conflict); err != nil {
		t.Fatal(err)
	}
	if err := c.answer(*said[0].Opinion, circulation.Adopted, "好"); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("an answer to what isn't said any more: %v", err)
	}
	p := c.parties(c.planner(), round)["environment"]
	if p.Conflicts != 2 || p.Accepted != 1 || p.Commented != 1 || p.Silent != 0 || p.Answered != 0 || p.Own {
		t.Errorf("%+v", p)
	}
}

// Straight in SQL, a party changes and sees nothing but its own opinions, and
// nobody takes anything back.
func TestGuards(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	round := c.begin(circulation.Terms{})
	all := c.items(c.planner(), round, circulation.Filter{})
	parties := c.parties(c.planner(), round)
	environment, safety := c.department("environment"), c.department("safety")
	if _, err := c.give(safety, round, circulation.Comment, "保持现状", all["gap 12"].Conflict); err != nil {
		t.Fatal(err)
	}
	opinion := *c.items(safety, round, circulation.Filter{})["gap 12"].Standings[0].Opinion
	say := func(party string, conflict string) string {
		return fmt.Sprintf(`INSERT INTO circulation.opinion (territory_id, round_id, party_id, conflict, stance, text) VALUES (%d, %d, %d, %d, 'comment', '意见')`,
			c.Territory, round, parties[party].ID, all[conflict].Conflict)
	}
	const refused, broken, denied = "42501", "23503", "42501"
	tests := []struct {
		name string
		who  grids.Principal
		sql  string
		code string // "": it is done; "0": it touches no row
	}{
		{"own opinion", environment, say("environment", "split 21"), ""},
		{"own conflict, for another", environment, say("430202000000", "split 21"), refused},
		{"for oneself, another's conflict", environment, say("environment", "gap 12"), broken},
		{"a county for itself", c.county("430202"), say("430202000000", "split 21"), ""},
		{"a county for a department", c.county("430202"), say("environment", "split 21"), refused},
		{"a town for its county", c.county("430202001"), say("430202000000", "split 21"), refused},
		{"a department bound to nothing", grids.Principal{Role: grids.RoleDepartment, Territory: c.Territory}, say("environment", "split 21"), refused},
		{"a planner for a department", c.planner(), say("environment", "split 21"), refused},
		{"the machine for a department", grids.Local, say("environment", "split 21"), refused},
		{"an opinion of the past, by somebody else", environment, fmt.Sprintf(`INSERT INTO circulation.opinion (territory_id, round_id, party_id, conflict, stance, text, at, by) VALUES (%d, %d, %d, %d, 'accept', '', '2020-01-01', 'another')`,
			c.Territory, round, parties["environment"].ID, all["split 22"].Conflict), ""},
		{"another's opinion read", environment, fmt.Sprintf(`SELECT FROM circulation.opinion WHERE id = %d`, opinion), "0"},
		{"an opinion changed", safety, `UPDATE circulation.opinion SET text = ''`, denied},
		{"an opinion taken back", safety, `DELETE FROM circulation.opinion`, denied},
		{"an opinion changed by the planner", c.planner(), `UPDATE circulation.opinion SET text = ''`, denied},
		{"a party that answers itself", safety, fmt.Sprintf(`INSERT INTO circulation.answer (territory_id, opinion_id, outcome, reason) VALUES (%d, %d, 'adopted', '好')`, c.Territory, opinion), refused},
		{"a planner of a subtree who answers", grids.Principal{Role: grids.RolePlanner, Territory: c.Territory, Within: []string{"430201"}},
			fmt.Sprintf(`INSERT INTO circulation.answer (territory_id, opinion_id, outcome, reason) VALUES (%d, %d, 'adopted', '好')`, c.Territory, opinion), refused},
		{"a party that ends the round", safety, fmt.Sprintf(`UPDATE circulation.round SET withdrawn = '不', closed_at = now(), closed_by = '' WHERE id = %d`, round), "0"},
		{"a deadline moved", c.planner(), `UPDATE circulation.round SET due_at = now()`, denied},
		{"a concern added", environment, fmt.Sprintf(`INSERT INTO circulation.concern (territory_id, round_id, party_id, conflict) VALUES (%d, %d, %d, %d)`,
			c.Territory, round, parties["environment"].ID, all["gap 12"].Conflict), refused},
		{"a round of one's own", environment, fmt.Sprintf(`INSERT INTO circulation.round (territory_id, edition, draft_since, number, run_id, step, working_days, silence, note, due_at)
			VALUES (%d, 1, now(), 2, 1, 0, 5, 'consent', '', now() + interval '1 day')`, c.Territory), refused},
	}
	for _, test := range tests {
		undo := errors.New("undone")
		err := c.try(test.who, func(ctx context.Context, tx pgx.Tx) error {
			done, err := tx.Exec(ctx, test.sql)
			if err != nil {
				return err
			}
			if (test.code == "0") != (done.RowsAffected() == 0) {
				t.Errorf("%s: %d rows", test.name, done.RowsAffected())
			}
			if strings.Contains(test.sql, "'another'") {
				var by string
				var at time.Time
				if err := tx.QueryRow(ctx, `SELECT by, at FROM circulation.opinion ORDER BY id DESC LIMIT 1`).Scan(&by, &at); err != nil {
					return err
				}
				if by != test.who.Name || time.Since(at) > time.Hour {
					t.Errorf("recorded as %s at %s", by, at)
				}
			}
			return undo
		})
		var pg *pgconn.PgError
		switch {
		case test.code == "" || test.code == "0":
			if !errors.Is(err, undo) {
				t.Errorf("%s: %v", test.name, err)
			}
		case !errors.As(err, &pg) || pg.Code != test.code:
			t.Errorf("%s: %v, want %s", test.name, err, test.code)
		}
	}
}

func TestEndOfARound(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	round := c.begin(circulation.Terms{WorkingDays: 3})
	all := c.items(c.planner(), round, circulation.Filter{})
	if err := c.end(round, ""); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("ended before its deadline: %v", err)
	}
	if err := c.try(c.planner(), func(ctx context.Context, tx pgx.Tx) error {
		_, err := editions.Circulate(ctx, tx, c.in, circulation.Terms{})
		return err
	}); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("two rounds at once: %v", err)
	}
	c.pass()
	if n := len(c.items(c.planner(), round, circulation.Filter{State: circulation.IsOverdue})); n != 4 {
		t.Errorf("%d conflicts are overdue, want 4", n)
	}
	// somebody speaks after all
	if _, err := c.give(c.department("safety"), round, circulation.Comment, "不同意", all["gap 12"].Conflict); err != nil {
		t.Fatal(err)
	}
	late := c.items(c.department("safety"), round, circulation.Filter{})["gap 12"].Standings[0]
	if late.State != circulation.Commented || !late.Late {
		t.Errorf("%+v", late)
	}
	if err := c.end(round, ""); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("ended with a comment that has no answer: %v", err)
	}
	if err := c.answer(*late.Opinion, circulation.NotTaken, "依据充分"); err != nil {
		t.Fatal(err)
	}
	if err := c.end(round, ""); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"ended twice":           c.end(round, ""),
		"answered after it":     c.answer(*late.Opinion, circulation.Adopted, "好"),
		"withdrawn after it":    c.end(round, "作废"),
		"said something later":  func() error { _, err := c.give(c.department("safety"), round, circulation.Accept, ""); return err }(),
		"a round there is none": c.end(round+1, "")} {
		if want := map[bool]grids.ErrorKind{true: grids.NotFound, false: grids.Conflict}[strings.HasPrefix(name, "a round")]; !grids.IsKind(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// silence is consent only where the rule says so
	second := c.begin(circulation.Terms{Silence: circulation.Consent})
	c.pass()
	if n := len(c.items(c.planner(), second, circulation.Filter{State: circulation.Consented})); n != 4 {
		t.Errorf("%d conflicts are consented to, want 4", n)
	}
	c.must(c.planner(), func(ctx context.Context, tx pgx.Tx) error {
		rounds, err := circulation.List(ctx, tx, c.Territory)
		if err != nil {
			return err
		}
		if len(rounds) != 2 || rounds[0].Number != 2 || rounds[1].Open() || *rounds[1].ClosedBy != "planner" {
			t.Errorf("%+v", rounds)
		}
		return nil
	})
	if err := c.end(second, ""); err != nil {
		t.Fatal(err)
	}
}

// While opinions are asked for, the draft is in review: only those who decide
// conflicts change it, and it is neither published nor thrown away.
func TestReview(t *testing.T) {
	t.Parallel()
	c := newCity(t)
	gis := grids.Principal{Name: "gis", Role: grids.RoleGIS, Territory: c.Territory}
	rename := func(who grids.Principal, name string) error {
		return c.try(who, func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE cells.version SET name = $3 WHERE territory_id = $1 AND code = $2`, c.Territory, c.Leaf(1, 1), name)
			return err
		})
	}
	state := func() (state string) {
		c.must(c.planner(), func(ctx context.Context, tx pgx.Tx) error {
			draft, err := editions.OpenDraft(ctx, tx, c.in)
			state = draft.State
			return err
		})
		return state
	}
	if err := rename(gis, "甲村"); err != nil {
		t.Fatal(err)
	}
	c.must(c.planner(), func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM layers.cell WHERE territory_id = $1 AND code = 'A1'`, c.Territory)
		return err
	})
	if err := c.try(c.planner(), func(ctx context.Context, tx pgx.Tx) error {
		_, err := editions.Circulate(ctx, tx, c.in, circulation.Terms{})
		return err
	}); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("circulated though it changed after it was merged: %v", err)
	}
	c.merge()
	round := c.begin(circulation.Terms{})
	if state() != "review" {
		t.Errorf("the draft is %s", state())
	}
	if err := rename(gis, "乙村"); !grids.IsKind(err, grids.Forbidden) {
		t.Errorf("changed while it is circulated: %v", err)
	}
	again := func(who grids.Principal) error {
		return c.try(who, func(ctx context.Context, tx pgx.Tx) error {
			_, err := merge.Overlay(ctx, tx, c.Territory, c.Edition, merge.Options{Layers: []grids.LayerCode{"safety"}}, who.Name)
			return err
		})
	}
	if err := again(gis); !grids.IsKind(err, grids.Forbidden) {
		t.Errorf("merged otherwise while it is circulated: %v", err)
	}
	if err := rename(c.planner(), "丙村"); err != nil {
		t.Errorf("a planner couldn't answer: %v", err)
	}
	c.must(c.planner(), func(ctx context.Context, tx pgx.Tx) error {
		r, err := circulation.Get(ctx, tx, c.Territory, round)
		if err == nil && r.Changed != 1 {
			t.Errorf("%d steps since", r.Changed)
		}
		return err
	})
	for name, fn := range map[string]func(context.Context, pgx.Tx) error{
		"published": func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE editions.edition SET state = 'published', effective = clock_timestamp(), published_by = 'test' WHERE territory_id = $1`, c.Territory)
			return err
		},
		"put back to draft": func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE editions.edition SET state = 'draft' WHERE territory_id = $1`, c.Territory)
			return err
		},
		"thrown away": func(ctx context.Context, tx pgx.Tx) error { return editions.Discard(ctx, tx, c.in) },
	} {
		if err := c.try(c.planner(), fn); !grids.IsKind(err, grids.Conflict) {
			t.Errorf("%s while it is circulated: %v", name, err)
		}
	}
	undone := errors.New("undone")
	for prefix, want := range map[string]error{"4302": undone, "430201": nil} {
		err := c.try(grids.Principal{Name: "planner", Role: grids.RolePlanner, Territory: c.Territory, Within: []string{prefix}}, func(ctx context.Context, tx pgx.Tx) error {
			if err := editions.EndReview(ctx, tx, c.in, round, "撤回"); err != nil {
				return err
			}
			return undone
		})
		if want != nil && !errors.Is(err, want) || want == nil && !grids.IsKind(err, grids.Forbidden) {
			t.Errorf("ended by a planner of %s: %v", prefix, err)
		}
	}
	if err := c.end(round, "方案须重做"); err != nil {
		t.Fatal(err)
	}
	if state() != "draft" {
		t.Errorf("the draft is %s", state())
	}
	if err := c.try(c.planner(), func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE editions.edition SET state = 'review' WHERE territory_id = $1`, c.Territory)
		return err
	}); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("in review without a round: %v", err)
	}
	// what was said about a draft outlives it, and another begins at round 1
	c.must(c.planner(), func(ctx context.Context, tx pgx.Tx) error { return editions.Discard(ctx, tx, c.in) })
	c.must(c.planner(), func(ctx context.Context, tx pgx.Tx) error {
		r, err := circulation.Current(ctx, tx, c.Territory)
		if err == nil && (r.ID != round || r.Current || *r.Withdrawn != "方案须重做") {
			t.Errorf("%+v", r)
		}
		return err
	})
}
