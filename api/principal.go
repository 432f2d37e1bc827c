package api

import (
	"github.com/labstack/echo/v4"

	"unigrid/grids"
)

// principal is who a request acts for: until there is sign-in, whoever reaches
// the service, which listens on loopback only.
func principal(echo.Context) grids.Principal { return grids.Local }
