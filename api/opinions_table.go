package api

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/circulation"
	"unigrid/grids/workdays"
	"unigrid/importers/docx"
	"unigrid/importers/source"
	"unigrid/importers/table"
)

// GetOpinionsDocx gives the table of opinions as a document.
func (s *Server) GetOpinionsDocx(c echo.Context, id int64, params GetOpinionsDocxParams) error {
	return s.opinions(c, id, params.Lang, ".docx", func(w io.Writer, t circulation.Table, head letterhead, lang string) error {
		return opinionsDocument(t, head, lang).Write(w)
	})
}

// GetOpinionsXlsx gives it as a workbook, with all that was and wasn't said.
func (s *Server) GetOpinionsXlsx(c echo.Context, id int64, params GetOpinionsXlsxParams) error {
	return s.opinions(c, id, params.Lang, ".xlsx", writeOpinionsBook)
}

// opinions answers with a file that write makes of a round's table.
func (s *Server) opinions(c echo.Context, id int64, lang *Lang, ending string, write func(io.Writer, circulation.Table, letterhead, string) error) error {
	in := documentLang(c, lang)
	return download(c, func(w io.Writer) (name string, err error) {
		err = s.read(c, func(ctx context.Context, r reading) error {
			t, err := circulation.MakeTable(ctx, r.tx, r.territory.id, id)
			if err != nil {
				return err
			}
			name = grids.Textf("意见采纳情况表(第%d轮)", "Table of opinions, round %d", t.Round.Number).In(in) + ending
			head, err := readLetterhead(ctx, r.tx, cells.Territory{ID: r.territory.id}, r.now)
			if err != nil {
				return err
			}
			return write(w, t, head, in)
		})
		return name, err
	})
}

// opinionsDocument has the figures first, then the parties, then each comment
// with what became of it.
func opinionsDocument(t circulation.Table, head letterhead, lang string) *docx.Document {
	say := func(zh, en string) string { return inDocument(grids.Text{ZH: zh, EN: en}, lang) }
	d := &docx.Document{
		Title:    inDocument(grids.Textf("%s统一网格划分方案(草案)\n意见采纳情况表", "Draft of the unified grid of %s\nTable of opinions", t.Territory), lang),
		Subtitle: inDocument(grids.Textf("(第 %d 轮征求意见)", "(round %d)", t.Round.Number), lang), Created: head.now,
	}
	d.Heading(1, say("一、总体情况", "1. Overview"))
	for _, line := range t.Summary() {
		d.Paragraph(inDocument(line, lang))
	}
	d.Heading(1, say("二、各单位反馈情况", "2. Who answered"))
	silent := say("逾期未反馈", "No answer in time")
	switch {
	case !t.Round.Due:
		silent = say("待反馈", "Still to come")
	case t.Round.Silence == circulation.Consent:
		silent = say("视为同意", "Taken as consent")
	}
	parties := docx.Table{Columns: []docx.Column{{Heading: say("单位", "Department or county"), Share: 9}, {Heading: say("应反馈", "Asked"), Share: 5, Align: docx.Right},
		{Heading: say("同意", "Accept"), Share: 5, Align: docx.Right}, {Heading: say("提出意见", "Comment"), Share: 5, Align: docx.Right}, {Heading: silent, Share: 5, Align: docx.Right},
		{Heading: say("采纳", "Adopted"), Share: 5, Align: docx.Right}, {Heading: say("部分采纳", "In part"), Share: 5, Align: docx.Right}, {Heading: say("未采纳", "Not"), Share: 5, Align: docx.Right}}}
	for _, p := range t.Parties {
		row := []string{p.Name.In(lang)}
		for _, n := range []int{p.Conflicts, p.Accepted, p.Commented, p.Silent, p.Adopted, p.Partly, p.NotTaken} {
			row = append(row, strconv.Itoa(n))
		}
		parties.Rows = append(parties.Rows, row)
	}
	d.Table(parties)
	comments := docx.Table{Columns: []docx.Column{{Heading: say("序号", "No."), Share: 3, Align: docx.Center}, {Heading: say("单位", "Department or county"), Share: 6},
		{Heading: say("事项", "Matter"), Share: 9}, {Heading: say("征求意见稿", "Draft"), Share: 7}, {Heading: say("意见", "Comment"), Share: 11},
		{Heading: say("采纳情况", "Outcome"), Share: 5, Align: docx.Center}, {Heading: say("理由", "Reason"), Share: 11}}}
	for _, row := range t.Rows {
		if s := row.Standing; s.State == circulation.Commented {
			text, outcome := value(s.Text), say("尚未答复", "not answered yet")
			if s.Late {
				text += say("(期限后反馈)", " (after the deadline)")
			}
			if s.Outcome != nil {
				outcome = s.Outcome.Name().In(lang)
			}
			comments.Rows = append(comments.Rows, []string{strconv.Itoa(len(comments.Rows) + 1), row.Party.In(lang), inDocument(row.Matter(), lang), inDocument(row.Draft, lang), text, outcome, value(s.Reason)})
		}
	}
	if len(comments.Rows) == 0 {
		d.Heading(1, say("三、意见采纳情况", "3. What became of the comments"))
		d.Paragraph(say("没有单位提出意见。", "Nobody commented."))
	} else {
		d.Landscape()
		d.Heading(1, say("三、意见采纳情况", "3. What became of the comments"))
		d.Table(comments)
	}
	head.sign(d, lang)
	d.Note(inDocument(grids.Disclaimer, lang) + say("。", "."))
	return d
}

