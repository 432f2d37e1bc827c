package demo_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"github.com/xuri/excelize/v2"

	"unigrid/cmd/unigrid/demo"
	"unigrid/grids"
	"unigrid/importers/charset"
)

// generated is one folder of files, made once per test binary.
var generated struct {
	once     sync.Once
	folder   string
	manifest demo.Manifest
	err      error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if generated.folder != "" {
		os.RemoveAll(generated.folder)
	}
	os.Exit(code)
}

// files gives the folder of the demo's files and their manifest.
func files(t *testing.T) (string, demo.Manifest) {
	t.Helper()
	list := city(t)
	generated.once.Do(func() {
		if generated.folder, generated.err = os.MkdirTemp("", "unigrid-demo-test-"); generated.err != nil {
			return
		}
		generated.manifest, generated.err = demo.Generate(context.Background(), generated.folder, demo.Input{Cells: list, Seed: seed})
	})
	if generated.err != nil {
		t.Fatal(generated.err)
	}
	return generated.folder, generated.manifest
}

// rows reads a CSV file, or a workbook's first sheet, without its heading.
func rows(t *testing.T, path, encoding string) [][]string {
	t.Helper()
	if strings.HasSuffix(path, ".xlsx") {
		book, err := excelize.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		defer book.Close()
		list, err := book.GetRows(book.GetSheetName(0))
		if err != nil {
			t.Fatal(err)
		}
		return list[2:]
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	e, err := charset.Lookup(encoding)
	if err != nil {
		t.Fatal(err)
	}
	text, clean := e.Decode(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")))
	if !clean {
		t.Fatalf("%s is not %s", path, encoding)
	}
	list, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return list[1:]
}

func TestGenerateIsDeterministic(t *testing.T) {
	t.Parallel()
	folder, manifest := files(t)
	again := t.TempDir()
	second, err := demo.Generate(context.Background(), again, demo.Input{Cells: city(t), Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(manifest, second) {
		t.Error("the manifests differ")
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		one, two := filepath.Join(folder, e.Name()), filepath.Join(again, e.Name())
		if strings.HasSuffix(e.Name(), ".xlsx") {
			if !reflect.DeepEqual(rows(t, one, ""), rows(t, two, "")) {
				t.Errorf("%s differs", e.Name())
			}
			continue
		}
		a, err := os.ReadFile(one)
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(two)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s differs", e.Name())
		}
	}
}

func TestNobodyCanBeTakenForReal(t *testing.T) {
	t.Parallel()
	folder, _ := files(t)
	number := regexp.MustCompile(`^DEMO-\d{4}$`)
	name := regexp.MustCompile(`^示例人员 \d{4}$`)
	unit := regexp.MustCompile(`^示例`)
	phone := regexp.MustCompile(`^000-0000-\d{4}$`)
	seen := map[string]string{}
	for _, file := range []string{"people.xlsx", "layer-people.csv"} {
		for _, r := range rows(t, filepath.Join(folder, file), "UTF-8") {
			if !number.MatchString(r[0]) || !name.MatchString(r[1]) || !unit.MatchString(r[2]) || !phone.MatchString(r[4]) {
				t.Errorf("%s: %v might be taken for real", file, r)
			}
			if seen[r[0]] != "" {
				t.Errorf("%s is both %s and %s", r[0], seen[r[0]], r[1])
			}
			seen[r[0]] = r[1]
		}
	}
	firm := regexp.MustCompile(`^示例企业 \d{4} 号$`)
	code := regexp.MustCompile(`^DEMO-ENT-\d{4}$`)
	for _, r := range rows(t, filepath.Join(folder, "enterprises.csv"), "UTF-8") {
		if !code.MatchString(r[0]) || !firm.MatchString(r[1]) || !strings.HasPrefix(r[5], "示例路") {
			t.Errorf("%v might be taken for real", r)
		}
	}
	for _, file := range []string{"monitors.geojson", "water-intakes.geojson", "river-reaches.geojson"} {
		text, err := os.ReadFile(filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(text, []byte(demo.Notice)) {
			t.Errorf("%s does not say that it is demo data", file)
		}
		for _, m := range regexp.MustCompile(`"编码":"([^"]*)"`).FindAllSubmatch(text, -1) {
			if !bytes.HasPrefix(m[1], []byte("DEMO-")) {
				t.Errorf("%s: code %s might be taken for real", file, m[1])
			}
		}
	}
}

func TestStaff(t *testing.T) {
	t.Parallel()
	folder, _ := files(t)
	people := map[string]bool{}
	for _, r := range rows(t, filepath.Join(folder, "people.xlsx"), "") {
		people[r[0]] = true
	}
	holders := map[string]map[string]int{}
	for _, r := range rows(t, filepath.Join(folder, "assignments.csv"), "GBK") {
		if !people[r[0]] {
			t.Errorf("%v names nobody", r)
		}
		if holders[r[1]] == nil {
			holders[r[1]] = map[string]int{}
		}
		holders[r[1]][r[2]]++
	}
	own, total := [5]int{}, [5]int{}
	for _, cell := range city(t) {
		h := holders[string(cell.Code)]
		total[cell.Tier]++
		own[cell.Tier] += h["网格长"]
		if h["网格长"] > 1 {
			t.Errorf("%s has %d people accountable", cell.Code, h["网格长"])
		}
		if cell.Tier < 4 && (h["副网格长"] != 1 || h["共同责任人"] != 1) {
			t.Errorf("%s lacks a stand-in or a joint chief: %v", cell.Code, h)
		}
	}
	if total != [5]int{0, 1, 9, 112, 1400} || own != [5]int{0, 1, 9, 110, 1365} {
		t.Errorf("own %v of %v", own, total)
	}
	for tier := 1; tier <= 4; tier++ {
		if float64(own[tier]) < 0.95*float64(total[tier]) {
			t.Errorf("tier %d: %d of %d have their own", tier, own[tier], total[tier])
		}
	}
}

func TestPlantedEnterprises(t *testing.T) {
	t.Parallel()
	folder, _ := files(t)
	names := map[string]int{}
	for _, cell := range city(t) {
		if cell.Tier == 4 {
			names[cell.Name]++
		}
	}
	root := city(t)[0].Geom
	unlocated, ambiguous, unnamed, outside := 0, 0, 0, 0
	for _, r := range rows(t, filepath.Join(folder, "enterprises.csv"), "UTF-8") {
		if r[6] != "" {
			lon, err1 := strconv.ParseFloat(r[6], 64)
			lat, err2 := strconv.ParseFloat(r[7], 64)
			if err1 != nil || err2 != nil {
				t.Fatalf("%v has no degrees", r)
			}
			if !planar.MultiPolygonContains(root, orb.Point{lon, lat}) {
				outside++
			}
			continue
		}
		unlocated++
		switch n := names[r[8]]; {
		case r[8] == "":
			unnamed++
		case n > 1:
			ambiguous++
		case n == 0:
			t.Errorf("%v names no village", r)
		}
	}
	if unlocated != 12 || ambiguous != 1 || unnamed == 0 || outside != 2 {
		t.Errorf("%d unlocated, %d of them ambiguous, %d without a village; %d outside", unlocated, ambiguous, unnamed, outside)
	}
}

func TestMonitorOnASharedVertex(t *testing.T) {
	t.Parallel()
	folder, _ := files(t)
	text, err := os.ReadFile(filepath.Join(folder, "monitors.geojson"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Features []struct {
			Geometry struct{ Coordinates orb.Point }
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	bearers := map[orb.Point]map[grids.Code]bool{}
	for _, f := range file.Features {
		bearers[f.Geometry.Coordinates] = map[grids.Code]bool{}
	}
	for _, cell := range city(t) {
		if cell.Tier < 4 {
			continue
		}
		for _, part := range cell.Geom {
			for _, ring := range part {
				for _, p := range ring {
					if b, ok := bearers[p]; ok {
						b[cell.Code] = true
					}
				}
			}
		}
	}
	shared := 0
	for _, b := range bearers {
		if len(b) >= 2 {
			shared++
		}
	}
	if shared != 1 || len(file.Features) < 50 {
		t.Errorf("%d of %d monitors are on a vertex that villages share", shared, len(file.Features))
	}
}
