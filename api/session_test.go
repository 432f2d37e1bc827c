package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/api"
	"unigrid/grids"
	"unigrid/grids/access"
)

const testPassword = "correct horse battery"

// member makes an account with a password and a grant.
func (s *site) member(name string, g access.Grant) int64 {
	s.t.Helper()
	s.tx(func(ctx context.Context, tx pgx.Tx) (err error) {
		if g.Account, err = access.CreateAccount(ctx, tx, grids.Local, access.Account{Name: name}, testPassword); err != nil || g.Role == "" {
			return err
		}
		return access.Give(ctx, tx, g, grids.GB12, "")
	})
	return g.Account
}

// key makes an account of a program with a grant, and a key of it.
func (s *site) key(name string, g access.Grant, k access.Key) string {
	s.t.Helper()
	var secret string
	s.tx(func(ctx context.Context, tx pgx.Tx) (err error) {
		if g.Account, err = access.CreateAccount(ctx, tx, grids.Local, access.Account{Name: name, Kind: access.Service}, ""); err != nil {
			return err
		}
		if err := access.Give(ctx, tx, g, grids.GB12, ""); err != nil {
			return err
		}
		k.Account, k.Label, k.PerMinute, k.Expires = g.Account, "test", max(k.PerMinute, 1), time.Now().Add(time.Hour)
		secret, err = access.CreateKey(ctx, tx, k, time.Now())
		return err
	})
	return secret
}

// signIn signs in and gives the site as the account sees it.
func (s *site) signIn(name string, want int) (*site, answer) {
	s.t.Helper()
	out := s.anonymous()
	a := out.send(http.MethodPost, "/v1/session", fmt.Sprintf(`{"name":%q,"password":%q}`, name, testPassword))
	if a.status != want {
		s.t.Fatalf("signing in as %s: %d %s", name, a.status, a.body)
	}
	out.cookie, _, _ = strings.Cut(a.header.Get("Set-Cookie"), ";")
	return out, a
}

func (s *site) me() api.WhoAmI {
	s.t.Helper()
	a := s.get("/v1/session")
	var me api.WhoAmI
	if err := json.Unmarshal(a.body, &me); a.status != 200 || err != nil {
		s.t.Fatalf("%d %s", a.status, a.body)
	}
	return me
}

