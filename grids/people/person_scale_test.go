package people_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/people"
)

// TestSearchByIndex wants every search among 100,000 persons to read few rows,
// by an index and as the service's role.
func TestSearchByIndex(t *testing.T) {
	if testing.Short() {
		t.Skip("100,000 persons")
	}
	t.Parallel()
	w := newTown(t, 1, 1)
	const surnames, given = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗曾单解翟", "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂"
	if err := w.exec(grids.Local, `
		INSERT INTO people.person (territory_id, staff_no, name, unit, post, provenance)
		SELECT $1, 'N' || n, substr($2, 1 + n % length($2), 1) || substr($3, 1 + n / 24 % length($3), 1) || substr($3, 1 + n / 577 % length($3), 1),
		       '单位' || n % 500, '职务' || n % 7, 'entered'
		FROM generate_series(1, 100000) n`, w.Territory, surnames, given); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	w.tx(func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `SELECT people.follow_texts($1, ARRAY(SELECT id FROM people.person WHERE staff_no LIKE '%77'), clock_timestamp())`, w.Territory); err != nil {
			return err
		}
		return people.IndexNames(t.Context(), tx, w.Territory, nil)
	})
	t.Logf("names of 100,000, units and posts of 1,000: %s", time.Since(began))
	owner, err := pgx.Connect(t.Context(), w.url)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close(t.Context())
	if _, err := owner.Exec(t.Context(), `ANALYZE people.person, people.search_key, people.unit, people.post, people.person_post`); err != nil {
		t.Fatal(err)
	}
	unit := w.member("N77").Unit
	for name, c := range map[string]struct {
		search people.Search
		index  string // that has to be used
		rows   int    // that the page has
	}{
		"no search":        {people.Search{}, "person_staff_no_unique", 50},
		"a page later":     {people.Search{After: "N5"}, "person_staff_no_unique", 50},
		"three characters": {people.Search{Text: "曾伟芳"}, "search_key_keys", 8},
		"full pinyin":      {people.Search{Text: "cengweifang"}, "search_key_keys", 8},
		"initials":         {people.Search{Text: "zwf"}, "search_key_keys", 40},
		"nobody":           {people.Search{Text: "xyzzy"}, "search_key_keys", 0},
		"a unit":           {people.Search{Unit: *unit}, "person_unit", 40},
		"staff number":     {people.Search{Text: "n99999"}, "search_key_keys", 1},
	} {
		t.Run(name, func(t *testing.T) {
			c.search.Limit = 50
			var plan strings.Builder
			began := time.Now()
			w.tx(func(tx pgx.Tx) error {
				sql, args := people.Page(c.search, w.Territory, time.Now())
				rows, err := tx.Query(t.Context(), `EXPLAIN `+sql, args...)
				if err != nil {
					return err
				}
				lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
				plan.WriteString(strings.Join(lines, "\n"))
				return err
			})
			list, _ := w.search(c.search)
			if !strings.Contains(plan.String(), c.index) || strings.Contains(plan.String(), "Seq Scan on person ") || strings.Contains(plan.String(), "Seq Scan on search_key") {
				t.Errorf("%s", plan.String())
			}
			if len(list) < c.rows || c.rows == 0 && len(list) > 0 {
				t.Errorf("%d rows", len(list))
			}
			t.Log(fmt.Sprint(time.Since(began)))
		})
	}
}
