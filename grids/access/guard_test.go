package access_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
)

const password = "correct horse battery"

// house is a database with two territories and accounts.
type house struct {
	t   *testing.T
	url string
	db  *database.DB
	a   grids.TerritoryID
	b   grids.TerritoryID
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, url: databasetest.URL(t)}
	var err error
	if h.db, err = database.Open(t.Context(), h.url, 4); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.db.Close)
	for code, id := range map[string]*grids.TerritoryID{"430200000000": &h.a, "430300000000": &h.b} {
		h.local(func(ctx context.Context, tx pgx.Tx) error {
			return tx.QueryRow(ctx, `INSERT INTO cells.territory (code, name, epsg, code_lengths, code_pad) VALUES ($1, $1, 4547, '{4,6,9,12}', 12) RETURNING id`, code).Scan(id)
		})
	}
	return h
}

func (h *house) try(who grids.Principal, fn func(context.Context, pgx.Tx) error) error {
	ctx := h.t.Context()
	return h.db.Tx(ctx, who, func(tx pgx.Tx) error { return fn(ctx, tx) })
}

func (h *house) local(fn func(context.Context, pgx.Tx) error) {
	h.t.Helper()
	if err := h.try(grids.Local, fn); err != nil {
		h.t.Fatal(err)
	}
}

// owner runs a statement as the owner of the schema, whom nothing guards.
func (h *house) owner(sql string, args ...any) {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), h.url)
	if err != nil {
		h.t.Fatal(err)
	}
	defer conn.Close(h.t.Context())
	if _, err := conn.Exec(h.t.Context(), sql, args...); err != nil {
		h.t.Fatal(err)
	}
}

// account makes one with a role in a territory; role "": without rights.
func (h *house) account(name string, kind access.Kind, role grids.Role, territory grids.TerritoryID) grids.Principal {
	h.t.Helper()
	who := grids.Principal{Name: name, Role: role, Territory: territory}
	h.local(func(ctx context.Context, tx pgx.Tx) (err error) {
		word := ""
		if kind == access.Person {
			word = password
		}
		if who.Account, err = access.CreateAccount(ctx, tx, grids.Local, access.Account{Name: name, Kind: kind, Territory: territory}, word); err != nil || role == "" {
			return err
		}
		return access.Give(ctx, tx, access.Grant{Account: who.Account, Territory: territory, Role: role}, grids.GB12, "430200000000")
	})
	return who
}

