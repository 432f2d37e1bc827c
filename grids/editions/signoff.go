package editions

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// SignOff is a party's signature (会签) under a draft as it was then. It is stale
// when the draft or a decision about a conflict has changed since.
type SignOff struct {
	ID              int64      `json:"id"`
	Party           Party      `json:"party"`
	State           string     `json:"state"` // of the draft that was signed
	Stale           bool       `json:"stale"`
	Note            string     `json:"note"`
	By              string     `json:"by"`
	At              time.Time  `json:"at"`
	WithdrawnAt     *time.Time `json:"withdrawn_at"`
	WithdrawnBy     string     `json:"withdrawn_by,omitempty"`
	WithdrawnReason string     `json:"withdrawn_reason,omitempty"`
}

// DraftState says which state a draft is in: it is another after every step and
// every decision about a conflict, and the same again when they are taken back.
func DraftState(ctx context.Context, tx pgx.Tx, t cells.Territory, draft grids.EditionID) (string, error) {
	var state string
	if err := tx.QueryRow(ctx, `SELECT editions.draft_state($1, $2)`, t.ID, draft).Scan(&state); err != nil {
		return "", fmt.Errorf("state of the draft: %w", err)
	}
	return state, nil
}

// SignOffs lists the sign-offs of an edition, first to last.
func SignOffs(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID) ([]SignOff, error) {
	rows, err := tx.Query(ctx, `
		SELECT s.id, s.party, s.state, s.state <> editions.draft_state($1, $2), s.note, s.signed_by, s.at, s.withdrawn_at,
		       coalesce(s.withdrawn_by, ''), coalesce(s.withdrawn_reason, '')
		FROM editions.sign_off s WHERE s.territory_id = $1 AND s.edition = $2 ORDER BY s.at, s.id`, t.ID, edition)
	if err != nil {
		return nil, fmt.Errorf("sign-offs: %w", err)
	}
	var keys []string
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s SignOff, err error) {
		var key string
		err = row.Scan(&s.ID, &key, &s.State, &s.Stale, &s.Note, &s.By, &s.At, &s.WithdrawnAt, &s.WithdrawnBy, &s.WithdrawnReason)
		keys = append(keys, key)
		return s, err
	})
	if err != nil {
		return nil, fmt.Errorf("sign-offs: %w", err)
	}
	named, err := parties(ctx, tx, t.ID, keys)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Party = named[i]
	}
	return list, nil
}

// Sign signs the open draft for a party. seen is the state that the signer has
// seen; when the draft is another by now it fails with Conflict, "" is whatever
// it is. The database refuses who isn't of the party.
func Sign(ctx context.Context, tx pgx.Tx, t cells.Territory, draft grids.EditionID, p Party, seen, note string) (int64, error) {
	p, err := knownParty(ctx, tx, t.ID, p)
	if err != nil {
		return 0, err
	}
	var is bool
	var state string
	if err := tx.QueryRow(ctx, `SELECT editions.is_of($1, $2), editions.draft_state($1, $3)`, t.ID, p.key(), draft).Scan(&is, &state); err != nil {
		return 0, fmt.Errorf("sign-off: %w", err)
	}
	if !is {
		return 0, grids.Errorf(grids.Forbidden, "party", "不能代 %s 会签", "you don't sign for %s", p.Name).
			Fix("由该单位、条线或角色的账号会签;单位按账号所属人员的单位认定", "an account of that unit, layer or role signs; an account's unit is that of its person")
	}
	if seen != "" && seen != state {
		return 0, grids.Errorf(grids.Conflict, "state", "草案在您查看之后又有改动", "the draft has changed since you looked at it").
			Fix("重新查看后再会签", "look again, then sign")
	}
	var id int64
	err = tx.QueryRow(ctx, `INSERT INTO editions.sign_off (territory_id, edition, party, state, note) VALUES ($1, $2, $3, $4, $5) RETURNING id`,
		t.ID, draft, p.key(), state, note).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("sign-off: %w", err)
	}
	return id, nil
}

// Withdraw takes a sign-off of the open draft back, with a reason.
func Withdraw(ctx context.Context, tx pgx.Tx, t cells.Territory, draft grids.EditionID, id int64, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return grids.Errorf(grids.Invalid, "reason", "请说明撤回的理由", "say why it is withdrawn")
	}
	done, err := tx.Exec(ctx, `
		UPDATE editions.sign_off SET withdrawn_at = clock_timestamp(), withdrawn_by = coalesce(nullif(current_setting('unigrid.name', true), ''), session_user), withdrawn_reason = $4
		WHERE territory_id = $1 AND edition = $2 AND id = $3`, t.ID, draft, id, reason)
	if err != nil {
		return fmt.Errorf("sign-off %d: %w", id, err)
	}
	if done.RowsAffected() == 0 {
		return grids.Errorf(grids.NotFound, "id", "没有可由您撤回的会签 %d", "there is no sign-off %d that you can withdraw", id)
	}
	return nil
}
