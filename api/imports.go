package api

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/cells"
	"unigrid/grids/jobs"
	"unigrid/importers"
)

// onImport is what a handler of one import works with.
type onImport struct {
	reading
	t    cells.Territory
	imp  importers.Import
	busy bool // work on it goes on or waits its turn
}

// readImport runs fn in a read-only transaction with an import of the request's
// territory.
func (s *Server) readImport(c echo.Context, id int64, fn func(context.Context, onImport) error) error {
	c.Response().Header().Set("Cache-Control", "no-store") // imports may hold personal data
	return s.read(c, func(ctx context.Context, r reading) error {
		o, err := findImport(ctx, r, id)
		if err != nil {
			return err
		}
		return fn(ctx, o)
	})
}

func findImport(ctx context.Context, r reading, id int64) (onImport, error) {
	o := onImport{reading: r}
	var err error
	if o.t, err = cells.FindTerritory(ctx, r.tx, r.territory.code); err != nil {
		return o, err
	}
	if o.imp, err = importers.Find(ctx, r.tx, o.t, id); err != nil {
		return o, err
	}
	o.busy, err = importBusy(ctx, r.tx, o.t, o.imp)
	return o, err
}

//go:embed import_busy.sql
var importBusySQL string

// importBusy tells whether work on an import goes on or waits its turn. The
// queue takes a moment to note that a job has ended: the import's state tells
// it sooner.
func importBusy(ctx context.Context, tx pgx.Tx, t cells.Territory, imp importers.Import) (bool, error) {
	switch imp.State {
	case importers.Reading, importers.Checking, importers.Applying:
		return true, nil
	}
	var busy bool
	if err := tx.QueryRow(ctx, importBusySQL, t.ID, imp.ID, imp.State).Scan(&busy); err != nil {
		return false, fmt.Errorf("jobs of import %d: %w", imp.ID, err)
	}
	return busy, nil
}

// sendImport answers with an import as it is now.
func (s *Server) sendImport(c echo.Context, status int, id int64) error {
	return s.readImport(c, id, func(ctx context.Context, o onImport) error {
		shown, err := s.showImport(ctx, c, o)
		if err != nil {
			return err
		}
		return sendJSON(c, status, mediaJSON, shown)
	})
}

// GetImports lists the imports.
func (s *Server) GetImports(c echo.Context, _ GetImportsParams) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	return s.read(c, func(ctx context.Context, r reading) error {
		t, err := cells.FindTerritory(ctx, r.tx, r.territory.code)
		if err != nil {
			return err
		}
		list, err := importers.List(ctx, r.tx, t, clampLimit(c.QueryParam("limit"), 100, 1000))
		if err != nil {
			return err
		}
		shown := Imports{Imports: make([]Import, len(list))}
		for i, imp := range list {
			shown.Imports[i] = importOf(imp, callOf(c).lang)
		}
		return sendJSON(c, http.StatusOK, mediaJSON, shown)
	})
}

// GetImport gives one import.
func (s *Server) GetImport(c echo.Context, id ImportId) error {
	return s.sendImport(c, http.StatusOK, id)
}

// PostImport makes an import of an uploaded file and has it read.
func (s *Server) PostImport(c echo.Context) error {
	var body NewImport
	if err := decode(c, &body); err != nil {
		return err
	}
	if s.uploads == nil {
		return errNoUploads
	}
	if err := s.mayTake(c, importers.Request{Target: importers.Target(body.Target), Layer: grids.LayerCode(value(body.Layer))}); err != nil {
		return err
	}
	if err := s.canWork(); err != nil {
		return err
	}
	place := callOf(c).baseURL() + "/v1/imports/"
	var made importers.Import
	err := s.writeTerritory(c, func(ctx context.Context, tx pgx.Tx, t cells.Territory) error {
		info, err := s.uploads.finished(ctx, body.Upload, string(t.Code))
		if err != nil {
			return err
		}
		request := importers.Request{Upload: info.ID, Name: info.MetaData[metaFile], Target: importers.Target(body.Target), Provenance: "imported", Keep: s.options.KeepImports}
		if name := fileName(value(body.File)); name != "" {
			request.Name = name
		}
		request, err = changeRequest(ctx, tx, t, importers.Import{Request: request}, ImportChange{
			Tier: body.Tier, Layer: body.Layer, Profile: body.Profile, Encoding: body.Encoding, Crs: body.Crs, SwapAxes: body.SwapAxes, Sheet: body.Sheet})
		if err != nil {
			return err
		}
		if err := s.mayTake(c, request); err != nil { // a profile may say another target
			return err
		}
		made, err = importers.Receive(ctx, tx, s.options.Jobs, principal(c), t, request)
		return err
	})
	var used *importers.UsedError
	if errors.As(err, &used) {
		c.Response().Header().Set("Location", place+strconv.FormatInt(used.Import, 10))
	}
	if err != nil {
		return err
	}
	c.Response().Header().Set("Location", place+strconv.FormatInt(made.ID, 10))
	return s.sendImport(c, http.StatusCreated, made.ID)
}

