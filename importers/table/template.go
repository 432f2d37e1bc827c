package table

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Template is a workbook (模板) for people to fill in.
type Template struct {
	Title   string // heads the sheet of instructions
	Sheet   string // the sheet to fill in
	Columns []TemplateColumn
	Rows    [][]string // what is filled in already, a value a column
}

// TemplateColumn is one column of a Template.
type TemplateColumn struct {
	Heading  string
	Required bool     // marked with a star, which reading drops
	Note     string   // what to enter, for people
	Text     bool     // cells are text, so that a spreadsheet rounds no code
	List     []string // what may be chosen, in a drop-down
	Example  string   // shown in the comment and the instructions, never as a row; by default the first of List
}

const (
	instructions = "填写说明"
	choices      = "选项"
	lastRow      = 1 << 20
)

// WriteTemplate writes the template as .xlsx: the sheet to fill in with its
// headings, drop-downs from a hidden sheet of lists and, as comments on the
// headings, what to enter and an example; and a sheet 填写说明 that says the
// same at length. Read again it has headings and the rows of the template alone.
func WriteTemplate(to io.Writer, t Template) error {
	f := excelize.NewFile()
	defer f.Close()
	if len(t.Columns) == 0 || len(t.Columns) > mostColumns {
		return fmt.Errorf("table: a template of %d columns can't be written", len(t.Columns))
	}
	if t.Sheet == "" || t.Sheet == instructions || t.Sheet == choices {
		t.Sheet = "数据"
	}
	if err := f.SetSheetName("Sheet1", t.Sheet); err != nil {
		return fmt.Errorf("table: sheet %q: %w", t.Sheet, err)
	}
	w := &templateWriter{file: f, template: t}
	for _, step := range []func() error{w.newStyles, w.columns, w.rows, w.lists, w.instructions} {
		if err := step(); err != nil {
			return fmt.Errorf("table: write template: %w", err)
		}
	}
	f.SetActiveSheet(0)
	return f.Write(to)
}

type templateWriter struct {
	file                          *excelize.File
	template                      Template
	heading, required, text, wrap int // styles
}

func (w *templateWriter) newStyles() error {
	edge := []excelize.Border{{Type: "bottom", Color: "7F7F7F", Style: 1}}
	fill := func(color string) excelize.Fill {
		return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
	}
	middle := &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true}
	const textFormat = 49 // @
	for _, s := range []struct {
		to    *int
		style excelize.Style
	}{
		{&w.heading, excelize.Style{Font: &excelize.Font{Bold: true}, Fill: fill("DDEBF7"), Border: edge, Alignment: middle, NumFmt: textFormat}},
		{&w.required, excelize.Style{Font: &excelize.Font{Bold: true, Color: "C00000"}, Fill: fill("FCE4D6"), Border: edge, Alignment: middle, NumFmt: textFormat}},
		{&w.text, excelize.Style{NumFmt: textFormat}},
		{&w.wrap, excelize.Style{Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}, NumFmt: textFormat}},
	} {
		id, err := w.file.NewStyle(&s.style)
		if err != nil {
			return err
		}
		*s.to = id
	}
	return nil
}

func (w *templateWriter) columns() error {
	sheet := w.template.Sheet
	for i, c := range w.template.Columns {
		column := letters(i)
		name, style := c.Heading, w.heading
		if c.Required {
			name, style = "*"+c.Heading, w.required
		}
		if err := w.file.SetColWidth(sheet, column, column, widthOf(c)); err != nil {
			return err
		}
		if c.Text || len(c.List) > 0 {
			if err := w.file.SetColStyle(sheet, column, w.text); err != nil {
				return err
			}
		}
		if err := w.file.SetCellStr(sheet, column+"1", name); err != nil {
			return err
		}
		if err := w.file.SetCellStyle(sheet, column+"1", column+"1", style); err != nil {
			return err
		}
		if said := c.said(); said != "" {
			if err := w.file.AddComment(sheet, excelize.Comment{Cell: column + "1", Author: "unigrid", Width: 260, Height: 120,
				Paragraph: []excelize.RichTextRun{{Text: said}}}); err != nil {
				return err
			}
		}
	}
	return w.file.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}

