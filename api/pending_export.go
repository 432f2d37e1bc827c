package api

import (
	"github.com/labstack/echo/v4"

	"unigrid/grids"
)

// GetExport stands in until exports are built.
func (s *Server) GetExport(echo.Context, string, GetExportParams) error {
	return grids.Errorf(grids.Unavailable, "", "尚不支持导出", "exports are not built yet")
}
