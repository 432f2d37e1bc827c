package api_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/access"
)

// inPath is what stands for the parameters of paths.
var inPath = map[string]string{
	"collectionId": "cells", "collection": "cells", "fid": "430202001001", "code": "430202001001", "seq": "1", "kind": "enterprises",
	"z": "14", "x": "13335", "y": "6882", "id": "999999", "name": "示例", "target": "cells", "upload": "0123456789abcdef0123456789abcdef", "figure": "vacant", "person": "999999", "year": "2026",
}

// requests are the samples of routes that need more than a path: a query, a body,
// or another path. A route that needs them and has none here fails.
var requests = map[string]struct{ path, body string }{
	"GET /v1/responsible":                    {"?lon=113.01&lat=27.51", ""},
	"POST /v1/responsible":                   {"", `{"points":[{"lon":113.01,"lat":27.51}]}`},
	"GET /v1/search":                         {"?q=430202", ""},
	"GET /v1/editions/compare":               {"?from=1&to=1", ""},
	"POST /v1/draft/edits":                   {"", `{"op":"rename","cell":{"uid":"999999","etag":"x"},"name":"新名"}`},
	"POST /v1/draft/draws":                   {"", `{"parent":{"uid":"999999","etag":"x"},"method":"balanced","into":2}`},
	"POST /v1/draft/publish":                 {"", `{}`},
	"POST /v1/draft/sign-offs":               {"", `{"party":{"role":"planner"}}`},
	"DELETE /v1/draft/sign-offs":             {"?id=999999&reason=x", ""},
	"POST /v1/draft/vacancies":               {"", `{"cells":["430202001001"],"reason":"示例"}`},
	"PUT /v1/draft/decision":                 {"", `{"document_no":"示例〔2026〕1号","date":"2026-03-01"}`},
	"POST /v1/editions/{seq}/restore":        {"", `{"reason":"示例"}`},
	"PUT /v1/publication-settings":           {"", `{"decision":false}`},
	"DELETE /v1/publication-settings":        {"?since=2020-01-01T00:00:00Z", ""},
	"PUT /v1/opened/{collection}":            {"", `{"precision_m":50}`},
	"DELETE /v1/opened/{collection}":         {"/v1/opened/crosswalk", ""},
	"PUT /v1/objects/{kind}/{code}/location": {"/v1/objects/enterprises/E1/location", `{"lon":113.01,"lat":27.6,"by":"hand"}`},
	"POST /v1/people":                        {"", `{"name":"示例人员"}`},
	"PATCH /v1/people":                       {"", `{"people":[{"id":999999,"name":"示例"}]}`},
	"PATCH /v1/people/{id}":                  {"", `{"name":"示例"}`},
	"DELETE /v1/people/{id}/personal-data":   {"?reason=本人要求", ""},
	"POST /v1/people/{id}/phone":             {"", `{"reason":"核对电话"}`},
	"POST /v1/units":                         {"", `{"name":"示例单位甲","kind":"other"}`},
	"PATCH /v1/units/{id}":                   {"", `{"name":"示例单位乙"}`},
	"POST /v1/posts":                         {"", `{"title":"示例岗位"}`},
	"PATCH /v1/posts/{id}":                   {"", `{"title":"示例岗位乙"}`},
	"POST /v1/assignments":                   {"", `{"cell":"430202001001","person":999999,"role":"officer"}`},
	"POST /v1/assignments/{id}/end":          {"", `{}`},
	"POST /v1/assignments/{id}/handover":     {"", `{"to":999999}`},
	"POST /v1/handovers":                     {"", `{"from":999999,"to":999998}`},
	"POST /v1/rosters":                       {"?cell=430202001000&at=2030-01-01T00:00:00Z", "no workbook"},
	"POST /v1/leaves":                        {"", `{"person":999999,"stand_in":999998}`},
	"POST /v1/leaves/{id}/end":               {"", `{}`},
	"POST /v1/alarms/{id}/seen":              {"", `{}`},
	"POST /v1/questions/{id}/answer":         {"", `{}`},
	"POST /v1/team/{person}/place":           {"", `{"as":"stay"}`},
	"POST /v1/administrations":               {"", `{"cell":"430202001001","by":"430203000000","from":"2020-01-01T00:00:00Z"}`},
	"POST /v1/administrations/{id}/end":      {"", `{}`},
	"PUT /v1/questions/settings":             {"", `{"comparable_share":0.2}`},
	"POST /v1/uploads/":                      {"", ""},
	"PATCH /v1/uploads/{upload}":             {"", "bytes"},
	"POST /v1/imports":                       {"", `{"upload":"0123456789abcdef0123456789abcdef","target":"enterprises"}`},
	"PATCH /v1/imports/{id}":                 {"", `{"strict":true}`},
	"PUT /v1/import-profiles/{name}":         {"", `{"import":999999}`},
	"GET /v1/exports/{collection}":           {"?format=csv", ""},
	"POST /v1/duty/suggestions":              {"", `{"role":"officer"}`},
	"POST /v1/duty/suggestions/accept":       {"", `{"role":"officer","changes":[{"cell":"430202001001","person":999999}]}`},
	"PATCH /v1/duty/settings":                {"", `{"map_number":"示例S(2026)001号"}`},
	"POST /v1/circulations":                  {"", `{}`},
	"POST /v1/circulations/{id}/opinions":    {"", `{"rest":true,"stance":"accept"}`},
	"POST /v1/circulations/{id}/close":       {"", `{"withdrawn":"示例"}`},
	"POST /v1/opinions/{id}/answer":          {"", `{"outcome":"not","reason":"示例"}`},
	"PUT /v1/workdays/{year}":                {"", `{"exceptions":[]}`},
	"POST /v1/session":                       {"", `{"name":"nobody","password":"not the password"}`},
	"PUT /v1/account/password":               {"", `{}`},
	"PUT /v1/account/second-factor":          {"", `{}`},
	"POST /v1/account/second-factor/end":     {"", `{}`},
	"POST /v1/accounts":                      {"", `{}`},
	"PATCH /v1/accounts/{id}":                {"", `{}`},
	"PUT /v1/accounts/{id}/password":         {"", `{}`},
	"PUT /v1/accounts/{id}/grant":            {"", `{}`},
	"POST /v1/keys":                          {"", `{}`},
	"POST /v1/layers":                        {"", `{"code":"market","name":{"zh":"市场监管","en":"Market regulation"}}`},
	"PATCH /v1/layers/{code}":                {"/v1/layers/none", `{"rank":9}`},
	"POST /v1/merges":                        {"", `{}`},
	"PUT /v1/merges/rules":                   {"", `{"rules":[],"version":0}`},
	"POST /v1/merges/rules/preview":          {"", `{"rules":[]}`},
	"POST /v1/merges/rules/apply":            {"", `{"version":0}`},
	"POST /v1/conflicts/settle":              {"", `{"filter":{},"resolution":"proposal","reason":"示例"}`},
	"POST /v1/conflicts/{id}/settle":         {"", `{"resolution":"keep-base-boundary","reason":"示例","version":0}`},
	"POST /v1/conflicts/{id}/defer":          {"", `{"reason":"示例","version":0}`},
	"POST /v1/conflicts/{id}/reopen":         {"", `{"reason":"示例","version":0}`},
	"POST /v1/conflicts/{id}/comments":       {"", `{"text":"示例"}`},

	"POST /v1/account/second-factor/recovery": {"", `{}`},
}

