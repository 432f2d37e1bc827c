package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// people is a list with what nobody should keep without a reason.
const people = "工号,姓名,单位,身份证号,备注\n" +
	"W1,示例人员甲,示例单位,110101199003070011,一\n" +
	"W2,示例人员乙,示例单位,110101199003070038,二\n" +
	",没有工号,示例单位,110101199003070054,三\n"

// Columns of personal data stay out of every answer, unless a person says why
// they are taken in.
func TestImportsWithholdPersonalData(t *testing.T) {
	t.Parallel()
	c := newClerk(t)
	i := c.bring("名单.csv", []byte(people), `"target":"people"`)
	answers := func() string {
		var b strings.Builder
		for _, path := range []string{"", "/rows", "/findings", "/differences", "/rejects", "/report.csv"} {
			a := c.get(fmt.Sprintf("%s/imports/%d%s", c.base, i.Id, path))
			if a.status != 200 && a.status != 404 || a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %d %s %s", path, a.status, a.header, a.body)
			}
			b.Write(a.body)
		}
		b.Write(c.get(c.base + "/imports").body)
		return b.String()
	}
	found := false
	for _, column := range i.Source.Columns {
		found = found || column.Name == "身份证号" && column.Sensitive != nil && column.Sensitive.Kind == "identity-number"
	}
	if !found {
		t.Fatalf("%+v", i.Source.Columns)
	}
	if text := answers(); strings.Contains(text, "11010119900307") || !strings.Contains(text, "示例人员乙") {
		t.Errorf("withheld values are told, or others not: %s", text)
	}
	c.patch(i.Id, `{"personal":{"columns":["身份证号"],"reason":"核对人员身份,已批准"}}`, 202)
	if now := c.settled(i.Id); now.Personal == nil || now.Personal.Reason != "核对人员身份,已批准" {
		t.Errorf("%+v", now)
	}
	if a := c.get(fmt.Sprintf("%s/imports/%d/rows", c.base, i.Id)); !strings.Contains(string(a.body), "110101199003070038") {
		t.Errorf("taken in all the same, but not there: %s", a.body)
	}
	c.patch(i.Id, `{"personal":null}`, 202)
	if now := c.settled(i.Id); now.Personal != nil {
		t.Errorf("%+v", now)
	}
	if text := answers(); strings.Contains(text, "11010119900307") {
		t.Errorf("withheld values are told: %s", text)
	}
}

func TestRejectsComeBack(t *testing.T) {
	t.Parallel()
	c := newClerk(t)
	i := c.bring("企业 名单.csv", []byte("编码,名称,经度,纬度\nE1,甲,0,0\n,没有编码,0,0\n"), `"target":"enterprises","crs":"EPSG:4490"`)
	if i.State != "ready" || i.Report == nil || i.Report.Rejected != 1 {
		t.Fatalf("%+v %+v %+v", i, i.Report, i.Error)
	}
	findings := c.get(fmt.Sprintf("%s/imports/%d/findings?severity=error", c.base, i.Id)).json(t)
	if list := findings["findings"].([]any); len(list) != 1 || fmt.Sprint(findings["total"]) != "1" || fmt.Sprint(list[0].(map[string]any)["row"]) != "3" {
		t.Errorf("%v", findings)
	}
	if a := c.get(fmt.Sprintf("%s/imports/%d/findings?severity=fatal", c.base, i.Id)); a.status != 400 {
		t.Errorf("%d", a.status)
	}
	a := c.get(fmt.Sprintf("%s/imports/%d/rejects", c.base, i.Id))
	if d := a.header.Get("Content-Disposition"); a.status != 200 || !strings.HasPrefix(d, "attachment; filename*=utf-8''%E4%BC%81%E4%B8%9A") || !strings.HasPrefix(a.header.Get("Content-Type"), "text/csv") {
		t.Errorf("%d %s", a.status, a.header)
	}
	if !bytes.Contains(a.body, []byte("没有编码")) || bytes.Contains(a.body, []byte("甲")) || !bytes.Contains(a.body, []byte("原因")) {
		t.Errorf("%s", a.body)
	}
	c.patch(i.Id, `{"strict":true}`, 202)
	if strict := c.settled(i.Id); !strict.Strict || strict.State != "ready" {
		t.Fatalf("strict: %+v", strict)
	}
	readImport(t, c.post(fmt.Sprintf("/imports/%d/apply", i.Id), ""), 202)
	if strict := c.settled(i.Id); strict.State != "failed" || strict.Error == nil || strict.Error.Field != "strict" {
		t.Errorf("strict: %+v %+v", strict, strict.Error)
	}
	c.patch(i.Id, `{"strict":false}`, 202)
	c.settled(i.Id)
	readImport(t, c.post(fmt.Sprintf("/imports/%d/apply", i.Id), ""), 202)
	if applied := c.settled(i.Id); applied.State != "applied" || applied.Report.Applied != 1 || applied.Report.Rejected != 1 {
		t.Errorf("%+v %+v", applied, applied.Report)
	}
}

