package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/layers"
	"unigrid/grids/merge"
)

// Layers are merged into a draft and published; who isn't chosen is placed by
// their own unit.
func TestTeam(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	l := &land{site: p.site, id: p.town.Territory}
	if a := p.get(p.base + "/team"); a.status != 404 {
		t.Errorf("without a merge: %d %s", a.status, a.body)
	}
	l.person("M2", "示例人员 M2")
	if err := p.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error { return layers.EnsureDefaults(t.Context(), tx, l.id) }); err != nil {
		t.Fatal(err)
	}
	p.exec(`INSERT INTO layers.cell (territory_id, layer, code, name, person_id, geom, area_m2, provenance)
		SELECT $1, 'safety', 'A1', '示例片区', (SELECT id FROM people.person WHERE territory_id = $1 AND staff_no = 'M2'), ST_Translate(geom, 5, 0), area_m2, 'demo'
		FROM cells.of($1, 1) WHERE code = $2`, l.id, string(p.town.Leaf(1, 1)))
	readEdited(t, p.post("/draft/edits", `{"op":"rename","cell":`+p.cell(2, 1)+`,"name":"新村"}`), 201)
	err := p.db.Tx(t.Context(), grids.Local, func(tx pgx.Tx) error {
		run, err := merge.Overlay(t.Context(), tx, l.id, 2, merge.Options{}, "test")
		if err != nil {
			return err
		}
		rules, err := merge.ParseRules(strings.NewReader(`[{"kind":"none-accountable","resolution":"accept-acting","reason":{"zh":"代管","en":"acting"}}]`))
		if err == nil {
			_, err = merge.Settle(t.Context(), tx, l.id, run.ID, rules)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	team := p.get(p.base + "/team").json(t)
	first := team["members"].([]any)[0].(map[string]any)
	if team["draft"] != true || team["edition"] != 2.0 || first["staff_no"] != "M2" || first["state"] != "unplaced" || first["displaced_at"] != nil {
		t.Errorf("%v", team)
	}
	if a := p.post("/draft/publish", `{}`); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	team = p.get(p.base + "/team?state=unplaced").json(t)
	if first = team["members"].([]any)[0].(map[string]any); team["draft"] != false || team["matched"] != 1.0 || first["displaced_at"] == nil {
		t.Errorf("%v", team)
	}
	p.exec(`WITH u AS (INSERT INTO people.unit (territory_id, name, kind, division) VALUES ($1, '示例局', 'other', '431001000000') RETURNING id)
		UPDATE people.person SET unit_id = (SELECT id FROM u) WHERE territory_id = $1 AND staff_no = 'M2'`, l.id)
	path := fmt.Sprintf("%s/team/%d/place", p.base, l.who("M2"))
	county := func(code string) *site {
		return p.as(access.Grant{Role: grids.RolePlanner, Territory: l.id, Within: []grids.Code{grids.Code(code)}})
	}
	for code, want := range map[string]bool{"431001": true, "431002": false} {
		team := county(code).bare("GET", p.base+"/team?state=unplaced", "").json(t)
		if first = team["members"].([]any)[0].(map[string]any); first["may_place"] != want {
			t.Errorf("%s may place: %v", code, first)
		}
	}
	officer := fmt.Sprintf(`{"as":"officer","cell":"%s","layer":"safety","reason":"本单位同意"}`, p.town.Leaf(1, 1))
	if a := county("431002").bare("POST", path, officer); a.status != 403 {
		t.Errorf("by another unit: %d %s", a.status, a.body)
	}
	for _, test := range []struct {
		body   string
		status int
	}{
		{`{"as":"stay"}`, 409},
		{`{"as":"officer"}`, 404},
		{officer, 204},
		{officer, 409},
	} {
		if a := county("431001").bare("POST", path, test.body); a.status != test.status {
			t.Errorf("%s: %d, want %d: %s", test.body, a.status, test.status, a.body)
		}
	}
	m := p.get(fmt.Sprintf("%s/team?person=%d", p.base, l.who("M2"))).json(t)["members"].([]any)[0].(map[string]any)
	if m["state"] != "confirmed" || m["outcome"] != "placed" || m["after"].(map[string]any)["count"] != 1.0 || m["reason"] != "本单位同意" {
		t.Errorf("%v", m)
	}
}
