package api

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"io"
	"net/http"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/collections"
	"unigrid/grids/duty"
	"unigrid/grids/duty/board"
)

// GetBoard gives the responsibility board of a cell as a page to print.
func (s *Server) GetBoard(c echo.Context, code string, params GetBoardParams) error {
	return s.read(c, func(ctx context.Context, r reading) error {
		scope, err := collections.Resolve(ctx, r.tx, r.territory.id, collections.When{From: params.At, To: params.At}, 0, r.now)
		if err != nil {
			return err
		}
		t, err := cells.FindTerritory(ctx, r.tx, r.territory.code)
		if err != nil {
			return err
		}
		var page bytes.Buffer
		err = duty.Boards(ctx, r.tx, t, scope.Last, scope.At, grids.Code(code), false, func(b duty.Board) error {
			return board.Write(&page, b, paperOf(params.Paper), board.Address(s.publicURL(c), t.Code, b.Code))
		})
		if err != nil {
			return err
		}
		if done, err := s.fresh(c, scope.Last, page.String()); done || err != nil {
			return err
		}
		return c.HTMLBlob(http.StatusOK, page.Bytes())
	})
}

// GetBoardPages gives boards as a website in an archive.
func (s *Server) GetBoardPages(c echo.Context, code string, params GetBoardPagesParams) error {
	return download(c, func(w io.Writer) (name string, err error) {
		err = s.read(c, func(ctx context.Context, r reading) error {
			scope, err := collections.Resolve(ctx, r.tx, r.territory.id, collections.When{}, 0, r.now)
			if err != nil {
				return err
			}
			t, err := cells.FindTerritory(ctx, r.tx, r.territory.code)
			if err != nil {
				return err
			}
			packed := zip.NewWriter(w)
			site, err := board.InZip(packed, paperOf(params.Paper), s.publicURL(c), scope.At)
			if err != nil {
				return err
			}
			err = duty.Boards(ctx, r.tx, t, scope.Last, scope.At, grids.Code(code), params.Below != nil && *params.Below, func(b duty.Board) error {
				if name == "" {
					name = b.Name + grids.Text{ZH: "网格公示牌.zip", EN: " boards.zip"}.In(callOf(c).lang)
				}
				return site.Add(b)
			})
			if err != nil {
				return err
			}
			if err := site.Close(); err != nil {
				return err
			}
			return packed.Close()
		})
		return name, err
	})
}

// publicURL is the address by which the public reaches the service.
func (s *Server) publicURL(c echo.Context) string {
	return cmp.Or(s.options.PublicURL, callOf(c).origin)
}

func paperOf(p *Paper) board.Paper {
	if p != nil {
		return board.Paper(*p)
	}
	return board.A3
}

// GetDutySettings gives what boards say besides people, and the limits of duty.
func (s *Server) GetDutySettings(c echo.Context) error {
	return s.read(c, func(ctx context.Context, r reading) error {
		t, edition, err := inForce(ctx, r)
		if err != nil {
			return err
		}
		settings, err := duty.ReadSettings(ctx, r.tx, t, edition)
		if err != nil {
			return err
		}
		return sendJSON(c, http.StatusOK, mediaJSON, settings)
	})
}

// PatchDutySettings changes some of them.
func (s *Server) PatchDutySettings(c echo.Context) error {
	var change duty.Change
	if err := decode(c, &change); err != nil {
		return err
	}
	ctx := c.Request().Context()
	err := s.db.Tx(ctx, principal(c), func(tx pgx.Tx) error {
		r, err := s.locate(ctx, c, tx)
		if err != nil {
			return err
		}
		t, edition, err := inForce(ctx, r)
		if err != nil {
			return err
		}
		return duty.Set(ctx, tx, t, edition, principal(c), change)
	})
	if err != nil {
		return err
	}
	return s.GetDutySettings(c)
}

// inForce gives the request's territory and its edition in force.
func inForce(ctx context.Context, r reading) (cells.Territory, grids.EditionID, error) {
	t, err := cells.FindTerritory(ctx, r.tx, r.territory.code)
	if err != nil {
		return t, 0, err
	}
	scope, err := collections.Resolve(ctx, r.tx, r.territory.id, collections.When{}, 0, r.now)
	return t, scope.Last, err
}
