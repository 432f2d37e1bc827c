package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/collections"
	"unigrid/importers/export"
	"unigrid/importers/source/scratch"
)

// mostExports is how many exports are made at once; each holds a connection to
// the database for as long as it takes.
const mostExports = 2

// GetExportChoices gives what can be downloaded.
func (s *Server) GetExportChoices(c echo.Context) error {
	return s.read(c, func(ctx context.Context, r reading) error {
		t, err := cells.FindTerritory(ctx, r.tx, r.territory.code)
		if err != nil {
			return err
		}
		choices, err := export.ListChoices(ctx, r.tx, t)
		if err != nil {
			return err
		}
		return sendJSON(c, http.StatusOK, mediaJSON, choices)
	})
}

// GetExport gives a collection as a file. The file is whole before the answer
// begins, and the database is free again.
func (s *Server) GetExport(c echo.Context, collection string, params GetExportParams) error {
	request, err := exportRequest(c, collection, params)
	if err != nil {
		return err
	}
	folder, err := scratch.New()
	if err != nil {
		return err
	}
	defer folder.Remove()
	result, err := s.makeExport(c, request, folder.Path)
	if err != nil {
		return err
	}
	if request.Format == export.Shapefile {
		return download(c, func(w io.Writer) (string, error) {
			return result.Title + ".zip", export.Pack(w, folder.Path, result.Files)
		})
	}
	file, err := os.Open(filepath.Join(folder.Path, result.Files[0]))
	if err != nil {
		return fmt.Errorf("file to download: %w", err)
	}
	defer file.Close()
	return sendFile(c, file, result.Files[0])
}

// makeExport writes an export into a folder, once there is a place for it.
func (s *Server) makeExport(c echo.Context, request export.Request, folder string) (result export.Result, err error) {
	select {
	case s.exports <- struct{}{}:
		defer func() { <-s.exports }()
	case <-c.Request().Context().Done():
		return result, c.Request().Context().Err()
	}
	err = s.read(c, func(ctx context.Context, r reading) error {
		t, err := cells.FindTerritory(ctx, r.tx, r.territory.code)
		if err != nil {
			return err
		}
		result, err = export.Write(ctx, r.tx, t, request, r.now, folder, "", nil)
		return err
	})
	return result, err
}

func exportRequest(c echo.Context, collection string, params GetExportParams) (export.Request, error) {
	r := export.Request{Collection: collection, Format: export.Format(params.Format), Layer: grids.LayerCode(value(params.Layer)), Encoding: value(params.Encoding)}
	if params.Tier != nil {
		r.Tier = grids.Tier(*params.Tier)
	}
	if params.Original != nil {
		r.Original = *params.Original
	}
	when, err := collections.ParseWhen(c.QueryParam("datetime"))
	if err != nil {
		return r, err
	}
	if when.Interval {
		e := grids.Errorf(grids.Invalid, "datetime", "导出的是一个时刻的情况,不是一段时间", "an export shows an instant, not a period")
		e.Value = c.QueryParam("datetime")
		return r, e.Fix("只写一个时刻,如 2026-01-02T03:04:05Z", "give one instant, such as 2026-01-02T03:04:05Z")
	}
	r.At = when.From
	if params.Crs != nil {
		if r.EPSG, err = strconv.Atoi(strings.TrimPrefix(*params.Crs, "EPSG:")); err != nil {
			return r, grids.Errorf(grids.Invalid, "crs", "坐标系 %q 无法识别", "CRS %q is not understood", *params.Crs)
		}
	}
	return r, nil
}

// exportProblem adds which characters an encoding lacks.
func exportProblem(p *Problem, err error) {
	var lacking *export.LackingError
	if !errors.As(err, &lacking) {
		return
	}
	list := make([]LackingValue, len(lacking.List))
	for i, l := range lacking.List {
		list[i] = LackingValue{Row: l.Row, Code: l.Code, Field: l.Field, Value: l.Value, Character: l.Character}
	}
	p.Status, p.Lacking = http.StatusUnprocessableEntity, &list
}
