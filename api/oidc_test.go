package api_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/api"
	"unigrid/grids"
	"unigrid/grids/access"
)

// identityService runs a real OpenID provider (.ci/oidc) that sends people back
// to a site.
func identityService(t *testing.T, back string) (issuer string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "oidc")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".")
	build.Dir = "../.ci/oidc"
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	free.Close()
	service := exec.Command(program, addr, back+"/v1/oidc/end")
	service.Stderr = os.Stderr
	if err := service.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = service.Process.Kill(); _ = service.Wait() })
	issuer = "http://" + addr + "/"
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if response, err := http.Get(issuer + ".well-known/openid-configuration"); err == nil {
			response.Body.Close()
			return issuer
		}
	}
	t.Fatal("the provider did not begin")
	return ""
}

// hidden finds the field of the provider's form that names the request.
var hidden = regexp.MustCompile(`name="id" value="([^"]+)"`)

// TestOpenIDConnect signs in with a browser's cookies at a provider that runs
// for the test.
func TestOpenIDConnect(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	here := s.territory("4302", "示例市", 113, 27.5, 2)
	issuer := identityService(t, s.server.URL)
	handler, err := api.New(s.db, api.Options{Log: slog.New(slog.DiscardHandler), OIDC: api.OIDC{Issuer: issuer, ClientID: "unigrid", ClientSecret: "shared secret", NameClaim: "preferred_username"}})
	if err != nil {
		t.Fatal(err)
	}
	s.server.Config.Handler = handler
	s.tx(func(ctx context.Context, tx pgx.Tx) error {
		id, err := access.CreateAccount(ctx, tx, grids.Local, access.Account{Name: "zhang", Kind: access.OIDC}, "")
		if err != nil {
			return err
		}
		return access.Give(ctx, tx, access.Grant{Account: id, Territory: here.id, Role: grids.RolePlanner}, grids.GB12, "430200000000")
	})
	if me := s.anonymous().me(); me.Oidc == nil || !*me.Oidc {
		t.Errorf("%+v", me)
	}
	// signs in at the provider, and gives where the browser ends and what it has
	enter := func(name string) (*url.URL, string, *http.Client) {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		browser := &http.Client{Jar: jar}
		form, err := browser.Get(s.server.URL + "/v1/oidc/begin?back=/collections%3Ff%3Djson")
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(form.Body)
		form.Body.Close()
		id := hidden.FindSubmatch(text)
		if id == nil {
			t.Fatalf("no form at %s: %s", form.Request.URL, text)
		}
		end, err := browser.PostForm(form.Request.URL.Scheme+"://"+form.Request.URL.Host+"/login/username", url.Values{"id": {string(id[1])}, "username": {name}, "password": {"verysecure"}})
		if err != nil {
			t.Fatal(err)
		}
		defer end.Body.Close()
		text, _ = io.ReadAll(end.Body)
		return end.Request.URL, string(text), browser
	}
	end, text, browser := enter("zhang")
	if end.Path != "/collections" {
		t.Fatalf("ends at %s: %s", end, text)
	}
	for range 2 { // bound at the first sign-in, known at the second
		answer, err := browser.Get(s.server.URL + "/v1/session")
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if !strings.Contains(string(text), `"name":"zhang"`) || !strings.Contains(string(text), `"role":"planner"`) {
			t.Errorf("%s", text)
		}
		_, _, browser = enter("zhang")
	}
	if end, text, _ := enter("li"); end.Path != "/v1/oidc/end" || !strings.Contains(text, "no account for you here") {
		t.Errorf("ends at %s: %s", end, text)
	}
	out := s.anonymous()
	// what was begun in no browser, or in another, ends nowhere
	for _, path := range []string{"/v1/oidc/end?code=a&state=b", "/v1/oidc/end?state="} {
		if a := out.get(path); a.status != 403 || strings.Contains(a.header.Get("Set-Cookie"), "unigrid=") {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	off := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	begun, err := off.Get(s.server.URL + "/v1/oidc/begin?back=//elsewhere.example")
	if err != nil {
		t.Fatal(err)
	}
	begun.Body.Close()
	to, _ := url.Parse(begun.Header.Get("Location"))
	if q := to.Query(); q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || q.Get("state") == "" || strings.Contains(begun.Header.Get("Set-Cookie"), "elsewhere") {
		t.Errorf("%s", to)
	}
	// the second use of a code, with another browser's state
	if a := out.get("/v1/oidc/end?code=x&state="+to.Query().Get("state"), "Cookie", strings.SplitN(begun.Header.Get("Set-Cookie"), ";", 2)[0]); a.status != 403 {
		t.Errorf("a made-up code: %d %s", a.status, a.body)
	}
}
