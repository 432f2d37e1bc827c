package api_test

import (
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