// leaving are the routes after which a session is another or none.
var leaving = []string{"DELETE /v1/session", "POST /v1/session"}

// route is one operation of the document.
type route struct {
	name, method, path string // path with a sample's parameters
	body               string
	action             access.Action
}

var parameter = regexp.MustCompile(`\{(\w+)\}`)

// routes gives every operation of openapi.yaml with its sample. That there is no
// route besides is checked when a server is made.
func routes(t *testing.T) (list []route) {
	t.Helper()
	spec, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for path, item := range spec.Paths.Map() {
		for method, operation := range item.Operations() {
			r := route{name: method + " " + path, method: method}
			action, _ := operation.Extensions["x-action"].(string)
			if r.action = access.Action(action); action == "" {
				t.Errorf("%s has no x-action", r.name)
			}
			given, there := requests[r.name]
			used[r.name] = true
			needs := operation.RequestBody != nil
			for _, p := range append(slices.Clone(item.Parameters), operation.Parameters...) {
				needs = needs || p.Value.In == "query" && p.Value.Required
			}
			if needs && !there {
				t.Errorf("%s has no sample request", r.name)
			}
			r.body = given.body
			if r.path = path; strings.HasPrefix(given.path, "/") {
				r.path = given.path
			}
			r.path = parameter.ReplaceAllStringFunc(r.path, func(p string) string {
				value, there := inPath[strings.Trim(p, "{}")]
				if !there {
					t.Errorf("%s: nothing stands for %s", r.name, p)
				}
				return value
			})
			if strings.HasPrefix(given.path, "?") {
				r.path += given.path
			}
			list = append(list, r)
		}
	}
	for name := range requests {
		if !used[name] {
			t.Errorf("there is no route %s", name)
		}
	}
	slices.SortFunc(list, func(a, b route) int { return strings.Compare(a.name, b.name) })
	return list
}

