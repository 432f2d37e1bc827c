package people

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed person_findings.sql
var personFindings string

//go:embed person_doubts.sql
var personDoubts string

//go:embed person_units.sql
var personUnits string

//go:embed person_posts.sql
var personPosts string

//go:embed person_texts.sql
var personTexts string

//go:embed person_known.sql
var personKnown string

//go:embed person_apply.sql
var personApply string

//go:embed person_members.sql
var personMembers string

//go:embed person_members_apply.sql
var personMembersApply string

//go:embed person_numbers.sql
var personNumbers string

// mostDifferences is how many differences a report holds.
const mostDifferences = 10_000

// TakePeople takes a batch of people.intake_person: new persons come in, known
// ones are brought up to date; taking the same batch twice changes nothing.
//
// A row means the person of its staff number, else the one alone that has its
// name, unit and telephone, else, when it has no staff number, the one for whom
// the very same row was sent before, with no other telephone. A name that somebody has already is a
// question otherwise, which the row's choice answers: a person's staff number, or
// new. A new person without a staff number gets P and the number that the person
// has here (P000123). Rows in doubt are rejected with the candidates, and so are
// rows without a name, rows that give a number a second time with other
// particulars, and all rows of one file that otherwise mean the same person.
// Empty unit, post and telephone leave what is known. Telephone numbers show
// masked in the differences; one that another of the same mask replaces has an
// asterisk.
//
// Units and posts that a row names are made where there are none yet: several
// posts stand in one text, 镇长、示例局:副局长, and so do the days since when they
// are held. A unit of which there are several by
// that name has to be written with those above it (示例镇>办公室).
func TakePeople(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, batch int64) (grids.Taken, error) {
	var report grids.Taken
	if err := lock(ctx, tx, territory); err != nil {
		return report, err
	}
	if err := refuse(ctx, tx, &report, personFindings, territory, batch); err != nil {
		return report, err
	}
	if _, err := tx.Exec(ctx, `DROP TABLE IF EXISTS pg_temp.person_taken, pg_temp.person_meant, pg_temp.person_unit, pg_temp.person_known, pg_temp.person_called;
		CREATE TEMP TABLE person_called (id bigint) ON COMMIT DROP;
		CREATE TEMP TABLE person_taken (id bigint PRIMARY KEY) ON COMMIT DROP;
		CREATE TEMP TABLE person_known (row int PRIMARY KEY, id bigint UNIQUE, staff_no text, there boolean, sent_before boolean) ON COMMIT DROP;
		CREATE TEMP TABLE person_meant (row int PRIMARY KEY, meant text, person_id bigint, staff_no text, same text, candidates jsonb) ON COMMIT DROP`); err != nil {
		return report, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO person_meant SELECT * FROM people.meant($1, $2)`, territory, batch); err != nil {
		return report, fmt.Errorf("looking for people: %w", err)
	}
	if _, err := tx.Exec(ctx, `CREATE INDEX ON person_meant (same); ANALYZE person_meant`); err != nil {
		return report, err
	}
	if err := refuse(ctx, tx, &report, personDoubts, territory, batch); err != nil {
		return report, err
	}
	if _, err := tx.Exec(ctx, `UPDATE people.intake_person i SET staff_no = m.staff_no FROM person_meant m
		WHERE i.territory_id = $1 AND i.batch = $2 AND i.row = m.row AND i.staff_no <> m.staff_no`, territory, batch); err != nil {
		return report, err
	}
	if _, err := tx.Exec(ctx, `CREATE TEMP TABLE person_unit ON COMMIT DROP AS SELECT * FROM people.ensure_units($1, ARRAY(
		SELECT i.unit FROM people.intake_person i WHERE i.territory_id = $1 AND i.batch = $2 AND i.unit <> ''
		UNION SELECT s.unit FROM people.intake_person i, people.posts_said(i.post) s WHERE i.territory_id = $1 AND i.batch = $2 AND s.unit <> ''))`, territory, batch); err != nil {
		return report, fmt.Errorf("making units: %w", err)
	}
	if err := refuse(ctx, tx, &report, personUnits, territory, batch); err != nil {
		return report, err
	}
	if _, err := tx.Exec(ctx, personPosts, territory, batch); err != nil {
		return report, fmt.Errorf("making posts: %w", err)
	}
	if _, err := tx.Exec(ctx, personTexts, territory, batch); err != nil {
		return report, fmt.Errorf("reading posts: %w", err)
	}
	if _, err := tx.Exec(ctx, personKnown, territory, batch); err != nil {
		return report, fmt.Errorf("looking for known people: %w", err)
	}
	if _, err := tx.Exec(ctx, `ANALYZE person_known`); err != nil {
		return report, err
	}
	if err := tx.QueryRow(ctx, personApply, territory, batch).Scan(&report.Applied, &report.Unchanged, &report.Created, &report.Differences); err != nil {
		return report, fmt.Errorf("taking people: %w", err)
	}
	if err := follow(ctx, tx, territory, `SELECT id FROM person_taken`); err != nil {
		return report, err
	}
	if err := takeMembers(ctx, tx, territory, batch, &report); err != nil {
		return report, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO person_called SELECT people.keep_contacts($1, $2)`, territory, batch); err != nil {
		return report, fmt.Errorf("taking telephone numbers: %w", err)
	}
	// a number that alone differs makes an applied row of an unchanged one
	var numbers int
	var more []grids.Difference
	if err := tx.QueryRow(ctx, personNumbers, territory, batch).Scan(&numbers, &more); err != nil {
		return report, fmt.Errorf("taking telephone numbers: %w", err)
	}
	report.Applied += numbers
	report.Unchanged -= numbers
	report.Changed = report.Applied - report.Created
	report.Differences = append(report.Differences, more...)
	report.Differences = report.Differences[:min(len(report.Differences), mostDifferences)]
	_, err := tx.Exec(ctx, `DELETE FROM people.intake_person WHERE territory_id = $1 AND batch = $2`, territory, batch)
	return report, err
}

