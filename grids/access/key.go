package access

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// keyMark begins every key, so that one left in a file can be found.
const keyMark = "ug_"

// Key lets a program in as an account of kind service. Actions, Collections and
// Layers narrow what the account's role gives; none of them: all of it.
type Key struct {
	ID          int64
	Prefix      string // the part of it that is shown
	Account     int64
	AccountName string
	Label       string
	Actions     []string
	Collections []string
	Layers      []grids.LayerCode
	PerMinute   int // requests
	Expires     time.Time
	Used        *time.Time // to the minute
	Created     time.Time
	CreatedBy   string
	Revoked     *time.Time
}

// longestKey is how long a key may be valid.
const longestKey = 400 * 24 * time.Hour

// CreateKey makes a key and gives it as it has to be sent; only its hash is
// kept.
func CreateKey(ctx context.Context, tx pgx.Tx, k Key, now time.Time) (secret string, err error) {
	if strings.TrimSpace(k.Label) == "" {
		return "", grids.Errorf(grids.Invalid, "label", "请说明密钥的用途", "say what the key is for")
	}
	if !k.Expires.After(now) || k.Expires.Sub(now) > longestKey {
		return "", grids.Errorf(grids.Invalid, "expires", "有效期须在 1 至 400 天之间", "a key is valid for 1 to 400 days")
	}
	prefix, text := strings.ToLower(rand.Text()[:8]), rand.Text()
	_, err = tx.Exec(ctx, `INSERT INTO access.key (prefix, secret, account, label, actions, collections, layers, per_minute, expires_at)
		VALUES ($1, $2, $3, $4, coalesce($5, '{}'::text[]), coalesce($6, '{}'::text[]), coalesce($7, '{}'::text[]), $8, $9)`,
		prefix, tokenHash(text), k.Account, k.Label, k.Actions, k.Collections, k.Layers, k.PerMinute, k.Expires)
	return keyMark + prefix + "_" + text, err
}

// Keys lists the keys that the principal may see, newest first, ended ones
// included.
func Keys(ctx context.Context, tx pgx.Tx) ([]Key, error) {
	rows, err := tx.Query(ctx, `
		SELECT k.id, k.prefix, k.account, a.name, k.label, k.actions, k.collections, k.layers, k.per_minute, k.expires_at, k.used_at, k.created_at, k.created_by, k.revoked_at
		FROM access.key k JOIN access.account a ON a.id = k.account ORDER BY k.created_at DESC LIMIT 1000`)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Key])
}

// EndKey ends a key at once.
func EndKey(ctx context.Context, tx pgx.Tx, id int64) error {
	tag, err := tx.Exec(ctx, `UPDATE access.key SET revoked_at = clock_timestamp() WHERE id = $1 AND revoked_at IS NULL`, id)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return grids.Errorf(grids.NotFound, "id", "没有这个密钥", "there is no such key")
	}
	return nil
}
