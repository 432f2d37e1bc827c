package api_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/merge"
)

// divided is a territory in whose draft two layers disagree with the grid, and its planner and the layers' departments.
type divided struct {
	*land
	planner, environment, safety *site
}

func newDivided(t *testing.T) divided {
	t.Helper()
	s := newSite(t)
	l := s.draft("4302", "示例市", 113, 27.5, 4)
	// each layer has a cell that covers half of a village of the first county, and a bit of its neighbour
	l.exec(`INSERT INTO layers.cell (territory_id, layer, code, name, geom, area_m2, provenance)
		SELECT $1, x.layer, x.code, x.code, ST_Multi(ST_Translate(v.geom, (ST_XMax(v.geom) - ST_XMin(v.geom)) / 3, 0)), v.area_m2, 'demo'
		FROM (VALUES ('environment', 'E1', '430202001001'), ('safety', 'A1', '430202001003')) AS x (layer, code, cell)
		JOIN cells.version v ON v.territory_id = $1 AND v.code = x.cell`, l.id)
	l.tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := merge.Overlay(ctx, tx, l.id, 1, merge.Options{}, "test")
		return err
	})
	as := func(role grids.Role, layers ...grids.LayerCode) *site {
		return s.as(access.Grant{Territory: l.id, Role: role, Layers: layers})
	}
	return divided{l, as(grids.RolePlanner), as(grids.RoleDepartment, "environment"), as(grids.RoleDepartment, "safety")}
}

// conflicts are the numbers of a round's conflicts that somebody sees.
func (d divided) conflicts(s *site, round int64, query string) (list []int64) {
	d.t.Helper()
	a := s.get(fmt.Sprintf("/v1/circulations/%d/conflicts%s", round, query))
	if a.status != http.StatusOK {
		d.t.Fatalf("%d %s", a.status, a.body)
	}
	for _, c := range a.json(d.t)["conflicts"].([]any) {
		list = append(list, int64(c.(map[string]any)["conflict"].(float64)))
	}
	return list
}

func (d divided) begin(body string) int64 {
	d.t.Helper()
	a := d.planner.send(http.MethodPost, "/v1/circulations", body)
	if a.status != http.StatusCreated {
		d.t.Fatalf("%d %s", a.status, a.body)
	}
	return int64(a.json(d.t)["id"].(float64))
}

