// Package databasetest gives every test a PostGIS database of its own, a clone
// of a migrated template, in well under a second. There is no skipping: no
// database means a failed test.
package databasetest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids/database"
)

// env names the server (and a database on it that exists) as a superuser.
const env = "UNIGRID_TEST_DATABASE_URL"

// New clones the template for t and opens it as the service does. The clone is
// dropped when t ends.
func New(t testing.TB) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), URL(t), 8)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

// URL clones the template for t and gives its connection string as superuser.
func URL(t testing.TB) string {
	t.Helper()
	server := os.Getenv(env)
	if server == "" {
		t.Fatalf("%s is not set: run `make test`, or `bin/unigrid postgres -- go test ./...`", env)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	admin, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("%s: %v", env, err)
	}
	defer admin.Close(context.WithoutCancel(ctx))
	template, err := ensureTemplate(ctx, admin, server)
	if err != nil {
		t.Fatalf("template database: %v", err)
	}
	name := "t_" + rand.Text()[:16]
	if _, err := admin.Exec(ctx, fmt.Sprintf(`CREATE DATABASE %s TEMPLATE %s`, quote(name), quote(template))); err != nil {
		t.Fatalf("clone: %v", err)
	}
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), server)
		if err != nil {
			t.Errorf("dropping %s: %v", name, err)
			return
		}
		defer conn.Close(context.Background())
		if _, err := conn.Exec(context.Background(), fmt.Sprintf(`DROP DATABASE IF EXISTS %s WITH (FORCE)`, quote(name))); err != nil {
			t.Errorf("dropping %s: %v", name, err)
		}
	})
	return with(server, name)
}

// ensureTemplate makes the template once per state of the migrations; the flag
// datistemplate is set last, so that one that a crash left half-made is made
// anew.
func ensureTemplate(ctx context.Context, admin *pgx.Conn, server string) (string, error) {
	hash, err := database.SchemaHash()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(hash))
	name := "template_" + hex.EncodeToString(sum[:8])
	if _, err := admin.Exec(ctx, `SELECT pg_advisory_lock(hashtext('unigrid test template'))`); err != nil {
		return "", err
	}
	defer admin.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock(hashtext('unigrid test template'))`)
	var whole bool
	if err := admin.QueryRow(ctx, `SELECT coalesce((SELECT datistemplate FROM pg_database WHERE datname = $1), false)`, name).Scan(&whole); err != nil {
		return "", err
	}
	if whole {
		return name, nil
	}
	for _, statement := range []string{
		`DROP DATABASE IF EXISTS ` + quote(name) + ` WITH (FORCE)`,
		`CREATE DATABASE ` + quote(name),
	} {
		if _, err := admin.Exec(ctx, statement); err != nil {
			return "", err
		}
	}
	if err := database.Migrate(ctx, with(server, name)); err != nil {
		return "", err
	}
	_, err = admin.Exec(ctx, `ALTER DATABASE `+quote(name)+` WITH IS_TEMPLATE true`)
	return name, err
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// with gives the server's URL with another database name.
func with(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		return server
	}
	u.Path = "/" + name
	return u.String()
}