// writeOpinionsBook writes a row for each party and conflict.
func writeOpinionsBook(w io.Writer, t circulation.Table, head letterhead, lang string) error {
	say := func(zh, en string) string { return grids.Text{ZH: zh, EN: en}.In(lang) }
	title := say("意见采纳情况表", "Table of opinions")
	fields := []source.Field{}
	for _, name := range []string{say("序号", "No."), say("单位", "Department or county"), say("冲突编号", "Conflict"), say("类型", "Kind"), say("条线", "Layer"),
		say("网格代码", "Code"), say("网格", "Cell"), say("面积(平方米)", "Area (m²)"), say("征求意见稿", "Draft"), say("反馈情况", "Answer"), say("期限后反馈", "Late"),
		say("意见", "Comment"), say("反馈时间", "Answered"), say("采纳情况", "Outcome"), say("理由", "Reason"), say("答复时间", "Outcome given")} {
		fields = append(fields, source.Field{Name: name})
	}
	book, err := table.NewBook(table.BookOptions{Sheet: title, Title: t.Territory + " " + title, Fields: fields})
	if err != nil {
		return err
	}
	moment := func(at *time.Time) any {
		if at == nil {
			return nil
		}
		return at.In(workdays.China).Format("2006-01-02 15:04")
	}
	for i, row := range t.Rows {
		s := row.Standing
		late, outcome := "", ""
		if s.Late {
			late = say("是", "yes")
		}
		if s.Outcome != nil {
			outcome = s.Outcome.Name().In(lang)
		}
		err := book.Write([]any{int64(i + 1), row.Party.In(lang), row.Conflict, row.Kind.In(lang), row.Layer.In(lang), string(row.Code), row.Cell, float64(int64(row.AreaM2 + 0.5)),
			row.Draft.In(lang), s.State.Name().In(lang), late, value(s.Text), moment(s.At), outcome, value(s.Reason), moment(s.AnsweredAt)})
		if err != nil {
			return fmt.Errorf("%w; %w", err, book.Discard())
		}
	}
	notes := []string{grids.Textf("%s统一网格划分方案(草案)第 %d 轮征求意见", "Draft of the unified grid of %s, round %d", t.Territory, t.Round.Number).In(lang)}
	for _, line := range t.Summary() {
		notes = append(notes, line.In(lang))
	}
	notes = append(notes, grids.Disclaimer.In(lang), circulation.Day(head.now).In(lang))
	if err := book.AddNotes(say("说明", "Notes"), notes); err != nil {
		return fmt.Errorf("%w; %w", err, book.Discard())
	}
	_, err = book.WriteTo(w)
	return err
}