func problemType(t *testing.T, a answer) string {
	t.Helper()
	kind, _ := a.json(t)["type"].(string)
	return strings.TrimPrefix(kind, "urn:unigrid:problem:")
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	here := s.territory("4302", "示例市", 113, 27.5, 2)
	there := s.territory("4303", "示例二市", 114, 27.5, 2)
	s.member("planner", access.Grant{Territory: here.id, Role: grids.RolePlanner, Within: []grids.Code{"430202"}, Layers: []grids.LayerCode{"safety"}})
	public := s.anonymous()
	if me := public.me(); me.Name != nil || me.Role != "public" || strings.Join(me.May, " ") != "boards.read catalog collections.read" || !me.Demo {
		t.Errorf("%+v", me)
	}
	if a := public.get("/v1/editions"); a.status != 401 || a.header.Get("WWW-Authenticate") != `Bearer realm="unigrid"` || problemType(t, a) != "unsigned" {
		t.Errorf("%d %s %s", a.status, a.header, a.body)
	}

	in, a := s.signIn("Planner", 201)
	if c := a.header.Get("Set-Cookie"); !strings.Contains(c, "; HttpOnly") || !strings.Contains(c, "; SameSite=Lax") || !strings.Contains(c, "Path=/") || strings.Contains(c, "Secure") {
		t.Error(c)
	}
	me := in.me()
	if *me.Name != "planner" || me.Role != "planner" || strings.Join(me.Within, " ") != "430202" || strings.Join(me.Layers, " ") != "safety" || me.Territory != "430200000000" ||
		!strings.Contains(strings.Join(me.May, " "), "draft.publish") || strings.Contains(strings.Join(me.May, " "), "accounts.edit") {
		t.Errorf("%+v", me)
	}
	s.exec(`INSERT INTO access.opened (territory_id, collection, opened_by) SELECT id, 'cells', 'test' FROM cells.territory`)
	for path, want := range map[string]int{
		"/v1/editions": 200, "/metrics": 403,
		"/t/430300000000/v1/editions": 403, "/t/430300000000/collections/cells/items": 200, // open to the public
	} {
		if a := in.get(path); a.status != want {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	s.exec(`DELETE FROM access.opened WHERE territory_id = $1`, there.id)
	for _, path := range []string{"/t/430300000000/collections/cells/items", "/t/430300000000/tiles/cells/8/208/107.mvt", "/t/430300000000/v1/stats"} {
		if a, b := public.get(path), in.get(path); a.status != 401 || b.status != 403 {
			t.Errorf("%s: %d to nobody, %d to who has rights elsewhere", path, a.status, b.status)
		}
	}
	if a := public.get("/t/430300000000/collections"); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}

	if a := in.send(http.MethodDelete, "/v1/session", ""); a.status != 204 || !strings.Contains(a.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("%d %s", a.status, a.header)
	}
	if a := in.get("/v1/editions"); a.status != 401 || !strings.Contains(string(a.body), "ended") || !strings.Contains(a.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("%d %s %s", a.status, a.header, a.body)
	}
	if a := in.get("/collections/cells"); a.status != 200 {
		t.Errorf("who has signed out is the public: %d", a.status)
	}
	// over TLS the cookie is bound to the host
	tls := s.anonymous().send(http.MethodPost, "/v1/session", `{"name":"planner","password":"`+testPassword+`"}`, "X-Forwarded-Proto", "https")
	if c := tls.header.Get("Set-Cookie"); !strings.HasPrefix(c, "__Host-unigrid=") || !strings.Contains(c, "; Secure") || strings.Contains(c, "Domain") {
		t.Error(c)
	}
}

func TestWrongSignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.territory("4302", "示例市", 113, 27.5, 2)
	s.member("planner", access.Grant{Role: grids.RolePlanner})
	public := s.anonymous()
	var bodies []string
	for _, name := range []string{"planner", "nobody"} {
		a := public.send(http.MethodPost, "/v1/session", fmt.Sprintf(`{"name":%q,"password":"not this one"}`, name))
		if a.status != 401 || problemType(t, a) != "unsigned" || a.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		bodies = append(bodies, fmt.Sprint(a.json(t)["detail"]))
		for range 4 {
			public.send(http.MethodPost, "/v1/session", fmt.Sprintf(`{"name":%q,"password":"not this one"}`, name))
		}
		a = public.send(http.MethodPost, "/v1/session", fmt.Sprintf(`{"name":%q,"password":%q}`, name, testPassword))
		if a.status != 429 || a.header.Get("Retry-After") == "" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if bodies[0] != bodies[1] {
		t.Errorf("who isn't there is told from who is: %v", bodies)
	}
	if a := public.send(http.MethodPost, "/v1/session", `{"name":"planner"}`); a.status != 400 {
		t.Errorf("%d", a.status)
	}
	if a := public.send(http.MethodPost, "/v1/session", `{"name":"planner","password":"x"}`, "Sec-Fetch-Site", "cross-site"); a.status != 403 {
		t.Errorf("from another site: %d", a.status)
	}
}

func TestKeysOfPrograms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	here := s.territory("4302", "示例市", 113, 27.5, 2)
	whole := s.key("whole", access.Grant{Territory: here.id, Role: grids.RoleDepartment}, access.Key{PerMinute: 1000})
	narrow := s.key("narrow", access.Grant{Territory: here.id, Role: grids.RoleDepartment}, access.Key{PerMinute: 1000, Actions: []string{"collections.read"}, Collections: []string{"cells"}})
	public := s.anonymous()
	for _, test := range []struct {
		header, key, path string
		want              int
	}{
		{"X-Api-Key", whole, "/v1/editions", 200},
		{"Authorization", "Bearer " + whole, "/v1/editions", 200},
		{"Authorization", "bearer " + whole, "/v1/conflicts", 200},
		{"X-Api-Key", whole, "/metrics", 403},
		{"X-Api-Key", narrow, "/v1/editions", 403},
		{"X-Api-Key", narrow, "/collections", 200},
		{"X-Api-Key", narrow, "/collections/cells/items", 200},
		{"X-Api-Key", narrow, "/tiles/cells.json", 200},
		{"X-Api-Key", narrow, "/tiles/enterprises.json", 403},
		{"X-Api-Key", narrow, "/collections/enterprises/items", 403},
		{"X-Api-Key", narrow, "/v1/search?q=a", 403},
		{"X-Api-Key", narrow, "/v1/session", 200},
		{"X-Api-Key", whole + "x", "/collections", 401},
		{"Authorization", "Bearer nonsense", "/", 401},
	} {
		a := public.get(test.path, test.header, test.key)
		if a.status != test.want || (test.want == 401 && !strings.Contains(a.header.Get("WWW-Authenticate"), "invalid_token")) {
			t.Errorf("%s by %.12s…: %d %s", test.path, test.key, a.status, a.body)
		}
	}
	s.exec(`UPDATE access.key SET revoked_at = now()`)
	if a := public.get("/v1/editions", "X-Api-Key", whole); a.status != 401 {
		t.Errorf("ended: %d", a.status)
	}
	for _, line := range s.log.lines() {
		if strings.Contains(line, whole[12:]) {
			t.Errorf("a key is in the log: %s", line)
		}
	}
}

// TestRevokedElsewhere: what another process ends here stops at once, also
// where callers are kept.
func TestRevokedElsewhere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	here := s.territory("4302", "示例市", 113, 27.5, 2)
	id := s.member("planner", access.Grant{Territory: here.id, Role: grids.RolePlanner})
	in, _ := s.signIn("planner", 201)
	ctx, stop := context.WithCancel(t.Context())
	watched := make(chan struct{})
	go func() {
		s.handler.Watch(ctx)
		close(watched)
	}()
	defer func() { stop(); <-watched }()
	for deadline := time.Now().Add(20 * time.Second); !s.handler.HearsForTest() && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
	}
	for range 3 {
		if a := in.get("/v1/editions"); a.status != 200 {
			t.Fatalf("%d", a.status)
		}
	}
	if !s.handler.KeepsForTest() {
		t.Error("nobody is kept")
	}
	soon := func(what string, want int) {
		t.Helper()
		status := 0
		for deadline := time.Now().Add(3 * time.Second); status != want && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
			status = in.get("/v1/editions").status
		}
		if status != want {
			t.Errorf("%s: %d", what, status)
		}
	}
	s.exec(`UPDATE access.grant_ SET role = 'agency' WHERE account = $1`, id)
	soon("a role with the same right", 200)
	s.exec(`DELETE FROM access.grant_ WHERE account = $1`, id)
	soon("rights were taken", 403)
	s.exec(`INSERT INTO access.grant_ (account, territory_id, role) VALUES ($1, $2, 'gis')`, id, here.id)
	soon("rights were given", 200)
	s.exec(`UPDATE access.account SET disabled = true WHERE id = $1`, id)
	soon("the account was closed", 401)
}
