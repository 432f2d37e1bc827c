package people_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"unigrid/grids"
	"unigrid/grids/people"
)

// wrong gives what is wrong in the roster: each line is something that may never
// be.
const wrong = `
	SELECT 'home in a unit that is retired: ' || p.staff_no FROM people.person p JOIN people.unit u ON u.territory_id = p.territory_id AND u.id = p.unit_id
	WHERE u.retired_at IS NOT NULL
	UNION ALL SELECT 'two homes: ' || m.person_id FROM people.person_layer m WHERE m.home GROUP BY m.territory_id, m.person_id HAVING count(*) > 1
	UNION ALL SELECT 'a post held by nobody: ' || q.post_id FROM people.person_post q
	WHERE q.during && tstzrange(clock_timestamp(), NULL) AND NOT EXISTS (SELECT FROM people.person p WHERE p.territory_id = q.territory_id AND p.id = q.person_id)
	UNION ALL SELECT 'a retired post is held: ' || o.title FROM people.person_post q JOIN people.post o ON o.territory_id = q.territory_id AND o.id = q.post_id
	WHERE q.during && tstzrange(clock_timestamp(), NULL) AND o.retired_at IS NOT NULL
	UNION ALL SELECT 'a post of a retired unit: ' || o.title FROM people.post o JOIN people.unit u ON u.territory_id = o.territory_id AND u.id = o.unit_id
	WHERE o.retired_at IS NULL AND u.retired_at IS NOT NULL
	UNION ALL SELECT 'a unit below a retired one: ' || u.name FROM people.unit u JOIN people.unit a ON a.territory_id = u.territory_id AND a.id = u.parent_id
	WHERE u.retired_at IS NULL AND a.retired_at IS NOT NULL
	UNION ALL SELECT 'texts say otherwise: ' || format('%s: %s | %s, not %s | %s', p.staff_no, p.unit, p.post, coalesce(u.label, ''), w.post)
	FROM people.person p LEFT JOIN people.unit u ON u.territory_id = p.territory_id AND u.id = p.unit_id
	CROSS JOIN LATERAL (
	  SELECT coalesce(string_agg(CASE WHEN v.id IS NULL OR v.id = p.unit_id THEN '' ELSE v.label || ':' END || o.title, '、' ORDER BY q.position), '') AS post
	  FROM people.person_post q JOIN people.post o ON o.territory_id = q.territory_id AND o.id = q.post_id
	  LEFT JOIN people.unit v ON v.territory_id = o.territory_id AND v.id = o.unit_id
	  WHERE q.territory_id = p.territory_id AND q.person_id = p.id AND q.during @> clock_timestamp()
	) w WHERE (p.unit, p.post) IS DISTINCT FROM (coalesce(u.label, ''), w.post)
	UNION ALL SELECT 'not found by name: ' || p.staff_no FROM people.person p
	LEFT JOIN people.search_key k ON k.territory_id = p.territory_id AND k.person_id = p.id WHERE k.name IS DISTINCT FROM p.staff_no || ' ' || p.name
	UNION ALL SELECT 'label: ' || u.label FROM people.unit u WHERE u.retired_at IS NULL AND u.label NOT IN (u.name) AND u.label NOT LIKE '%>' || u.name`

