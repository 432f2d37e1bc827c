package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/cmd/unigrid/demo"
	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/cells"
)

// demoFile keeps the demo's passwords, so that the next start prints the same.
const demoFile = "demo-accounts.json"

// demoAccount is an account of the demo; Key is a program's, instead of a
// password.
type demoAccount struct {
	Name     string     `json:"name"`
	Role     grids.Role `json:"role"`
	Password string     `json:"password,omitempty"`
	Key      string     `json:"key,omitempty"`
}

// demoGrants are the rights of the demo's accounts, one for each role, and by
// name of a county that is asked for its opinion.
var demoGrants = []struct {
	name string
	access.Grant
}{
	{"planner", access.Grant{Role: grids.RolePlanner}},
	{"gis", access.Grant{Role: grids.RoleGIS}},
	{"county", access.Grant{Role: grids.RoleDepartment, Within: []grids.Code{"430202000000"}}},
	{"department", access.Grant{Role: grids.RoleDepartment, Layers: []grids.LayerCode{"environment"}}},
	{"officer", access.Grant{Role: grids.RoleOfficer, Within: []grids.Code{"430202000000"}}},
	{"agency", access.Grant{Role: grids.RoleAgency}},
	{"admin", access.Grant{Role: grids.RoleAdmin}},
	{"security", access.Grant{Role: grids.RoleSecurity}},
	{"auditor", access.Grant{Role: grids.RoleAuditor}},
}

// demoAccounts makes the demo's accounts where they are missing, with random
// passwords that are kept in the data folder, and tells them; none when there
// is no demo territory. One whose password nobody kept gets another.
func (a *app) demoAccounts(ctx context.Context) ([]demoAccount, error) {
	path := filepath.Join(a.data, demoFile)
	kept := map[string]demoAccount{}
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("demo accounts: %w", err)
	}
	if err == nil {
		var list []demoAccount
		if err := json.Unmarshal(content, &list); err != nil {
			return nil, fmt.Errorf("demo accounts: %s: %w", path, err)
		}
		for _, one := range list {
			kept[one.Name] = one
		}
	}
	var list []demoAccount
	err = a.db.Tx(ctx, grids.Local, func(tx pgx.Tx) error {
		t, err := cells.FindTerritory(ctx, tx, string(demo.Code))
		if grids.IsKind(err, grids.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, g := range demoGrants {
			one, err := ensureDemoAccount(ctx, tx, t, g.name, g.Grant, kept)
			if err != nil {
				return fmt.Errorf("demo account of %s: %w", g.name, err)
			}
			list = append(list, one)
		}
		return nil
	})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	if content, err = json.MarshalIndent(list, "", " "); err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, append(content, '\n'), 0o600); err != nil {
		return nil, fmt.Errorf("demo accounts: %w", err)
	}
	return list, nil
}

func ensureDemoAccount(ctx context.Context, tx pgx.Tx, t cells.Territory, name string, g access.Grant, kept map[string]demoAccount) (demoAccount, error) {
	one := demoAccount{Name: "demo-" + name, Role: g.Role}
	account := access.Account{Name: one.Name, Label: "示例账号 " + name, Kind: access.Person, Territory: t.ID}
	if g.Role == grids.RoleAgency {
		account.Kind = access.Service
	}
	found, err := access.NamedAccount(ctx, tx, one.Name)
	before, remembered := kept[one.Name]
	switch {
	case err == nil && remembered:
		return before, nil
	case err == nil:
		account = found
	case grids.IsKind(err, grids.NotFound):
		if account.Kind == access.Person {
			one.Password = randomPassword()
		}
		if account.ID, err = access.CreateAccount(ctx, tx, grids.Local, account, one.Password); err != nil {
			return one, err
		}
		g.Account, g.Territory = account.ID, t.ID
		if err := access.Give(ctx, tx, g, t.Scheme, t.Code); err != nil {
			return one, err
		}
	default:
		return one, err
	}
	if account.Kind == access.Service {
		one.Key, err = access.CreateKey(ctx, tx, access.Key{Account: account.ID, Label: "演示 / demo", PerMinute: 6000, Expires: time.Now().AddDate(1, 0, 0)}, time.Now())
		return one, err
	}
	if one.Password != "" {
		return one, nil
	}
	one.Password = randomPassword()
	return one, access.SetPassword(ctx, tx, account, one.Password)
}

// randomPassword is one that can be typed: 60 bits.
func randomPassword() string {
	text := strings.ToLower(rand.Text())
	return text[:4] + "-" + text[4:8] + "-" + text[8:12]
}

// printDemoAccounts tells people how to come in.
func printDemoAccounts(w io.Writer, list []demoAccount, folder string) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "\n演示账号 / demo accounts (%s):\n", filepath.Join(folder, demoFile))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, one := range list {
		secret := one.Password
		if one.Key != "" {
			secret = "X-Api-Key: " + one.Key
		}
		fmt.Fprintf(table, "  %s\t%s\n", one.Name, secret)
	}
	table.Flush()
}
