package importers

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// maskable is a column some of whose values hold personal data.
type maskable struct {
	column string
	words  bool // words about people count, not numbers alone
}

// toMask gives the columns some of whose values hold personal data, and which
// aren't kept as they are.
func toMask(surveys []*survey, m mapping, kept map[string]bool) []maskable {
	var list []maskable
	for _, s := range surveys {
		mapped := m.feeds(s.column) != ""
		if !kept[s.column] && s.mixed(mapped) {
			list = append(list, maskable{s.column, !mapped})
		}
	}
	return list
}

// maskPage is how many rows are looked at between two round trips.
const maskPage = 20000

// maskRows masks personal numbers in columns of the staged rows, and blanks
// values that say what a person is watched or treated for. Each row changed is
// named, up to a thousand in a column.
func maskRows(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, list []maskable) ([]grids.Finding, error) {
	var found []grids.Finding
	for _, one := range list {
		count := 0
		for last, more := -1, true; more; {
			rows, err := tx.Query(ctx, `
				SELECT row, coalesce(attributes ->> $3, '') FROM staging.row
				WHERE territory_id = $1 AND batch = $2 AND row > $4 ORDER BY row LIMIT $5`, t.ID, batch, one.column, last, maskPage)
			if err != nil {
				return nil, err
			}
			var numbers []int
			var texts []string
			seen := 0
			var text string
			if _, err := pgx.ForEachRow(rows, []any{&last, &text}, func() error {
				seen++
				shown, kinds, ok := masked(text)
				if one.words {
					if kind := personalWords(text); kind == kindKeyPerson || kind == kindHealth {
						shown, kinds, ok = "***", append(kinds, kind), true
					}
				}
				if !ok {
					return nil
				}
				numbers, texts = append(numbers, last), append(texts, shown)
				if count++; count <= warnedRows {
					slices.Sort(kinds)
					found = append(found, grids.Finding{Check: "import", Kind: "personal-masked", Severity: grids.SeverityWarning, Row: last, Field: one.column, Value: shown}.
						Say(grids.Textf("文中有个人信息(%s),已隐去", "personal data (%s) stood in the text and was masked", kindNames(slices.Compact(kinds)))))
				}
				return nil
			}); err != nil {
				return nil, err
			}
			more = seen == maskPage
			if _, err := tx.Exec(ctx, `
				UPDATE staging.row s SET attributes = jsonb_set(s.attributes, ARRAY[$3::text], to_jsonb(m.text))
				FROM unnest($4::int[], $5::text[]) AS m (row, text)
				WHERE s.territory_id = $1 AND s.batch = $2 AND s.row = m.row`, t.ID, batch, one.column, numbers, texts); err != nil {
				return nil, fmt.Errorf("masking personal data: %w", err)
			}
		}
		if count > warnedRows {
			found = append(found, grids.Finding{Check: "import", Kind: "personal-masked", Severity: grids.SeverityWarning, Field: one.column}.
				Say(grids.Textf("另有 %d 行也是如此", "the same in %d rows more", count-warnedRows)))
		}
	}
	return found, nil
}
