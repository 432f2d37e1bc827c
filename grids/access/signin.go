package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/database"
)

// Outcome is how a sign-in ended.
type Outcome string

// The outcomes. A wrong name, password and code are one, so that nobody learns
// which it was.
const (
	Signed   Outcome = "signed"
	Wrong    Outcome = "wrong"
	Locked   Outcome = "locked"  // too many failures in a row
	Closed   Outcome = "closed"  // the account is not in use
	WantCode Outcome = "code"    // the second factor is wanted
	Unknown  Outcome = "unknown" // an OpenID provider names somebody without an account
)

// Knock is somebody who wants to come in.
type Knock struct {
	Name, Password string
	Code           string // of the second factor; "": none
	Address, Agent string // where the request came from
}

// Entry is what came of it.
type Entry struct {
	Outcome Outcome
	Account int64
	Token   string    // of the session, when Signed
	Until   time.Time // when Locked
}

// SignIn begins a session for who knows the name, the password and, where the
// account has a second factor, a code of it or a recovery code.
func SignIn(ctx context.Context, db *database.DB, k Knock) (Entry, error) {
	name := NormalName(k.Name)
	var salt *string
	err := db.Read(ctx, grids.Public, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT access.password_salt($1)`, name).Scan(&salt)
	})
	if err != nil {
		return Entry{}, fmt.Errorf("sign-in: %w", err)
	}
	if salt == nil {
		salt = &noSalt
	}
	hash := hashWith(*salt, k.Password)
	e := Entry{Token: NewToken()}
	err = db.Tx(ctx, grids.Public, func(tx pgx.Tx) error {
		secret, err := e.try(ctx, tx, k, name, hash, nil, nil)
		if err != nil || e.Outcome != WantCode || k.Code == "" {
			return err
		}
		if code := plainRecovery(k.Code); len(code) == recoveryLength {
			_, err = e.try(ctx, tx, k, name, hash, nil, tokenHash(code))
			return err
		}
		step, ok := stepOf(secret, k.Code, time.Now())
		if !ok {
			step = -1
		}
		_, err = e.try(ctx, tx, k, name, hash, &step, nil)
		return err
	})
	if err != nil {
		return Entry{}, fmt.Errorf("sign-in: %w", err)
	}
	if e.Outcome != Signed {
		e.Token = ""
	}
	return e, nil
}

// try asks the database once; step is nil before a code was looked at, spent the
// hash of a recovery code that is given instead.
func (e *Entry) try(ctx context.Context, tx pgx.Tx, k Knock, name, hash string, step *int64, spent []byte) (secret string, err error) {
	var account *int64
	var until *time.Time
	var totp *string
	err = tx.QueryRow(ctx, `SELECT outcome, account, until, totp FROM access.sign_in($1, $2, $3, $4, $5, $6, $7)`,
		name, hash, step, tokenHash(e.Token), k.Address, k.Agent, spent).Scan(&e.Outcome, &account, &until, &totp)
	if account != nil {
		e.Account = *account
	}
	if until != nil {
		e.Until = *until
	}
	if totp != nil {
		secret = *totp
	}
	return secret, err
}

// Claim is whom an OpenID provider has named.
type Claim struct {
	Issuer, Subject string
	Name            string
	Email           string // verified; "": none
	Address, Agent  string
}

// SignInOIDC begins a session for who an OpenID provider has named.
func SignInOIDC(ctx context.Context, db *database.DB, c Claim) (Entry, error) {
	e := Entry{Token: NewToken()}
	var account *int64
	err := db.Tx(ctx, grids.Public, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT outcome, account FROM access.sign_in_oidc($1, $2, $3, $4, $5, $6, $7)`,
			c.Issuer, c.Subject, NormalName(c.Name), c.Email, tokenHash(e.Token), c.Address, c.Agent).Scan(&e.Outcome, &account)
	})
	if err != nil {
		return Entry{}, fmt.Errorf("sign-in by OpenID Connect: %w", err)
	}
	if account != nil {
		e.Account = *account
	}
	if e.Outcome != Signed {
		e.Token = ""
	}
	return e, nil
}

// NewToken makes a session's secret: 130 bits, as text.
func NewToken() string { return rand.Text() }

// tokenHash is what is kept of a token. Nobody can guess one, so that a fast
// hash does.
func tokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// NormalName is an account's name as it is kept.
func NormalName(name string) string { return strings.ToLower(strings.TrimSpace(name)) }
