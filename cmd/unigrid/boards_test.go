package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/editions/editionstest"
)

func TestBoardsCommand(t *testing.T) {
	t.Parallel()
	url := databasetest.URL(t)
	db, err := database.Open(t.Context(), url, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	editionstest.New(t, db, "4302", 2, 2)
	folder := t.TempDir()
	in := func(name string) string { return filepath.Join(folder, name) }
	for _, step := range []struct {
		name string
		args string
		want int
	}{
		{"no cell", "boards --public-url https://grid.example.cn -o " + in("x"), exitUsage},
		{"nowhere to lead to", "boards --cell 430200000000 -o " + in("x"), exitUsage},
		{"no website", "boards --cell 430200000000 --public-url grid -o " + in("x"), exitUsage},
		{"no such cell", "boards --cell 430299000000 --public-url https://grid.example.cn -o " + in("x"), exitFailed},
		{"one", "boards --cell 430201000000 --public-url https://grid.example.cn -o " + in("one"), exitDone},
		{"all", "boards --cell 430200000000 --below --a4 --public-url https://grid.example.cn -o " + in("all"), exitDone},
		{"there already", "boards --cell 430201000000 --public-url https://grid.example.cn -o " + in("all"), exitFailed},
	} {
		if got := run(t.Context(), append([]string{"--database-url", url}, strings.Fields(step.args)...)); got != step.want {
			t.Errorf("%s: exit code %d, want %d", step.name, got, step.want)
		}
	}
	for name, want := range map[string]int{".": 2, "one": 3, "all": 1 + 2 + 4 + 2} {
		if list, err := os.ReadDir(in(name)); err != nil || len(list) != want {
			t.Errorf("%s holds %d files, want %d: %v", name, len(list), want, err)
		}
	}
	page, err := os.ReadFile(in("all/430201001000.html"))
	if err != nil || !strings.Contains(string(page), "https://grid.example.cn/t/430200000000/?cell=430201001000") || !strings.Contains(string(page), "A4 landscape") {
		t.Errorf("a page: %v", err)
	}
}
