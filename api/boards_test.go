package api_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// telephoned is a land whose villages but one have somebody accountable, all of
// them with telephones.
func telephoned(t *testing.T, s *site) (l *land, phones []string) {
	t.Helper()
	l = s.territory("4302", "示例市", 113, 27, 3)
	for i, one := range []struct{ code, role, name string }{
		{"430202000000", "accountable", "示例人员 0102"}, {"430202000000", "joint-chief", "示例人员 0103"}, {"430202001000", "accountable", "示例人员 0104"},
		{"430202001001", "accountable", "示例人员 0105"}, {"430202001001", "officer", "示例人员 0106"}, {"430202001002", "officer", "示例人员 0107"},
	} {
		no := fmt.Sprintf("Q%d", i)
		l.person(no, one.name)
		l.assign(no, one.code, one.role, "")
	}
	conn, err := pgx.Connect(t.Context(), s.url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	rows, err := conn.Query(t.Context(), `INSERT INTO people.contact (territory_id, person_id, phone)
		SELECT territory_id, id, '1' || lpad((3812340000 + id)::text, 10, '0') FROM people.person RETURNING phone`)
	if err != nil {
		t.Fatal(err)
	}
	if phones, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil || len(phones) < 7 {
		t.Fatal(phones, err)
	}
	return l, phones
}

// TestStandInOnBoard: while a chief is on leave the board names who stands in, and
// so does what the public is told of a place; neither says where the chief is.
func TestStandInOnBoard(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l, _ := telephoned(t, s)
	s.exec(`INSERT INTO access.opened (territory_id, collection, opened_by) VALUES ($1, 'cells', 'test')`, l.id)
	public := s.anonymous()
	l.post(201, "/v1/leaves", `{"person":%d,"stand_in":%d,"reason":"事由不公开"}`, l.who("Q3"), l.who("Q4"))
	page := string(public.get("/v1/boards/430202001001").body)
	if !strings.Contains(page, `示例人员 0106代行`) || strings.Contains(page, "空缺") || strings.Contains(page, "事由不公开") {
		t.Errorf("the board: %s", page)
	}
	told := public.get("/v1/cells/430202001001/summary").json(t)["chain"].([]any)[0].(map[string]any)["accountable"].(map[string]any)
	if told["name"] != "示例人员 0106" || told["acting"] != true || told["instead_of"] != nil {
		t.Errorf("the chain: %v", told)
	}
}

func TestBoard(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, phones := telephoned(t, s)
	a := s.get("/v1/boards/430202001001")
	if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	page := string(a.body)
	for _, want := range []string{"示例人员 0001", "示例人员 0102", "示例人员 0103", "示例人员 0104", "示例人员 0105", "示例人员 0106",
		"示例村0-0", "网格界线仅用于监管责任划分", "演示数据", "12345", "size: A3 landscape", "<svg class=\"map\""} {
		if !strings.Contains(page, want) {
			t.Errorf("the board lacks %q", want)
		}
	}
	for _, phone := range phones {
		if strings.Contains(page, phone) || strings.Contains(page, phone[3:]) || strings.Contains(page, phone[:3]+"****") {
			t.Errorf("the board shows the telephone %s", phone)
		}
	}
	if got := scanQR(t, page); got != s.server.URL+"/t/430200000000/?cell=430202001001" {
		t.Errorf("the QR code leads to %s", got)
	}
	if strings.Contains(page, "空缺") {
		t.Error("a staffed chain has a vacancy")
	}

	vacant := string(s.get("/v1/boards/430202001002?paper=a4").body)
	own := vacant[strings.Index(vacant, `class="own"`):]
	own = own[:strings.Index(own, "</li>")]
	if !strings.Contains(own, "空缺(由上级网格代管)") || !strings.Contains(own, "示例单位") || strings.Contains(own, "示例人员 0104") {
		t.Errorf("a vacant post reads %s", own)
	}
	if !strings.Contains(vacant, "size: A4 landscape") {
		t.Error("no A4")
	}
	if again := s.get("/v1/boards/430202001001", "If-None-Match", a.header.Get("ETag")); again.status != http.StatusNotModified {
		t.Errorf("asked again: %d", again.status)
	}
	for path, want := range map[string]int{"/v1/boards/430299000000": 404, "/v1/boards/430202001001?paper=a5": 400} {
		if a := s.get(path); a.status != want {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

var (
	qrCode = regexp.MustCompile(`<svg class="qr" viewBox="0 0 (\d+) \d+".*?<path d="([^"]*)"`)
	run    = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-\d+z`)
)

// scanQR reads the QR code of a page as a camera would.
func scanQR(t *testing.T, page string) string {
	t.Helper()
	found := qrCode.FindStringSubmatch(page)
	if found == nil {
		t.Fatal("no QR code")
	}
	var size int
	if _, err := fmt.Sscan(found[1], &size); err != nil {
		t.Fatal(err)
	}
	const scale = 8
	picture := image.NewGray(image.Rect(0, 0, size*scale, size*scale))
	for i := range picture.Pix {
		picture.Pix[i] = 255
	}
	for _, m := range run.FindAllStringSubmatch(found[2], -1) {
		var x, y, wide int
		if _, err := fmt.Sscan(m[1]+" "+m[2]+" "+m[3], &x, &y, &wide); err != nil {
			t.Fatal(err)
		}
		for px := x * scale; px < (x+wide)*scale; px++ {
			for py := y * scale; py < (y+1)*scale; py++ {
				picture.SetGray(px, py, color.Gray{})
			}
		}
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil {
		t.Fatalf("the QR code can't be read: %v", err)
	}
	return result.GetText()
}

func TestBoardPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, phones := telephoned(t, s)
	a := s.get("/v1/boards/430202001000/pages.zip?below=true")
	if a.status != http.StatusOK || !strings.Contains(a.header.Get("Content-Disposition"), "zip") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	packed, err := zip.NewReader(bytes.NewReader(a.body), int64(len(a.body)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range packed.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(content)
	}
	if len(files) != 2+4 || files["index.html"] == "" || files["board.css"] == "" {
		t.Fatalf("%d files", len(files))
	}
	links := regexp.MustCompile(`(?:href|src)="([^"]*)"`)
	for name, content := range files {
		for _, l := range links.FindAllStringSubmatch(content, -1) {
			if files[l[1]] == "" && l[1] != "data:," {
				t.Errorf("%s leads to %s, which isn't there", name, l[1])
			}
		}
		if strings.Contains(content, "url(h") || strings.Contains(content, "url(/") || strings.Contains(content, "@import") || strings.Contains(content, "<script") {
			t.Errorf("%s loads something", name)
		}
		for _, phone := range phones {
			if strings.Contains(content, phone) {
				t.Errorf("%s shows the telephone %s", name, phone)
			}
		}
	}
	for _, code := range []string{"430202001000", "430202001001", "430202001002", "430202001003"} {
		if got := scanQR(t, files[code+".html"]); got != s.server.URL+"/t/430200000000/?cell="+code {
			t.Errorf("the QR code of %s leads to %s", code, got)
		}
		if !strings.Contains(files["index.html"], `href="`+code+`.html"`) {
			t.Errorf("the index lacks %s", code)
		}
	}
}

func TestDutySettings(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	telephoned(t, s)
	a := s.send(http.MethodPatch, "/v1/duty/settings", `{"map_number":"湘S(2026)012号","hotlines":[{"code":"430202000000","phone":"0731-28681234","name":{"zh":"县网格办","en":"County grid office"}}],
		"texts":[{"layer":"safety","text":{"zh":"查隐患","en":"finds hazards"}}]}`)
	if a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	page := string(s.get("/v1/boards/430202001001").body)
	for _, want := range []string{"审图号:湘S(2026)012号", "0731-28681234", "县网格办", "查隐患", "finds hazards"} {
		if !strings.Contains(page, want) {
			t.Errorf("the board lacks %q", want)
		}
	}
	a = s.send(http.MethodPatch, "/v1/duty/settings", `{"hotlines":[{"code":"430202000000","phone":"138-0013-8000"}]}`)
	if a.status != http.StatusBadRequest || strings.Contains(string(a.body), "8000") {
		t.Errorf("a mobile number: %d %s", a.status, a.body)
	}
	if again := s.get("/v1/duty/settings").json(t); len(again["hotlines"].([]any)) != 1 || again["map_number"] != "湘S(2026)012号" {
		t.Errorf("settings: %v", again)
	}
}
