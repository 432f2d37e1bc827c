package access

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Session is somebody signed in somewhere.
type Session struct {
	ID      int64
	Account int64
	Name    string // of the account
	Created time.Time
	Seen    time.Time // to the minute
	Expires time.Time
	Address string
	Agent   string
}

// Sessions lists those that are open, newest first: of an account, or (0) all
// that the principal may see.
func Sessions(ctx context.Context, tx pgx.Tx, account int64) ([]Session, error) {
	rows, err := tx.Query(ctx, `
		SELECT s.id, s.account, a.name, s.created_at, s.seen_at, s.expires_at, s.address, s.agent
		FROM access.session s JOIN access.account a ON a.id = s.account
		WHERE s.revoked_at IS NULL AND s.expires_at > now() AND s.seen_at > now() - interval '2 hours' AND ($1::bigint = 0 OR s.account = $1)
		ORDER BY s.created_at DESC LIMIT 1000`, account)
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Session])
}

// EndSession ends a session at once: one's own, or another's as security
// administrator.
func EndSession(ctx context.Context, tx pgx.Tx, id int64) error {
	var done bool
	if err := tx.QueryRow(ctx, `SELECT access.end_session($1)`, id).Scan(&done); err != nil {
		return err
	}
	if !done {
		return grids.Errorf(grids.NotFound, "id", "没有这个会话", "there is no such session")
	}
	return nil
}

// ChangePassword gives the principal's account another password; its other
// sessions end.
func ChangePassword(ctx context.Context, tx pgx.Tx, who grids.Principal, session int64, old, password string) error {
	if err := CheckPassword(password, who.Name); err != nil {
		return err
	}
	if old == password {
		return grids.Errorf(grids.Invalid, "password", "新密码与旧密码相同", "the new password is the old one")
	}
	hash, err := ownHash(ctx, tx, who, old)
	if err != nil {
		return err
	}
	var done bool
	if err := tx.QueryRow(ctx, `SELECT access.change_password($1, $2, $3)`, hash, HashPassword(password), session).Scan(&done); err != nil {
		return err
	}
	if !done {
		return errPassword()
	}
	return nil
}

func ownHash(ctx context.Context, tx pgx.Tx, who grids.Principal, password string) (string, error) {
	var salt *string
	if err := tx.QueryRow(ctx, `SELECT access.password_salt($1)`, who.Name).Scan(&salt); err != nil {
		return "", fmt.Errorf("password: %w", err)
	}
	if salt == nil {
		return "", grids.Errorf(grids.Conflict, "", "该账号没有本地密码", "the account has no password here").
			Fix("在统一身份认证系统中修改", "change it where you sign in")
	}
	return hashWith(*salt, password), nil
}

func errPassword() error {
	return grids.Errorf(grids.Invalid, "old", "原密码不对", "the present password is wrong")
}
