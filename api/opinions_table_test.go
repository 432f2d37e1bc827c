package api_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"unigrid/grids"
	"unigrid/grids/access"
)

var anyTag = regexp.MustCompile(`<[^>]*>`)

// words are the texts of a document, without its markup.
func words(t *testing.T, file []byte) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	part, err := z.Open("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(part)
	if err != nil {
		t.Fatal(err)
	}
	return anyTag.ReplaceAllString(string(text), " ")
}

func TestTableOfOpinions(t *testing.T) {
	t.Parallel()
	d := newDivided(t)
	round := d.begin(`{}`)
	own := d.conflicts(d.environment, round, "")
	path := fmt.Sprintf("/v1/circulations/%d/opinions", round)
	for _, n := range own[:2] {
		if a := d.environment.send(http.MethodPost, path, fmt.Sprintf(`{"conflict":%d,"stance":"comment","text":"应以河道中心线为界,见 <附图 %d>"}`, n, n)); a.status != http.StatusCreated {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	if a := d.safety.send(http.MethodPost, path, `{"rest":true,"stance":"accept"}`); a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	said := d.planner.get(fmt.Sprintf("/v1/circulations/%d/conflicts?state=commented", round)).json(t)["conflicts"].([]any)
	standing := said[0].(map[string]any)["standings"].([]any)[0].(map[string]any)
	if a := d.planner.send(http.MethodPost, fmt.Sprintf("/v1/opinions/%.0f/answer", standing["opinion"]), `{"outcome":"partly","reason":"东段以河道为界,西段维持现状"}`); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	file := func(who *site, ending string, headers ...string) answer {
		t.Helper()
		a := who.get(path+ending, headers...)
		if a.status != http.StatusOK {
			t.Fatalf("%s: %d %s", ending, a.status, a.body)
		}
		return a
	}
	for _, test := range []struct {
		name, query string
		headers     []string
		want, not   []string
	}{
		{"by Accept-Language", ".docx", []string{"Accept-Language", "zh-CN"},
			[]string{"示例市统一网格划分方案\uff08草案\uff09", "意见采纳情况表", "第 1 轮征求意见", "环境", "示例县0", "应以河道中心线为界,见 &lt;附图", "部分采纳", "东段以河道为界,西段维持现状", "尚未答复", "待反馈", "网格界线仅用于监管责任划分"},
			[]string{"逾期未反馈", "adopted"}},
		{"by lang", ".docx?lang=en", []string{"Accept-Language", "zh-CN"},
			[]string{"Table of opinions", "Environment", "adopted in part", "not answered yet", "Still to come"}, []string{"部分采纳"}},
	} {
		text := words(t, file(d.planner, test.query, test.headers...).body)
		for _, want := range test.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is missing in %s", test.name, want, strings.Join(strings.Fields(text), " "))
			}
		}
		for _, not := range test.not {
			if strings.Contains(text, not) {
				t.Errorf("%s: it says %q", test.name, not)
			}
		}
	}
	a := file(d.planner, ".docx?lang=zh")
	if name := a.header.Get("Content-Disposition"); !strings.Contains(name, "filename*=utf-8''%E6%84%8F%E8%A7%81") || a.header.Get("Content-Type") != "application/vnd.openxmlformats-officedocument.wordprocessingml.document" {
		t.Errorf("%s, %s", name, a.header.Get("Content-Type"))
	}
	rows := func(who *site) (list [][]string) {
		book, err := excelize.OpenReader(bytes.NewReader(file(who, ".xlsx?lang=zh").body))
		if err != nil {
			t.Fatal(err)
		}
		defer book.Close()
		if list, err = book.GetRows("意见采纳情况表"); err != nil {
			t.Fatal(err)
		}
		notes, err := book.GetRows("说明")
		if err != nil || len(notes) < 4 {
			t.Errorf("notes: %v, %v", notes, err)
		}
		return list
	}
	all, theirs := rows(d.planner), rows(d.environment)
	for _, row := range theirs[1:] {
		if row[1] != "环境" {
			t.Errorf("environment gets a row of %s", row[1])
		}
	}
	if len(theirs) != len(own)+1 || len(all) <= len(theirs) || theirs[0][9] != "反馈情况" || theirs[1][9] != "提出意见" || theirs[1][13] != "部分采纳" {
		t.Errorf("%d rows of %d: %v", len(theirs), len(all), theirs)
	}
	if text := words(t, file(d.environment, ".docx?lang=zh").body); strings.Contains(text, "示例县") && strings.Contains(text, "安全") {
		t.Error("a department's table has other parties")
	}
	for who, want := range map[*site]int{d.as(access.Grant{Territory: d.id, Role: grids.RoleGIS}): 403, d.as(access.Grant{Territory: d.id, Role: grids.RoleOfficer}): 403, d.anonymous(): 401} {
		if a := who.get(path + ".docx"); a.status != want {
			t.Errorf("who isn't asked: %d", a.status)
		}
	}
	// after the deadline, what is missing has its name
	d.past(t)
	if text := words(t, file(d.planner, ".docx?lang=zh").body); !strings.Contains(text, "逾期未反馈") || strings.Contains(text, "待反馈") {
		t.Errorf("after the deadline: %s", text)
	}
}
