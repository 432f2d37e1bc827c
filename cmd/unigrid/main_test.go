package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unigrid/grids/database/databasetest"
)

func TestExitCodes(t *testing.T) {
	t.Parallel()
	url := databasetest.URL(t)
	missing := filepath.Join(t.TempDir(), "none.shp")
	for _, test := range []struct {
		name string
		args string
		want int
	}{
		{"help", "--help", exitDone},
		{"no such command", "nonsense", exitUsage},
		{"no such flag", "doctor --nonsense", exitUsage},
		{"a flag is missing", "territory create --code 4302", exitUsage},
		{"a bad code scheme", "territory create --code 10002 --name x --crs EPSG:3826 --code-scheme 8,5", exitUsage},
		{"a bad CRS", "territory create --code 10002 --name x --crs nonsense", exitUsage},
		{"a geographic CRS", "territory create --code 10002 --name x --crs EPSG:4326", exitFailed},
		{"a tier is missing", "import --as cells " + missing, exitUsage},
		{"no territory", "import --as people " + missing, exitFailed},
		{"another address than loopback", "serve --addr 0.0.0.0:8080", exitUsage},
		{"nothing to say", "doctor", exitDone},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"--database-url", url}, strings.Fields(test.args)...)
			if got := run(t.Context(), args); got != test.want {
				t.Errorf("%s: exit code %d, want %d", test.args, got, test.want)
			}
		})
	}
}

// TestYilan takes a real territory from shapefiles to a published grid, by the
// commands that a person types, beside another territory.
func TestYilan(t *testing.T) {
	t.Parallel()
	const yilan = "../../../shared/data/test-inputs/yilan/"
	if _, err := os.Stat(yilan); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not here", yilan)
	}
	url := databasetest.URL(t)
	folder := t.TempDir()
	people, assignments := filepath.Join(folder, "people.csv"), filepath.Join(folder, "assignments.csv")
	for path, text := range map[string]string{
		people:      "工号,姓名,单位,职务,联系电话\nT-0001,示例人员 9001,示例单位,县长,000-0000-9001\n",
		assignments: "工号,网格代码,角色\nT-0001,10002,责任人\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		args []string
		want int
	}{
		{[]string{"territory", "create", "--code", "430200000000", "--name", "株洲市", "--crs", "EPSG:4547"}, exitDone},
		{[]string{"territory", "create", "--code", "10002", "--name", "宜蘭縣", "--crs", "EPSG:3826", "--code-scheme", "5,8,11"}, exitDone},
		{[]string{"territory", "create", "--code", "10002", "--name", "again", "--crs", "EPSG:3826", "--code-scheme", "5,8,11"}, exitFailed},
		{[]string{"--territory", "10002", "import", "--as", "cells", "--tier", "3", "--dry-run", yilan + "yilan_village_tm2_big5.shp"}, exitDone},
		{[]string{"--territory", "10002", "import", "--as", "cells", "--tier", "2", yilan + "yilan_town_tm2_big5.shp"}, exitDone},
		{[]string{"--territory", "10002", "import", "--as", "cells", "--tier", "3", yilan + "yilan_village_tm2_big5.shp"}, exitDone},
		{[]string{"--territory", "10002", "import", "--as", "cells", "--tier", "3", yilan + "yilan_village_tm2_big5.shp"}, exitDone}, // twice changes nothing
		{[]string{"--territory", "10002", "import", "--as", "people", people}, exitDone},
		{[]string{"--territory", "430200000000", "import", "--as", "assignments", assignments}, exitFailed}, // of another territory
		{[]string{"--territory", "10002", "import", "--as", "assignments", assignments, "--publish"}, exitDone},
		{[]string{"--territory", "10002", "doctor", "--json"}, exitDone},
	} {
		if got := run(t.Context(), append([]string{"--database-url", url}, step.args...)); got != step.want {
			t.Fatalf("%v: exit code %d, want %d", step.args, got, step.want)
		}
	}
}
