package audit

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

//go:embed search.sql
var search string

// Query says which entries are wanted; what is empty is any.
type Query struct {
	Name     string // of who made the change, or the number of the account
	Noun     string // table such as people.person, or schema
	Key      string // of the row
	Person   grids.PersonID
	From, To *time.Time
	Text     string // a part of anything but what is personal
	Before   int64  // entries before this one
	Limit    int
}

// Entry is one change. Before and After hold the columns that differ, and what
// is personal among them as long as its key is there.
type Entry struct {
	Seq     int64           `json:"seq"`
	At      time.Time       `json:"at"`
	Name    string          `json:"name"`
	Role    grids.Role      `json:"role"`
	Account int64           `json:"account,omitempty"`
	From    string          `json:"from"`
	Noun    string          `json:"noun"`
	Op      string          `json:"op"` // insert, update, delete, truncate, disclose, forget, watch, begin
	Key     string          `json:"key"`
	Label   string          `json:"label"`
	Person  grids.PersonID  `json:"person,omitempty"`
	Rows    int             `json:"rows"` // more than 1: one entry for all rows of a statement
	Before  json.RawMessage `json:"before"`
	After   json.RawMessage `json:"after"`
	Erased  bool            `json:"erased"` // what was personal can't be read any more
	Hash    string          `json:"hash"`   // SHA-256, hexadecimal
}

// Search gives entries of a territory's chain (0: the one of what belongs to
// none), newest first. It needs audit.read; without it there are none.
func Search(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, q Query) ([]Entry, error) {
	rows, err := tx.Query(ctx, search, territory, q.Name, q.Noun, q.Key, q.Person, q.From, q.To, q.Text, q.Before, q.Limit)
	if err != nil {
		return nil, fmt.Errorf("searching the log: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Entry])
	if err != nil {
		return nil, fmt.Errorf("searching the log: %w", err)
	}
	return found, nil
}

// Nouns gives the tables that are logged.
func Nouns(ctx context.Context, tx pgx.Tx) ([]string, error) {
	rows, err := tx.Query(ctx, `SELECT noun FROM audit.watched ORDER BY noun`)
	if err != nil {
		return nil, fmt.Errorf("tables that are logged: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
