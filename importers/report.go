package importers

import (
	"context"
	"encoding/csv"
	"io"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/wkt"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// WriteReport writes all findings of an import as CSV (UTF-8 with a byte order
// mark): file, layer, row, field, value, severity, kind, what is wrong, what
// was done or is to do, and where.
func WriteReport(ctx context.Context, tx pgx.Tx, t cells.Territory, id int64, w io.Writer) error {
	i, err := Find(ctx, tx, t, id)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, "\uFEFF"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write([]string{"文件", "图层", "行", "列", "值", "严重程度", "种类", "问题", "处理", "经度", "纬度"}); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `SELECT finding FROM staging.finding WHERE territory_id = $1 AND batch = $2 ORDER BY row NULLS FIRST, n`, t.ID, id)
	if err != nil {
		return err
	}
	var f grids.Finding
	if _, err := pgx.ForEachRow(rows, []any{&f}, func() error {
		row, lon, lat := "", "", ""
		if f.Row > 0 {
			row = strconv.Itoa(f.Row)
		}
		if f.Lon != nil && f.Lat != nil {
			lon, lat = strconv.FormatFloat(*f.Lon, 'f', 7, 64), strconv.FormatFloat(*f.Lat, 'f', 7, 64)
		}
		err := out.Write([]string{i.File, i.Source.Layer, row, guarded(f.Field), guarded(f.Value), severityName(f.Severity), f.Kind, f.Said().ZH,
			whatBecame(f, i.State), lon, lat})
		f = grids.Finding{}
		return err
	}); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// guarded keeps spreadsheets from running what somebody typed into a value.
func guarded(text string) string {
	if text != "" {
		switch text[0] {
		case '=', '+', '-', '@', '\t', '\r':
			return "'" + text
		}
	}
	return text
}

func severityName(s grids.Severity) string {
	return map[grids.Severity]string{grids.SeverityError: "错误", grids.SeverityRepair: "修正", grids.SeverityWarning: "提醒"}[s]
}

// whatBecame says what was done about a finding, or is to do.
func whatBecame(f grids.Finding, state State) string {
	switch {
	case f.Severity == grids.SeverityRepair:
		return "已自动修正"
	case f.Severity == grids.SeverityWarning:
		return "已照收,请核对"
	case len(f.Candidates) > 0:
		names := ""
		for _, c := range f.Candidates {
			names += " " + c.Code + "(" + c.Path + ")"
		}
		return "请选定其一:" + names
	case state == Failed || f.Row == 0:
		return "请改正后重新导入"
	}
	return "该行未导入,请在退回文件中改正后重新导入"
}

func wktOf(g geom.T) string {
	if g == nil {
		return ""
	}
	text, err := wkt.Marshal(g)
	if err != nil {
		return ""
	}
	return text
}
