package api

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/layers"
)

// GetLayers lists the departments' layers.
func (s *Server) GetLayers(c echo.Context) error {
	return s.read(c, func(ctx context.Context, r reading) error {
		list, err := layers.List(ctx, r.tx, r.territory.id)
		if err != nil {
			return err
		}
		return uncached(c, map[string]any{"layers": list})
	})
}

// PostLayer adds a layer.
func (s *Server) PostLayer(c echo.Context) error {
	var body NewLayer
	if err := decode(c, &body); err != nil {
		return err
	}
	return s.saveLayer(c, http.StatusCreated, grids.LayerCode(body.Code), LayerChange{Name: &body.Name, Department: body.Department, DepartmentEn: body.DepartmentEn,
		Colour: body.Colour, Geometry: body.Geometry, Rank: body.Rank})
}

// PatchLayer changes a layer.
func (s *Server) PatchLayer(c echo.Context, code string) error {
	var body LayerChange
	if err := decode(c, &body); err != nil {
		return err
	}
	return s.saveLayer(c, http.StatusOK, grids.LayerCode(code), body)
}

// saveLayer adds a layer, for 201, or changes one.
func (s *Server) saveLayer(c echo.Context, status int, code grids.LayerCode, change LayerChange) error {
	var saved layers.Layer
	err := s.write(c, func(ctx context.Context, r reading) error {
		layer, err := layers.Find(ctx, r.tx, r.territory.id, code)
		switch there := err == nil; {
		case there && status == http.StatusCreated:
			return grids.Errorf(grids.Conflict, "code", "条线 %s 已存在", "there is a layer %s already", code)
		case !there && (status != http.StatusCreated || !grids.IsKind(err, grids.NotFound)):
			return err
		}
		layer.Code = code
		if change.Name != nil {
			layer.Name = grids.Text{ZH: change.Name.Zh, EN: change.Name.En}
		}
		if change.Department != nil {
			layer.Department = *change.Department
		}
		if change.DepartmentEn != nil {
			layer.DepartmentEN = *change.DepartmentEn
		}
		if change.Colour != nil {
			layer.Colour = *change.Colour
		}
		if change.Geometry != nil {
			layer.Geometry = layers.Geometry(*change.Geometry)
		}
		if change.Rank != nil {
			layer.Rank = *change.Rank
		}
		if err := layers.Add(ctx, r.tx, r.territory.id, layer); err != nil {
			return err
		}
		saved, err = layers.Find(ctx, r.tx, r.territory.id, code)
		return err
	})
	if err != nil {
		return err
	}
	return sendJSON(c, status, mediaJSON, saved)
}