func TestImportProfiles(t *testing.T) {
	t.Parallel()
	c := newClerk(t)
	file := []byte("企业代号,单位全称,类别一\nE1,甲,化工\n")
	i := c.bring("一月.csv", file, `"target":"enterprises"`)
	if i.State != "read" || i.Error == nil || i.Error.Detail == "" || i.Source.Layer != "一月" {
		t.Errorf("a file whose columns are not known: %+v", i)
	}
	c.patch(i.Id, `{"map":{"code":"企业代号","name":"单位全称"},"publish":["类别一"]}`, 202)
	if i = c.settled(i.Id); i.Mapping["code"] != "企业代号" || len(i.Publish) != 1 {
		t.Fatalf("%+v %+v", i, i.Error)
	}
	name := url.PathEscape("环保局 月报")
	body := fmt.Sprintf(`{"import":%d}`, i.Id)
	if a := c.send(http.MethodPut, c.base+"/import-profiles/"+name, body); a.status != 200 || a.json(t)["name"] != "环保局 月报" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := c.send(http.MethodPut, c.base+"/import-profiles/"+name, `{"import":99}`); a.status != 404 {
		t.Errorf("%d %s", a.status, a.body)
	}
	list := c.get(c.base + "/import-profiles").json(t)["profiles"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["map"].(map[string]any)["code"] != "企业代号" {
		t.Errorf("%v", list)
	}
	next := c.bring("二月.csv", file, `"target":"enterprises"`)
	if next.SuggestedProfile == nil || *next.SuggestedProfile != "环保局 月报" {
		t.Errorf("%+v", next)
	}
	c.patch(next.Id, `{"profile":"环保局 月报"}`, 202)
	if next = c.settled(next.Id); next.State != "ready" || next.Mapping["name"] != "单位全称" || len(next.Publish) != 1 || next.Profile == nil {
		t.Errorf("%+v %+v", next, next.Error)
	}
	c.draft("4302", "邻市", 110, 20, 1)
	if list := c.get("/t/430200000000/v1/import-profiles").json(t)["profiles"].([]any); len(list) != 0 {
		t.Errorf("of another territory: %v", list)
	}
	if a := c.send(http.MethodDelete, c.base+"/import-profiles/"+name, ""); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := c.send(http.MethodDelete, c.base+"/import-profiles/"+name, ""); a.status != 404 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestImportTargetsAndTemplates(t *testing.T) {
	t.Parallel()
	p := newPlanner(t)
	list := p.get(p.base + "/import-targets").json(t)["targets"].([]any)
	if len(list) != 8 {
		t.Fatalf("%d targets", len(list))
	}
	for _, one := range list {
		target := one.(map[string]any)["target"].(string)
		path := p.base + "/import-templates/" + target
		if target == "cells" {
			path += "?tier=3"
		}
		a := p.get(path, "Accept-Language", "zh")
		if a.status != 200 || !strings.Contains(a.header.Get("Content-Disposition"), "filename*=utf-8''") || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s %.300s", target, a.status, a.header, a.body)
			continue
		}
		book, err := excelize.OpenReader(bytes.NewReader(a.body))
		if err != nil {
			t.Errorf("%s: %v", target, err)
			continue
		}
		rows, err := book.GetRows(book.GetSheetName(0))
		if err != nil || len(rows) == 0 || len(rows[0]) < 2 {
			t.Errorf("%s: %v %v", target, rows, err)
		}
	}
	for path, status := range map[string]int{"ships": 400, "cells": 400, "cells?tier=9": 400, "layer-cells?layer=no": 400, "people?x=1": 400} {
		if a := p.get(p.base + "/import-templates/" + path); a.status != status {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}
