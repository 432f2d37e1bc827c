package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"unigrid/grids"
	"unigrid/grids/access"
)

// TestThreeAdministrators lets the system administrator make an account, the
// security administrator give it rights, and none do the other's.
func TestThreeAdministrators(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	here := s.territory("4302", "示例市", 113, 27.5, 2)
	admin, security, auditor := s.as(access.Grant{Territory: here.id, Role: grids.RoleAdmin}), s.as(access.Grant{Territory: here.id, Role: grids.RoleSecurity}), s.as(access.Grant{Territory: here.id, Role: grids.RoleAuditor})
	planner := s.as(access.Grant{Territory: here.id, Role: grids.RolePlanner})
	const mei = `{"name":"Mei","label":"示例账号","password":"` + testPassword + `"}`
	a := admin.send(http.MethodPost, "/v1/accounts", mei)
	if a.status != 201 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	account := fmt.Sprintf("/v1/accounts/%.0f", a.json(t)["id"])
	program := admin.send(http.MethodPost, "/v1/accounts", `{"name":"police","kind":"service"}`).json(t)["id"]
	in, _ := s.signIn("mei", 201)
	if me := in.me(); me.Role != "public" || !*me.MustChange || strings.Join(me.May, " ") != "catalog own" {
		t.Errorf("%+v", me)
	}
	for _, test := range []struct {
		name, method, path, body string
		who                      *site
		want                     int
	}{
		{"two of a name", "POST", "/v1/accounts", mei, admin, 409},
		{"a short password", "POST", "/v1/accounts", `{"name":"li","password":"short"}`, admin, 400},
		{"security makes no account", "POST", "/v1/accounts", `{"name":"li","password":"` + testPassword + `"}`, security, 403},
		{"admin gives no rights", "PUT", account + "/grant", `{"role":"planner"}`, admin, 403},
		{"no role", "PUT", account + "/grant", `{"role":"local"}`, security, 400},
		{"another territory's code", "PUT", account + "/grant", `{"role":"officer","within":["430302"]}`, security, 400},
		{"rights", "PUT", account + "/grant", `{"role":"officer","within":["430202001"],"layers":["safety"]}`, security, 204},
		{"an administrator's before the password is changed", "PUT", account + "/grant", `{"role":"auditor"}`, security, 403},
		{"a planner sees no accounts", "GET", "/v1/accounts", "", planner, 403},
		{"nor a new account", "GET", "/v1/accounts", "", in, 403},
		{"the auditor sees them", "GET", "/v1/accounts", "", auditor, 200},
		{"before the password is changed", "GET", "/v1/editions", "", in, 403},
		{"the wrong password", "PUT", "/v1/account/password", `{"old":"wrong one here","password":"a phrase of my own"}`, in, 400},
		{"a bad password", "PUT", "/v1/account/password", `{"old":"` + testPassword + `","password":"1234567890"}`, in, 400},
		{"another password", "PUT", "/v1/account/password", `{"old":"` + testPassword + `","password":"a phrase of my own"}`, in, 204},
		{"an officer reads people", "GET", "/v1/people", "", in, 200},
		{"a key for a person", "POST", "/v1/keys", `{"account":` + fmt.Sprint(in.json("/v1/sessions", "sessions", 0, "account")) + `,"label":"x","days":1}`, security, 403},
		{"a key by the admin", "POST", "/v1/keys", fmt.Sprintf(`{"account":%v,"label":"x","days":1}`, program), admin, 403},
		{"a key of no action", "POST", "/v1/keys", fmt.Sprintf(`{"account":%v,"label":"x","days":1,"actions":["fly"]}`, program), security, 400},
		{"admin closes", "PATCH", account, `{"disabled":true}`, admin, 200},
		{"and what was signed in ends", "GET", "/v1/sessions", "", in, 401},
		{"security closes nothing", "PATCH", account, `{"disabled":false}`, security, 403},
		{"admin opens", "PATCH", account, `{"disabled":false}`, admin, 200},
		{"and sets a password", "PUT", account + "/password", `{"password":"` + testPassword + `"}`, admin, 204},
	} {
		if a := test.who.send(test.method, test.path, test.body); a.status != test.want {
			t.Errorf("%s: %d, not %d: %s", test.name, a.status, test.want, a.body)
		}
	}
	a = security.send(http.MethodPut, fmt.Sprintf("/v1/accounts/%v/grant", program), `{"role":"agency"}`)
	b := security.send(http.MethodPost, "/v1/keys", fmt.Sprintf(`{"account":%v,"label":"示例","days":30,"actions":["collections.read","editions.read"]}`, program))
	if a.status != 204 || b.status != 201 {
		t.Fatalf("%d %d %s", a.status, b.status, b.body)
	}
	secret := b.json(t)["secret"].(string)
	if a := s.anonymous().get("/v1/editions", "X-Api-Key", secret); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	keys := auditor.get("/v1/keys")
	if one := keys.json(t)["keys"].([]any)[0].(map[string]any); one["used"] == nil || one["name"] != "police" || strings.Contains(string(keys.body), secret[12:]) {
		t.Errorf("%s", keys.body)
	}
	if a := security.send(http.MethodDelete, fmt.Sprintf("/v1/keys/%v", auditor.json("/v1/keys", "keys", 0, "id")), ""); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := s.anonymous().get("/v1/editions", "X-Api-Key", secret); a.status != 401 {
		t.Errorf("%d", a.status)
	}

	// sessions are ended by their owner and by security
	one, _ := s.signIn("mei", 201)
	two, _ := s.signIn("mei", 201)
	id := func(of *site) any { return of.json("/v1/sessions", "sessions", 1, "id") } // the older of two
	if a := planner.send(http.MethodDelete, fmt.Sprintf("/v1/sessions/%v", id(two)), ""); a.status != 403 {
		t.Errorf("%d", a.status)
	}
	if a := security.send(http.MethodDelete, fmt.Sprintf("/v1/sessions/%v", id(two)), ""); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a, b := one.get("/v1/sessions"), two.get("/v1/sessions"); a.status != 401 || b.status != 200 {
		t.Errorf("%d %d", a.status, b.status)
	}
	if list := planner.get("/v1/sessions?all=true").json(t)["sessions"].([]any); len(list) != 1 {
		t.Errorf("a planner sees %d sessions", len(list))
	}
}

