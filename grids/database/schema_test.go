package database_test

import (
	"flag"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"unigrid/grids/database/cluster"
	"unigrid/grids/database/databasetest"
)

var update = flag.Bool("update", false, "write schema.sql anew")

// Lines of a dump that differ from server to server, or from run to run.
var passing = regexp.MustCompile(`(?m)^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*)\n`)

// TestSchemaDump keeps schema.sql, in which a person reads the present state
// instead of all migrations, true.
func TestSchemaDump(t *testing.T) {
	t.Parallel()
	binaries, err := cluster.FindBinaries(0)
	if err != nil {
		t.Fatal(err)
	}
	dump := exec.Command(binaries.Path("pg_dump"), "--schema-only", "--no-owner", "--exclude-schema=public", "--dbname", databasetest.URL(t))
	dump.Stderr = os.Stderr
	out, err := dump.Output()
	if err != nil {
		t.Fatal(err)
	}
	now := passing.ReplaceAllString(string(out), "")
	for strings.Contains(now, "\n\n\n") {
		now = strings.ReplaceAll(now, "\n\n\n", "\n\n")
	}
	now = "-- The schema as the migrations leave it; written by `make schema`.\n" + now
	if *update {
		if err := os.WriteFile("schema.sql", []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile("schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	if string(kept) != now {
		t.Error("schema.sql is not what the migrations give: run make schema")
	}
}
