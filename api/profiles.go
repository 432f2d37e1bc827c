package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/importers"
)

// GetImportProfiles lists the profiles.
func (s *Server) GetImportProfiles(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	return s.read(c, func(ctx context.Context, r reading) error {
		t, err := cells.FindTerritory(ctx, r.tx, r.territory.code)
		if err != nil {
			return err
		}
		list, err := importers.ListProfiles(ctx, r.tx, t)
		if err != nil {
			return err
		}
		shown := ImportProfiles{Profiles: make([]ImportProfile, len(list))}
		for i, p := range list {
			shown.Profiles[i] = profileOf(p)
		}
		return sendJSON(c, http.StatusOK, mediaJSON, shown)
	})
}

// PutImportProfile keeps what was said of an import under a name.
func (s *Server) PutImportProfile(c echo.Context, name string) error {
	var body KeepProfile
	if err := decode(c, &body); err != nil {
		return err
	}
	name = strings.TrimSpace(name)
	if name == "" {
		return grids.Errorf(grids.Invalid, "name", "请给方案起个名称", "the profile needs a name")
	}
	var kept importers.Profile
	err := s.writeTerritory(c, func(ctx context.Context, tx pgx.Tx, t cells.Territory) error {
		imp, err := importers.Find(ctx, tx, t, body.Import)
		if err != nil {
			return err
		}
		if len(imp.Source.Columns) == 0 {
			return wrongState(imp, false, nil) // its headings aren't known
		}
		kept = importers.Profile{Name: name, Target: imp.Request.Target, Request: imp.Request, Headings: imp.Source.Headings()}
		kept.Request.Map = imp.Mapping // what was taken, proposed or said
		if err := importers.SaveProfile(ctx, tx, t, principal(c), kept); err != nil {
			return err
		}
		kept, err = importers.FindProfile(ctx, tx, t, name)
		return err
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, mediaJSON, profileOf(kept))
}

// DeleteImportProfile drops a profile.
func (s *Server) DeleteImportProfile(c echo.Context, name string) error {
	err := s.writeTerritory(c, func(ctx context.Context, tx pgx.Tx, t cells.Territory) error {
		return importers.DeleteProfile(ctx, tx, t, name)
	})
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func profileOf(p importers.Profile) ImportProfile {
	r := p.Request
	shown := ImportProfile{Name: p.Name, Target: Target(p.Target), Layer: optional(string(r.Layer)), Encoding: r.Source.Encoding, Crs: crsName(r.Source.EPSG), SwapAxes: r.Source.Swap,
		Map: orEmpty(r.Map), Publish: orNone(r.Publish), Headings: orNone(p.Headings)}
	if r.Tier > 0 {
		tier := int(r.Tier)
		shown.Tier = &tier
	}
	return shown
}
