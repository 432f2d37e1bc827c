// Package circulation asks departments and counties what they think of a draft
// (征求意见), keeps what they say and what the planner answers, and makes the table
// of opinions (意见采纳情况表) of it. A party speaks about its own conflicts only.
// What it says settles nothing: deciding stays with the planner.
package circulation

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/merge"
	"unigrid/grids/workdays"
)

// Silence says what not answering counts as once the deadline has passed.
type Silence string

// What silence counts as.
const (
	Overdue Silence = "overdue" // 逾期未反馈, and nothing else
	Consent Silence = "consent" // 视为同意, where the round's rule says so
)

// countyTier is the tier of counties.
const countyTier = 2

// Terms are the rules of a round.
type Terms struct {
	WorkingDays int     // until the deadline; 0: five
	Silence     Silence // "": Overdue
	Note        string  // to those who are asked
}

//go:embed begin.sql
var beginSQL string

// Begin asks, about the conflicts of a draft's newest run, the departments of the
// layers and the counties that they touch, and gives the round. Its caller puts
// the draft into review. A Conflict error where the draft isn't merged as it is
// now, or nobody is touched.
func Begin(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, draft grids.EditionID, terms Terms) (int64, error) {
	if err := cells.TakeTurn(ctx, tx, territory); err != nil {
		return 0, err
	}
	if terms.WorkingDays == 0 {
		terms.WorkingDays = 5
	}
	if terms.Silence == "" {
		terms.Silence = Overdue
	}
	if terms.WorkingDays < 1 || terms.WorkingDays > 60 {
		return 0, grids.Errorf(grids.Invalid, "working_days", "期限须为 1 至 60 个工作日", "the deadline is 1 to 60 working days")
	}
	run, err := merge.Latest(ctx, tx, territory, draft)
	if err != nil && !grids.IsKind(err, grids.NotFound) {
		return 0, err
	}
	if err != nil || run.Edition != draft || run.HasChanged {
		return 0, grids.Errorf(grids.Conflict, "", "草案尚未按现状融合,无从征求意见", "the draft isn't merged as it is now, so there is nothing to ask about").
			Fix("先融合各条线", "merge the layers first")
	}
	due, known, err := workdays.After(ctx, tx, territory, time.Now(), terms.WorkingDays)
	if err != nil {
		return 0, err
	}
	var round int64
	var parties int
	err = tx.QueryRow(ctx, beginSQL, territory, draft, run.ID, terms.WorkingDays, due, terms.Silence, strings.TrimSpace(terms.Note), countyTier, known).Scan(&round, &parties)
	if err != nil {
		return 0, fmt.Errorf("new round: %w", err)
	}
	if parties == 0 {
		return 0, grids.Errorf(grids.Conflict, "", "没有冲突涉及任何部门或县区,无需征求意见", "no conflict touches a department or county: there is nobody to ask")
	}
	return round, nil
}

// Close ends a round, with the outcome that its opinions have; with withdrawn,
// the reason, without one. Its caller takes the draft out of review. A Conflict
// error while a comment has no answer, or before the deadline while somebody
// hasn't answered.
func Close(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, round int64, withdrawn string) error {
	if err := cells.TakeTurn(ctx, tx, territory); err != nil {
		return err
	}
	if _, err := Get(ctx, tx, territory, round); err != nil {
		return err
	}
	// closed_at and closed_by are for the trigger to say
	done, err := tx.Exec(ctx, `UPDATE circulation.round SET closed_at = clock_timestamp(), closed_by = '', withdrawn = nullif($3, '')
		WHERE territory_id = $1 AND id = $2`, territory, round, strings.TrimSpace(withdrawn))
	if err != nil {
		return fmt.Errorf("round %d: %w", round, err)
	}
	if done.RowsAffected() == 0 {
		return grids.Errorf(grids.Forbidden, "", "只有负责整个辖区的规划人员可以结束征求意见", "only planners of the whole territory end a round")
	}
	return nil
}

// Round is one round of asking.
type Round struct {
	ID          int64
	Edition     grids.EditionID // of the draft
	Number      int             // of the draft's rounds
	Run         int64
	WorkingDays int
	Silence     Silence
	Note        string
	OpenedAt    time.Time
	OpenedBy    string
	DueAt       time.Time
	Known       bool // holidays of the years until the deadline were known when it was set; else only weekends were left out
	Due         bool // the deadline has passed, or had when the round ended
	ClosedAt    *time.Time
	ClosedBy    *string
	Withdrawn   *string
	Items       int  // conflicts that were circulated, as far as the caller sees them
	Changed     int  // steps of the draft since then
	Current     bool // its draft is the open one
}

