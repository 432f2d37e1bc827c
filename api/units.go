package api

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"unigrid/grids/people"
)

// GetUnits lists organisation units and their kinds.
func (s *Server) GetUnits(c echo.Context) error {
	return s.staff(c, false, func(ctx context.Context, st staffing) error {
		kinds, err := people.UnitKinds(ctx, st.tx)
		if err != nil {
			return err
		}
		units, err := people.Units(ctx, st.tx, st.territory.id)
		if err != nil {
			return err
		}
		return sendJSON(c, http.StatusOK, mediaJSON, map[string]any{"kinds": kinds, "units": units})
	})
}

// PostUnit adds a unit.
func (s *Server) PostUnit(c echo.Context) error { return s.editUnit(c, http.StatusCreated, 0, nil) }

// PatchUnit changes a unit.
func (s *Server) PatchUnit(c echo.Context, id int64, params PatchUnitParams) error {
	return s.editUnit(c, http.StatusOK, id, params.IfMatch)
}

func (s *Server) editUnit(c echo.Context, status int, id int64, header *string) error {
	var body UnitEdit
	if err := decode(c, &body); err != nil {
		return err
	}
	e := people.UnitEdit{ID: people.UnitID(id), Known: knownVersion(header, body.Known), Name: body.Name, Kind: body.Kind, Division: body.Division, Rank: body.Rank}
	if body.Parent != nil {
		parent := people.UnitID(*body.Parent)
		e.Parent = &parent
	}
	var u people.Unit
	err := s.staff(c, true, func(ctx context.Context, st staffing) (err error) {
		u, err = people.EditUnit(ctx, st.tx, st.territory.id, e)
		return err
	})
	if err != nil {
		return unmatched(header, err)
	}
	return sendVersion(c, status, u.Version, u)
}

// DeleteUnit retires a unit.
func (s *Server) DeleteUnit(c echo.Context, id int64, params DeleteUnitParams) error {
	err := s.staff(c, true, func(ctx context.Context, st staffing) error {
		return people.RetireUnit(ctx, st.tx, st.territory.id, people.UnitID(id), knownVersion(params.IfMatch, nil))
	})
	if err != nil {
		return unmatched(params.IfMatch, err)
	}
	return c.NoContent(http.StatusNoContent)
}

// GetPosts lists posts in protocol order.
func (s *Server) GetPosts(c echo.Context, params GetPostsParams) error {
	return s.staff(c, false, func(ctx context.Context, st staffing) error {
		var unit people.UnitID
		if params.Unit != nil {
			unit = people.UnitID(*params.Unit)
		}
		list, err := people.UnitPosts(ctx, st.tx, st.territory.id, unit)
		if err != nil {
			return err
		}
		return sendJSON(c, http.StatusOK, mediaJSON, map[string]any{"posts": list})
	})
}

// PostPost adds a post.
func (s *Server) PostPost(c echo.Context) error { return s.editPost(c, http.StatusCreated, 0, nil) }

// PatchPost changes a post.
func (s *Server) PatchPost(c echo.Context, id int64, params PatchPostParams) error {
	return s.editPost(c, http.StatusOK, id, params.IfMatch)
}

func (s *Server) editPost(c echo.Context, status int, id int64, header *string) error {
	var body PostEdit
	if err := decode(c, &body); err != nil {
		return err
	}
	e := people.PostEdit{ID: people.PostID(id), Known: knownVersion(header, body.Known), Title: body.Title, Rank: body.Rank}
	if body.Unit != nil {
		e.Unit = people.UnitID(*body.Unit)
	}
	if body.Side != nil {
		side := string(*body.Side)
		e.Side = &side
	}
	var p people.UnitPost
	err := s.staff(c, true, func(ctx context.Context, st staffing) (err error) {
		p, err = people.EditPost(ctx, st.tx, st.territory.id, e)
		return err
	})
	if err != nil {
		return unmatched(header, err)
	}
	return sendVersion(c, status, p.Version, p)
}

// DeletePost retires a post.
func (s *Server) DeletePost(c echo.Context, id int64, params DeletePostParams) error {
	err := s.staff(c, true, func(ctx context.Context, st staffing) error {
		return people.RetirePost(ctx, st.tx, st.territory.id, people.PostID(id), knownVersion(params.IfMatch, nil))
	})
	if err != nil {
		return unmatched(params.IfMatch, err)
	}
	return c.NoContent(http.StatusNoContent)
}
