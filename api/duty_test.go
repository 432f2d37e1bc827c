package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
)

func TestDuty(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	telephoned(t, s)
	a := s.get("/v1/duty?cell=430202000000")
	if a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	count := func(of map[string]any, figure string) int {
		return int(of[figure].(map[string]any)["count"].(float64))
	}
	duty := a.json(t)
	for figure, want := range map[string]int{"vacancies": 6, "acting": 6, "overloaded": 0, "idle": 0, "understaffed": 4} {
		if got := count(duty, figure); got != want {
			t.Errorf("%s: %d, want %d", figure, got, want)
		}
		rows := s.get("/v1/duty/" + figure + "?cell=430202000000").json(t)
		if list := rows["rows"].([]any); int(rows["matched"].(float64)) != want || len(list) != want {
			t.Errorf("%s: %d rows of %v", figure, len(list), rows["matched"])
		}
	}
	// a limit that is changed counts at once
	if a := s.send(http.MethodPatch, "/v1/duty/settings", `{"limits":{"most_cells":1,"most_rounds":1,"least_officers":0,"balance_m":3000,"handover_m":2000}}`); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if got := count(s.get("/v1/duty?cell=430202000000").json(t), "understaffed"); got != 0 {
		t.Errorf("with no officers wanted, %d cells lack some", got)
	}
	for path, want := range map[string]int{"/v1/duty": 200, "/v1/duty/workload?limit=1": 200, "/v1/duty?cell=430299000000": 404, "/v1/duty/none": 400, "/v1/duty/idle?offset=-1": 400} {
		if a := s.get(path); a.status != want {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

func TestDutySuggestion(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	telephoned(t, s)
	ask := func() (suggestion struct {
		Changes []struct {
			Cell struct{ Code string }
			To   struct{ ID int64 }
		}
		Before, After struct{ Vacant, Total int64 }
	}) {
		a := s.send(http.MethodPost, "/v1/duty/suggestions", `{"cell":"430202001000","role":"accountable"}`)
		if a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
		if err := json.Unmarshal(a.body, &suggestion); err != nil {
			t.Fatal(err)
		}
		return suggestion
	}
	// two vacant villages of this town, and an officer in each of two who has room
	one := ask()
	if len(one.Changes) != 2 || one.Before.Vacant != 2 || one.After.Vacant != 0 || one.After.Total >= one.Before.Total {
		t.Fatalf("suggestion: %+v", one)
	}
	accept := func(first, second string) answer {
		c := one.Changes
		return s.send(http.MethodPost, "/v1/duty/suggestions/accept", fmt.Sprintf(`{"role":"accountable","reason":"均衡","changes":[{"cell":%q,"person":%d,"replaces":null},{"cell":%q,"person":%d}]}`,
			first, c[0].To.ID, second, c[1].To.ID))
	}
	// all or none: the second has a chief
	if a := accept(one.Changes[0].Cell.Code, "430202001001"); a.status != http.StatusConflict {
		t.Errorf("a cell that is held: %d %s", a.status, a.body)
	}
	if again := ask(); len(again.Changes) != 2 {
		t.Errorf("half of it was made: %+v", again)
	}
	if a := accept(one.Changes[0].Cell.Code, one.Changes[1].Cell.Code); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if after := ask(); after.Before.Vacant != 0 || len(after.Changes) != 0 {
		t.Errorf("after all was made: %+v", after)
	}
	for body, want := range map[string]int{`{"role":"liaison"}`: 400, `{"role":"officer","people":[99999]}`: 404, `{"role":"officer"}`: 200, `{}`: 400} {
		if a := s.send(http.MethodPost, "/v1/duty/suggestions", body); a.status != want {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
}
