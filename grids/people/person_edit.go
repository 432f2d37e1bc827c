package people

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed person_edit_refused.sql
var personEditRefused string

//go:embed person_edit_apply.sql
var personEditApply string

//go:embed person_edit_dates.sql
var personEditDates string

// PostSaid is a post that a person is to hold: a title in a unit; no unit is the
// person's own. It is made where it isn't there. No From leaves the beginning as
// it is, or is now; no To is for good.
type PostSaid struct {
	Title string     `json:"title"`
	Unit  UnitID     `json:"unit"`
	From  *time.Time `json:"since"`
	To    *time.Time `json:"until"`
}

// PersonEdit says what is to become of a person, or of a new one when ID is 0.
// Whatever is nil stays as it is. Posts are all that the person holds or is to
// hold; what has ended stays. Known is the version that the edit was made for; a
// Version of 0 is any.
type PersonEdit struct {
	ID      grids.PersonID `json:"id,omitempty"`
	Known   int            `json:"known,omitempty"`
	Name    *string        `json:"name,omitempty"`
	StaffNo *string        `json:"staff_no,omitempty"` // of a new person, "" is P and the number here
	Unit    *UnitID        `json:"unit,omitempty"`     // 0: none
	Posts   *[]PostSaid    `json:"posts,omitempty"`
	Layers  *[]Membership  `json:"layers,omitempty"`
	Phone   *string        `json:"-"`
}

// Refusal is an edit that can't be done: its place among them, and the person as
// it is now.
type Refusal struct {
	Row int
	ID  grids.PersonID
	Err *grids.Error
	// Stale says that the person has changed since the edit was made.
	Stale bool
	Now   *Person
}

// Refused is the error of edits of which some can't be done; none is done then.
type Refused struct {
	Err  *grids.Error
	Rows []Refusal
}

func (r *Refused) Error() string { return r.Err.Error() }

// Unwrap gives the error in words.
func (r *Refused) Unwrap() error { return r.Err }

