package people

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed question_list.sql
var questionList string

// Question is what the rule that carries assignments along could not decide
// about a role in a cell that was split or merged, or whose own cells ended.
// Ruled is who has the role by the rule until somebody answers.
type Question struct {
	ID         int64            `json:"id"`
	Edition    grids.EditionID  `json:"edition"`
	Kind       string           `json:"kind"` // merged, split or ended
	Cell       grids.CellID     `json:"uid"`
	Code       grids.Code       `json:"cell"`
	CellName   string           `json:"cell_name"`
	Role       Role             `json:"role"`
	Layer      *grids.LayerCode `json:"layer"`
	Assignment *int64           `json:"assignment"` // by which Ruled has it
	Ruled      *grids.PersonID  `json:"ruled"`
	RuledName  *string          `json:"ruled_name"`
	Candidates []Candidate      `json:"candidates"`
	AskedAt    time.Time        `json:"asked_at"`
	AnsweredAt *time.Time       `json:"answered_at"`
	AnsweredBy *string          `json:"answered_by"`
	Answer     *string          `json:"answer"` // kept, replaced or added; lapsed: an earlier edition was restored
	Person     *grids.PersonID  `json:"person"` // who was answered
	Name       *string          `json:"name"`
	Reason     string           `json:"reason"`
}

// Candidate held a role in a cell that the one asked about comes from. Share is
// that of the asked cell which was in the candidate's, of a split the share of
// the candidate's cell which became the asked one; from 0 to 1.
type Candidate struct {
	Person   grids.PersonID `json:"person"`
	Name     string         `json:"name"`
	StaffNo  string         `json:"staff_no"`
	Post     string         `json:"post"`
	Role     Role           `json:"role"`
	Cell     grids.Code     `json:"cell"`
	CellName string         `json:"cell_name"`
	Share    float64        `json:"share"`
}

// Questions lists those of cells (nil: all) that are open, answered or all (""),
// open ones first, at most limit after offset, and says how many there are.
func Questions(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, cells []grids.CellID, state string, limit, offset int) ([]Question, int, error) {
	return listQuestions(ctx, tx, territory, edition, cells, state, limit, offset, 0)
}

func listQuestions(ctx context.Context, tx pgx.Tx, args ...any) ([]Question, int, error) {
	rows, err := tx.Query(ctx, questionList, args...)
	if err != nil {
		return nil, 0, fmt.Errorf("listing questions: %w", err)
	}
	matched := 0
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Question, error) {
		var q Question
		err := row.Scan(&q.ID, &q.Edition, &q.Kind, &q.Cell, &q.Code, &q.CellName, &q.Role, &q.Layer, &q.Assignment, &q.Ruled, &q.RuledName, &q.Candidates,
			&q.AskedAt, &q.AnsweredAt, &q.AnsweredBy, &q.Answer, &q.Person, &q.Name, &q.Reason, &matched)
		return q, err
	})
	return list, matched, err
}

// Answer answers a question for good: person 0, or whom the rule has put there,
// leaves it as the rule did. Another takes the role from now on, by a handover
// where one person holds it, else beside those who do; a candidate whose term was
// to begin or end later keeps that. It fails with a Conflict when the question
// was answered before, and with a *Held when somebody else has the role
// meanwhile.
func Answer(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, id int64, person grids.PersonID, reason string) (Question, error) {
	q, err := oneQuestion(ctx, tx, territory, edition, id)
	if err != nil {
		return q, err
	}
	if err := lockCell(ctx, tx, territory, q.Cell); err != nil {
		return q, err
	}
	if q, err = oneQuestion(ctx, tx, territory, edition, id); err != nil {
		return q, err
	}
	if q.AnsweredAt != nil {
		return q, grids.Errorf(grids.Conflict, "id", "这个问题已由 %s 于 %s 答复", "%s answered this question at %s", *q.AnsweredBy, q.AnsweredAt.Format(time.RFC3339)).
			Fix("之后的变动请用交接", "hand over to change it again")
	}
	answer := "kept"
	if person != 0 && (q.Ruled == nil || *q.Ruled != person) {
		if answer, err = q.place(ctx, tx, territory, edition, person, reason); err != nil {
			return q, err
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE people.question SET answered_at = people.recording(), answered_by = `+author+`, answer = $3,
		answer_person = CASE WHEN $3 <> 'kept' THEN $4::bigint END, reason = $5 WHERE territory_id = $1 AND id = $2`, territory, id, answer, person, reason); err != nil {
		return q, fmt.Errorf("answering question %d: %w", id, err)
	}
	return oneQuestion(ctx, tx, territory, edition, id)
}

// place gives the role that a question is about to another person, and says
// whether in somebody's place.
func (q Question) place(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, person grids.PersonID, reason string) (string, error) {
	var from time.Time
	var to *time.Time
	if err := tx.QueryRow(ctx, `
		SELECT coalesce(max(greatest((x ->> 'from')::timestamptz, clock_timestamp())), clock_timestamp()), max((x ->> 'to')::timestamptz)
		FROM people.question q CROSS JOIN LATERAL jsonb_array_elements(q.candidates) AS x
		WHERE q.territory_id = $1 AND q.id = $2 AND (x ->> 'person')::bigint = $3 AND coalesce((x ->> 'to')::timestamptz > clock_timestamp(), true)`,
		territory, q.ID, person).Scan(&from, &to); err != nil {
		return "", err
	}
	replaces := q.Assignment
	if replaces == nil && (q.Role == Accountable || q.Role == Lead) {
		if err := tx.QueryRow(ctx, `SELECT max(id) FROM people.assignment WHERE territory_id = $1 AND cell_id = $2 AND role = $3
			AND layer IS NOT DISTINCT FROM $4 AND during @> $5::timestamptz`, territory, q.Cell, q.Role, q.Layer, from).Scan(&replaces); err != nil {
			return "", err
		}
	}
	if replaces != nil {
		_, err := HandOver(ctx, tx, territory, edition, Handing{Replaces: *replaces, To: person, At: &from, Until: to, Note: reason})
		return "replaced", err
	}
	w := Wish{Cell: q.Cell, Person: person, Role: q.Role, From: from, To: to, Reason: reason}
	if q.Layer != nil {
		w.Layer = *q.Layer
	}
	_, err := Assign(ctx, tx, territory, edition, w)
	return "added", err
}

func oneQuestion(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, id int64) (Question, error) {
	list, _, err := listQuestions(ctx, tx, territory, edition, nil, "", 1, 0, id)
	if err != nil {
		return Question{}, err
	}
	if len(list) == 0 {
		return Question{}, grids.Errorf(grids.NotFound, "id", "没有编号为 %d 的问题", "there is no question %d", id)
	}
	return list[0], nil
}

// ComparableShare gives the share of a cell (0 to 1) from which on a part of it is
// no trifle when it is split or merged: then the rule asks.
func ComparableShare(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) (share float64, err error) {
	err = tx.QueryRow(ctx, `SELECT people.comparable($1)`, territory).Scan(&share)
	return share, err
}

// SetComparableShare sets it, from 0.01 to 0.5.
func SetComparableShare(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, share float64) error {
	if !(share >= 0.01 && share <= 0.5) {
		return grids.Errorf(grids.Invalid, "comparable_share", "应在 0.01 与 0.5 之间", "it is from 0.01 to 0.5")
	}
	_, err := tx.Exec(ctx, `INSERT INTO people.setting (territory_id, comparable_share) VALUES ($1, $2)
		ON CONFLICT (territory_id) DO UPDATE SET comparable_share = excluded.comparable_share`, territory, share)
	return err
}
