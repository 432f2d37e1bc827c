package main

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// allowed says which packages of unigrid a package may import, besides the
// vocabulary (unigrid/grids) and what lies below itself. docs/architecture.md
// explains it; a new room gets a line here.
var allowed = map[string][]string{
	"geo":               {},
	"grids":             {},
	"grids/database":    {},
	"grids/jobs":        {"grids/database"},
	"grids/collections": {"grids/database"},
	"grids/access":      {"grids/database", "grids/audit"},
	"grids/audit":       {"grids/database"},
	"grids/workdays":    {"grids/database"},
	"grids/cells":       {"grids/database", "grids/collections", "geo"},
	"grids/people":      {"grids/database", "grids/audit", "grids/cells"},
	"grids/objects":     {"grids/database", "grids/cells"},
	"grids/drawing":     {"grids/database", "grids/cells", "grids/objects", "geo"},
	"grids/layers":      {"grids/database", "grids/cells", "grids/people"},
	"grids/duty":        {"grids/database", "grids/cells", "grids/people", "grids/objects", "grids/layers", "geo"},
	"grids/merge":       {"grids/database", "grids/layers", "grids/cells", "grids/people", "grids/objects", "geo"},
	"grids/circulation": {"grids/database", "grids/workdays", "grids/cells", "grids/layers", "grids/merge"},
	"grids/editions":    {"grids/database", "grids/cells", "grids/people", "grids/objects", "grids/merge", "grids/circulation"},
	"importers":         {"grids/database", "grids/collections", "grids/cells", "grids/people", "grids/objects", "grids/layers", "grids/editions", "grids/jobs", "geo"},
	"api":               {"grids", "geo", "importers"}, // any room
	"static":            {},
	"cmd/unigrid":       {"api", "importers", "grids", "geo", "static"},
}

// schemas are those of PostgreSQL, one per room, and which rooms' SQL may name
// them: everybody may read what is published, writing is for the owner.
var writes = regexp.MustCompile(`(?i)\b(?:insert\s+into|update|delete\s+from|truncate)\s+(?:only\s+)?([a-z_]+)\.([a-z_]+)`)

func room(path string) string {
	best := ""
	for name := range allowed {
		if (path == name || strings.HasPrefix(path, name+"/")) && len(name) > len(best) {
			best = name
		}
	}
	return best
}

func TestImportsRunOneWay(t *testing.T) {
	t.Parallel()
	list := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	list.Dir = "../.."
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := 0
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; packages++ {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		from := strings.TrimPrefix(p.ImportPath, "unigrid/")
		home := room(from)
		if home == "" {
			t.Errorf("%s is in no room", from)
			continue
		}
		if strings.HasSuffix(from, "test") {
			continue
		}
		for _, imported := range p.Imports {
			to, ours := strings.CutPrefix(imported, "unigrid/")
			if !ours || to == "grids" || room(to) == home {
				continue
			}
			if !slices.ContainsFunc(allowed[home], func(a string) bool { return to == a || strings.HasPrefix(to, a+"/") }) {
				t.Errorf("%s imports %s", from, to)
			}
		}
	}
	if packages < 10 {
		t.Errorf("only %d packages were looked at", packages)
	}
}

// intake tables are where other rooms and importers may put rows.
var intake = regexp.MustCompile(`^intake`)

func TestRoomsWriteTheirOwnSchema(t *testing.T) {
	t.Parallel()
	looked := 0
	for _, top := range []string{"../../grids", "../../importers", "../../api"} {
		err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.Contains(path, "migrations") || strings.Contains(path, "testdata") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "test/") {
				return err
			}
			if !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".sql") || strings.HasSuffix(path, "schema.sql") || strings.HasSuffix(path, "database/policy.sql") || strings.HasSuffix(path, "database/guards.sql") {
				return nil
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			relative, err := filepath.Rel("../..", path)
			if err != nil {
				return err
			}
			owner := filepath.Base(room(filepath.ToSlash(relative)))
			if owner == "importers" {
				owner = "staging"
			}
			for _, m := range writes.FindAllStringSubmatch(string(content), -1) {
				looked++
				if m[1] != owner && !intake.MatchString(m[2]) && m[1] != "pg_temp" {
					t.Errorf("%s writes %s.%s", relative, m[1], m[2])
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if looked < 20 {
		t.Errorf("only %d statements were looked at", looked)
	}
}
