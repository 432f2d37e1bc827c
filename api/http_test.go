package api_test

import (
	"encoding/json"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"unigrid/api"
)

func TestGeneratedCodeIsFresh(t *testing.T) {
	t.Parallel()
	config, err := os.ReadFile("oapi-codegen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	output := filepath.Join(dir, "fresh.go")
	again := strings.Replace(string(config), "output: openapi.gen.go", "output: "+output, 1)
	if err := os.WriteFile(filepath.Join(dir, "config.yaml"), []byte(again), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "go", "tool", "oapi-codegen", "-config", filepath.Join(dir, "config.yaml"), "openapi.yaml")
	if text, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	fresh, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile("openapi.gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if string(fresh) != string(kept) {
		t.Error("openapi.gen.go is not what openapi.yaml gives: run go generate ./api")
	}
}

func TestLandingAndHeaders(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.territory("4302", "示例市", 113, 27.5, 2)
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, path := range []string{"/", "/t/430200000000/", "/t/430200000000"} {
		a := s.get(path, "Accept", browser)
		if a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") || !strings.Contains(a.header.Get("Content-Security-Policy"), "blob:") {
			t.Errorf("%s: %d %s", path, a.status, a.header)
		}
	}
	if a := s.get("/?f=json", "Accept", browser); !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
		t.Error(a.header)
	}
	if a := s.get("/t/999900000000/", "Accept", browser); a.status != 404 {
		t.Errorf("%d", a.status)
	}
	if a := s.get("/t/430200000000/assets/app.js"); string(a.body) != "map()" {
		t.Errorf("%s", a.body)
	}
	if a := s.get("/assets/none.js"); a.status != 404 {
		t.Errorf("%d", a.status)
	}
	a := s.get("/t/430200000000/?f=json", "X-Forwarded-Proto", "https")
	if !strings.Contains(string(a.body), `"https://`+strings.TrimPrefix(s.server.URL, "http://")+`/t/430200000000/collections"`) {
		t.Errorf("%s", a.body)
	}
	head := s.send(http.MethodHead, "/collections/cells/items", "")
	if head.status != 200 || len(head.body) != 0 || head.header.Get("ETag") == "" {
		t.Errorf("HEAD: %d %d bytes %s", head.status, len(head.body), head.header)
	}
	zh := s.get("/collections/cells/items?limit=0", "Accept-Language", "zh-CN,zh;q=0.9")
	if !strings.Contains(string(zh.body), "参数 limit") || zh.header.Get("Content-Language") != "zh" {
		t.Errorf("%s", zh.body)
	}
	if a := s.send(http.MethodDelete, "/collections/cells", ""); a.status != 405 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestOneRecordPerRequest(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.territory("4302", "示例市", 113, 27.5, 2)
	s.get("/t/430200000000/collections/cells/items?limit=2", "X-Request-Id", "abc")
	s.get("/collections/cells/items?limit=0")
	lines := s.log.lines()
	if len(lines) != 2 {
		t.Fatalf("%d records: %s", len(lines), lines)
	}
	var r map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &r); err != nil {
		t.Fatal(err)
	}
	if r["route"] != "/collections/:collectionId/items" || r["status"] != 200.0 || r["territory"] != "430200000000" || r["request_id"] != "abc" || r["bytes"].(float64) < 500 {
		t.Error(r)
	}
}

func TestCoordinates(t *testing.T) {
	t.Parallel()
	for _, coord := range []api.Coord{api.Gcj02, api.Bd09} {
		for lon := 75.0; lon < 135; lon += 1.7 {
			for lat := 5.0; lat < 53; lat += 1.3 {
				x, y := api.FromWGS84ForTest(coord, lon, lat)
				back, north := api.ToWGS84ForTest(coord, x, y)
				if off := math.Hypot(back-lon, north-lat) * 111_320; off > 0.5 {
					t.Fatalf("%s at %v,%v: %v m off", coord, lon, lat, off)
				}
			}
		}
		if x, y := api.FromWGS84ForTest(coord, 2.35, 48.85); x != 2.35 || y != 48.85 {
			t.Errorf("%s moves Paris", coord)
		}
	}
	// DOMAIN: in Zhuzhou about 560 m east and 350-390 m south.
	x, y := api.FromWGS84ForTest(api.Gcj02, 113.134, 27.827)
	east, north := (x-113.134)*111_320*math.Cos(27.827*math.Pi/180), (y-27.827)*110_800
	if east < 500 || east > 600 || north > -340 || north < -400 {
		t.Errorf("%.0f m east, %.0f m north", east, north)
	}
}

// A body that is not as documented is refused with what is wrong where, in both languages.
func TestWrongBodies(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.layered()
	for body, want := range map[string][2]string{
		`{"code":"a","colour":"red","name":{"zh":"甲","en":"a"}}`: {"colour:须符合 ^(#[0-9a-f]{6})?$", "colour: string doesn't match"},
		`{"code":"a"}`: {"name:缺少 name", `name: property "name" is missing`},
		`{"code":"a","name":{"zh":"甲","en":"a"},"tint":"red"}`:                                    {"body:没有字段 tint", `body: property "tint" is unsupported`},
		`{"code":"a","name":{"zh":"甲","en":"a"},"rank":"1"}`:                                      {"rank:类型应为 integer", "rank: value must be an integer"},
		`{"code":"a","name":{"zh":"甲","en":"a"},"department":"` + strings.Repeat("a", 101) + `"}`: {"department:最多 100 个字符", "department: maximum string length is 100"},
	} {
		for i, lang := range []string{"zh", "en"} {
			a := s.send("POST", "/v1/layers", body, "Accept-Language", lang)
			if detail, _ := a.json(t)["detail"].(string); a.status != 400 || !strings.Contains(detail, want[i]) {
				t.Errorf("%s: %d %s, want %s", body, a.status, detail, want[i])
			}
		}
	}
}
