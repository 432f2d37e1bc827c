package api_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"unigrid/api"
	"unigrid/grids"
	"unigrid/grids/access"
)

func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.territory("4302", "示例市", 113, 27.5, 2)
	const site = "https://www.example.gov.cn"
	public := s.anonymous()
	if a := public.get("/collections", "Origin", site); a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("allowed without a setting: %s", a.header)
	}
	handler, err := api.New(s.db, api.Options{Origins: []string{site}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	s.server.Config.Handler = handler
	for _, test := range []struct {
		method, origin, asks string
		want                 bool
	}{
		{"GET", site, "", true}, {"OPTIONS", site, "GET", true}, {"HEAD", site, "", true},
		{"GET", "https://www.example.gov.cn.evil.example", "", false}, {"GET", "null", "", false}, {"OPTIONS", site, "DELETE", false}, {"OPTIONS", "https://evil.example", "GET", false},
	} {
		a := public.send(test.method, "/collections/cells/items?limit=1", "", "Origin", test.origin, "Access-Control-Request-Method", test.asks)
		if got := a.header.Get("Access-Control-Allow-Origin"); (got == site) != test.want || a.header.Get("Access-Control-Allow-Credentials") != "" || !strings.Contains(fmt.Sprint(a.header.Values("Vary")), "Origin") {
			t.Errorf("%s of %s: %d %s", test.method, test.origin, a.status, a.header)
		}
	}
	if a := public.send("POST", "/v1/session", `{"name":"a","password":"b"}`, "Origin", site, "Sec-Fetch-Site", "cross-site"); a.status != 403 || a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("a listed origin changes nothing: %d", a.status)
	}
}

func TestPaces(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	here := s.territory("4302", "示例市", 113, 27.5, 2)
	slow, quick := s.key("slow", access.Grant{Territory: here.id, Role: grids.RoleAgency}, access.Key{PerMinute: 3}), s.key("quick", access.Grant{Territory: here.id, Role: grids.RoleAgency}, access.Key{PerMinute: 1000})
	public := s.anonymous()
	for i := range 4 {
		a := public.get("/v1/editions", "X-Api-Key", slow)
		if (a.status == 429) != (i == 3) || (i == 3 && a.header.Get("Retry-After") == "") {
			t.Errorf("request %d: %d %s", i, a.status, a.header)
		}
	}
	if a := public.get("/v1/editions", "X-Api-Key", quick); a.status != 200 {
		t.Errorf("another key: %d", a.status)
	}
	status := 0
	for range 30 {
		status = public.get("/", "X-Api-Key", "ug_aaaaaaaa_guess").status
	}
	if status != 429 {
		t.Errorf("guessing keys: %d", status)
	}
	for i := range 60 {
		status = public.send(http.MethodPost, "/v1/session", fmt.Sprintf(`{"name":"nobody-%d","password":"x"}`, i)).status
		if status == 429 {
			break
		}
	}
	if status != 429 {
		t.Errorf("guessing names: %d", status)
	}
	if a := public.get("/collections"); a.status != 200 {
		t.Errorf("reading: %d", a.status)
	}
}

func TestSafetyHeaders(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	handler, err := api.New(s.db, api.Options{BehindProxy: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	public := s.anonymous()
	if a := public.get("/healthz", "X-Forwarded-Proto", "https"); a.header.Get("Strict-Transport-Security") != "" {
		t.Error("a header that nobody vouches for is believed")
	}
	s.server.Config.Handler = handler
	if a := public.get("/healthz", "X-Forwarded-Proto", "https"); a.header.Get("Strict-Transport-Security") != "max-age=31536000" {
		t.Error(a.header)
	}
	a := public.get("/healthz")
	for name, part := range map[string]string{"Content-Security-Policy": "default-src 'self'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Permissions-Policy": "camera=()"} {
		if !strings.Contains(a.header.Get(name), part) {
			t.Errorf("%s: %q", name, a.header.Get(name))
		}
	}
	if a := public.send(http.MethodPost, "/v1/session", `{"name":"`+strings.Repeat("a", 5<<20)+`"}`); a.status != 413 {
		t.Errorf("a large body: %d", a.status)
	}
}