// past lets the deadline of all rounds pass, as only time can.
func (d divided) past(t *testing.T) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), d.url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	for _, sql := range []string{`SET session_replication_role = replica`,
		`UPDATE circulation.round SET opened_at = opened_at - interval '30 days', due_at = now() - interval '1 second'`} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCirculation(t *testing.T) {
	t.Parallel()
	d := newDivided(t)
	if a := d.planner.get("/v1/circulations/current"); a.status != http.StatusNotFound {
		t.Errorf("before the first round: %d %s", a.status, a.body)
	}
	round := d.begin(`{"working_days":5,"note":"请于期限内反馈"}`)
	if a := d.planner.send(http.MethodPost, "/v1/circulations", `{}`); a.status != http.StatusConflict {
		t.Errorf("a second round: %d %s", a.status, a.body)
	}
	if state := d.planner.get("/v1/draft").json(t)["state"]; state != "review" {
		t.Errorf("the draft is %v", state)
	}
	current := d.planner.get("/v1/circulations/current").json(t)
	var names []string
	for _, p := range current["parties"].([]any) {
		p := p.(map[string]any)
		names = append(names, fmt.Sprint(p["kind"], " ", p["layer"], p["county"]))
	}
	if got := strings.Join(names, ", "); !strings.HasPrefix(got, "department environment<nil>, department safety<nil>, county <nil>430202000000") || current["state"] != "open" {
		t.Errorf("parties: %s, %v", got, current["state"])
	}
	all := d.conflicts(d.planner, round, "")
	own, theirs := d.conflicts(d.environment, round, ""), d.conflicts(d.safety, round, "")
	if len(own) == 0 || len(theirs) == 0 || len(own) >= len(all) || slices.ContainsFunc(own, func(n int64) bool { return slices.Contains(theirs, n) }) {
		t.Fatalf("environment %v, safety %v of %v", own, theirs, all)
	}
	var paged []int64
	for query := "?limit=1"; query != ""; {
		a := d.planner.get(fmt.Sprintf("/v1/circulations/%d/conflicts%s", round, query)).json(t)
		paged = append(paged, int64(a["conflicts"].([]any)[0].(map[string]any)["conflict"].(float64)))
		if query = ""; a["next"] != nil {
			query = fmt.Sprintf("?limit=1&after=%.0f", a["next"])
		}
	}
	if !slices.Equal(paged, all) {
		t.Errorf("in pages %v, want %v", paged, all)
	}
	opinions, say := fmt.Sprintf("/v1/circulations/%d/opinions", round), func(who *site, body string) int {
		return who.send(http.MethodPost, fmt.Sprintf("/v1/circulations/%d/opinions", round), body).status
	}
	for _, test := range []struct {
		name string
		who  *site
		body string
		want int
	}{
		{"another's conflict", d.environment, fmt.Sprintf(`{"conflict":%d,"stance":"accept"}`, theirs[0]), 403},
		{"own and another's", d.environment, fmt.Sprintf(`{"conflicts":[%d,%d],"stance":"accept"}`, own[0], theirs[0]), 403},
		{"the planner", d.planner, fmt.Sprintf(`{"conflict":%d,"stance":"accept"}`, own[0]), 403},
		{"the public", d.anonymous(), fmt.Sprintf(`{"conflict":%d,"stance":"accept"}`, own[0]), 401},
		{"a department bound to nothing", d.as(access.Grant{Role: grids.RoleDepartment}), `{"rest":true,"stance":"accept"}`, 403},
		{"no words", d.environment, fmt.Sprintf(`{"conflict":%d,"stance":"comment"}`, own[0]), 400},
		{"nothing named", d.environment, `{"stance":"accept"}`, 400},
		{"a stance there is none", d.environment, `{"rest":true,"stance":"settle"}`, 400},
		{"a comment", d.environment, fmt.Sprintf(`{"conflict":%d,"stance":"comment","text":"应以河道为界"}`, own[0]), 201},
		{"the rest", d.safety, `{"rest":true,"stance":"accept"}`, 201},
	} {
		if got := say(test.who, test.body); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
	if a := d.environment.send(http.MethodPost, "/v1/circulations/999999/opinions", `{"rest":true,"stance":"accept"}`); a.status != http.StatusNotFound {
		t.Errorf("a round there is none: %d %s", a.status, a.body)
	}
	a := d.environment.get(fmt.Sprintf("/v1/circulations/%d/conflicts?state=commented", round)).json(t)
	standing := a["conflicts"].([]any)[0].(map[string]any)["standings"].([]any)[0].(map[string]any)
	if standing["text"] != "应以河道为界" || standing["by"] != "test-department" {
		t.Fatalf("%v", standing)
	}
	answer, end := fmt.Sprintf("/v1/opinions/%.0f/answer", standing["opinion"]), fmt.Sprintf("/v1/circulations/%d/close", round)
	for _, test := range []struct {
		name string
		who  *site
		path string
		body string
		want int
	}{
		{"answered by its author", d.environment, answer, `{"outcome":"adopted","reason":"好"}`, 403},
		{"answered without a reason", d.planner, answer, `{"outcome":"adopted","reason":" "}`, 400},
		{"ended too early", d.planner, end, `{}`, 409},
		{"answered", d.planner, answer, `{"outcome":"partly","reason":"东段以河道为界"}`, 204},
		{"ended before the deadline", d.planner, end, `{}`, 409},
		{"ended by a department", d.safety, end, `{"withdrawn":"不同意"}`, 403},
		{"said again", d.environment, opinions, fmt.Sprintf(`{"conflict":%d,"stance":"accept"}`, own[0]), 201},
		{"withdrawn", d.planner, end, `{"withdrawn":"方案须重做"}`, 200},
		{"withdrawn again", d.planner, end, `{"withdrawn":"方案须重做"}`, 409},
		{"said afterwards", d.environment, opinions, `{"rest":true,"stance":"accept"}`, 409},
	} {
		if a := test.who.send(http.MethodPost, test.path, test.body); a.status != test.want {
			t.Errorf("%s: %d %s", test.name, a.status, a.body)
		}
	}
	if state := d.planner.get("/v1/draft").json(t)["state"]; state != "draft" {
		t.Errorf("the draft is %v", state)
	}
	if list := d.planner.get("/v1/circulations").json(t)["circulations"].([]any); len(list) != 1 || list[0].(map[string]any)["state"] != "withdrawn" {
		t.Errorf("%v", list)
	}
}

func TestReviewThroughTheAPI(t *testing.T) {
	t.Parallel()
	d := newDivided(t)
	round := d.begin(`{"silence":"consent"}`)
	gis := d.as(access.Grant{Role: grids.RoleGIS})
	edit := func(who *site, name string) answer {
		cell := d.planner.get("/v1/draft/cells?parent=430202001000").json(t)["features"].([]any)[0].(map[string]any)
		p := cell["properties"].(map[string]any)
		return who.send(http.MethodPost, "/v1/draft/edits", fmt.Sprintf(`{"op":"rename","cell":{"uid":%q,"etag":%q},"name":%q}`, p["uid"], p["etag"], name))
	}
	if a := edit(gis, "新名甲"); a.status != http.StatusForbidden || !strings.Contains(string(a.body), "circulated") {
		t.Errorf("who draws: %d %s", a.status, a.body)
	}
	if a := edit(d.planner, "新名乙"); a.status != http.StatusCreated {
		t.Errorf("the planner: %d %s", a.status, a.body)
	}
	if changed := d.planner.get(fmt.Sprintf("/v1/circulations/%d", round)).json(t)["changed"]; changed != 1.0 {
		t.Errorf("%v steps since", changed)
	}
	if a := d.planner.send(http.MethodDelete, "/v1/draft", ""); a.status != http.StatusConflict {
		t.Errorf("thrown away: %d %s", a.status, a.body)
	}
	if a := d.planner.send(http.MethodPost, "/v1/draft/publish", `{}`); a.status != http.StatusConflict {
		t.Errorf("published: %d %s", a.status, a.body)
	}
}

func TestWorkdays(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.territory("4302", "示例市", 113, 27.5, 2)
	if a := s.get("/v1/workdays/2026").json(t); a["known"] != true || len(a["exceptions"].([]any)) != 39 {
		t.Errorf("%v", a)
	}
	if a := s.get("/v1/workdays/2031").json(t); a["known"] != false {
		t.Errorf("%v", a)
	}
	put := func(who *site, year int, body string) answer {
		return who.send(http.MethodPut, fmt.Sprintf("/v1/workdays/%d", year), body)
	}
	if a := put(s, 2031, `{"exceptions":[{"day":"2031-01-01","works":false,"name":"元旦"},{"day":"2031-01-04","works":true}]}`); a.status != 200 || a.json(t)["known"] != true {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := put(s, 2031, `{"exceptions":[{"day":"2030-01-01","works":false}]}`); a.status != 400 {
		t.Errorf("a day of another year: %d %s", a.status, a.body)
	}
	if a := put(s.as(access.Grant{Role: grids.RolePlanner}), 2031, `{"exceptions":[]}`); a.status != 403 {
		t.Errorf("a planner: %d %s", a.status, a.body)
	}
}
