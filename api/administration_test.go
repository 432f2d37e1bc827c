package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"unigrid/grids"
	"unigrid/grids/access"
)

// A village is administered by the other county: the chain, and who acts, are that one's.
func TestAdministrations(t *testing.T) {
	t.Parallel()
	l := townFolk(t)
	l.assign("P2", "430202000000", "accountable", "")
	l.assign("P3", "430203000000", "accountable", "")
	const leaf = "430202001001"
	chain := func() (codes []string, acting float64) {
		t.Helper()
		cells := l.get("/v1/responsible?lon=113.01&lat=27.51").json(t)["chain"].([]any)
		summary := l.get("/v1/cells/" + leaf + "/summary").json(t)
		panel, path := summary["chain"].([]any), fmt.Sprint(summary["path"])
		for i, c := range cells {
			one, other := c.(map[string]any), panel[i].(map[string]any)
			codes = append(codes, one["code"].(string))
			by, _ := one["administered"].(map[string]any)
			same, _ := other["administered"].(map[string]any)
			if one["code"] != other["code"] || by["by"] != same["by"] || (by == nil) != (same == nil) {
				t.Errorf("%v, in the summary %v", one, other)
			}
		}
		if strings.Count(path, "code:") != 3 || !strings.Contains(path, "code:430202001000") { // geometry stays
			t.Errorf("path %s", path)
		}
		if by, _ := cells[0].(map[string]any)["administered"].(map[string]any); (by != nil) != (len(codes) == 3) || (by != nil && by["by"] != "430203000000") {
			t.Errorf("administered %v, chain %v", by, codes)
		}
		return codes, cells[0].(map[string]any)["accountable"].(map[string]any)["id"].(float64)
	}
	before, who := chain()
	if before[0] != leaf || who != float64(l.who("P2")) {
		t.Fatalf("%v %v", before, who)
	}
	made := l.post(201, "/v1/administrations", `{"cell":"%s","by":"430203000000","reason":"开发区托管"}`, leaf)
	if made["by"] != "430203000000" || made["to"] != nil || made["recorded_by"] != "test-admin" {
		t.Errorf("%v", made)
	}
	if codes, who := chain(); fmt.Sprint(codes) != fmt.Sprint([]string{leaf, "430203000000", "430200000000"}) || who != float64(l.who("P3")) {
		t.Errorf("%v %v", codes, who)
	}
	if a := l.get("/v1/boards/" + leaf); a.status != 200 {
		t.Errorf("board: %d %s", a.status, a.body)
	}
	for query, want := range map[string]int{"": 1, "?cell=430203000000": 1, "?cell=430202001002": 0, "?at=2020-01-01T00:00:00Z": 0, "?at=" + time.Now().UTC().Add(time.Hour).Format(time.RFC3339): 1} {
		if got := l.get("/v1/administrations" + query).json(t)["administrations"].([]any); len(got) != want {
			t.Errorf("%s: %v", query, got)
		}
	}
	l.post(409, "/v1/administrations", `{"cell":"%s","by":"430200000000"}`, leaf)
	l.post(400, "/v1/administrations", `{"cell":"%s"}`, leaf)
	l.post(404, "/v1/administrations", `{"cell":"%s","by":"430299000000"}`, leaf)
	county := l.as(access.Grant{Role: grids.RolePlanner, Territory: l.id, Within: []grids.Code{"430202"}})
	if a := county.bare("POST", "/v1/administrations", `{"cell":"430202001002","by":"430203000000"}`); a.status != 403 {
		t.Errorf("to another county: %d %s", a.status, a.body)
	}
	path := fmt.Sprintf("/v1/administrations/%.0f/end", made["id"])
	if a := county.bare("POST", path, `{}`); a.status != 403 {
		t.Errorf("ended by one of both: %d %s", a.status, a.body)
	}
	l.post(200, path, `{}`)
	l.post(409, path, `{}`)
	if codes, who := chain(); fmt.Sprint(codes) != fmt.Sprint(before) || who != float64(l.who("P2")) {
		t.Errorf("%v %v", codes, who)
	}
}
