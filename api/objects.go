package api

import (
	"github.com/labstack/echo/v4"

	"unigrid/grids"
)

// PutLocation gives an object its place.
func (s *Server) PutLocation(c echo.Context, kind PutLocationParamsKind, code string) error {
	return grids.Errorf(grids.Unavailable, "", "尚未接通", "not connected yet")
}