// rows writes what is filled in already, as text where the column is.
func (w *templateWriter) rows() error {
	for n, row := range w.template.Rows {
		for i, value := range row {
			cell := letters(i) + strconv.Itoa(n+2)
			if value == "" {
				continue
			}
			if err := w.file.SetCellStr(w.template.Sheet, cell, value); err != nil {
				return err
			}
			if c := w.template.Columns[i]; c.Text || len(c.List) > 0 {
				if err := w.file.SetCellStyle(w.template.Sheet, cell, cell, w.text); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// widthOf is a width in characters for the heading and what stands under it.
func widthOf(c TemplateColumn) float64 {
	longest := 2 * utf8.RuneCountInString(c.Heading)
	for _, text := range append([]string{c.example()}, c.List[:min(len(c.List), 200)]...) {
		n := 0
		for _, r := range text {
			if n++; r > unicode.MaxLatin1 {
				n++
			}
		}
		longest = max(longest, n)
	}
	const least, most, margin = 10, 42, 3
	return float64(min(max(longest+margin, least), most))
}

func (c TemplateColumn) example() string {
	if c.Example == "" && len(c.List) > 0 {
		return c.List[0]
	}
	return c.Example
}

// said is what the comment on a heading says.
func (c TemplateColumn) said() string {
	var lines []string
	if c.Required {
		lines = append(lines, "必填 required")
	}
	if c.Note != "" {
		lines = append(lines, c.Note)
	}
	if e := c.example(); e != "" {
		lines = append(lines, "示例 example: "+e)
	}
	return strings.Join(lines, "\n")
}

// lists writes the drop-downs, each a column of a hidden sheet, where there is
// no limit to their length.
func (w *templateWriter) lists() error {
	any := false
	for i, c := range w.template.Columns {
		list := slices.DeleteFunc(slices.Clone(c.List), func(s string) bool { return s == "" })
		if len(list) == 0 {
			continue
		}
		if len(list) >= lastRow {
			return fmt.Errorf("column %s has %d choices, more than a sheet has rows", c.Heading, len(list))
		}
		if !any {
			any = true
			if _, err := w.file.NewSheet(choices); err != nil {
				return err
			}
			if err := w.file.SetSheetVisible(choices, false); err != nil {
				return err
			}
		}
		column := letters(i)
		if err := w.file.SetCellStr(choices, column+"1", c.Heading); err != nil {
			return err
		}
		if err := w.file.SetSheetCol(choices, column+"2", &list); err != nil {
			return err
		}
		v := excelize.NewDataValidation(true)
		v.Sqref = column + "2:" + column + strconv.Itoa(lastRow)
		v.SetSqrefDropList(fmt.Sprintf("'%s'!$%s$2:$%s$%d", choices, column, column, len(list)+1))
		v.SetError(excelize.DataValidationErrorStyleWarning, c.Heading, "不在下拉列表中 not in the list")
		v.ShowErrorMessage = true
		if err := w.file.AddDataValidation(w.template.Sheet, v); err != nil {
			return err
		}
	}
	return nil
}

func (w *templateWriter) instructions() error {
	if _, err := w.file.NewSheet(instructions); err != nil {
		return err
	}
	rows := [][]any{
		{w.template.Title},
		{"在工作表“" + w.template.Sheet + "”中填写，每行一条；带 * 的列必填。不要改动表头，不要合并单元格，不要加合计行；代码、证件号和电话按文本填写，以免被四舍五入。"},
		{"Fill in the sheet “" + w.template.Sheet + "”, one record a row; columns with * are required. Keep the headings, merge no cells, add no totals."},
		{},
		{"列 column", "必填 required", "填写要求 what to enter", "示例 example", "可选值 choices"},
	}
	for _, c := range w.template.Columns {
		required, list := "", ""
		if c.Required {
			required = "是"
		}
		if n := len(c.List); n > 0 {
			const shown = 12
			list = strings.Join(c.List[:min(n, shown)], "、")
			if n > shown {
				list += fmt.Sprintf(" …（共 %d 项，见下拉列表）", n)
			}
		}
		rows = append(rows, []any{c.Heading, required, c.Note, c.example(), list})
	}
	for i, cells := range rows {
		if err := w.file.SetSheetRow(instructions, "A"+strconv.Itoa(i+1), &cells); err != nil {
			return err
		}
	}
	last := strconv.Itoa(len(rows))
	for column, width := range map[string]float64{"A": 22, "B": 12, "C": 48, "D": 24, "E": 48} {
		if err := w.file.SetColWidth(instructions, column, column, width); err != nil {
			return err
		}
	}
	for _, row := range []string{"1", "2", "3"} {
		if err := w.file.MergeCell(instructions, "A"+row, "E"+row); err != nil {
			return err
		}
	}
	if err := w.file.SetRowHeight(instructions, 2, 32); err != nil {
		return err
	}
	if err := w.file.SetCellStyle(instructions, "A1", "E"+last, w.wrap); err != nil {
		return err
	}
	return w.file.SetCellStyle(instructions, "A5", "E5", w.heading)
}
