package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/access"
)

// wantCode is the kind of error that asks for the second factor.
const wantCode grids.ErrorKind = "second-factor"

// GetSession tells who the caller is in the request's territory.
func (s *Server) GetSession(c echo.Context) error { return s.whoAmI(c, http.StatusOK) }

func (s *Server) whoAmI(c echo.Context, status int) error {
	who := callOf(c).caller
	me := WhoAmI{Role: string(who.Role), Within: append([]string{}, who.Within...), Layers: []string{}, May: []string{}}
	for _, layer := range who.Layers {
		me.Layers = append(me.Layers, string(layer))
	}
	for action := range s.policy {
		if s.allows(who, action) {
			me.May = append(me.May, string(action))
		}
	}
	slices.Sort(me.May)
	if s.provider != nil {
		me.Oidc = new(bool)
		*me.Oidc = true
	}
	if who.Account != 0 {
		byKey := who.Key != 0
		me.Name, me.Label, me.Key, me.MustChange, me.Expires = &who.Name, &who.Label, &byKey, &who.MustChange, &who.Expires
	}
	err := s.read(c, func(ctx context.Context, r reading) error {
		me.Territory, me.Demo = r.territory.code, r.territory.demo
		if who.Session == 0 {
			return nil
		}
		account, err := access.FindAccount(ctx, r.tx, who.Account)
		if err != nil {
			return err
		}
		me.SecondFactor, me.Local = &account.SecondFactor, &account.HasPassword
		if account.SecondFactor {
			left, err := access.RecoveryLeft(ctx, r.tx)
			me.RecoveryLeft = &left
			return err
		}
		return nil
	})
	if err != nil && !grids.IsKind(err, grids.NotFound) { // before there is a territory one can sign in
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return sendJSON(c, status, mediaJSON, me)
}

// PostSession signs in by name and password.
func (s *Server) PostSession(c echo.Context) error {
	var body SignIn
	if err := decode(c, &body); err != nil {
		return err
	}
	knock := access.Knock{Name: body.Name, Password: body.Password, Address: c.RealIP(), Agent: c.Request().UserAgent()}
	if body.Code != nil {
		knock.Code = *body.Code
	}
	entry, err := access.SignIn(c.Request().Context(), s.db, knock)
	if err != nil {
		return err
	}
	switch entry.Outcome {
	case access.Signed:
		return s.enter(c, entry, func() error { return s.whoAmI(c, http.StatusCreated) })
	case access.WantCode:
		return grids.Errorf(wantCode, "code", "请输入两步验证码", "type the code of the second factor")
	case access.Locked:
		left := max(1, int(time.Until(entry.Until).Round(time.Second)/time.Second))
		c.Response().Header().Set("Retry-After", strconv.Itoa(left))
		return grids.Errorf(grids.TooOften, "", "连续多次失败,请在 %d 秒后再试", "too many failures in a row; try again in %d s", left).
			Fix("忘记密码时请联系系统管理员", "if the password is forgotten, ask the system administrator")
	case access.Closed:
		return grids.Errorf(grids.Forbidden, "", "该账号已停用", "the account is closed").Fix("请联系系统管理员", "ask the system administrator")
	default:
		return grids.Errorf(grids.Unsigned, "", "账号、密码或验证码不对", "name, password or code is wrong").
			Fix("忘记密码时请联系系统管理员", "if the password is forgotten, ask the system administrator")
	}
}

// enter sets the cookie of a session that has just begun and answers as it.
func (s *Server) enter(c echo.Context, entry access.Entry, answer func() error) error {
	one := callOf(c)
	caller, ok, err := access.Identify(c.Request().Context(), s.db, entry.Token, "", one.territoryOr(s.options.DefaultTerritory))
	if err != nil {
		return err
	}
	if !ok {
		return grids.Errorf(grids.Conflict, "", "会话在登录时已结束", "the session ended while it began").Fix("请重新登录", "sign in again")
	}
	caller.From = c.RealIP()
	one.caller = caller
	cookie := s.cookie(c)
	cookie.Value, cookie.Expires = entry.Token, caller.Expires
	c.SetCookie(cookie)
	return answer()
}

// cookie is that of a session, for the way in which the request came.
func (s *Server) cookie(c echo.Context) *http.Cookie {
	cookie := &http.Cookie{Name: plainCookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if strings.HasPrefix(callOf(c).origin, "https:") {
		cookie.Name, cookie.Secure = secureCookie, true
	}
	return cookie
}

func (s *Server) forgetCookies(c echo.Context) {
	cookie := s.cookie(c)
	cookie.MaxAge = -1
	c.SetCookie(cookie)
}

// DeleteSession signs out.
func (s *Server) DeleteSession(c echo.Context) error {
	who := callOf(c).caller
	if who.Session != 0 {
		err := s.changeAccess(c, func(ctx context.Context, tx pgx.Tx) error { return access.EndSession(ctx, tx, who.Session) })
		if err != nil && !grids.IsKind(err, grids.NotFound) {
			return err
		}
	}
	s.forgetCookies(c)
	return c.NoContent(http.StatusNoContent)
}

// changeAccess runs fn in a transaction of the caller; whatever was kept of
// callers is forgotten after it.
func (s *Server) changeAccess(c echo.Context, fn func(context.Context, pgx.Tx) error) error {
	ctx := c.Request().Context()
	defer s.callers.forget()
	return s.db.Tx(ctx, principal(c), func(tx pgx.Tx) error { return fn(ctx, tx) })
}
