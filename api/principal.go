package api

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/access"
)

// The cookie of a session. Over TLS its name lets browsers refuse one that
// another host or plain HTTP set.
const (
	plainCookie  = "unigrid"
	secureCookie = "__Host-unigrid"
)

// principal is who a request acts for.
func principal(c echo.Context) grids.Principal { return callOf(c).caller.Principal }

// identify finds out once who a request acts for: by key or session, else the
// public. A key that isn't one is refused; a session that has ended leaves the
// public.
func (s *Server) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		one := callOf(c)
		one.caller = access.Caller{Principal: grids.Public}
		token, key := credentials(c.Request())
		if token != "" || key != "" {
			caller, ok, err := s.callers.find(c.Request().Context(), s.db, token, key, cmp.Or(one.territory, s.options.DefaultTerritory))
			switch {
			case err != nil:
				return unavailable(err)
			case ok:
				one.caller = caller
			case key != "":
				one.badKey = true
				if err := s.paces.take(c, "bad key "+c.RealIP(), badKeyPace); err != nil {
					return err
				}
				return grids.Errorf(grids.Unsigned, "", "密钥无效、已过期或已停用", "the key is unknown, expired or ended").
					Fix("请向安全管理员申请新密钥", "ask the security administrator for another")
			default:
				one.ended = true
				s.forgetCookies(c)
			}
		}
		one.caller.From = c.RealIP()
		return next(c)
	}
}

// credentials are the session's token or the key that a request carries; a key
// goes before.
func credentials(r *http.Request) (token, key string) {
	if key = r.Header.Get("X-Api-Key"); key != "" {
		return "", key
	}
	if kind, value, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(kind, "Bearer") {
		return "", strings.TrimSpace(value)
	}
	for _, name := range []string{secureCookie, plainCookie} {
		if cookie, err := r.Cookie(name); err == nil && cookie.Value != "" {
			return cookie.Value, ""
		}
	}
	return "", ""
}

// actionOf is what a caller must be allowed to do for an operation of the
// document: its extension x-action.
func actionOf(operation *openapi3.Operation) access.Action {
	action, _ := operation.Extensions["x-action"].(string)
	return access.Action(action)
}

// The actions that the middleware knows by name: what everybody may do, and
// what concerns one's own session and account, for which it takes a session and
// no role.
const (
	catalog access.Action = "catalog"
	own     access.Action = "own"
)

// may refuses who may not do what a route does, by the policy table. Whether it
// is in the caller's territory, subtree and layer is for the handler to ask,
// and for the database.
func (s *Server) may(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		route := s.document.routes[c.Request().Method+" "+c.Path()]
		if route == nil {
			return next(c)
		}
		action := actionOf(route.Operation)
		if !s.allows(callOf(c).caller, action) {
			return forbidden(c, action)
		}
		if err := reads(c, action); err != nil {
			return err
		}
		return next(c)
	}
}

// everyRouteAsks fails when a route has no action of the policy table: nobody
// would be asked what they may. The client's files are everybody's.
func (s *Server) everyRouteAsks(e *echo.Echo) error {
	for _, r := range e.Routes() {
		if r.Method == http.MethodGet && r.Path == "/*" {
			continue
		}
		route := s.document.routes[r.Method+" "+r.Path]
		if route == nil {
			return fmt.Errorf("the route %s %s is not in openapi.yaml", r.Method, r.Path)
		}
		if action := actionOf(route.Operation); s.policy[action] == nil {
			return fmt.Errorf("the x-action of %s %s is %q, which is not in policy.sql", r.Method, r.Path, action)
		}
	}
	return nil
}

// allows tells whether a caller may do something, somewhere in the territory.
func (s *Server) allows(who access.Caller, action access.Action) bool {
	switch {
	case action == catalog:
		return true
	case action == own:
		return who.Session != 0
	}
	return s.policy.May(who.Role, action) && (len(who.Actions) == 0 || slices.Contains(who.Actions, string(action)))
}

// collectionOf is the collection that a request's path names; "": none.
func collectionOf(c echo.Context) string {
	name := cmp.Or(c.Param("collectionId"), c.Param("collection"))
	if strings.HasPrefix(c.Path(), "/tiles/") {
		name = strings.TrimSuffix(name, ".json")
	}
	return name
}

