package api

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"unigrid/grids"
	"unigrid/grids/collections"
	"unigrid/importers"
)

// staged refuses rows of an import that are not read yet, or gone by now.
func (o onImport) staged() error {
	switch {
	case o.imp.State == importers.Received, o.imp.State == importers.Reading:
		return wrongState(o.imp, true, nil)
	case o.imp.ExpiresAt != nil && o.imp.ExpiresAt.Before(o.now):
		return grids.Errorf(grids.NotFound, "id", "第 %[1]d 次导入的文件和行已于 %[2]s 删除", "the file and rows of import %[1]d were deleted on %[2]s",
			o.imp.ID, o.imp.ExpiresAt.UTC().Format(time.DateOnly)).
			Fix("需要时重新上传", "upload the file again if they are needed")
	}
	return nil
}

// own tells whether who asks sent the import: others don't read the telephone numbers
// in it.
func (o onImport) own(c echo.Context) bool { return principal(c).Name == o.imp.CreatedBy }

// page gives which part of a list is asked for.
func page(c echo.Context, offset *Offset) (from, limit int) {
	if offset != nil {
		from = *offset
	}
	return from, clampLimit(c.QueryParam("limit"), 100, 1000)
}

// GetImportRows gives rows of the file as they were read.
func (s *Server) GetImportRows(c echo.Context, id ImportId, params GetImportRowsParams) error {
	offset, limit := page(c, params.Offset)
	return s.readImport(c, id, func(ctx context.Context, o onImport) error {
		if err := o.staged(); err != nil {
			return err
		}
		rows, total, err := importers.Rows(ctx, o.tx, o.t, id, offset, limit)
		if err != nil {
			return err
		}
		if !o.own(c) {
			for _, row := range rows {
				row.Mask()
			}
		}
		if rows == nil {
			rows = []importers.StagedRow{}
		}
		return sendJSON(c, http.StatusOK, mediaJSON, map[string]any{"rows": rows, "total": total})
	})
}

// GetImportFeatures gives rows of the file on the map.
func (s *Server) GetImportFeatures(c echo.Context, id ImportId, params GetImportFeaturesParams) error {
	var box *orb.Bound
	if params.Bbox != nil {
		b, err := collections.ParseBBox(c.QueryParam("bbox"))
		if err != nil {
			return err
		}
		box = &orb.Bound{Min: orb.Point{b[0], b[1]}, Max: orb.Point{b[2], b[3]}}
	}
	limit := clampLimit(c.QueryParam("limit"), 2000, 10000)
	return s.readImport(c, id, func(ctx context.Context, o onImport) error {
		if err := o.staged(); err != nil {
			return err
		}
		list, more, err := importers.Features(ctx, o.tx, o.t, id, box, limit)
		if err != nil {
			return err
		}
		shown := struct {
			Type     string             `json:"type"`
			More     bool               `json:"more"`
			Features []*geojson.Feature `json:"features"`
		}{"FeatureCollection", more, make([]*geojson.Feature, len(list))}
		for i, f := range list {
			shown.Features[i] = &geojson.Feature{Type: "Feature", ID: f.Row, Geometry: f.Geometry,
				Properties: geojson.Properties{"row": f.Row, "name": f.Name, "rejected": f.Rejected}}
		}
		return sendJSON(c, http.StatusOK, mediaGeoJSON, shown)
	})
}

// GetImportFindings gives what is wrong with rows.
func (s *Server) GetImportFindings(c echo.Context, id ImportId, params GetImportFindingsParams) error {
	offset, limit := page(c, params.Offset)
	return s.readImport(c, id, func(ctx context.Context, o onImport) error {
		found, total, kinds, err := importers.Findings(ctx, o.tx, o.t, id, c.QueryParam("severity"), c.QueryParam("kind"), offset, limit)
		if err != nil {
			return err
		}
		if found == nil {
			found = []grids.Finding{}
		}
		if kinds == nil {
			kinds = map[string]int{}
		}
		return sendJSON(c, http.StatusOK, mediaJSON, map[string]any{"findings": found, "total": total, "kinds": kinds})
	})
}

// GetImportDifferences gives what applying would change, or has changed.
func (s *Server) GetImportDifferences(c echo.Context, id ImportId, params GetImportDifferencesParams) error {
	offset, limit := page(c, params.Offset)
	return s.readImport(c, id, func(ctx context.Context, o onImport) error {
		list, total, err := importers.Differences(ctx, o.tx, o.t, id, offset, limit)
		if err != nil {
			return err
		}
		if list == nil {
			list = []grids.Difference{}
		}
		answer := map[string]any{"differences": list, "total": total, "created": 0, "changed": 0, "retired": 0, "unchanged": 0}
		if r := o.imp.Report; r != nil {
			answer["created"], answer["changed"], answer["retired"], answer["unchanged"] = r.Created, r.Changed, r.Retired, r.Unchanged
		}
		return sendJSON(c, http.StatusOK, mediaJSON, answer)
	})
}

// GetImportTargets gives what rows may become.
func (s *Server) GetImportTargets(c echo.Context) error {
	type target struct {
		Target importers.Target  `json:"target"`
		Label  grids.Text        `json:"label"`
		Fields []importers.Field `json:"fields"`
	}
	var list []target
	for _, t := range importers.Targets() {
		list = append(list, target{t, t.Label(), t.Fields()})
	}
	return sendJSON(c, http.StatusOK, mediaJSON, map[string]any{"targets": list})
}
