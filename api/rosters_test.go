package api_test

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/xuri/excelize/v2"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/importers"
)

// roster makes a workbook of lines of staff number, cell, role and post.
func roster(t *testing.T, lines ...string) string {
	t.Helper()
	book := excelize.NewFile()
	for n, line := range append([]string{"工号,网格代码,角色,职务"}, lines...) {
		cells := []any{}
		for _, cell := range strings.Split(line, ",") {
			cells = append(cells, cell)
		}
		if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", n+1), &cells); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRosters(t *testing.T) {
	t.Parallel()
	l := townFolk(t)
	const town, one, two, other = "430202001000", "430202001001", "430202001002", "430202002001"
	l.assign("P2", town, "accountable", "")
	l.assign("P3", one, "accountable", "")
	l.assign("P4", two, "accountable", "")
	l.assign("P4", one, "officer", "")
	l.assign("P5", one, "supervisor", "")
	at := time.Now().UTC().Add(240 * time.Hour).Truncate(time.Second)
	send := func(preview bool, lines ...string) answer {
		return l.send("POST", "/v1/rosters?"+url.Values{"cell": {town}, "at": {at.Format(time.RFC3339)}, "preview": {fmt.Sprint(preview)}}.Encode(), roster(t, lines...),
			"Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	}
	// P2 stays, P3 leaves, P4 moves, P5 joins; the supervisor is of no role that occurs
	lines := []string{"P2," + town + ",责任人,镇长", "P4," + one + ",责任人,", "P5," + two + ",网格长,", "P5," + one + ",网格员,"}
	before := l.get("/v1/assignments?cell=" + town + "&below=true").body
	preview := send(true, lines...)
	if preview.status != 200 {
		t.Fatalf("%d %s", preview.status, preview.body)
	}
	if after := l.get("/v1/assignments?cell=" + town + "&below=true").body; !bytes.Equal(before, after) {
		t.Errorf("a preview changed something: %s", after)
	}
	names := func(said any, list string) string {
		var out []string
		for _, p := range said.(map[string]any)[list].([]any) {
			out = append(out, p.(map[string]any)["staff_no"].(string))
		}
		return strings.Join(out, " ")
	}
	check := func(a answer) map[string]any {
		report := a.json(t)
		said := report["succession"]
		got := fmt.Sprintf("joins %s, leaves %s, stays %s; %v created, %v changed, %v retired", names(said, "joins"), names(said, "leaves"), names(said, "stays"),
			report["created"], report["changed"], report["retired"])
		if want := "joins P5, leaves P3, stays P2 P4; 1 created, 3 changed, 1 retired"; got != want {
			t.Errorf("%s, want %s: %s", got, want, a.body)
		}
		return report
	}
	check(preview)
	done := send(false, lines...)
	if done.status != 201 {
		t.Fatalf("%d %s", done.status, done.body)
	}
	report := check(done)
	holding := func(at time.Time) string {
		var out []string
		for _, a := range l.get("/v1/assignments?cell=" + town + "&below=true&at=" + at.Format(time.RFC3339)).json(t)["assignments"].([]any) {
			x := a.(map[string]any)
			out = append(out, fmt.Sprintf("%s %s %s", x["cell"].(string)[6:], x["role"], x["staff_no"]))
		}
		return strings.Join(out, "|")
	}
	was := "001000 accountable P2|001001 accountable P3|001001 officer P4|001001 supervisor P5|001002 accountable P4"
	if got := holding(at.Add(-time.Second)); got != was {
		t.Error(got)
	}
	if got := holding(at); got != "001000 accountable P2|001001 accountable P4|001001 officer P5|001001 supervisor P5|001002 accountable P5" {
		t.Error(got)
	}
	// a post that the file leaves open stays as it was
	if again := send(true, "P2,"+town+",责任人,", "P4,"+one+",责任人,", "P5,"+two+",责任人,", "P5,"+one+",网格员,").json(t); again["unchanged"] != 4.0 {
		t.Errorf("%v", again)
	}
	// the same again changes nothing
	if again := send(true, lines...).json(t); again["unchanged"] != 4.0 || again["created"] != 0.0 || again["retired"] != 0.0 {
		t.Errorf("%v", again)
	}
	// mistakes are told, and nothing is done for them
	wrong := send(true, "P2,"+other+",责任人,", "P9,"+one+",责任人,", "P3,"+two+",国王,")
	if found := fmt.Sprint(wrong.json(t)["findings"]); wrong.status != 200 || !strings.Contains(found, "outside") || !strings.Contains(found, "unknown-person") || !strings.Contains(found, "unknown-word") {
		t.Errorf("%d %s", wrong.status, wrong.body)
	}
	if a := send(false, "P2,"+town+",责任人,", "P9,"+one+",责任人,"); a.status != 400 {
		t.Errorf("%d %s", a.status, a.body)
	}
	// and it can be undone as an import
	var territory cells.Territory
	l.tx(func(ctx context.Context, tx pgx.Tx) (err error) {
		territory, err = cells.FindTerritory(ctx, tx, "430200000000")
		return err
	})
	if _, err := importers.Undo(t.Context(), l.db, grids.Local, territory, int64(report["import"].(float64))); err != nil {
		t.Fatal(err)
	}
	if got := holding(at); got != was {
		t.Error(got)
	}
}

// TestRosterTemplate: the workbook of the present roster, sent back as it is,
// changes nothing; a changed line is the only change.
func TestRosterTemplate(t *testing.T) {
	t.Parallel()
	l := townFolk(t)
	const town, one, two = "430202001000", "430202001001", "430202001002"
	l.assign("P2", town, "accountable", "")
	l.assign("P3", one, "accountable", "")
	l.assign("P4", one, "joint-chief", "")
	l.assign("P4", two, "officer", "environment")
	l.assign("P5", two, "lead", "safety")
	l.assign("P5", "430202002001", "accountable", "") // not of this township
	l.exec(`UPDATE people.assignment SET side = 'party', rank = 3, post = '书记' WHERE territory_id = $1 AND role = 'joint-chief'`, l.id)
	a := l.get("/v1/import-templates/assignments?cell=" + town)
	if a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	send := func(book []byte) string {
		r := l.send("POST", "/v1/rosters?preview=true&cell="+town+"&at=2099-01-01T00:00:00Z", string(book), "Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		if r.status != 200 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		report := r.json(t)
		said := report["succession"].(map[string]any)
		return fmt.Sprintf("rows %v, errors %v, unchanged %v, joins %d, leaves %d, stays %d", report["rows"], report["errors"], report["unchanged"],
			len(said["joins"].([]any)), len(said["leaves"].([]any)), len(said["stays"].([]any)))
	}
	if got := send(a.body); got != "rows 5, errors 0, unchanged 5, joins 0, leaves 0, stays 4" {
		t.Error(got)
	}
	book, err := excelize.OpenReader(bytes.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows(book.GetSheetName(0))
	if err != nil || len(rows) != 6 {
		t.Fatalf("%v %v", rows, err)
	}
	for n, row := range rows {
		if strings.HasPrefix(row[0], "P3") {
			if err := book.SetCellStr(book.GetSheetName(0), fmt.Sprintf("A%d", n+1), "P5"); err != nil {
				t.Fatal(err)
			}
		}
	}
	var changed bytes.Buffer
	if err := book.Write(&changed); err != nil {
		t.Fatal(err)
	}
	if got := send(changed.Bytes()); got != "rows 5, errors 0, unchanged 4, joins 0, leaves 1, stays 3" {
		t.Error(got)
	}
	for path, status := range map[string]int{"people?cell=" + town: 400, "assignments?cell=430202009000": 404} {
		if a := l.get("/v1/import-templates/" + path); a.status != status {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

func TestMoveOn(t *testing.T) {
	t.Parallel()
	l := townFolk(t)
	const one, two, three = "430202001001", "430202001002", "430202002001"
	for _, code := range []string{one, two, three} {
		l.assign("P2", code, "accountable", "")
	}
	l.assign("P2", one, "officer", "")
	p2, p3, p4 := l.who("P2"), l.who("P3"), l.who("P4")
	list := l.get(fmt.Sprint("/v1/assignments?person=", p2)).json(t)["assignments"].([]any)
	var ids []string
	byPlace := map[string]string{}
	for _, a := range list {
		x := a.(map[string]any)
		id := fmt.Sprintf("%.0f", x["id"])
		ids = append(ids, id)
		byPlace[fmt.Sprint(x["cell"], x["role"])] = id
	}
	body := fmt.Sprintf(`{"from":%d,"to":%d,"note":"调离","each":[{"assignment":%s,"to":%d},{"assignment":%s}],"expected":[%s]}`,
		p2, p3, byPlace[two+"accountable"], p4, byPlace[one+"officer"], strings.Join(ids, ","))
	preview := l.post(200, "/v1/handovers?preview=true", "%s", body)["moved"].([]any)
	if len(preview) != 4 || preview[0].(map[string]any)["handover"] != nil {
		t.Errorf("%v", preview)
	}
	if n := len(l.get("/v1/handovers").json(t)["handovers"].([]any)); n != 0 {
		t.Errorf("a preview made %d handovers", n)
	}
	l.post(201, "/v1/handovers", "%s", body)
	for code, want := range map[string]string{one: "示例人员 0003", two: "示例人员 0004", three: "示例人员 0003"} {
		if a := l.get("/collections/cells/items/" + code).json(t)["properties"].(map[string]any)["accountable_name"]; a != want {
			t.Errorf("%s: %v, want %s", code, a, want)
		}
	}
	late := l.post(409, "/v1/handovers", "%s", body)
	if late["holders"] == nil {
		t.Errorf("%v", late)
	}
	record := l.get(fmt.Sprintf("/v1/people/%d/record", p2)).json(t)
	if got := fmt.Sprint(len(record["assignments"].([]any)), len(record["before"].([]any)), len(record["handovers"].([]any)), len(record["cells"].([]any))); got != "4 4 3 3" {
		t.Errorf("%s: %v", got, record)
	}
	if a := l.get("/v1/people/99999/record"); a.status != 404 {
		t.Errorf("%d", a.status)
	}
}
