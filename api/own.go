package api

import (
	"context"
	"encoding/base64"
	"net/http"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"unigrid/grids/access"
)

// GetSessions lists the caller's open sessions, or all that it may read.
func (s *Server) GetSessions(c echo.Context, params GetSessionsParams) error {
	who := callOf(c).caller
	account := who.Account
	if params.All != nil && *params.All {
		account = 0
	}
	return s.db.Read(c.Request().Context(), who.Principal, func(tx pgx.Tx) error {
		list, err := access.Sessions(c.Request().Context(), tx, account)
		if err != nil {
			return err
		}
		shown := Sessions{Sessions: []Session{}}
		for _, one := range list {
			shown.Sessions = append(shown.Sessions, Session{Id: one.ID, Account: one.Account, Name: one.Name, Created: one.Created, Seen: one.Seen,
				Expires: one.Expires, Address: one.Address, Agent: one.Agent, Current: one.ID == who.Session})
		}
		return sendJSON(c, http.StatusOK, mediaJSON, shown)
	})
}

// DeleteOneSession ends a session.
func (s *Server) DeleteOneSession(c echo.Context, id int64) error {
	return s.changed(c, func(ctx context.Context, tx pgx.Tx) error { return access.EndSession(ctx, tx, id) })
}

// PutOwnPassword changes the caller's password.
func (s *Server) PutOwnPassword(c echo.Context) error {
	var body PasswordChange
	if err := decode(c, &body); err != nil {
		return err
	}
	return s.changed(c, func(ctx context.Context, tx pgx.Tx) error {
		return access.ChangePassword(ctx, tx, principal(c), callOf(c).caller.Session, body.Old, body.Password)
	})
}

// PostSecondFactor begins a second factor.
func (s *Server) PostSecondFactor(c echo.Context) error {
	var factor access.SecondFactor
	err := s.changeAccess(c, func(ctx context.Context, tx pgx.Tx) (err error) {
		factor, err = access.BeginSecondFactor(ctx, tx, principal(c))
		return err
	})
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return sendJSON(c, http.StatusOK, mediaJSON, SecondFactor{Secret: factor.Secret, Url: factor.URL,
		Image: "data:image/png;base64," + base64.StdEncoding.EncodeToString(factor.Image)})
}

// PutSecondFactor puts the second factor in force and shows its recovery codes.
func (s *Server) PutSecondFactor(c echo.Context) error {
	var body PutSecondFactorJSONBody
	if err := decode(c, &body); err != nil {
		return err
	}
	return s.recovery(c, func(ctx context.Context, tx pgx.Tx) ([]string, error) {
		return access.ConfirmSecondFactor(ctx, tx, body.Code)
	})
}

// PostRecoveryCodes replaces the caller's recovery codes.
func (s *Server) PostRecoveryCodes(c echo.Context) error {
	var body PostRecoveryCodesJSONBody
	if err := decode(c, &body); err != nil {
		return err
	}
	return s.recovery(c, func(ctx context.Context, tx pgx.Tx) ([]string, error) {
		return access.RenewRecovery(ctx, tx, principal(c), body.Password)
	})
}

// recovery answers with recovery codes that are made.
func (s *Server) recovery(c echo.Context, made func(context.Context, pgx.Tx) ([]string, error)) error {
	var codes []string
	if err := s.changeAccess(c, func(ctx context.Context, tx pgx.Tx) (err error) {
		codes, err = made(ctx, tx)
		return err
	}); err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return sendJSON(c, http.StatusOK, mediaJSON, RecoveryCodes{Codes: codes})
}

// PostSecondFactorEnd takes the caller's second factor away.
func (s *Server) PostSecondFactorEnd(c echo.Context) error {
	var body PostSecondFactorEndJSONBody
	if err := decode(c, &body); err != nil {
		return err
	}
	return s.changed(c, func(ctx context.Context, tx pgx.Tx) error {
		return access.EndSecondFactor(ctx, tx, principal(c), principal(c).Account, body.Password)
	})
}
