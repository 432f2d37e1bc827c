// Package audit owns the log of changes: append-only, one hash chain per
// territory and one for what belongs to none. Triggers write it
// (audit.watch in the database); docs/audit.md says what it proves.
package audit

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Disclosed records that the transaction's principal was shown something
// personal of a person, such as a full telephone number (what: phone), and why.
// It belongs into the transaction that reads it.
func Disclosed(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, person grids.PersonID, what, why string) error {
	if _, err := tx.Exec(ctx, `SELECT audit.disclosed($1, $2, $3, $4)`, territory, person, what, why); err != nil {
		return fmt.Errorf("recording a disclosure: %w", err)
	}
	return nil
}

// Forget destroys the keys under which the log holds what is personal of a
// person: nobody can read it any more, and the chain still verifies. What is
// logged of the person afterwards gets a new key. Backups of before keep the old
// one. The log says that it was done and why. It needs people.forget.
func Forget(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, person grids.PersonID, why string) error {
	if _, err := tx.Exec(ctx, `SELECT audit.forget($1, $2, $3)`, territory, person, why); err != nil {
		return fmt.Errorf("erasing a person from the log: %w", err)
	}
	return nil
}