// TestAnyEdits imports, edits, retires and undoes at random: whatever is done or
// refused, nobody is at home twice, no post is left behind, and texts say what
// units and posts do.
func TestAnyEdits(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1, 1)
	if err := w.exec(grids.Local, `INSERT INTO layers.layer (territory_id, code, name_zh, name_en) VALUES ($1, 'environment', '环保', 'environment'), ($1, 'safety', '安监', 'safety')`, w.Territory); err != nil {
		t.Fatal(err)
	}
	names := []string{"甲镇", "乙镇", "党政办", "环保局", "丙村 "}
	titles := []string{"主任", "书记", "镇长", "委员(环保、安全)", "主　任"}
	people_ := []string{"张三", "曾单", "吕布", "解晓"}
	rapid.Check(t, func(r *rapid.T) {
		ctx := context.Background()
		do := func(fn func(tx pgx.Tx) error) {
			err := w.db.Tx(ctx, grids.Local, fn)
			if err != nil && !grids.IsKind(err, grids.Invalid) && !grids.IsKind(err, grids.Conflict) && !grids.IsKind(err, grids.NotFound) {
				r.Fatalf("%v", err)
			}
		}
		one := func(list []string, what string) string { return rapid.SampledFrom(list).Draw(r, what) }
		unit := func(tx pgx.Tx, what string) (id people.UnitID) {
			n := rapid.IntRange(0, 9).Draw(r, what)
			if err := tx.QueryRow(ctx, `SELECT coalesce((SELECT id FROM people.unit WHERE territory_id = $1 AND retired_at IS NULL ORDER BY id OFFSET $2 LIMIT 1), 0)`, w.Territory, n).Scan(&id); err != nil {
				r.Fatal(err)
			}
			return id
		}
		person := func(tx pgx.Tx) (id grids.PersonID) {
			n := rapid.IntRange(0, 5).Draw(r, "person")
			if err := tx.QueryRow(ctx, `SELECT coalesce((SELECT id FROM people.person WHERE territory_id = $1 ORDER BY id OFFSET $2 LIMIT 1), 0)`, w.Territory, n).Scan(&id); err != nil {
				r.Fatal(err)
			}
			return id
		}
		text := func() string {
			var s string
			for i := range rapid.IntRange(0, 3).Draw(r, "posts") {
				s += []string{"", "、", "，", "；"}[i]
				if rapid.Bool().Draw(r, "elsewhere") {
					s += one(names, "unit") + one([]string{":", "："}, "colon")
				}
				s += one(titles, "title")
			}
			return s
		}
		r.Repeat(map[string]func(*rapid.T){
			"import": func(*rapid.T) {
				w.batch++
				var rows [][]any
				for i := range rapid.IntRange(1, 3).Draw(r, "rows") {
					rows = append(rows, []any{w.Territory, w.batch, i + 1, fmt.Sprint("R", rapid.IntRange(1, 4).Draw(r, "staff")), one(people_, "name"),
						one(append(names, "", "甲镇>党政办"), "unit"), text(), "", "imported", one([]string{"", "-", "safety"}, "layer"), one([]string{"", "-", "safety、environment"}, "supports")})
				}
				do(func(tx pgx.Tx) error {
					if _, err := tx.CopyFrom(ctx, pgx.Identifier{"people", "intake_person"},
						[]string{"territory_id", "batch", "row", "staff_no", "name", "unit", "post", "phone", "provenance", "layer", "supports"}, pgx.CopyFromRows(rows)); err != nil {
						return err
					}
					_, err := people.TakePeople(ctx, tx, w.Territory, w.batch)
					return err
				})
			},
			"undo": func(*rapid.T) {
				do(func(tx pgx.Tx) error {
					_, err := people.Undo(ctx, tx, w.Territory, w.Edition, w.batch)
					return err
				})
			},
			"edit": func(*rapid.T) {
				do(func(tx pgx.Tx) error {
					e := people.PersonEdit{ID: person(tx)}
					if e.ID == 0 || rapid.Bool().Draw(r, "name") {
						name := one(people_, "name")
						e.Name = &name
					}
					if rapid.Bool().Draw(r, "move") {
						to := unit(tx, "to")
						e.Unit = &to
					}
					if rapid.Bool().Draw(r, "posts") {
						var held []people.PostSaid
						for range rapid.IntRange(0, 3).Draw(r, "posts") {
							p := people.PostSaid{Title: one(titles, "title"), Unit: unit(tx, "of")}
							if rapid.Bool().Draw(r, "planned") {
								later := day(100_000)
								p.From = &later
							}
							held = append(held, p)
						}
						e.Posts = &held
					}
					if rapid.Bool().Draw(r, "layers") {
						layers := []people.Membership{{Layer: "environment", Home: rapid.Bool().Draw(r, "home")}, {Layer: "safety", Home: rapid.Bool().Draw(r, "home")}}
						e.Layers = &layers
					}
					_, err := people.EditPeople(ctx, tx, w.Territory, w.Edition, []people.PersonEdit{e})
					return err
				})
			},
			"unit": func(*rapid.T) {
				do(func(tx pgx.Tx) error {
					name := one(names, "name")
					e := people.UnitEdit{ID: unit(tx, "unit"), Name: &name}
					if rapid.Bool().Draw(r, "below") {
						parent := unit(tx, "parent")
						e.Parent = &parent
					}
					_, err := people.EditUnit(ctx, tx, w.Territory, e)
					return err
				})
			},
			"post": func(*rapid.T) {
				do(func(tx pgx.Tx) error {
					var id people.PostID
					if err := tx.QueryRow(ctx, `SELECT coalesce((SELECT id FROM people.post WHERE territory_id = $1 AND retired_at IS NULL ORDER BY id OFFSET $2 LIMIT 1), 0)`,
						w.Territory, rapid.IntRange(0, 9).Draw(r, "post")).Scan(&id); err != nil {
						return err
					}
					if rapid.Bool().Draw(r, "retire") {
						return people.RetirePost(ctx, tx, w.Territory, id, 0)
					}
					title := one(titles, "title")
					_, err := people.EditPost(ctx, tx, w.Territory, people.PostEdit{ID: id, Title: &title})
					return err
				})
			},
			"retire": func(*rapid.T) {
				do(func(tx pgx.Tx) error { return people.Retire(ctx, tx, w.Territory, w.Edition, person(tx), 0) })
			},
			"retire a unit": func(*rapid.T) {
				do(func(tx pgx.Tx) error { return people.RetireUnit(ctx, tx, w.Territory, unit(tx, "unit"), 0) })
			},
			"": func(*rapid.T) {
				var found []string
				do(func(tx pgx.Tx) error {
					rows, err := tx.Query(ctx, wrong)
					if err != nil {
						return err
					}
					found, err = pgx.CollectRows(rows, pgx.RowTo[string])
					return err
				})
				if len(found) > 0 {
					r.Fatalf("%q", found)
				}
			},
		})
	})
}
