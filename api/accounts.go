package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/cells"
	"unigrid/grids/collections"
)

func showAccount(a access.Account) Account {
	shown := Account{Id: a.ID, Name: a.Name, Label: a.Label, Kind: AccountKind(a.Kind), Disabled: a.Disabled, Created: a.Created, CreatedBy: a.CreatedBy,
		MustChange: a.MustChange, SecondFactor: a.SecondFactor, Bound: a.Bound, Seen: a.Seen, Grants: []Grant{}}
	if a.Email != "" {
		shown.Email = &a.Email
	}
	for _, g := range a.Grants {
		shown.Grants = append(shown.Grants, Grant{Territory: string(g.TerritoryCode), Role: string(g.Role), Within: texts(g.Within), Layers: texts(g.Layers),
			Given: g.Given, GivenBy: g.GivenBy})
	}
	return shown
}

// texts are the words of a list, never nil.
func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, one := range list {
		out[i] = string(one)
	}
	return out
}

func words[T ~string](list *[]string) (out []T) {
	if list != nil {
		for _, one := range *list {
			out = append(out, T(one))
		}
	}
	return out
}

// GetAccounts lists the accounts.
func (s *Server) GetAccounts(c echo.Context) error {
	return s.read(c, func(ctx context.Context, r reading) error {
		list, err := access.Accounts(ctx, r.tx)
		if err != nil {
			return err
		}
		shown := Accounts{Accounts: []Account{}, Roles: texts(access.GrantedRoles)}
		for _, a := range list {
			shown.Accounts = append(shown.Accounts, showAccount(a))
		}
		return sendJSON(c, http.StatusOK, mediaJSON, shown)
	})
}

