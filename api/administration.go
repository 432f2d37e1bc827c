package api

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/people"
)

// GetAdministrations lists cells that another than their parent administers.
func (s *Server) GetAdministrations(c echo.Context, params GetAdministrationsParams) error {
	return s.staff(c, false, func(ctx context.Context, st staffing) error {
		var of []grids.CellID
		if params.Cell != nil {
			cell, err := st.cell(ctx, "cell", *params.Cell, true)
			if err != nil {
				return err
			}
			if of, err = st.below(ctx, cell); err != nil {
				return err
			}
		}
		list, err := people.Administrations(ctx, st.tx, st.territory.id, st.edition, of, params.At)
		if err != nil {
			return err
		}
		return sendJSON(c, http.StatusOK, mediaJSON, map[string]any{"administrations": list})
	})
}

// PostAdministration gives a cell to another to administer.
func (s *Server) PostAdministration(c echo.Context) error {
	var body NewAdministration
	if err := decode(c, &body); err != nil {
		return err
	}
	e := people.Entrusting{Unit: value(body.Unit), From: body.From, To: body.To, Reason: value(body.Reason)}
	if e.Unit == 0 && body.By == nil {
		return grids.Errorf(grids.Invalid, "by", "要写明由哪个网格或单位管理", "say which cell or unit administers it")
	}
	var made people.Administration
	err := s.staff(c, true, func(ctx context.Context, st staffing) (err error) {
		if e.Cell, err = st.cell(ctx, "cell", body.Cell, false); err != nil {
			return err
		}
		if body.By != nil {
			if e.By, err = st.cell(ctx, "by", *body.By, false); err != nil {
				return err
			}
		}
		made, err = people.Entrust(ctx, st.tx, st.territory.id, st.edition, e)
		return err
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusCreated, mediaJSON, made)
}

// PostAdministrationEnd ends it.
func (s *Server) PostAdministrationEnd(c echo.Context, id int64) error {
	var body AdministrationEnd
	if err := decode(c, &body); err != nil {
		return err
	}
	var ended people.Administration
	err := s.staff(c, true, func(ctx context.Context, st staffing) (err error) {
		ended, err = people.EndEntrusting(ctx, st.tx, st.territory.id, st.edition, id, body.At)
		return err
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, mediaJSON, ended)
}
