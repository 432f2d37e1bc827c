package cluster

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// oldestMajor is the first PostgreSQL with security_invoker views, without
// which a view would bypass row-level security.
const oldestMajor = 15

// Binaries is an installation of PostgreSQL on this machine.
type Binaries struct {
	Dir     string // the folder with postgres, initdb, pg_dump, …
	Major   int    // the major version, such as 15
	PostGIS bool   // whether the files of PostGIS are there, as far as one can tell
}

// Path is the full path of one of its programs, such as "pg_dump".
func (b Binaries) Path(program string) string { return filepath.Join(b.Dir, program) }

// FindBinaries looks for PostgreSQL of the given major version, or for the
// newest usable one if major is 0; one with PostGIS goes before one without.
// Distributions' folders come first, since a "postgres" on the PATH may be
// somebody's wrapper.
func FindBinaries(major int) (Binaries, error) {
	var found []Binaries
	for _, dir := range binaryFolders() {
		if b, ok := inspect(dir); ok {
			found = append(found, b)
		}
	}
	slices.SortStableFunc(found, func(a, b Binaries) int {
		if a.PostGIS != b.PostGIS {
			if a.PostGIS {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.Major, a.Major)
	})
	for _, b := range found {
		if major == 0 && b.Major >= oldestMajor || major != 0 && b.Major == major {
			return b, nil
		}
	}
	if major == 0 {
		return Binaries{}, fmt.Errorf("found no PostgreSQL %d or newer on this machine: install it with PostGIS (Debian: apt-get install postgresql-15-postgis-3), or set DATABASE_URL to a server elsewhere", oldestMajor)
	}
	return Binaries{}, fmt.Errorf("found no PostgreSQL %d on this machine: install it (Debian: apt-get install %s)", major, postgisPackage(major))
}

// postgisPackage is the Debian package with PostGIS for a major version, which
// also brings the server.
func postgisPackage(major int) string {
	return fmt.Sprintf("postgresql-%d-postgis-3", major)
}

// binaryFolders lists where PostgreSQL's programs may be, best guess first.
func binaryFolders() []string {
	var dirs []string
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin"} {
		match, _ := filepath.Glob(pattern) // the patterns are well-formed
		dirs = append(dirs, match...)
	}
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	return dirs
}

// inspect tells what PostgreSQL is in a folder, if there is a whole one.
func inspect(dir string) (Binaries, bool) {
	b := Binaries{Dir: dir, PostGIS: true}
	if _, err := os.Stat(b.Path("initdb")); err != nil {
		return b, false
	}
	// "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"
	out, err := exec.Command(b.Path("postgres"), "-V").Output()
	words := strings.Fields(string(out))
	if err != nil || len(words) < 3 {
		return b, false
	}
	b.Major, err = strconv.Atoi(leadingDigits(words[2]))
	if err != nil {
		return b, false
	}
	// Without pg_config nobody knows where extensions are; the server will say.
	if share, err := exec.Command(b.Path("pg_config"), "--sharedir").Output(); err == nil {
		_, err = os.Stat(filepath.Join(strings.TrimSpace(string(share)), "extension", "postgis.control"))
		b.PostGIS = err == nil
	}
	return b, true
}

// leadingDigits turns "15.14", "18beta1" or "17devel" into the major version.
func leadingDigits(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		return s
	}
	return s[:end]
}

// binariesFor finds the programs for a place: of the version that made its
// cluster, or the newest for a new one.
func binariesFor(at place) (Binaries, error) {
	major := 0
	if text, err := os.ReadFile(filepath.Join(at.pgdata, "PG_VERSION")); err == nil {
		major, err = strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			return Binaries{}, fmt.Errorf("the cluster %s was made by PostgreSQL %q, which is too old or not PostgreSQL", at.pgdata, strings.TrimSpace(string(text)))
		}
	}
	b, err := FindBinaries(major)
	if err != nil && major != 0 {
		return b, fmt.Errorf("the cluster %s was made by PostgreSQL %d and only that version can open it: %w", at.pgdata, major, err)
	}
	if err != nil {
		return b, err
	}
	if b.Major < oldestMajor {
		return b, fmt.Errorf("the cluster %s was made by PostgreSQL %d; unigrid needs %d or newer: move it with pg_upgrade", at.pgdata, b.Major, oldestMajor)
	}
	if !b.PostGIS {
		return b, fmt.Errorf("PostgreSQL %d in %s has no PostGIS: install the package %s", b.Major, b.Dir, postgisPackage(b.Major))
	}
	return b, nil
}
