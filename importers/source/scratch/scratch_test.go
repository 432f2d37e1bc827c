package scratch_test

import (
	"archive/zip"
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"unigrid/importers/source"
	"unigrid/importers/source/formats"
	"unigrid/importers/source/scratch"
)

// TestMain is the tests, or with these settings a process that opens a file and
// waits to be killed.
func TestMain(m *testing.M) {
	path := os.Getenv("UNIGRID_TEST_OPEN")
	if path == "" {
		os.Exit(m.Run())
	}
	if _, err := formats.Open(path, source.Options{}); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("open")
	time.Sleep(time.Hour)
}

// What a killed process had unpacked or converted is swept by another, and not
// before it is killed.
func TestSweepAfterKill(t *testing.T) {
	for name, make := range map[string]func(t *testing.T) string{
		"archive":   archive,
		"converted": func(*testing.T) string { return filepath.Join("..", "..", "ogr", "testdata", "enterprises.xls") },
	} {
		t.Run(name, func(t *testing.T) {
			path := make(t)
			t.Setenv("TMPDIR", t.TempDir())
			child := exec.Command(os.Args[0])
			child.Env = append(os.Environ(), "UNIGRID_TEST_OPEN="+path)
			out, err := child.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := child.Start(); err != nil {
				t.Fatal(err)
			}
			defer child.Process.Kill()
			if line, err := bufio.NewReader(out).ReadString('\n'); line != "open\n" {
				t.Fatal(line, err)
			}
			sweep(t, 0, 1)
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			if err := child.Wait(); err == nil {
				t.Fatal("it ended by itself")
			}
			sweep(t, 1, 0)
		})
	}
}

// A folder goes with its Remove; one whose maker was killed before it was locked
// goes after a while; what only has such a name stays.
func TestSweep(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	f, err := scratch.New()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(f.Path, "a"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	sweep(t, 0, 1) // of this process
	if err := f.Remove(); err != nil {
		t.Fatal(err)
	}
	sweep(t, 0, 0)
	unlocked := filepath.Join(os.TempDir(), "unigrid-scratch-1")
	if err := os.Mkdir(unlocked, 0o700); err != nil {
		t.Fatal(err)
	}
	sweep(t, 0, 1)
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(unlocked, old, old); err != nil {
		t.Fatal(err)
	}
	elsewhere := t.TempDir()
	if err := os.Symlink(elsewhere, filepath.Join(os.TempDir(), "unigrid-scratch-2")); err != nil {
		t.Fatal(err)
	}
	sweep(t, 1, 1)
	if _, err := os.Stat(elsewhere); err != nil {
		t.Error(err)
	}
}

// sweep sweeps and compares how many folders went and how many there are.
func sweep(t *testing.T, swept, left int) {
	t.Helper()
	n, err := scratch.Sweep()
	if err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(os.TempDir())
	if err != nil || n != swept || len(entries) != left {
		t.Errorf("swept %d, want %d; left %v, want %d; %v", n, swept, entries, left, err)
	}
}

func archive(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.zip")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(file)
	entry, err := z.Create("a.csv")
	if err == nil {
		_, err = entry.Write([]byte("a\n1\n"))
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}
