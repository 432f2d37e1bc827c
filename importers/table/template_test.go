package table

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"unigrid/importers/source"
)

func template() Template {
	townships := make([]string, 300)
	for i := range townships {
		townships[i] = fmt.Sprintf("示例镇 %03d", i+1)
	}
	return Template{Title: "企业导入模板", Sheet: "企业", Columns: []TemplateColumn{
		{Heading: "统一社会信用代码", Required: true, Text: true, Note: "18 位", Example: "91430200MA4L00001X"},
		{Heading: "名称", Required: true},
		{Heading: "乡镇（街道）", List: townships},
		{Heading: "类别", List: []string{"一般", "重点"}, Required: true},
		{Heading: "经度"}, {Heading: "纬度"}, {Heading: "投产日期", Note: "如 2024-03-01"},
	}}
}

func TestATemplateIsReadAsHeadingsWithoutRows(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := WriteTemplate(&b, template()); err != nil {
		t.Fatal(err)
	}
	r, records := readXLSX(t, b.Bytes(), source.Options{})
	if got := r.Name() + ": " + names(r); got != "企业: 统一社会信用代码 名称 乡镇（街道） 类别 经度 纬度 投产日期" || len(records) > 0 {
		t.Errorf("%s, %d records", got, len(records))
	}
	path := filepath.Join(t.TempDir(), "a.xlsx")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	sheets, err := Sheets(path)
	if want := []Sheet{{"企业", false, false}, {"选项", true, false}, {"填写说明", false, false}}; err != nil || !slices.Equal(sheets, want) {
		t.Errorf("%v %v, want %v", sheets, err, want)
	}
}

// A filled template gives what was filled in, with codes as text.
func TestAFilledTemplate(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := WriteTemplate(&b, template()); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	put(f, "企业", 2, []any{"914302000000012345", "示例企业 0001 号", "示例镇 002", "重点", 113.134, 27.827, "2024.3.1"})
	var filled bytes.Buffer
	if err := f.Write(&filled); err != nil {
		t.Fatal(err)
	}
	_, records := readXLSX(t, filled.Bytes(), source.Options{})
	if got := show(records); got != "2 [914302000000012345 示例企业 0001 号 示例镇 002 重点 113.134 27.827 2024.3.1] [113.134 27.827]" {
		t.Errorf("got\n%s", got)
	}
}

// Another program's reader finds the drop-downs, comments, formats and the
// hidden sheet.
func TestATemplateByOpenpyxl(t *testing.T) {
	t.Parallel()
	python := "/usr/bin/python3"
	if exec.Command(python, "-c", "import openpyxl").Run() != nil {
		t.Skip("python3-openpyxl is not installed")
	}
	path := filepath.Join(t.TempDir(), "a.xlsx")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteTemplate(file, template()); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, "-c", `
import json, sys, openpyxl
b = openpyxl.load_workbook(sys.argv[1])
s = b["企业"]
print(json.dumps({"states": [x.sheet_state for x in b], "lists": [[str(v.sqref), v.formula1, v.type] for v in s.data_validations.dataValidation],
  "comment": s["A1"].comment.text, "format": s.column_dimensions["A"].number_format if hasattr(s.column_dimensions["A"], "number_format") else "", "rows": s.max_row,
  "last": b["选项"]["C301"].value, "title": b["填写说明"]["A1"].value}))`, path).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		States  []string
		Lists   [][3]string
		Comment string
		Format  string
		Rows    int
		Last    string
		Title   string
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	wantLists := [][3]string{{"C2:C1048576", "'选项'!$C$2:$C$301", "list"}, {"D2:D1048576", "'选项'!$D$2:$D$3", "list"}}
	if !slices.Equal(got.States, []string{"visible", "hidden", "visible"}) || !slices.Equal(got.Lists, wantLists) || got.Format != "@" ||
		!strings.Contains(got.Comment, "91430200MA4L00001X") || got.Rows != 1 || got.Last != "示例镇 300" || got.Title != "企业导入模板" {
		t.Errorf("%+v", got)
	}
}