func TestSecondFactorOverHTTP(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	here := s.territory("4302", "示例市", 113, 27.5, 2)
	s.member("planner", access.Grant{Territory: here.id, Role: grids.RolePlanner})
	in, _ := s.signIn("planner", 201)
	begun := in.send(http.MethodPost, "/v1/account/second-factor", "").json(t)
	if image, _ := begun["image"].(string); !strings.HasPrefix(image, "data:image/png;base64,iVBOR") {
		t.Error(begun)
	}
	code := func(at time.Time) string {
		text, err := totp.GenerateCode(begun["secret"].(string), at)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	confirmed := in.send(http.MethodPut, "/v1/account/second-factor", `{"code":"`+code(time.Now().Add(-30*time.Second))+`"}`)
	if confirmed.status != 200 || confirmed.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %s", confirmed.status, confirmed.body)
	}
	recovery := confirmed.json(t)["codes"].([]any)
	_, a := s.signIn("planner", 401)
	if problemType(t, a) != "second-factor" {
		t.Errorf("%s", a.body)
	}
	a = s.anonymous().send(http.MethodPost, "/v1/session", `{"name":"planner","password":"`+testPassword+`","code":"`+code(time.Now())+`"}`)
	if a.status != 201 || a.json(t)["second_factor"] != true {
		t.Errorf("%d %s", a.status, a.body)
	}
	// the telephone is lost
	lost := s.anonymous()
	a = lost.send(http.MethodPost, "/v1/session", fmt.Sprintf(`{"name":"planner","password":"%s","code":"%s"}`, testPassword, recovery[3]))
	if a.status != 201 || len(recovery) != 10 {
		t.Errorf("by recovery code: %d %s", a.status, a.body)
	}
	if a := in.get("/v1/session"); a.json(t)["recovery_left"] != 9.0 {
		t.Errorf("%s", a.body)
	}
	if a := in.send(http.MethodPost, "/v1/account/second-factor/recovery", `{"password":"`+testPassword+`"}`); a.status != 200 || len(a.json(t)["codes"].([]any)) != 10 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := in.send(http.MethodPost, "/v1/account/second-factor/recovery", `{"password":"wrong password"}`); a.status != 400 && a.status != 403 {
		t.Errorf("with a wrong password: %d %s", a.status, a.body)
	}
	if a := in.send(http.MethodPost, "/v1/account/second-factor/end", `{"password":"`+testPassword+`"}`); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
	s.signIn("planner", 201)
}

// json is a value within what the site answers to a path.
func (s *site) json(path string, keys ...any) any {
	s.t.Helper()
	var v any = s.get(path).json(s.t)
	for _, key := range keys {
		switch key := key.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[key]
		case int:
			list, _ := v.([]any)
			if key >= len(list) {
				s.t.Fatalf("%s has no %v", path, keys)
			}
			v = list[key]
		}
	}
	if n, ok := v.(float64); ok {
		return int64(n)
	}
	return v
}
