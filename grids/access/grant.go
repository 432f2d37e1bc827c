package access

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Grant is the role of an account in a territory, bound to subtrees of division
// codes and to layers, or to none.
type Grant struct {
	ID            int64
	Account       int64
	Territory     grids.TerritoryID // 0: all
	TerritoryCode grids.Code        // "": all
	Role          grids.Role
	Within        []grids.Code
	Layers        []grids.LayerCode
	Given         time.Time
	GivenBy       string
}

// GrantedRoles are those that can be given, from the least to the
// administrators.
var GrantedRoles = []grids.Role{grids.RoleAgency, grids.RoleOfficer, grids.RoleDepartment, grids.RoleGIS, grids.RolePlanner,
	grids.RoleAdmin, grids.RoleSecurity, grids.RoleAuditor}

// Grants lists those of an account, or (0) all that the principal may see.
func Grants(ctx context.Context, tx pgx.Tx, account int64) ([]Grant, error) {
	rows, err := tx.Query(ctx, `
		SELECT g.id, g.account, coalesce(g.territory_id, 0), coalesce(t.code, ''), g.role, g.within, g.layers, g.given_at, g.given_by
		FROM access.grant_ g LEFT JOIN cells.territory t ON t.id = g.territory_id
		WHERE ($1::bigint = 0 OR g.account = $1) ORDER BY t.created_at NULLS FIRST, g.id`, account)
	if err != nil {
		return nil, fmt.Errorf("grants: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Grant])
}

// Give gives an account a role in a territory, in place of what it had there.
// The codes of g.Within must be of the territory's scheme and below root.
func Give(ctx context.Context, tx pgx.Tx, g Grant, scheme grids.CodeScheme, root grids.Code) error {
	if !slices.Contains(GrantedRoles, g.Role) {
		e := grids.Errorf(grids.Invalid, "role", "没有可授予的角色 %q", "there is no role %q to give", g.Role)
		return e.Fix("可选:%s", "one of %s", fmt.Sprint(GrantedRoles))
	}
	within := []grids.Code{}
	for _, text := range g.Within {
		code, err := below(string(text), scheme, root)
		if err != nil {
			return err
		}
		within = append(within, code)
	}
	layers := append([]grids.LayerCode{}, g.Layers...)
	_, err := tx.Exec(ctx, `
		INSERT INTO access.grant_ (account, territory_id, role, within, layers) VALUES ($1, nullif($2, 0), $3, $4, $5)
		ON CONFLICT ON CONSTRAINT grant_one_role DO UPDATE SET role = excluded.role, within = excluded.within, layers = excluded.layers`,
		g.Account, g.Territory, g.Role, within, layers)
	return err
}

// below reads a code of any tier of a scheme that lies in a territory.
func below(text string, scheme grids.CodeScheme, root grids.Code) (grids.Code, error) {
	for tier := range scheme.Lengths {
		if code, err := scheme.Parse(text, grids.Tier(tier+1)); err == nil && len(scheme.Prefix(code)) >= len(scheme.Prefix(root)) &&
			scheme.Prefix(code)[:len(scheme.Prefix(root))] == scheme.Prefix(root) {
			return code, nil
		}
	}
	e := grids.Errorf(grids.Invalid, "within", "%q 不是本辖区的区划代码", "%q is no division code of this territory", text)
	e.Value = text
	return "", e
}

// Take takes an account's role in a territory (0: the one for all) away.
func Take(ctx context.Context, tx pgx.Tx, account int64, territory grids.TerritoryID) error {
	tag, err := tx.Exec(ctx, `DELETE FROM access.grant_ WHERE account = $1 AND territory_id IS NOT DISTINCT FROM nullif($2, 0)`, account, territory)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return grids.Errorf(grids.NotFound, "account", "该账号在此没有权限", "the account has no rights here")
	}
	return nil
}
