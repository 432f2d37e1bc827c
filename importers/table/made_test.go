package table

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"unigrid/importers/source"
	"unigrid/importers/source/sourcetest"
)

// TestWorkbooksOfOthers reads the workbooks that testdata/make.py has made
// with other people's writers, each named for what is odd about it.
func TestWorkbooksOfOthers(t *testing.T) {
	t.Parallel()
	cases := []struct{ file, sheet, want string }{
		{"merged-townships-and-totals", "", `Sheet1: 序号 乡镇 村名 负责人/姓名 负责人/电话
5 [1 示例镇 甲村 示例人员 0001 13800000001]
6 [2 示例镇 乙村 示例人员 0002 13800000002]
7 [3 示例镇 丙村 <nil> <nil>]
9 [4 另一镇 丁村 示例人员 0003 13800000003]
rows-above-heading 2: rows above the heading are not read
totals-left-out 2: totals (合计, 小计 or the like) are left out: rows 8, 10
remarks-left-out 3: remarks, captions and signatures are left out: rows 12-14
merged-filled-down 2: the value of cells merged over several rows stands in each of them: rows 6-7`},
		{"three-row-heading", "", `Sheet1: 单位 责任人/党组/姓名 责任人/党组/电话 责任人/行政/姓名 责任人/行政/电话 备注
4 [示例镇 甲 1 乙 2 <nil>]
5 [另一镇 丙 3 丁 4 无]`},
		{"blanks-not-merged", "", `Sheet1: 乡镇 村名 代码
2 [示例镇 甲村 430202001001]
3 [<nil> 乙村 430202001002]
4 [<nil> 丙村 430202001003]
5 [另一镇 丁村 430202002001]
6 [<nil> 戊村 430202002002]
7 [<nil> 己村 430202002003]
blank-below 4: column 乡镇 is empty in 4 rows below a value, and the cells aren't merged; nothing is filled in: if the value is meant for them, too, fill it down`},
		{"codes-and-identity-numbers", "", `Sheet1: 代码 身份证号 手机
2 [430202001001 <nil> 13800000011] rounded(身份证号)
3 [430202001002 <nil> 13800000012] rounded(身份证号)
4 [<nil> 11010519491231002X 430202001003] rounded(代码)
5 [430202001004 <nil> <nil>]
full-width 1: column 手机 has values in full-width characters; they are read in half-width ones`},
		{"dates-of-all-kinds", "", `Sheet1: 名称 投产日期 更新 面积
2 [甲 2024.3.1 2024-03-01 45352]
3 [乙 2024/3/1 2024-03-01 3]
4 [丙 2024年3月1日 2024-03-01 4]
5 [丁 2024-03-01 2024-03-01 5]
6 [戊 2024-03-01 2024-03-01 6]
7 [己 不详 <nil> 7]
8 [庚 2024-03-01 08:30:00 +0000 UTC 2024-03-01 1]
dates-from-numbers 3: 3 numbers in columns of dates are read as the days that they count`},
		{"yes-and-no", "", `Sheet1: 名称 是否在产 备案
2 [甲 是 √]
3 [乙 否 <nil>]
4 [丙 true ×]`},
		{"hidden-and-filtered", "", `Sheet1: 名称 数 备注
2 [甲 1 x]
3 [乙 2 y]
4 [丙 3 z]
other-layers 1: sheet 空表 is not read
other-layers 1: sheet 代码表 is hidden and not read
other-layers 1: sheet 二月 is not read
filtered 1: rows that a filter hides are read as well: row 3
hidden-columns 1: column C, 备注, is hidden; it is read as well`},
		{"hidden-and-filtered", "代码表", `代码表: a b
2 [1 2]`},
		{"two-tables", "", `Sheet1: 企业名称 联系人
2 [示例企业 0001 号 甲]
3 [示例企业 0002 号 乙]
second-table 4: another table begins in row 5; from there on 4 rows are not read: put it on a sheet of its own`},
		{"heading-on-each-page", "", `Sheet1: 序号 名称 电话
2 [1 甲 1]
3 [2 乙 2]
5 [3 丙 3]
rows-above-heading 1: rows that repeat the heading are left out: row 4`},
		{"form-with-numbered-columns", "", `Sheet1: 名称 代码 数
3 [示例企业 0001 号 a1 3]
rows-above-heading 1: the row that numbers the columns is not read`},
		{"formulas-never-calculated", "", `Sheet1: 名称 数 倍
2 [甲 2 <nil>]
3 [乙 3 <nil>]
no-formula-value 2: formulas without a kept value are read as empty (C2, C3); open the workbook in Excel or WPS and save it`},
		{"template-of-others", "", `Sheet1: 姓名 联系电话 身份证号
2 [甲 1 x]`},
		{"empty-around", "", `Sheet1: 名称 数
8 [甲 1]
10 [乙 2]`},
		{"errors-and-formulas", "", `数据: 名称 日期 数 和
2 [甲 2024-03-01 00007 8]
3 [乙 <nil> <nil> a] bad-cell(数)`},
		{"wide-and-long-formats", "", `Sheet1: 名称 数
1501 [甲 1]`},
		{"strict", "", `Sheet: 名称 日期
2 [甲 2024-03-01]`},
		{"inline-texts-without-references", "", `Sheet1: 名称 数
2 [甲 1]
3 [乙 2]`},
		{"by-ogr2ogr", "", `points: 名称 经度 纬度 代码
2 [甲 113.134 27.827 430202001001] [113.134 27.827]
3 [乙 113.135 27.828 430202001002] [113.135 27.828]`},
	}
	for _, c := range cases {
		t.Run(c.file+c.sheet, func(t *testing.T) {
			t.Parallel()
			r, err := OpenXLSX(filepath.Join("testdata", "made", c.file+".xlsx"), source.Options{Layer: c.sheet})
			if err != nil {
				t.Fatal(err)
			}
			if got := summary(t, r); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			if done, total := r.Progress(); done != total || total == 0 {
				t.Errorf("%d of %d bytes at the end", done, total)
			}
		})
	}
}

// summary is a table in lines: its sheet and fields, rows, and notes.
func summary(t *testing.T, r *Reader) string {
	t.Helper()
	lines := []string{r.Name() + ": " + names(r)}
	records, unread := sourcetest.All(t, r)
	if len(records) > 0 {
		lines = append(lines, show(records))
	}
	for _, e := range unread {
		lines = append(lines, fmt.Sprintf("%d unread", e.Row))
	}
	for _, n := range r.Notes() {
		lines = append(lines, fmt.Sprintf("%s %d: %s", n.Kind, n.Count, n.Why.EN))
	}
	return strings.ReplaceAll(strings.Join(lines, "\n"), " 00:00:00 +0000 UTC", "")
}