// TestRightsAreGuarded tries what the service could send, as its role, straight
// against PostgreSQL.
func TestRightsAreGuarded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, security, auditor := h.account("admin-a", access.Person, grids.RoleAdmin, h.a), h.account("security-a", access.Person, grids.RoleSecurity, h.a), h.account("auditor-a", access.Person, grids.RoleAuditor, h.a)
	planner, other := h.account("planner-a", access.Person, grids.RolePlanner, h.a), h.account("planner-b", access.Person, grids.RolePlanner, h.b)
	fresh, program := h.account("fresh", access.Person, "", h.a), h.account("program", access.Service, grids.RoleAgency, h.a)
	newcomer := h.account("newcomer", access.Person, "", h.a)
	h.owner(`UPDATE access.secret SET must_change = true WHERE account = $1`, newcomer.Account)

	give := func(account int64, territory grids.TerritoryID, role string) func(context.Context, pgx.Tx) error {
		return func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO access.grant_ (account, territory_id, role) VALUES ($1, nullif($2, 0), $3)`, account, territory, role)
			return err
		}
	}
	run := func(sql string, args ...any) func(context.Context, pgx.Tx) error {
		return func(ctx context.Context, tx pgx.Tx) error {
			tag, err := tx.Exec(ctx, sql, args...)
			if err == nil && tag.RowsAffected() == 0 {
				return errors.New("no rows")
			}
			return err
		}
	}
	const (
		anAccount = `INSERT INTO access.account (name, kind, territory_id) VALUES ('made-up', 'person', $1)`
		aKey      = `INSERT INTO access.key (prefix, secret, account, label, expires_at) VALUES ('aaaaaaaa', '\x00', $1, 'k', now() + interval '1 day')`
		promote   = `UPDATE access.grant_ SET role = 'planner' WHERE account = $1`
		widen     = `UPDATE access.grant_ SET within = '{}', layers = '{}' WHERE account = $1`
		take      = `DELETE FROM access.grant_ WHERE account = $1`
		closeIt   = `UPDATE access.account SET disabled = true WHERE id = $1`
		rename    = `UPDATE access.account SET name = 'another' WHERE id = $1`
		reset     = `SELECT access.set_password($1, '$argon2id$v=19$x')`
	)
	for name, test := range map[string]struct {
		who  grids.Principal
		do   func(context.Context, pgx.Tx) error
		want string // constraint, or part of the error; "": it is done
	}{
		"security gives a role":                       {security, give(fresh.Account, h.a, "planner"), ""},
		"security makes an auditor":                   {security, give(fresh.Account, h.a, "auditor"), ""},
		"security changes a role":                     {security, run(`UPDATE access.grant_ SET role = 'gis' WHERE account = $1`, planner.Account), ""},
		"security takes a role":                       {security, run(take, planner.Account), ""},
		"security takes the administrator's role":     {security, run(take, admin.Account), ""},
		"security gives in another territory":         {security, give(fresh.Account, h.b, "planner"), "grant_guard"},
		"security gives in all territories":           {security, give(fresh.Account, 0, "planner"), "grant_guard"},
		"security widens itself":                      {security, run(promote, security.Account), "grant_not_own"},
		"security takes its own":                      {security, run(take, security.Account), "grant_not_own"},
		"security gives itself more":                  {security, give(security.Account, 0, "admin"), "grant_guard"},
		"security to who has the first password":      {security, give(newcomer.Account, h.a, "auditor"), "grant_first_password"},
		"security to who has the first password, not": {security, give(newcomer.Account, h.a, "planner"), ""},
		"security makes a program an administrator":   {security, run(`UPDATE access.grant_ SET role = 'admin' WHERE account = $1`, program.Account), "grant_to_program"},
		"security makes a role that isn't one":        {security, give(fresh.Account, h.a, "local"), "grant__role_check"},
		"security moves a grant":                      {security, run(`UPDATE access.grant_ SET account = $2 WHERE account = $1`, planner.Account, fresh.Account), "grant_guard"},
		"security makes an account":                   {security, run(anAccount, h.a), "account_guard"},
		"security closes an account":                  {security, run(closeIt, planner.Account), "account_guard"},
		"security sets a password":                    {security, run(reset, planner.Account), "account_guard"},
		"security makes a key":                        {security, run(aKey, program.Account), ""},
		"security makes a key for a person":           {security, run(aKey, planner.Account), "key_for_program"},
		"security makes a key for itself":             {security, run(aKey, security.Account), "grant_not_own"},
		"security makes a key in another territory":   {security, run(aKey, other.Account), "key_guard"},
		"admin makes an account":                      {admin, run(anAccount, h.a), ""},
		"admin makes an account elsewhere":            {admin, run(anAccount, h.b), "account_guard"},
		"admin makes an account of all territories":   {admin, run(anAccount, nil), "account_guard"},
		"admin closes an account":                     {admin, run(closeIt, planner.Account), ""},
		"admin closes the auditor's":                  {admin, run(closeIt, auditor.Account), ""},
		"admin closes its own":                        {admin, run(closeIt, admin.Account), "account_not_own"},
		"admin closes one of another territory":       {admin, run(closeIt, other.Account), "no rows"},
		"admin renames":                               {admin, run(rename, planner.Account), ""},
		"admin renames the auditor":                   {admin, run(rename, auditor.Account), "account_of_administrator"},
		"admin sets a password":                       {admin, run(reset, planner.Account), ""},
		"admin sets the auditor's password":           {admin, run(reset, auditor.Account), "account_of_administrator"},
		"admin sets one of another territory":         {admin, run(reset, other.Account), "account_guard"},
		"admin ends the auditor's second factor":      {admin, run(`SELECT access.end_totp($1, '')`, auditor.Account), "account_of_administrator"},
		"admin gives a role":                          {admin, give(fresh.Account, h.a, "planner"), "grant_guard"},
		"admin gives itself a role":                   {admin, run(promote, admin.Account), "grant_guard"},
		"admin makes a key":                           {admin, run(aKey, program.Account), "key_guard"},
		"auditor gives a role":                        {auditor, give(fresh.Account, h.a, "planner"), "grant_guard"},
		"auditor makes an account":                    {auditor, run(anAccount, h.a), "account_guard"},
		"planner widens itself":                       {planner, run(widen, planner.Account), "grant_guard"},
		"planner promotes itself":                     {planner, run(`UPDATE access.grant_ SET role = 'admin' WHERE account = $1`, planner.Account), "grant_guard"},
		"planner takes another's":                     {planner, run(take, admin.Account), "no rows"},
		"public makes an account":                     {grids.Public, run(anAccount, h.a), "account_guard"},
		"nobody gives a role":                         {grids.Principal{}, give(fresh.Account, h.a, "planner"), "grant_guard"},
		"accounts are never deleted":                  {grids.Local, run(`DELETE FROM access.account WHERE id = $1`, fresh.Account), "permission denied"},
		"sessions are not written":                    {grids.Local, run(`INSERT INTO access.session (account, token, expires_at) VALUES ($1, '\x00', now() + interval '1 day')`, planner.Account), "permission denied"},
		"nor begun":                                   {grids.Local, run(`SELECT access.begin_session($1, '\x00', '', '')`, planner.Account), "permission denied"},
		"hashes are not read":                         {grids.Local, run(`SELECT password FROM access.secret`), "permission denied"},
		"nor second factors":                          {grids.Local, run(`SELECT totp FROM access.secret`), "permission denied"},
		"nor tokens":                                  {grids.Local, run(`SELECT token FROM access.session`), "permission denied"},
		"nor keys":                                    {grids.Local, run(`SELECT secret FROM access.key`), "permission denied"},
		"nor attempts":                                {grids.Local, run(`SELECT FROM access.attempt`), "permission denied"},
		"two administrators in one":                   {grids.Local, give(admin.Account, h.b, "auditor"), "grant_three_apart"},
		"one administrator twice":                     {grids.Local, give(admin.Account, h.b, "admin"), ""},
		"two roles in a territory":                    {grids.Local, give(planner.Account, h.a, "gis"), "grant_one_role"},
		"an administrator bound to a subtree": {grids.Local, run(
			`INSERT INTO access.grant_ (account, territory_id, role, within) VALUES ($1, $2, 'admin', '{430202000000}')`, fresh.Account, h.a), "grant_bounds"},
		"a program's session is ended by security":    {security, run(`SELECT access.end_session(0)`), ""},
		"the command resets an administrator's":       {grids.Local, run(reset, auditor.Account), ""},
		"one whose key is narrowed gives no rights":   {grids.Principal{Name: "s", Role: "security", Account: security.Account, Actions: []string{"catalog", "own"}}, give(fresh.Account, h.a, "gis"), "grant_guard"},
		"security of all territories gives elsewhere": {grids.Principal{Name: "s", Role: "security", Account: security.Account}, give(fresh.Account, h.b, "gis"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			undo := errors.New("undone")
			err := h.try(test.who, func(ctx context.Context, tx pgx.Tx) error {
				if err := test.do(ctx, tx); err != nil {
					return err
				}
				return undo
			})
			var pg *pgconn.PgError
			switch {
			case test.want == "" && !errors.Is(err, undo):
				t.Errorf("refused: %v", err)
			case test.want != "" && errors.As(err, &pg) && pg.ConstraintName == test.want:
			case test.want != "" && !strings.Contains(err.Error(), test.want):
				t.Errorf("%v, not %s", err, test.want)
			}
			if errors.As(err, &pg) && strings.HasSuffix(pg.ConstraintName, "_guard") && !grids.IsKind(err, grids.Forbidden) {
				t.Errorf("%v is of no kind that is forbidden", err)
			}
		})
	}
}

// TestWhoSeesAccounts: one's own, or those of the territory with the right to.
func TestWhoSeesAccounts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, planner := h.account("admin-a", access.Person, grids.RoleAdmin, h.a), h.account("planner-a", access.Person, grids.RolePlanner, h.a)
	h.account("planner-b", access.Person, grids.RolePlanner, h.b)
	for _, test := range []struct {
		who  grids.Principal
		want string
	}{
		{admin, "admin-a planner-a"}, {planner, "planner-a"}, {grids.Public, ""}, {grids.Local, "admin-a planner-a planner-b"},
		{grids.Principal{Role: "auditor", Territory: h.b}, "planner-b"},
	} {
		err := h.try(test.who, func(ctx context.Context, tx pgx.Tx) error {
			list, err := access.Accounts(ctx, tx)
			var names []string
			for _, a := range list {
				names = append(names, a.Name)
				if len(a.Grants) != 1 {
					t.Errorf("%s sees %d grants of %s", test.who.Name, len(a.Grants), a.Name)
				}
			}
			if got := strings.Join(names, " "); got != test.want {
				t.Errorf("%s sees %q, not %q", test.who.Name, got, test.want)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
