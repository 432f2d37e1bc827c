package importers

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/layers"
)

// roleWords are what people write for a role of an assignment.
func roleWords() map[string]string {
	return map[string]string{"责任人": "accountable", "网格长": "accountable", "第一责任人": "accountable", "共同责任人": "joint-chief", "双组长": "joint-chief", "双网格长": "joint-chief", "副网格长": "deputy",
		"分管领导": "deputy", "网格员": "officer", "专职网格员": "officer", "兼职网格员": "officer", "条线负责人": "lead", "监督员": "supervisor", "联络员": "liaison",
		"技术员": "technical", "技术支持": "technical"}
}

// sideWords are what people write for the side of a leader.
func sideWords() map[string]string {
	return map[string]string{"党": "party", "党委": "party", "政": "government", "政府": "government"}
}

// placeWords are what people write for how a place became known.
func placeWords() map[string]string {
	return map[string]string{"导入": "import", "地址": "address", "地址匹配": "address", "人工": "hand", "手工": "hand", "人工标注": "hand", "卫星定位": "gps", "GPS": "gps", "北斗": "gps"}
}

// layerWords are what people write for a layer: its names and what else the
// four that there always are get called.
func layerWords(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) (map[string]string, error) {
	words := map[string]string{"环境": "environment", "环保": "environment", "生态环境": "environment", "安监": "safety", "应急": "safety", "河长": "river-chief", "河长制": "river-chief", "综治维稳": "social-order", "平安建设": "social-order", "综治": "social-order", "社会治理": "social-order"}
	list, err := layers.List(ctx, tx, territory)
	if err != nil {
		return nil, err
	}
	for _, layer := range list {
		for _, was := range layer.Before {
			words[was.Name.ZH], words[was.Name.EN] = string(layer.Code), string(layer.Code)
		}
	}
	for _, layer := range list {
		words[layer.Name.ZH], words[layer.Name.EN] = string(layer.Code), string(layer.Code)
	}
	return words, nil
}

// wordsOf reads words of a list, or the values that they stand for, however
// they are capitalised.
func wordsOf(list map[string]string) func(string) (string, bool) {
	known := map[string]string{}
	for word, value := range list {
		known[strings.ToLower(word)], known[value] = value, value
	}
	return func(text string) (string, bool) {
		value, ok := known[strings.ToLower(strings.TrimSpace(text))]
		return value, ok
	}
}

// values says how the values of a field are read.
type values struct {
	field, kind string // kind of the finding where one can't be read
	read        func(string) (string, bool)
}

// wrong says what is wrong with a value that can't be read.
func (v values) wrong() grids.Text {
	switch v.kind {
	case "bad-date":
		return grids.Text{ZH: "不是日期;请写成 2024-03-01、2024.3.1 或 2024年3月1日", EN: "not a date such as 2024-03-01, 2024.3.1 or 2024年3月1日"}
	case "bad-number":
		return grids.Text{ZH: "应为 0 至 999999 的整数", EN: "not a whole number from 0 to 999999"}
	}
	known := map[string]string{}
	switch v.field {
	case "role":
		known = roleWords()
	case "side":
		known = sideWords()
	}
	if len(known) == 0 {
		return grids.Text{ZH: "不认识的写法", EN: "an unknown word for the " + v.field}
	}
	words := slices.Sorted(maps.Keys(known))
	return grids.Text{ZH: "不认识的写法;可写:" + strings.Join(words, "、"), EN: "an unknown word for the " + v.field + "; known are " + strings.Join(words, ", ")}
}

// distinctPage is how many distinct values are read at once.
const distinctPage = 10000

// translate reads the distinct values of a field into import_value and rejects
// the rows whose value can't be read.
func translate(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, v values, report *Report) error {
	column := report.Mapping[v.field]
	if column == "" {
		return nil
	}
	for last := ""; ; {
		rows, err := tx.Query(ctx, `
			SELECT DISTINCT btrim(attributes ->> $3) COLLATE "C" AS text FROM staging.row
			WHERE territory_id = $1 AND batch = $2 AND btrim(attributes ->> $3) COLLATE "C" > $4 ORDER BY text LIMIT $5`, t.ID, batch, column, last, distinctPage)
		if err != nil {
			return err
		}
		texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		var known [][]any
		for _, text := range texts {
			if value, ok := v.read(text); ok {
				known = append(known, []any{v.field, text, value})
			}
		}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"import_value"}, []string{"field", "text", "value"}, pgx.CopyFromRows(known)); err != nil {
			return err
		}
		if len(texts) < distinctPage {
			break
		}
		last = texts[len(texts)-1]
	}
	rows, err := tx.Query(ctx, `
		SELECT s.row, s.attributes ->> $3 FROM staging.row s
		WHERE s.territory_id = $1 AND s.batch = $2 AND btrim(s.attributes ->> $3) <> ''
		  AND NOT EXISTS (SELECT FROM import_value v WHERE v.field = $4 AND v.text = btrim(s.attributes ->> $3))
		ORDER BY s.row`, t.ID, batch, column, v.field)
	if err != nil {
		return err
	}
	bad, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (grids.Finding, error) {
		f := grids.Finding{Check: "import", Kind: v.kind, Severity: grids.SeverityError, Field: column}.Say(v.wrong())
		return f, row.Scan(&f.Row, &f.Value)
	})
	if err != nil {
		return err
	}
	return report.reject(ctx, tx, bad)
}
