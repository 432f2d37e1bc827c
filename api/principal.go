package api

import (
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/access"
)

// principal is who a request acts for: until there is sign-in, whoever reaches
// the service, which listens on loopback only.
func principal(echo.Context) grids.Principal { return grids.Local }

// actionOf is what a caller must be allowed to do for an operation of the
// document: its extension x-action.
func actionOf(operation *openapi3.Operation) access.Action {
	action, _ := operation.Extensions["x-action"].(string)
	return access.Action(action)
}

// may refuses who may not do what a route does, by the policy table. Whether it
// is in the caller's territory, subtree and layer is for the handler to ask,
// and for the database.
func (s *Server) may(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		route := s.document.routes[c.Request().Method+" "+c.Path()]
		if route == nil {
			return next(c)
		}
		if who, action := principal(c), actionOf(route.Operation); !s.policy.May(who.Role, action) {
			return forbidden(who, action)
		}
		return next(c)
	}
}

func forbidden(who grids.Principal, action access.Action) error {
	return grids.Errorf(grids.Forbidden, "", "角色 %s 无此权限(%s)", "the role %s may not do this (%s)", who.Role, action).
		Fix("请向安全管理员申请权限", "ask the security administrator for the right")
}