// PostAccount makes an account.
func (s *Server) PostAccount(c echo.Context) error {
	var body NewAccount
	if err := decode(c, &body); err != nil {
		return err
	}
	a := access.Account{Name: body.Name, Label: value(body.Label), Email: value(body.Email)}
	if body.Kind != nil {
		a.Kind = access.Kind(*body.Kind)
	}
	err := s.changeAccess(c, func(ctx context.Context, tx pgx.Tx) error {
		id, err := access.CreateAccount(ctx, tx, principal(c), a, value(body.Password))
		if err == nil {
			a, err = access.FindAccount(ctx, tx, id)
		}
		return err
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusCreated, mediaJSON, showAccount(a))
}

// PatchAccount renames, closes or opens an account.
func (s *Server) PatchAccount(c echo.Context, id int64) error {
	var body AccountChange
	if err := decode(c, &body); err != nil {
		return err
	}
	var a access.Account
	err := s.changeAccess(c, func(ctx context.Context, tx pgx.Tx) (err error) {
		if a, err = access.FindAccount(ctx, tx, id); err != nil {
			return err
		}
		if body.Label != nil {
			a.Label = *body.Label
		}
		if body.Email != nil {
			a.Email = *body.Email
		}
		if body.Disabled != nil {
			a.Disabled = *body.Disabled
		}
		return access.EditAccount(ctx, tx, a)
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, mediaJSON, showAccount(a))
}

// PutPassword gives an account a password.
func (s *Server) PutPassword(c echo.Context, id int64) error {
	var body PutPasswordJSONBody
	if err := decode(c, &body); err != nil {
		return err
	}
	return s.changed(c, func(ctx context.Context, tx pgx.Tx) error {
		if id == principal(c).Account {
			return grids.Errorf(grids.Forbidden, "", "请在“我的账号”中修改自己的密码", "change your own password with the present one")
		}
		a, err := access.FindAccount(ctx, tx, id)
		if err != nil {
			return err
		}
		return access.SetPassword(ctx, tx, a, body.Password)
	})
}

// DeleteSecondFactor takes the second factor of another away.
func (s *Server) DeleteSecondFactor(c echo.Context, id int64) error {
	return s.changed(c, func(ctx context.Context, tx pgx.Tx) error {
		return access.EndSecondFactor(ctx, tx, principal(c), id, "")
	})
}

// PutGrant gives an account a role in the request's territory.
func (s *Server) PutGrant(c echo.Context, id int64) error {
	var body NewGrant
	if err := decode(c, &body); err != nil {
		return err
	}
	return s.inTerritory(c, func(ctx context.Context, tx pgx.Tx, t cells.Territory) error {
		return access.Give(ctx, tx, access.Grant{Account: id, Territory: t.ID, Role: grids.Role(body.Role),
			Within: words[grids.Code](body.Within), Layers: words[grids.LayerCode](body.Layers)}, t.Scheme, t.Code)
	})
}

// DeleteGrant takes an account's role in the request's territory away.
func (s *Server) DeleteGrant(c echo.Context, id int64) error {
	return s.inTerritory(c, func(ctx context.Context, tx pgx.Tx, t cells.Territory) error { return access.Take(ctx, tx, id, t.ID) })
}

// inTerritory changes rights in the request's territory.
func (s *Server) inTerritory(c echo.Context, fn func(context.Context, pgx.Tx, cells.Territory) error) error {
	return s.changed(c, func(ctx context.Context, tx pgx.Tx) error {
		r, err := s.locate(ctx, c, tx)
		if err != nil {
			return err
		}
		t, err := cells.FindTerritory(ctx, tx, r.territory.code)
		if err != nil {
			return err
		}
		return fn(ctx, tx, t)
	})
}

// changed changes something of accounts and answers without content.
func (s *Server) changed(c echo.Context, fn func(context.Context, pgx.Tx) error) error {
	if err := s.changeAccess(c, fn); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// GetKeys lists the keys.
func (s *Server) GetKeys(c echo.Context) error {
	return s.read(c, func(ctx context.Context, r reading) error {
		list, err := access.Keys(ctx, r.tx)
		if err != nil {
			return err
		}
		shown := Keys{Keys: []Key{}}
		for _, k := range list {
			shown.Keys = append(shown.Keys, Key{Id: k.ID, Prefix: k.Prefix, Account: k.Account, Name: k.AccountName, Label: k.Label, Actions: texts(k.Actions),
				Collections: texts(k.Collections), Layers: texts(k.Layers), PerMinute: k.PerMinute, Expires: k.Expires, Used: k.Used,
				Created: k.Created, CreatedBy: k.CreatedBy, Revoked: k.Revoked})
		}
		return sendJSON(c, http.StatusOK, mediaJSON, shown)
	})
}

// PostKey makes a key.
func (s *Server) PostKey(c echo.Context) error {
	var body NewKey
	if err := decode(c, &body); err != nil {
		return err
	}
	k := access.Key{Account: body.Account, Label: body.Label, Actions: words[string](body.Actions), Collections: words[string](body.Collections),
		Layers: words[grids.LayerCode](body.Layers), PerMinute: 600}
	if body.PerMinute != nil {
		k.PerMinute = *body.PerMinute
	}
	for _, action := range k.Actions {
		if s.policy[access.Action(action)] == nil {
			e := grids.Errorf(grids.Invalid, "actions", "没有动作 %q", "there is no action %q", action)
			e.Value = action
			return e
		}
	}
	for _, name := range k.Collections {
		if !slices.ContainsFunc(s.defs, func(d *collections.Def) bool { return d.ID == name }) {
			e := grids.Errorf(grids.Invalid, "collections", "没有数据集 %q", "there is no collection %q", name)
			e.Value = name
			return e
		}
	}
	now := time.Now()
	k.Expires = now.AddDate(0, 0, body.Days)
	var secret string
	err := s.changeAccess(c, func(ctx context.Context, tx pgx.Tx) (err error) {
		secret, err = access.CreateKey(ctx, tx, k, now)
		return err
	})
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return sendJSON(c, http.StatusCreated, mediaJSON, map[string]string{"secret": secret})
}

// DeleteKey ends a key.
func (s *Server) DeleteKey(c echo.Context, id int64) error {
	return s.changed(c, func(ctx context.Context, tx pgx.Tx) error { return access.EndKey(ctx, tx, id) })
}
