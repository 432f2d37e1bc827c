// Package access owns who may come in and what they may do: accounts, sessions,
// keys, and the policy table.
//
// What a role may do stands in one table, database/policy.sql. The service asks
// it for each request (package api), and row-level security asks it again in
// the database, for the principal that database.Tx hands to each transaction.
package access

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Action is something that a principal may or may not do, e.g. draft.publish.
type Action string

// Policy is the policy table in memory.
type Policy map[Action]map[grids.Role]bool

// LoadPolicy reads the policy table.
func LoadPolicy(ctx context.Context, tx pgx.Tx) (Policy, error) {
	rows, err := tx.Query(ctx, `SELECT action, role FROM access.policy`)
	if err != nil {
		return nil, fmt.Errorf("policy table: %w", err)
	}
	policy := Policy{}
	var action Action
	var role grids.Role
	_, err = pgx.ForEachRow(rows, []any{&action, &role}, func() error {
		if policy[action] == nil {
			policy[action] = map[grids.Role]bool{}
		}
		policy[action][role] = true
		return nil
	})
	return policy, err
}

// May tells whether a role may do something, somewhere.
func (p Policy) May(role grids.Role, action Action) bool { return p[action][role] }