// PatchImport takes another word about a file and has it read or checked again.
func (s *Server) PatchImport(c echo.Context, id ImportId) error {
	text, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return badBody(err)
	}
	var body ImportChange
	var given map[string]json.RawMessage
	if err := json.Unmarshal(text, &body); err != nil {
		return badBody(err)
	}
	if err := json.Unmarshal(text, &given); err != nil {
		return badBody(err)
	}
	if err := s.canWork(); err != nil {
		return err
	}
	err = s.writeTerritory(c, func(ctx context.Context, tx pgx.Tx, t cells.Territory) error {
		imp, err := importers.Find(ctx, tx, t, id)
		if err != nil {
			return err
		}
		if imp.State == importers.Applying || imp.State == importers.Applied || imp.State == importers.Undone {
			return wrongState(imp, false, nil)
		}
		if raw, ok := given["personal"]; ok && string(raw) == "null" {
			imp.Request.Personal = nil
		}
		request, err := changeRequest(ctx, tx, t, imp, body)
		if err != nil {
			return err
		}
		if err := s.mayTake(c, request); err != nil {
			return err
		}
		return importers.Rework(ctx, tx, s.options.Jobs, principal(c), t, id, request)
	})
	if err != nil {
		return err
	}
	return s.sendImport(c, http.StatusAccepted, id)
}

// PostImportApply has a checked import applied.
func (s *Server) PostImportApply(c echo.Context, id ImportId) error {
	if err := s.canWork(); err != nil {
		return err
	}
	err := s.writeTerritory(c, func(ctx context.Context, tx pgx.Tx, t cells.Territory) error {
		imp, err := importers.Find(ctx, tx, t, id)
		if err != nil {
			return err
		}
		if err := s.mayTake(c, imp.Request); err != nil {
			return err
		}
		if imp, err = idle(ctx, tx, t, id, importers.Ready, importers.Failed); err != nil {
			return err
		}
		if imp.Report == nil { // it failed before it was checked
			return wrongState(imp, false, nil)
		}
		return s.options.Jobs.AskTx(ctx, tx, jobs.Apply{Import: jobs.Import{Territory: t.ID, ID: id, Who: principal(c)}})
	})
	if err != nil {
		return err
	}
	return s.sendImport(c, http.StatusAccepted, id)
}

// PostImportUndo takes an applied import back.
func (s *Server) PostImportUndo(c echo.Context, id ImportId) error {
	var t cells.Territory
	err := s.writeTerritory(c, func(ctx context.Context, tx pgx.Tx, found cells.Territory) error {
		t = found
		_, err := idle(ctx, tx, t, id, importers.Applied)
		return err
	})
	if err != nil {
		return err
	}
	if _, err := importers.Undo(c.Request().Context(), s.db, principal(c), t, id); err != nil {
		return err
	}
	return s.sendImport(c, http.StatusOK, id)
}

// DeleteImport drops an import, or what is kept of one that was applied.
func (s *Server) DeleteImport(c echo.Context, id ImportId) error {
	var t cells.Territory
	err := s.writeTerritory(c, func(_ context.Context, _ pgx.Tx, found cells.Territory) error {
		t = found
		return nil
	})
	if err != nil {
		return err
	}
	if err := importers.Delete(c.Request().Context(), s.db, principal(c), t, id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// canWork refuses what needs a queue of jobs where there is none.
func (s *Server) canWork() error {
	if s.options.Jobs == nil {
		return grids.Errorf(grids.Unavailable, "", "本服务不处理导入", "this service does no work on imports")
	}
	return nil
}

// idle finds an import in one of some states, on which no work waits. Two
// requests for one import take turns until their transactions end.
func idle(ctx context.Context, tx pgx.Tx, t cells.Territory, id int64, states ...importers.State) (importers.Import, error) {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, fmt.Sprintf("unigrid import request %d %d", t.ID, id)); err != nil {
		return importers.Import{}, fmt.Errorf("turn of import %d: %w", id, err)
	}
	imp, err := importers.Find(ctx, tx, t, id)
	if err != nil {
		return imp, err
	}
	busy, err := importBusy(ctx, tx, t, imp)
	if err != nil {
		return imp, err
	}
	return imp, wrongState(imp, busy, states)
}

// utc gives an instant as answers have it.
func utc(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	u := at.UTC()
	return &u
}

// mayTake refuses who may not take in rows as a request says.
func (s *Server) mayTake(c echo.Context, r importers.Request) error {
	return s.mayToo(c, actionOfTarget(r.Target), r.Layer)
}

// actionOfTarget is what taking in rows of a target asks for, beside
// imports.make.
func actionOfTarget(target importers.Target) access.Action {
	switch target {
	case importers.Cells:
		return "draft.edit"
	case importers.LayerCells:
		return "layers.edit"
	case importers.People:
		return "people.edit"
	case importers.Assignments:
		return "assignments.edit"
	}
	return "objects.edit"
}
