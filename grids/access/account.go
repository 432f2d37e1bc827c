package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Kind is how an account comes in.
type Kind string

// The kinds of account.
const (
	Person  Kind = "person"  // by name and password
	Service Kind = "service" // a program, by key
	OIDC    Kind = "oidc"    // a person, by OpenID Connect
)

// Account is who may come in.
type Account struct {
	ID           int64
	Territory    grids.TerritoryID // whose administrators keep it; 0: those of all
	Name         string
	Label        string
	Kind         Kind
	Email        string
	Disabled     bool
	Created      time.Time
	CreatedBy    string
	HasPassword  bool
	MustChange   bool
	SecondFactor bool
	Bound        bool // to a subject of an OpenID provider
	Seen         *time.Time
	Grants       []Grant
}

// CreateAccount makes an account without rights. password may be "": then
// nobody comes in by one.
func CreateAccount(ctx context.Context, tx pgx.Tx, who grids.Principal, a Account, password string) (int64, error) {
	a.Name = NormalName(a.Name)
	if a.Kind == "" {
		a.Kind = Person
	}
	if a.Kind == Person || password != "" {
		if a.Kind != Person {
			return 0, grids.Errorf(grids.Invalid, "password", "只有本地个人账号使用密码", "only a person's own account has a password")
		}
		if err := CheckPassword(password, a.Name); err != nil {
			return 0, err
		}
	}
	if a.Territory == 0 {
		a.Territory = who.Territory
	}
	var id int64
	err := tx.QueryRow(ctx, `INSERT INTO access.account (territory_id, name, label, kind, email) VALUES (nullif($1, 0), $2, $3, $4, lower(nullif($5, ''))) RETURNING id`,
		a.Territory, a.Name, a.Label, a.Kind, a.Email).Scan(&id)
	if err != nil {
		return 0, err
	}
	if password != "" {
		err = setPassword(ctx, tx, id, password)
	}
	return id, err
}

// SetPassword gives an account a password that has to be changed at the next
// sign-in, unless it is set on the machine itself.
func SetPassword(ctx context.Context, tx pgx.Tx, a Account, password string) error {
	if a.Kind != Person {
		return grids.Errorf(grids.Invalid, "password", "只有本地个人账号使用密码", "only a person's own account has a password")
	}
	if err := CheckPassword(password, a.Name); err != nil {
		return err
	}
	return setPassword(ctx, tx, a.ID, password)
}

func setPassword(ctx context.Context, tx pgx.Tx, account int64, password string) error {
	_, err := tx.Exec(ctx, `SELECT access.set_password($1, $2)`, account, HashPassword(password))
	return err
}

// EditAccount changes what an account is called and whether it is in use.
func EditAccount(ctx context.Context, tx pgx.Tx, a Account) error {
	tag, err := tx.Exec(ctx, `UPDATE access.account SET label = $2, email = lower(nullif($3, '')), disabled = $4 WHERE id = $1`, a.ID, a.Label, a.Email, a.Disabled)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return noAccount()
	}
	return nil
}

const selectAccount = `
	SELECT a.id, coalesce(a.territory_id, 0), a.name, a.label, a.kind, coalesce(a.email, ''), a.disabled, a.created_at, a.created_by,
	       s.password_changed IS NOT NULL, coalesce(s.must_change, false), s.totp_confirmed IS NOT NULL, s.oidc_issuer IS NOT NULL,
	       greatest((SELECT max(x.seen_at) FROM access.session x WHERE x.account = a.id), (SELECT max(k.used_at) FROM access.key k WHERE k.account = a.id))
	FROM access.account a LEFT JOIN access.secret s ON s.account = a.id `

func scanAccount(row pgx.CollectableRow) (a Account, err error) {
	err = row.Scan(&a.ID, &a.Territory, &a.Name, &a.Label, &a.Kind, &a.Email, &a.Disabled, &a.Created, &a.CreatedBy,
		&a.HasPassword, &a.MustChange, &a.SecondFactor, &a.Bound, &a.Seen)
	return a, err
}

// Accounts lists those that the principal may see, by name, with their grants.
func Accounts(ctx context.Context, tx pgx.Tx) ([]Account, error) {
	rows, err := tx.Query(ctx, selectAccount+`ORDER BY a.name`)
	if err != nil {
		return nil, fmt.Errorf("accounts: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanAccount)
	if err != nil {
		return nil, fmt.Errorf("accounts: %w", err)
	}
	grants, err := Grants(ctx, tx, 0)
	if err != nil {
		return nil, err
	}
	of := map[int64][]Grant{}
	for _, g := range grants {
		of[g.Account] = append(of[g.Account], g)
	}
	for i := range list {
		list[i].Grants = of[list[i].ID]
	}
	return list, nil
}

// FindAccount gives an account by its key.
func FindAccount(ctx context.Context, tx pgx.Tx, id int64) (Account, error) {
	return findAccount(ctx, tx, `WHERE a.id = $1`, id)
}

// NamedAccount gives an account by its name.
func NamedAccount(ctx context.Context, tx pgx.Tx, name string) (Account, error) {
	return findAccount(ctx, tx, `WHERE a.name = $1`, NormalName(name))
}

func findAccount(ctx context.Context, tx pgx.Tx, where string, arg any) (Account, error) {
	rows, err := tx.Query(ctx, selectAccount+where, arg)
	if err != nil {
		return Account{}, fmt.Errorf("account: %w", err)
	}
	a, err := pgx.CollectExactlyOneRow(rows, scanAccount)
	if errors.Is(err, pgx.ErrNoRows) {
		return a, noAccount()
	}
	if err != nil {
		return a, fmt.Errorf("account: %w", err)
	}
	a.Grants, err = Grants(ctx, tx, a.ID)
	return a, err
}

func noAccount() error {
	return grids.Errorf(grids.NotFound, "account", "没有这个账号", "there is no such account")
}