// digest condenses all rows of all tables, but those that every request touches.
func (s *site) digest() string {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.url)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(s.t.Context()))
	rows, err := conn.Query(s.t.Context(), `
		SELECT format('SELECT %L || coalesce(md5(string_agg(md5(t::text), '''' ORDER BY t::text)), '''') FROM %I.%I t', n.nspname || '.' || c.relname || ' ', n.nspname, c.relname)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'r' AND n.nspname IN ('cells', 'editions', 'drawing', 'layers', 'objects', 'people', 'merge', 'staging', 'duty', 'access', 'audit')
		  AND n.nspname || '.' || c.relname NOT IN ('access.session', 'access.attempt', 'access.key') ORDER BY 1`)
	if err != nil {
		s.t.Fatal(err)
	}
	statements, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		s.t.Fatal(err)
	}
	var all string
	if err := conn.QueryRow(s.t.Context(), `SELECT concat_ws(E'\n', (`+strings.Join(statements, "), (")+`))`).Scan(&all); err != nil {
		s.t.Fatal(err)
	}
	return all
}

// TestMatrixOfRoutes asks every route as every role, in its own territory and in
// another: who may by the policy table is let through to the handler, others are
// refused with 401 or 403, and nothing has changed then.
func TestMatrixOfRoutes(t *testing.T) {
	t.Parallel()
	list := routes(t)
	s := newSite(t)
	l := s.territory("4302", "示例市", 113, 27.5, 2)
	s.territory("4303", "邻市", 114, 27.5, 2)
	l.object("enterprise", "E1", "示例企业 1", "POINT(113.01 27.51)", `{}`)
	s.exec(`INSERT INTO access.opened (territory_id, collection, opened_by) VALUES ($1, 'cells', 'test')`, l.id)
	var policy access.Policy
	s.tx(func(ctx context.Context, tx pgx.Tx) (err error) {
		policy, err = access.LoadPolicy(ctx, tx)
		return err
	})
	account := scan[int64](s, `INSERT INTO access.account (territory_id, name, kind) VALUES ($1, 'another', 'person') RETURNING id`, l.id)
	roles := []grids.Role{grids.RolePublic, grids.RoleAgency, grids.RoleOfficer, grids.RoleDepartment, grids.RoleGIS, grids.RolePlanner,
		grids.RoleAdmin, grids.RoleSecurity, grids.RoleAuditor}
	callers := map[grids.Role]*site{}
	for _, role := range roles {
		if role == grids.RolePublic {
			callers[role] = s.anonymous()
		} else {
			callers[role] = s.as(access.Grant{Role: role, Territory: l.id})
		}
	}
	// whether a role may ask for it in a territory
	may := func(role grids.Role, own bool, r route) bool {
		switch r.action {
		case "catalog":
			return true
		case "own":
			return role != grids.RolePublic
		}
		return own && policy.May(role, r.action)
	}
	ask := func(role grids.Role, own bool, r route) answer {
		who, prefix := callers[role], "/t/430200000000"
		if !own {
			prefix = "/t/430300000000"
		}
		if slices.Contains(leaving, r.name) && role != grids.RolePublic {
			who = s.as(access.Grant{Role: role, Territory: l.id})
		}
		var headers []string
		switch r.name {
		case "POST /v1/uploads/":
			headers = []string{"Tus-Resumable", "1.0.0", "Upload-Length", "5"}
		case "PATCH /v1/uploads/{upload}":
			headers = []string{"Tus-Resumable", "1.0.0", "Upload-Offset", "0", "Content-Type", "application/offset+octet-stream"}
		case "POST /v1/rosters":
			headers = []string{"Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
		}
		if strings.Contains(r.name, "/v1/uploads") && headers == nil {
			headers = []string{"Tus-Resumable", "1.0.0"}
		}
		path := r.path
		if strings.HasPrefix(path, "/v1/accounts/") {
			path = strings.Replace(path, "999999", fmt.Sprint(account), 1)
		}
		return who.bare(r.method, prefix+path, r.body, headers...)
	}
	refused := func(a answer) bool { return a.status == http.StatusUnauthorized || a.status == http.StatusForbidden }
	before := s.digest()
	var lock sync.Mutex
	asked := 0
	each := func(wanted bool, check func(role grids.Role, where string, r route, a answer)) {
		var wait sync.WaitGroup
		for _, role := range roles {
			wait.Go(func() {
				for _, own := range []bool{true, false} {
					for _, r := range list {
						if may(role, own, r) != wanted {
							continue
						}
						a := ask(role, own, r)
						lock.Lock()
						asked++
						check(role, map[bool]string{true: "its own", false: "another"}[own], r, a)
						lock.Unlock()
					}
				}
			})
		}
		wait.Wait()
	}
	each(false, func(role grids.Role, where string, r route, a answer) {
		if !refused(a) {
			t.Errorf("%s by %s in %s territory: %d %.100s", r.name, role, where, a.status, a.body)
		}
	})
	if after := s.digest(); after != before {
		t.Errorf("what was refused changed the database:\n%s", difference(before, after))
	}
	each(true, func(role grids.Role, where string, r route, a answer) {
		// a wrong password is a 401 by itself
		if refused(a) && r.name != "POST /v1/session" {
			t.Errorf("%s by %s in %s territory: %d %.200s", r.name, role, where, a.status, a.body)
		}
		if a.status >= 500 {
			t.Errorf("%s by %s in %s territory: %d %.200s", r.name, role, where, a.status, a.body)
		}
	})
	t.Logf("%d routes, %d requests", len(list), asked)
}

func difference(before, after string) string {
	var lines []string
	was := strings.Split(before, "\n")
	for i, line := range strings.Split(after, "\n") {
		if i >= len(was) || was[i] != line {
			name, _, _ := strings.Cut(line, " ")
			lines = append(lines, name)
		}
	}
	return strings.Join(lines, "\n")
}

// TestReach: who may do something somewhere is refused elsewhere, with what it
// may, and nothing has changed then.
func TestReach(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l := s.territory("4302", "示例市", 113, 27.5, 2)
	l.object("enterprise", "E1", "示例企业 1", "POINT(113.01 27.51)", `{"layers":["environment"]}`)
	l.object("enterprise", "E2", "示例企业 2", "POINT(113.31 27.51)", `{"layers":["environment"]}`)
	l.object("enterprise", "E3", "示例企业 3", "POINT(113.02 27.51)", `{"layers":["safety"]}`)
	for _, no := range []string{"P2", "P3", "P4"} {
		l.person(no, "示例人员 "+no)
	}
	l.assign("P2", "430202001001", "officer", "environment")
	l.assign("P3", "430203001001", "officer", "environment")
	l.assign("P4", "430202001001", "officer", "safety")
	for no, division := range map[string]string{"P2": "430202000000", "P3": "430203000000"} {
		s.exec(`WITH u AS (INSERT INTO people.unit (territory_id, name, kind, division) VALUES ($1, $2, 'other', $3) RETURNING id)
			UPDATE people.person SET unit_id = (SELECT id FROM u) WHERE territory_id = $1 AND staff_no = $4`, l.id, "示例单位 "+no, division, no)
	}
	base := func(code string) string {
		return scan[string](s, `SELECT format('{"uid":"%s","etag":"%s"}', v.cell_id, cells.etag(v)) FROM cells.version v WHERE territory_id = $1 AND code = $2 AND to_edition IS NULL`, l.id, code)
	}
	person := func(no string) int64 {
		return scan[int64](s, `SELECT id FROM people.person WHERE territory_id = $1 AND staff_no = $2`, l.id, no)
	}
	county := s.as(access.Grant{Role: grids.RolePlanner, Territory: l.id, Within: []grids.Code{"430202"}})
	department := s.as(access.Grant{Role: grids.RoleDepartment, Territory: l.id, Layers: []grids.LayerCode{"environment"}})
	for _, test := range []struct {
		name               string
		who                *site
		method, path, body string
		elsewhere          string // what stands for body elsewhere; path too where it has a blank
		says               string
	}{
		{"edit", county, "POST", "/v1/draft/edits", `{"op":"rename","cell":` + base("430202001001") + `,"name":"新名"}`,
			`{"op":"rename","cell":` + base("430203001001") + `,"name":"新名"}`, "430202"},
		{"draw", county, "POST", "/v1/draft/draws", "",
			`{"parent":` + base("430203001000") + `,"method":"balanced","into":2,"replace":true}`, "430202"},
		{"object moved out", county, "PUT", "/v1/objects/enterprises/E1/location", `{"lon":113.03,"lat":27.52,"by":"hand"}`, `{"lon":113.32,"lat":27.52,"by":"hand"}`, "430202"},
		{"object of others", county, "PUT", "/v1/objects/enterprises/E1/location", `{"lon":113.03,"lat":27.53,"by":"hand"}`, `/v1/objects/enterprises/E2/location {"lon":113.03,"lat":27.53,"by":"hand"}`, "430202"},
		{"assignment", county, "POST", "/v1/assignments", fmt.Sprintf(`{"cell":"430202001002","person":%d,"role":"officer","layer":"environment"}`, person("P2")),
			fmt.Sprintf(`{"cell":"430203001002","person":%d,"role":"officer","layer":"environment"}`, person("P2")), "430202"},
		{"person", county, "PATCH", fmt.Sprintf("/v1/people/%d", person("P2")), `{"name":"示例人员乙"}`, fmt.Sprintf(`/v1/people/%d {"name":"示例人员丙"}`, person("P3")), ""},
		{"object of another layer", department, "PUT", "/v1/objects/enterprises/E1/location", `{"lon":113.03,"lat":27.54,"by":"hand"}`,
			`/v1/objects/enterprises/E3/location {"lon":113.03,"lat":27.54,"by":"hand"}`, "environment"},
		{"assignment for another layer", department, "POST", "/v1/assignments", fmt.Sprintf(`{"cell":"430202002001","person":%d,"role":"officer","layer":"environment"}`, person("P2")),
			fmt.Sprintf(`{"cell":"430202002001","person":%d,"role":"officer","layer":"safety"}`, person("P2")), "environment"},
	} {
		path, body := test.path, test.elsewhere
		if strings.HasPrefix(body, "/") {
			path, body, _ = strings.Cut(body, " ")
		}
		before := s.digest()
		a := test.who.bare(test.method, path, body)
		if a.status != 403 || !strings.Contains(string(a.body), test.says) {
			t.Errorf("%s elsewhere: %d %s", test.name, a.status, a.body)
		}
		if after := s.digest(); after != before {
			t.Errorf("%s elsewhere changed\n%s", test.name, difference(before, after))
		}
		if test.body == "" {
			continue
		}
		if a := test.who.bare(test.method, test.path, test.body); a.status >= 400 {
			t.Errorf("%s at home: %d %s", test.name, a.status, a.body)
		}
	}
}
