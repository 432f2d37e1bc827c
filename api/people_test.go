package api_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestPeople(t *testing.T) {
	t.Parallel()
	l := townFolk(t)
	unit := l.post(201, "/v1/units", `{"name":"示例镇","kind":"township","division":"430202000000"}`)
	office := l.post(201, "/v1/units", `{"name":"党政办","kind":"department","parent":%.0f}`, unit["id"])
	if office["label"] != "党政办" || office["division"] != "430202000000" {
		t.Errorf("%v", office)
	}
	made := l.post(201, "/v1/people", `{"name":"曾三","unit":%.0f,"phone":"13812341234","posts":[{"title":"镇长","from":"2024-03-01T00:00:00Z"},{"title":"主任","unit":%.0f}],"layers":[]}`, unit["id"], office["id"])
	if made["phone_masked"] != "138****1234" || len(made["posts"].([]any)) != 2 || made["unit_label"] != "示例镇" {
		t.Fatalf("%v", made)
	}
	id := made["id"].(float64)
	path := fmt.Sprintf("/v1/people/%.0f", id)
	for query, want := range map[string]int{
		"q=cengsan": 1, "q=曾": 1, "q=zs": 1, "q=" + "nobody": 0, "": 6, "limit=2": 2, "after=P4": 1, "without_cell=true": 5,
		fmt.Sprintf("unit=%.0f", office["id"]): 1, "unit=0": 5, "cell=430200000000": 1, "cell=430202001001": 0, "layer=safety": 0,
	} {
		if got := l.get("/v1/people?" + query).json(t)["people"].([]any); len(got) != want {
			t.Errorf("%s: %d, want %d: %v", query, len(got), want, got)
		}
	}
	first := l.get("/v1/people?limit=2").json(t)
	if first["matched"] != 6.0 || l.get("/v1/people?limit=2&after=" + first["next"].(string)).json(t)["matched"] != nil {
		t.Errorf("%v", first)
	}
	one := l.get(path)
	if tag := one.header.Get("ETag"); tag != fmt.Sprintf("%q", fmt.Sprint(made["version"])) {
		t.Errorf("ETag %s", tag)
	}
	if strings.Contains(string(one.body), "13812341234") {
		t.Error("the number is shown")
	}

	changed := l.send("PATCH", path, `{"name":"曾四"}`, "If-Match", one.header.Get("ETag"))
	if changed.status != 200 || changed.json(t)["name"] != "曾四" {
		t.Fatalf("%d %s", changed.status, changed.body)
	}
	for name, c := range map[string]struct {
		path, body string
		header     []string
		status     int
	}{
		"header": {path, `{"name":"曾五"}`, []string{"If-Match", one.header.Get("ETag")}, 412},
		"body":   {path, fmt.Sprintf(`{"name":"曾五","known":%v}`, made["version"]), nil, 409},
		"rows":   {"/v1/people", fmt.Sprintf(`{"people":[{"id":%d,"name":"改名"},{"id":%.0f,"known":%v,"name":"曾五"}]}`, l.who("P2"), id, made["version"]), nil, 409},
	} {
		a := l.send("PATCH", c.path, c.body, c.header...)
		refused, _ := a.json(t)["refused"].([]any)
		if a.status != c.status || len(refused) != 1 || refused[0].(map[string]any)["stale"] != true || refused[0].(map[string]any)["person"].(map[string]any)["name"] != "曾四" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if got := l.get(fmt.Sprint("/v1/people/", l.who("P2"))).json(t)["name"]; got != "示例人员 0002" {
		t.Errorf("half of it was done: %v", got)
	}
	if a := l.send("PATCH", "/v1/people", fmt.Sprintf(`{"people":[{"id":%d,"unit":%.0f},{"id":%d,"unit":%.0f}]}`, l.who("P2"), unit["id"], l.who("P3"), unit["id"])); a.status != 200 || len(a.json(t)["people"].([]any)) != 2 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := l.send("PATCH", fmt.Sprintf("/v1/units/%.0f", unit["id"]), `{"name":"新镇"}`, "If-Match", `"99"`); a.status != 412 || a.json(t)["now"].(map[string]any)["name"] != "示例镇" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := l.send("PATCH", fmt.Sprintf("/v1/units/%.0f", unit["id"]), `{"name":"新镇"}`); a.status != 200 || a.json(t)["people"] != 3.0 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if got := l.get(path).json(t)["unit_label"]; got != "新镇" {
		t.Errorf("%v", got)
	}
	posts := l.get(fmt.Sprintf("/v1/posts?unit=%.0f", office["id"])).json(t)["posts"].([]any)
	if len(posts) != 1 || posts[0].(map[string]any)["holders"] != 1.0 {
		t.Fatalf("%v", posts)
	}
	post := fmt.Sprintf("/v1/posts/%.0f", posts[0].(map[string]any)["id"])
	if a := l.send("PATCH", post, `{"title":"党政办主任","side":"party","rank":3}`); a.status != 200 || a.json(t)["side"] != "party" {
		t.Errorf("%d %s", a.status, a.body)
	}
	for path, want := range map[string]int{post: 409, fmt.Sprintf("/v1/units/%.0f", unit["id"]): 409, fmt.Sprint("/v1/people/", l.who("P1")): 409, "/v1/people/99999": 404} {
		a := l.send("DELETE", path, "")
		if a.status != want || strings.Contains(path, "people/1") && !strings.Contains(string(a.body), "430200000000") {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}

	if a := l.post(200, path+"/phone", `{"reason":"防汛值班"}`); a["phone"] != "13812341234" {
		t.Errorf("%v", a)
	}
	if n := scan[int](l.site, `SELECT count(*) FROM audit.entry WHERE territory_id = $1 AND op = 'disclose' AND person_id = $2 AND after ->> 'why' = '防汛值班'`, l.id, int64(id)); n != 1 {
		t.Errorf("%d disclosures", n)
	}
	l.post(400, path+"/phone", `{"reason":""}`)
	if a := l.send("DELETE", path, ""); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := l.get(path); a.status != 404 {
		t.Errorf("%d", a.status)
	}
}