// EditPeople does all of some edits, or none: then the error is a *Refused. It
// gives the persons as they are afterwards, in the edits' order.
func EditPeople(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, edits []PersonEdit) ([]Person, error) {
	refused := &Refused{}
	for i := range edits {
		if err := edits[i].check(); err != nil {
			refused.Rows = append(refused.Rows, Refusal{Row: i, ID: edits[i].ID, Err: err})
		}
	}
	if len(refused.Rows) > 0 {
		return nil, refused.say(len(edits))
	}
	if err := lock(ctx, tx, territory); err != nil {
		return nil, err
	}
	said, err := json.Marshal(edits)
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `DROP TABLE IF EXISTS pg_temp.person_edit;
		CREATE TEMP TABLE person_edit (n int PRIMARY KEY, fresh boolean, id bigint, known int, name text, staff_no text, unit bigint, posts jsonb, layers jsonb) ON COMMIT DROP`); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO person_edit
		SELECT (x.n - 1)::int, x.id IS NULL, x.id, x.known, btrim(x.name), btrim(x.staff_no), x.unit, x.posts, x.layers
		FROM ROWS FROM (jsonb_to_recordset($1) AS (id bigint, known int, name text, staff_no text, unit bigint, posts jsonb, layers jsonb))
		  WITH ORDINALITY AS x (id, known, name, staff_no, unit, posts, layers, n)`, said); err != nil {
		return nil, fmt.Errorf("edits of persons: %w", err)
	}
	if err := refuseEdits(ctx, tx, territory, edition, edits); err != nil {
		return nil, err
	}
	return applyEdits(ctx, tx, territory, edition, edits)
}

// titles and telephone numbers as they may be written; the database has the
// same rules for titles.
var (
	badTitle = regexp.MustCompile("[:\uff1a\n\r]")
	phone    = regexp.MustCompile(`^[0-9+() /,;-]{3,40}$`)
)

// badUnit tells what a unit's name may not hold: texts put units before posts.
var badUnit = regexp.MustCompile("[>:\uff1a、\n\r]")

// check looks at an edit by itself.
func (e *PersonEdit) check() *grids.Error {
	if e.Name == nil && e.ID == 0 || e.Name != nil && strings.TrimSpace(*e.Name) == "" {
		return grids.Errorf(grids.Invalid, "name", "缺少姓名,请补上", "a person needs a name")
	}
	if e.ID != 0 && e.StaffNo != nil && strings.TrimSpace(*e.StaffNo) == "" {
		return grids.Errorf(grids.Invalid, "staff_no", "工号不能为空", "a staff number is needed")
	}
	if e.Phone != nil {
		*e.Phone = strings.TrimSpace(*e.Phone)
		if *e.Phone != "" && !phone.MatchString(*e.Phone) {
			return grids.Errorf(grids.Invalid, "phone", "电话号码只能有数字和分隔符", "a telephone number has digits and separators alone")
		}
	}
	if e.Posts != nil {
		seen := map[string]bool{}
		for i := range *e.Posts {
			p := &(*e.Posts)[i]
			p.Title = strings.TrimSpace(p.Title)
			key := fmt.Sprint(p.Unit, " ", plainName(p.Title))
			if err := checkTitle("posts.title", p.Title); err != nil {
				return err
			}
			if seen[key] {
				return named(grids.Errorf(grids.Invalid, "posts", "同一职务出现两次", "the same post stands there twice"), p.Title)
			}
			if p.From != nil && p.To != nil && !p.From.Before(*p.To) {
				return named(grids.Errorf(grids.Invalid, "posts.to", "任期结束不晚于开始", "the period ends before it begins"), p.Title)
			}
			seen[key] = true
		}
	}
	if e.Layers != nil {
		homes, seen := 0, map[grids.LayerCode]bool{}
		for _, m := range *e.Layers {
			if m.Home {
				homes++
			}
			if seen[m.Layer] {
				return named(grids.Errorf(grids.Invalid, "layers", "同一条线出现两次", "the same layer stands there twice"), string(m.Layer))
			}
			seen[m.Layer] = true
		}
		if homes > 1 {
			return grids.Errorf(grids.Invalid, "layers", "一人只能属于一个条线,其余为支援", "a person belongs to one layer only; others are supported")
		}
	}
	return nil
}

func named(e *grids.Error, value string) *grids.Error {
	e.Value = value
	return e
}

// checkTitle refuses a title that a text of several posts couldn't hold.
func checkTitle(field, title string) *grids.Error {
	outside := 0 // brackets open
	bad := badTitle.MatchString(title) || title == ""
	for _, r := range title {
		switch r {
		case '(', '（':
			outside++
		case ')', '）':
			outside--
		case '、', '，', '；', ';':
			bad = bad || outside == 0
		}
	}
	if bad {
		return named(grids.Errorf(grids.Invalid, field, "职务名称不能为空,也不能含冒号、顿号、逗号、分号(括号内除外)",
			"the title of a post may not be empty or hold colons, commas or semicolons outside of brackets"), title)
	}
	return nil
}

// say gives the error of what was refused, nil when nothing was.
func (r *Refused) say(all int) error {
	if len(r.Rows) == 0 {
		return nil
	}
	first := r.Rows[0].Err
	if all == 1 {
		r.Err = first
		return r
	}
	kind := grids.Invalid
	for _, row := range r.Rows {
		if row.Err.Kind == grids.Forbidden || row.Err.Kind != grids.Invalid && kind != grids.Forbidden {
			kind = row.Err.Kind
		}
	}
	if kind == grids.NotFound {
		kind = grids.Conflict
	}
	r.Err = grids.Errorf(kind, "people", "%d 行不能修改,全部未改", "%d rows can't be changed; nothing was", len(r.Rows)).
		Fix("改正或去掉所列的行,再提交一次", "mend or leave out the rows named, and send the others again")
	return r
}

// refuseEdits looks at the edits in person_edit beside what there is.
func refuseEdits(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, edits []PersonEdit) error {
	rows, err := tx.Query(ctx, personEditRefused, territory)
	if err != nil {
		return fmt.Errorf("checking edits of persons: %w", err)
	}
	refused := &Refused{}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Refusal, error) {
		var r Refusal
		var field, value, kind string
		var said grids.Text
		err := row.Scan(&r.Row, &field, &value, &kind, &said.ZH, &said.EN)
		r.Stale = kind == "stale"
		if r.Stale {
			kind = string(grids.Conflict)
		}
		r.Err = &grids.Error{Kind: grids.ErrorKind(kind), Field: field, Value: value, Message: said}
		return r, err
	})
	if err != nil {
		return fmt.Errorf("checking edits of persons: %w", err)
	}
	var ids []grids.PersonID
	for i := range list {
		list[i].ID = edits[list[i].Row].ID
		if n := len(refused.Rows); n > 0 && refused.Rows[n-1].Row == list[i].Row {
			continue // one reason for a row is enough
		}
		refused.Rows = append(refused.Rows, list[i])
		ids = append(ids, list[i].ID)
	}
	if len(refused.Rows) == 0 {
		return nil
	}
	var now time.Time
	if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return err
	}
	there, err := persons(ctx, tx, territory, edition, now, ids)
	if err != nil {
		return err
	}
	for i := range refused.Rows {
		for k := range there {
			if there[k].ID == refused.Rows[i].ID {
				refused.Rows[i].Now = &there[k]
			}
		}
	}
	return refused.say(len(edits))
}

func applyEdits(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, edits []PersonEdit) ([]Person, error) {
	for _, step := range []struct{ what, sql string }{
		{"numbering persons", `UPDATE person_edit SET id = nextval('people.person_id_seq') WHERE fresh AND $1::int IS NOT NULL`},
		{"adding persons", `INSERT INTO people.person (territory_id, id, staff_no, name, provenance) OVERRIDING SYSTEM VALUE
			SELECT $1, id, coalesce(nullif(staff_no, ''), 'P' || lpad(id::text, 6, '0')), name, 'entered' FROM person_edit WHERE fresh`},
		{"editing persons", personEditApply},
		{"taking planned posts back", `DELETE FROM people.person_post q USING person_edit e
			WHERE q.territory_id = $1 AND q.person_id = e.id AND e.posts IS NOT NULL AND lower(q.during) > clock_timestamp()`},
		{"leaving layers", `DELETE FROM people.person_layer m USING person_edit e WHERE m.territory_id = $1 AND m.person_id = e.id AND e.layers IS NOT NULL`},
		{"joining layers", `INSERT INTO people.person_layer (territory_id, person_id, layer, home)
			SELECT $1, e.id, x.layer, coalesce(x.home, false) FROM person_edit e CROSS JOIN LATERAL jsonb_to_recordset(e.layers) AS x (layer text, home boolean)`},
	} {
		if _, err := tx.Exec(ctx, step.sql, territory); err != nil {
			return nil, fmt.Errorf("%s: %w", step.what, err)
		}
	}
	rows, err := tx.Query(ctx, `SELECT id FROM person_edit ORDER BY n`)
	if err != nil {
		return nil, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[grids.PersonID])
	if err != nil {
		return nil, err
	}
	var now time.Time
	if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `SELECT people.follow_texts($1, $2, $3)`, territory, ids, now); err != nil {
		return nil, fmt.Errorf("making units and posts: %w", err)
	}
	if _, err := tx.Exec(ctx, personEditDates, territory, now); err != nil {
		return nil, fmt.Errorf("dating posts: %w", err)
	}
	if _, err := tx.Exec(ctx, `SELECT people.spell($1, $2, $3)`, territory, ids, now); err != nil {
		return nil, fmt.Errorf("writing posts: %w", err)
	}
	var called []grids.PersonID
	var numbers []string
	for i, e := range edits {
		if e.Phone != nil {
			called, numbers = append(called, ids[i]), append(numbers, *e.Phone)
		}
	}
	if _, err := tx.Exec(ctx, `SELECT people.set_phones($1, $2, $3)`, territory, called, numbers); err != nil {
		return nil, fmt.Errorf("telephone numbers: %w", err)
	}
	if err := IndexNames(ctx, tx, territory, ids); err != nil {
		return nil, err
	}
	return persons(ctx, tx, territory, edition, now, ids)
}

// Retire takes a person out of the team; what was true of the person stays known.
// Whoever holds something now or later has to hand it over first: the cells are
// named. known is as in a PersonEdit.
func Retire(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, id grids.PersonID, known int) error {
	if err := lock(ctx, tx, territory); err != nil {
		return err
	}
	var now time.Time
	if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return err
	}
	p, err := FindPerson(ctx, tx, territory, edition, now, id)
	if err != nil {
		return err
	}
	var mine bool
	if err := tx.QueryRow(ctx, `SELECT access.within($1, $2)`, territory, p.Division).Scan(&mine); err != nil {
		return err
	}
	if !mine {
		return grids.Errorf(grids.Forbidden, "id", "不在您的辖区之内", "not within your territory")
	}
	if known != 0 && known != p.Version {
		r := &Refused{Rows: []Refusal{{ID: id, Stale: true, Now: &p, Err: grids.Errorf(grids.Conflict, "known", "此后已被他人修改", "changed by somebody else since")}}}
		return r.say(1)
	}
	var codes []string
	if err := tx.QueryRow(ctx, `
		SELECT coalesce(array_agg(DISTINCT h.name), '{}') FROM (
		  SELECT concat_ws(' ', v.code, v.name) AS name FROM people.assignment a
		  LEFT JOIN LATERAL (SELECT v.code, v.name FROM cells.version v WHERE v.territory_id = $1 AND v.cell_id = a.cell_id ORDER BY v.from_edition DESC LIMIT 1) v ON true
		  WHERE a.territory_id = $1 AND a.person_id = $2 AND a.during && tstzrange($3, NULL)
		  UNION SELECT concat_ws(' ', c.layer, c.code, c.name) FROM layers.cell c WHERE c.territory_id = $1 AND c.person_id = $2
		) h`, territory, id, now).Scan(&codes); err != nil {
		return err
	}
	if n := len(codes); n > 0 {
		return named(grids.Errorf(grids.Conflict, "id", "%s 仍在 %d 个网格任职:%s", "%s still holds something in %d cells: %s", p.Name, n, strings.Join(codes[:min(n, 20)], ", ")).
			Fix("先把这些任职交接给他人或结束", "hand these over to others, or end them, first"), fmt.Sprint(id))
	}
	_, err = tx.Exec(ctx, `DELETE FROM people.person WHERE territory_id = $1 AND id = $2`, territory, id)
	return err
}