// Open tells whether opinions are still taken.
func (r Round) Open() bool { return r.ClosedAt == nil }

const selectRound = `
	SELECT r.id, r.edition, r.number, r.run_id, r.working_days, r.silence, r.note, r.opened_at, r.opened_by, r.due_at,
	       coalesce(r.calendar_known, workdays.known(r.territory_id, (r.opened_at AT TIME ZONE 'Asia/Shanghai')::date, (r.due_at AT TIME ZONE 'Asia/Shanghai')::date - 1)), coalesce(r.closed_at, now()) > r.due_at,
	       r.closed_at, r.closed_by, r.withdrawn,
	       (SELECT count(*) FROM circulation.item i WHERE i.territory_id = r.territory_id AND i.round_id = r.id),
	       CASE WHEN e.seq IS NULL THEN 0 ELSE (SELECT count(*) FROM cells.step s
	         WHERE s.territory_id = r.territory_id AND s.edition = r.edition AND s.step > r.step AND NOT s.undone) END,
	       e.seq IS NOT NULL
	FROM circulation.round r
	LEFT JOIN editions.edition e ON e.territory_id = r.territory_id AND e.seq = r.edition AND e.created_at = r.draft_since AND e.state <> 'published'
	WHERE r.territory_id = $1 `

// Get gives a round; a NotFound error when there is none.
func Get(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, id int64) (Round, error) {
	return one(ctx, tx, fmt.Sprintf("没有编号为 %d 的征求意见", id), fmt.Sprintf("there is no round %d", id), selectRound+`AND r.id = $2`, territory, id)
}

// Current gives the round that is open, else the newest; a NotFound error when
// there was none.
func Current(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) (Round, error) {
	return one(ctx, tx, "尚未征求过意见", "the draft hasn't been circulated", selectRound+`ORDER BY r.id DESC LIMIT 1`, territory)
}

func one(ctx context.Context, tx pgx.Tx, zh, en, sql string, args ...any) (Round, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return Round{}, fmt.Errorf("round: %w", err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Round])
	if errors.Is(err, pgx.ErrNoRows) {
		return Round{}, &grids.Error{Kind: grids.NotFound, Message: grids.Text{ZH: zh, EN: en}}
	}
	if err != nil {
		return Round{}, fmt.Errorf("round: %w", err)
	}
	return r, nil
}

// List gives all rounds, newest first.
func List(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) ([]Round, error) {
	rows, err := tx.Query(ctx, selectRound+`ORDER BY r.id DESC`, territory)
	if err != nil {
		return nil, fmt.Errorf("rounds: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Round])
}

// Party is who is asked, and how far they have come.
type Party struct {
	ID        int
	Layer     grids.LayerCode // whose department it is
	County    grids.Code      // else which county
	Name      grids.Text
	Own       bool // the caller speaks for it
	Conflicts int
	Accepted  int
	Commented int
	Silent    int // neither; of these after the deadline all are overdue or consented
	Late      int // said after the deadline
	Answered  int // comments that the planner has answered
	Adopted   int
	Partly    int
	NotTaken  int
}

// Parties gives the parties of a round that the caller may see: its own, to
// planners and auditors all.
func Parties(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, round int64) ([]Party, error) {
	rows, err := tx.Query(ctx, `
		SELECT p.id, coalesce(p.layer, ''), coalesce(p.county, ''), p.name_zh, p.name_en, circulation.speaks(p.territory_id, p.layer, p.county), count(s.conflict),
		       count(*) FILTER (WHERE s.state = 'accepted'), count(*) FILTER (WHERE s.state = 'commented'),
		       count(*) FILTER (WHERE s.state IN ('pending', 'overdue', 'consented')), count(*) FILTER (WHERE s.late), count(s.outcome),
		       count(*) FILTER (WHERE s.outcome = 'adopted'), count(*) FILTER (WHERE s.outcome = 'partly'), count(*) FILTER (WHERE s.outcome = 'not')
		FROM circulation.party p
		LEFT JOIN circulation.standing s ON s.territory_id = p.territory_id AND s.round_id = p.round_id AND s.party_id = p.id
		WHERE p.territory_id = $1 AND p.round_id = $2
		GROUP BY p.territory_id, p.round_id, p.id ORDER BY p.id`, territory, round)
	if err != nil {
		return nil, fmt.Errorf("parties of round %d: %w", round, err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Party, err error) {
		err = row.Scan(&p.ID, &p.Layer, &p.County, &p.Name.ZH, &p.Name.EN, &p.Own, &p.Conflicts, &p.Accepted, &p.Commented, &p.Silent, &p.Late, &p.Answered,
			&p.Adopted, &p.Partly, &p.NotTaken)
		return p, err
	})
}
