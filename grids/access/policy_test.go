package access_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/database/databasetest"
)

// TestPolicyIsTheSameInTheDatabase compares what the service reads of the table
// with what row-level security answers from it.
func TestPolicyIsTheSameInTheDatabase(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	roles := []grids.Role{grids.RolePublic, grids.RoleAgency, grids.RoleOfficer, grids.RoleDepartment, grids.RoleGIS, grids.RolePlanner,
		grids.RoleAdmin, grids.RoleSecurity, grids.RoleAuditor, grids.RoleLocal, "", "root"}
	for _, role := range roles {
		err := db.Read(t.Context(), grids.Principal{Role: role}, func(tx pgx.Tx) error {
			policy, err := access.LoadPolicy(t.Context(), tx)
			if err != nil {
				return err
			}
			if len(policy) < 20 {
				t.Errorf("only %d actions", len(policy))
			}
			for action := range policy {
				var may bool
				if err := tx.QueryRow(t.Context(), `SELECT access.may($1)`, action).Scan(&may); err != nil {
					return err
				}
				if may != policy.May(role, action) {
					t.Errorf("%s by %q: the database says %t", action, role, may)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestThreeAdministratorsApart: none of the three can do another's work.
func TestThreeAdministratorsApart(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	err := db.Read(t.Context(), grids.Local, func(tx pgx.Tx) error {
		policy, err := access.LoadPolicy(t.Context(), tx)
		if err != nil {
			return err
		}
		for action, only := range map[access.Action]grids.Role{
			"accounts.edit": grids.RoleAdmin, "grants.edit": grids.RoleSecurity, "audit.read": grids.RoleAuditor,
		} {
			for _, role := range []grids.Role{grids.RoleAdmin, grids.RoleSecurity, grids.RoleAuditor} {
				if policy.May(role, action) != (role == only) {
					t.Errorf("%s by %s: %t", action, role, policy.May(role, action))
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	for name, test := range map[string]struct {
		who                       grids.Principal
		territory                 int
		code, layer               string
		governs, within, hasLayer bool
		unbounded                 bool
	}{
		"bound to nothing":       {grids.Principal{Role: "planner"}, 1, "430202001001", "safety", true, true, true, true},
		"own subtree and layer":  {grids.Principal{Role: "planner", Territory: 1, Within: []string{"430203", "430202"}, Layers: []grids.LayerCode{"environment", "safety"}}, 1, "430202001001", "safety", true, true, true, false},
		"another's subtree":      {grids.Principal{Role: "planner", Territory: 1, Within: []string{"430203"}, Layers: []grids.LayerCode{"environment"}}, 1, "430202001001", "safety", true, false, false, false},
		"another territory":      {grids.Principal{Role: "planner", Territory: 2}, 1, "430202001001", "safety", false, false, true, false},
		"above the subtree":      {grids.Principal{Role: "planner", Territory: 1, Within: []string{"430202"}}, 1, "430200000000", "", true, false, true, false},
		"all layers, bound to 1": {grids.Principal{Role: "planner", Layers: []grids.LayerCode{"safety"}}, 1, "430202001001", "", true, true, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := db.Read(t.Context(), test.who, func(tx pgx.Tx) error {
				var governs, within, layer, unbounded bool
				err := tx.QueryRow(t.Context(), `SELECT access.governs($1), access.within($1, $2), access.layer(nullif($3, '')), access.unbounded()`,
					test.territory, test.code, test.layer).Scan(&governs, &within, &layer, &unbounded)
				if governs != test.governs || within != test.within || layer != test.hasLayer || unbounded != test.unbounded {
					t.Errorf("governs %t, within %t, layer %t, unbounded %t", governs, within, layer, unbounded)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
