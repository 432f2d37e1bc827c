package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
)

// TestUser makes the first administrators as an office would.
func TestUser(t *testing.T) {
	url := databasetest.URL(t)
	input := func(text string) {
		t.Helper()
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.WriteString(text); err != nil {
			t.Fatal(err)
		}
		w.Close()
		before := os.Stdin
		os.Stdin = r
		t.Cleanup(func() { os.Stdin = before; r.Close() })
	}
	for _, step := range []struct {
		args string
		want int
	}{
		{"territory create --code 430200000000 --name 示例市 --crs EPSG:4547", exitDone},
		{"user add Admin --role admin --password-stdin", exitDone},
		{"user add admin --role planner --password-stdin", exitFailed}, // there is one
		{"user add root --role local --password-stdin", exitFailed},    // no role to give
		{"user add li --role officer --within 430202 --layers safety --password-stdin", exitDone},
		{"user add wang --role officer --within 430302 --password-stdin", exitFailed}, // of another territory
		{"user add zhang --kind oidc --email Zhang@example.org --role security", exitDone},
		{"user add police --kind service --role agency", exitDone},
		{"user key police --label test --days 30 --actions collections.read", exitDone},
		{"user key li --label test", exitFailed}, // a person has no key
		{"user role admin auditor", exitDone},
		{"user role admin admin", exitDone},
		{"user role li none", exitDone},
		{"user role li none", exitFailed},
		{"user role nobody planner", exitFailed},
		{"user password li --password-stdin --end-second-factor", exitDone},
		{"user disable li", exitDone},
		{"user list", exitDone},
		{"user list --json", exitDone},
		{"user add", exitUsage},
	} {
		input("a phrase of several words\n")
		if got := run(t.Context(), append([]string{"--database-url", url}, strings.Fields(step.args)...)); got != step.want {
			t.Fatalf("%s: exit code %d, want %d", step.args, got, step.want)
		}
	}
	input("short\n")
	if got := run(t.Context(), []string{"--database-url", url, "user", "password", "admin", "--password-stdin"}); got != exitFailed {
		t.Errorf("a short password: exit code %d", got)
	}
	db, err := database.Open(t.Context(), url, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if e, err := access.SignIn(t.Context(), db, access.Knock{Name: "admin", Password: "a phrase of several words"}); err != nil || e.Outcome != access.Signed {
		t.Errorf("%v %+v", err, e)
	}
	err = db.Read(t.Context(), grids.Local, func(tx pgx.Tx) error {
		list, err := access.Accounts(t.Context(), tx)
		var text bytes.Buffer
		for _, a := range list {
			text.WriteString(a.Name)
			for _, g := range a.Grants {
				text.WriteString(" " + string(g.Role))
			}
			if a.Disabled || a.MustChange {
				text.WriteString(" closed")
			}
			text.WriteString("; ")
		}
		if got := text.String(); got != "admin admin; li closed; police agency; zhang security; " {
			t.Error(got)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhereItListens(t *testing.T) {
	for name, test := range map[string]struct {
		addr string
		demo bool
		set  func(*config)
		ok   bool
	}{
		"this machine":          {"127.0.0.1:8080", true, nil, true},
		"this machine by name":  {"localhost:8080", false, nil, true},
		"this machine, IPv6":    {"[::1]:8080", false, nil, true},
		"others in clear text":  {"0.0.0.0:8080", false, nil, false},
		"others, no host":       {":8080", false, nil, false},
		"others by TLS":         {"0.0.0.0:8443", false, func(c *config) { c.tlsCert, c.tlsKey = "c", "k" }, true},
		"half of TLS":           {"0.0.0.0:8443", false, func(c *config) { c.tlsCert = "c" }, false},
		"others behind a proxy": {"10.0.0.5:8080", false, func(c *config) { c.behindProxy = true }, true},
		"the demo for others":   {"0.0.0.0:8443", true, func(c *config) { c.tlsCert, c.tlsKey = "c", "k" }, false},
		"an origin":             {"127.0.0.1:1", false, func(c *config) { c.origins = []string{"https://a.example"} }, true},
		"an origin with a path": {"127.0.0.1:1", false, func(c *config) { c.origins = []string{"https://a.example/b"} }, false},
		"any origin":            {"127.0.0.1:1", false, func(c *config) { c.origins = []string{"*"} }, false},
		"half of OpenID":        {"127.0.0.1:1", false, func(c *config) { c.oidc.Issuer = "https://id.example" }, false},
	} {
		c := &config{addr: test.addr}
		if test.set != nil {
			test.set(c)
		}
		if err := c.checkListen(test.demo); (err == nil) != test.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
