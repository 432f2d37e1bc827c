package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unigrid/grids/database/databasetest"
)

// TestImportCommands takes a file through everything that a person types about
// it.
func TestImportCommands(t *testing.T) {
	t.Parallel()
	url := databasetest.URL(t)
	folder := t.TempDir()
	firms, rejects := filepath.Join(folder, "firms.csv"), filepath.Join(folder, "rejects.csv")
	if err := os.WriteFile(firms, []byte("编码,名称,备注\nF-1,示例企业 1,甲\n,示例企业 2,乙\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name string
		args string
		want int
	}{
		{"territory", "territory create --code 430200000000 --name 株洲市 --crs EPSG:4547", exitDone},
		{"no target", "import " + firms, exitUsage},
		{"personal without a reason", "import --as enterprises --personal 备注 " + firms, exitUsage},
		{"a row that is none", "import --as enterprises --choose x=1 " + firms, exitUsage},
		{"no time to keep", "import --as enterprises --keep-imports 0 " + firms, exitUsage},
		{"a column that isn't there", "import --as enterprises --map name=没有 " + firms, exitFailed},
		{"a dry run with a bad row", "import --as enterprises --dry-run --progress " + firms, exitFailed},
		{"strict", "import --as enterprises --strict " + firms, exitFailed},
		{"good rows go in", "import --lang en --as enterprises --rejects " + rejects + " " + firms, exitFailed},
		{"a language that there isn't", "import list --lang fr", exitUsage},
		{"list", "import list --json", exitDone},
		{"show", "import show 1", exitDone},
		{"show what isn't there", "import show 99", exitFailed},
		{"show what is no number", "import show x", exitUsage},
		{"rejects of one that has none", "import rejects 1 -o " + filepath.Join(folder, "none.csv"), exitFailed},
		{"profiles", "import profiles", exitDone},
		{"delete", "import delete 1", exitDone},
		{"delete again", "import delete 1", exitFailed},
	} {
		if got := run(t.Context(), append([]string{"--database-url", url}, strings.Fields(step.args)...)); got != step.want {
			t.Errorf("%s: exit code %d, want %d", step.name, got, step.want)
		}
	}
	text, err := os.ReadFile(rejects)
	if err != nil || !strings.Contains(string(text), "示例企业 2,乙,编码: an object needs a code") {
		t.Fatalf("%v: %s", err, text)
	}
	if err := os.WriteFile(rejects, []byte(strings.Replace(string(text), "\r\n,", "\r\nF-2,", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := run(t.Context(), []string{"--database-url", url, "import", "--as", "enterprises", rejects}); got != exitDone {
		t.Errorf("mended rejects: exit code %d", got)
	}
}