// reads refuses a key that is for other collections than the one a route
// names, or for some while the route reads several.
func reads(c echo.Context, action access.Action) error {
	who := callOf(c).caller
	if len(who.Collections) == 0 || action == catalog || action == own {
		return nil
	}
	if slices.Contains(who.Collections, collectionOf(c)) {
		return nil
	}
	return grids.Errorf(grids.Forbidden, "", "该密钥只能读取:%s", "this key is only for %s", strings.Join(who.Collections, ", ")).
		Fix("搜索、统计、责任人查询涉及多个数据集,请向安全管理员申请不限数据集的密钥", "search, figures and who is responsible read several collections: ask the security administrator for a key without a list of collections")
}

// forbidden says why a caller may not do something, and what to do about it:
// 401 to whom nobody knows, 403 to others.
func forbidden(c echo.Context, action access.Action) error {
	one := callOf(c)
	who := one.caller
	switch {
	case one.ended:
		return grids.Errorf(grids.Unsigned, "", "登录已过期", "the session has ended").Fix("请重新登录", "sign in again")
	case who.Account == 0:
		return grids.Errorf(grids.Unsigned, "", "此操作需要登录(%s)", "this needs signing in (%s)", action).Fix("请登录后再试", "sign in and try again")
	case who.MustChange:
		return grids.Errorf(grids.Forbidden, "", "密码由他人设置,修改后才能继续", "the password was set by another; nothing else can be done before it is changed").
			Fix("请先修改密码", "change the password first")
	case who.Role == grids.RolePublic:
		return grids.Errorf(grids.Forbidden, "", "账号 %s 在此辖区没有权限", "the account %s has no rights in this territory", who.Name).
			Fix("请向安全管理员申请权限", "ask the security administrator for the right")
	case len(who.Actions) > 0 && !slices.Contains(who.Actions, string(action)):
		return grids.Errorf(grids.Forbidden, "", "该密钥无此权限(%s)", "this key may not do this (%s)", action).
			Fix("请向安全管理员申请权限", "ask the security administrator for the right")
	}
	return grids.Errorf(grids.Forbidden, "", "角色 %s 无此权限(%s)", "the role %s may not do this (%s)", who.Role, action).
		Fix("请向安全管理员申请权限", "ask the security administrator for the right")
}

// challenge is what a 401 says of how to come in.
func challenge(c echo.Context) string {
	if callOf(c).badKey {
		return `Bearer realm="unigrid", error="invalid_token"`
	}
	return `Bearer realm="unigrid"`
}

// reaches refuses work on a cell outside the caller's subtrees, before it is
// done. The database refuses it too.
func reaches(c echo.Context, codes ...grids.Code) error {
	who := principal(c)
	if len(who.Within) == 0 {
		return nil
	}
	for _, code := range codes {
		if !slices.ContainsFunc(who.Within, func(prefix string) bool { return strings.HasPrefix(string(code), prefix) }) {
			return grids.Errorf(grids.Forbidden, "", "网格 %s 不在您的管辖范围内", "the cell %s lies outside what you may change", code).
				Fix("您可以更改代码以 %[1]s 开头的网格", "you may change cells whose codes begin with %[1]s", strings.Join(who.Within, ", "))
		}
	}
	return nil
}

// mayToo refuses who may do a route's action and not another that its request
// needs besides; layer is what it is for, "" for none.
func (s *Server) mayToo(c echo.Context, action access.Action, layer grids.LayerCode) error {
	who := callOf(c).caller
	if !s.allows(who, action) {
		return forbidden(c, action)
	}
	if layer != "" && len(who.Layers) > 0 && !slices.Contains(who.Layers, layer) {
		return grids.Errorf(grids.Forbidden, "layer", "条线 %s 不是您的条线", "the layer %s is not yours", layer).
			Fix("您的条线:%[1]s", "your layers: %[1]s", listed(who.Layers))
	}
	return nil
}

func listed(layers []grids.LayerCode) string {
	names := make([]string, len(layers))
	for i, layer := range layers {
		names[i] = string(layer)
	}
	return strings.Join(names, ", ")
}