// takeMembers takes what a batch says of layers and of the dates of posts. A row
// that differs in these alone is an applied row of an unchanged one.
func takeMembers(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, batch int64, report *grids.Taken) error {
	var now time.Time
	if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return err
	}
	for _, sql := range []string{
		`DROP TABLE IF EXISTS pg_temp.person_member`,
		`CREATE TEMP TABLE person_member (row int PRIMARY KEY, id bigint UNIQUE, staff_no text, name text,
		 was_home text, home text, was_supports text[], supports text[], was_since jsonb, since jsonb) ON COMMIT DROP`,
	} {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, personMembers, territory, batch, now); err != nil {
		return fmt.Errorf("reading layers of persons: %w", err)
	}
	var members int
	var more []grids.Difference
	if err := tx.QueryRow(ctx, personMembersApply, territory, batch, now).Scan(&members, &more); err != nil {
		return fmt.Errorf("taking layers of persons: %w", err)
	}
	for _, sql := range []string{
		`DELETE FROM people.person_layer l USING person_member m WHERE l.territory_id = $1 AND l.person_id = m.id`,
		`INSERT INTO people.person_layer (territory_id, person_id, layer, home)
		 SELECT $1::int, m.id, m.home, true FROM person_member m WHERE m.home IS NOT NULL
		 UNION ALL SELECT $1::int, m.id, x, false FROM person_member m, unnest(m.supports) x`,
	} {
		if _, err := tx.Exec(ctx, sql, territory); err != nil {
			return fmt.Errorf("layers of persons: %w", err)
		}
	}
	report.Applied += members
	report.Unchanged -= members
	at := map[int]int{}
	for i, d := range report.Differences {
		at[d.Row] = i
	}
	for _, d := range more {
		i, there := at[d.Row]
		if !there {
			report.Differences = append(report.Differences, d)
			continue
		}
		known := &report.Differences[i]
		if known.Op == "changed" {
			known.Before = joined(known.Before, d.Before)
		}
		known.After = joined(known.After, d.After)
	}
	return nil
}

// joined gives what two maps hold.
func joined(a, b map[string]string) map[string]string {
	if a == nil {
		return b
	}
	maps.Copy(a, b)
	return a
}

// follow makes what the texts of persons say of units and posts true, and lets
// them be found by their names.
func follow(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, which string) error {
	var ids []grids.PersonID
	if err := tx.QueryRow(ctx, `SELECT coalesce(array_agg(w.id), '{}') FROM (`+which+`) w`).Scan(&ids); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `SELECT people.follow_texts($1, $2, clock_timestamp())`, territory, ids); err != nil {
		return fmt.Errorf("making units and posts: %w", err)
	}
	return IndexNames(ctx, tx, territory, ids)
}

// refuse takes rows with findings out of a batch.
func refuse(ctx context.Context, tx pgx.Tx, report *grids.Taken, sql string, territory grids.TerritoryID, batch int64) error {
	found, err := findings(ctx, tx, "people", sql, territory, batch)
	if err != nil {
		return fmt.Errorf("checking people: %w", err)
	}
	_, err = tx.Exec(ctx, `DELETE FROM people.intake_person WHERE territory_id = $1 AND batch = $2 AND row = ANY($3)`, territory, batch, report.Add(found))
	return err
}
