package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"os"
	"path"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/editions"
	"unigrid/grids/people"
)

// readDraft runs fn on the open draft, which it doesn't change.
func (s *Server) readDraft(c echo.Context, fn func(context.Context, drafting) error) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	return s.read(c, func(ctx context.Context, r reading) error {
		t, err := cells.FindTerritory(ctx, r.tx, r.territory.code)
		if err != nil {
			return err
		}
		draft, err := editions.OpenDraft(ctx, r.tx, t)
		if err != nil {
			return err
		}
		return fn(ctx, drafting{tx: r.tx, t: t, edition: draft.Seq, who: principal(c)})
	})
}

// GetDraftGate lists the conditions for publishing the draft.
func (s *Server) GetDraftGate(c echo.Context) error {
	return s.readDraft(c, func(ctx context.Context, d drafting) error {
		conditions, err := editions.Gate(ctx, d.tx, d.t, d.edition)
		if err != nil {
			return err
		}
		lang := callOf(c).lang
		list := make([]GateCondition, len(conditions))
		for i, x := range conditions {
			list[i] = GateCondition{Check: GateConditionCheck(x.Check), Met: x.Met, Required: x.Required, Detail: x.Detail.In(lang), Fix: x.Fix.In(lang),
				Count: x.Count, Places: codeTexts(x.Places)}
		}
		return sendJSON(c, http.StatusOK, mediaJSON, list)
	})
}

func codeTexts(list []grids.Code) []string {
	texts := make([]string, len(list))
	for i, code := range list {
		texts[i] = string(code)
	}
	return texts
}

// partyOf is a party as the API shows it.
func partyOf(p editions.Party, lang string) Party {
	shown := Party{Name: p.Name.In(lang)}
	switch {
	case p.Unit != 0:
		unit := int64(p.Unit)
		shown.Unit = &unit
	case p.Layer != "":
		layer := string(p.Layer)
		shown.Layer = &layer
	default:
		role := string(p.Role)
		shown.Role = &role
	}
	return shown
}

func partiesOf(list []editions.Party, lang string) []Party {
	shown := make([]Party, len(list))
	for i, p := range list {
		shown[i] = partyOf(p, lang)
	}
	return shown
}

// party is a party that was asked for.
func (w WantedParty) party() editions.Party {
	return editions.Party{Unit: people.UnitID(value(w.Unit)), Layer: grids.LayerCode(value(w.Layer)), Role: grids.Role(value(w.Role))}
}

// GetPublicationSettings tells what a draft needs to be published.
func (s *Server) GetPublicationSettings(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	return s.read(c, func(ctx context.Context, r reading) error {
		return s.sendSettings(ctx, c, r.tx, cells.Territory{ID: r.territory.id}, time.Time{})
	})
}

// sendSettings sends those in force at an instant (zero: now), and those to come.
func (s *Server) sendSettings(ctx context.Context, c echo.Context, tx pgx.Tx, t cells.Territory, at time.Time) error {
	now, err := editions.ReadSettings(ctx, tx, t, at)
	if err != nil {
		return err
	}
	planned, err := editions.PlannedSettings(ctx, tx, t, at)
	if err != nil {
		return err
	}
	shown := settingsOf(now, callOf(c).lang)
	next := make([]PublicationSettings, len(planned))
	for i, s := range planned {
		next[i] = settingsOf(s, callOf(c).lang)
	}
	shown.Next = &next
	return sendJSON(c, http.StatusOK, mediaJSON, shown)
}

func settingsOf(s editions.Settings, lang string) PublicationSettings {
	shown := PublicationSettings{SignOffs: partiesOf(s.SignOffs, lang), Decision: s.Decision, Scan: s.Scan, Assigned: s.Assigned, SetBy: s.SetBy,
		Office: Letterhead{Zh: s.Office.ZH, En: s.Office.EN}, Addressee: Letterhead{Zh: s.Addressee.ZH, En: s.Addressee.EN}}
	if !s.Since.IsZero() {
		since := s.Since.UTC()
		shown.Since = &since
	}
	return shown
}

// PutPublicationSettings says what a draft needs to be published, from now on or
// later.
func (s *Server) PutPublicationSettings(c echo.Context) error {
	var body PublicationSettingsChange
	if err := decode(c, &body); err != nil {
		return err
	}
	wanted := editions.Settings{Decision: value(body.Decision), Scan: value(body.Scan), Assigned: value(body.Assigned)}
	if body.Since != nil {
		wanted.Since = *body.Since
	}
	for _, name := range []struct {
		given *Letterhead
		is    *grids.Text
	}{{body.Office, &wanted.Office}, {body.Addressee, &wanted.Addressee}} {
		if name.given != nil {
			*name.is = grids.Text{ZH: strings.TrimSpace(name.given.Zh), EN: strings.TrimSpace(name.given.En)}
		}
	}
	for _, p := range value(body.SignOffs) {
		wanted.SignOffs = append(wanted.SignOffs, p.party())
	}
	return s.writeTerritory(c, func(ctx context.Context, tx pgx.Tx, t cells.Territory) error {
		since, err := editions.SetSettings(ctx, tx, t, wanted)
		if err != nil {
			return err
		}
		return s.sendSettings(ctx, c, tx, t, since)
	})
}

// DeletePublicationSettings takes back what is set for later.
func (s *Server) DeletePublicationSettings(c echo.Context, params DeletePublicationSettingsParams) error {
	return s.writeTerritory(c, func(ctx context.Context, tx pgx.Tx, t cells.Territory) error {
		if err := editions.WithdrawSettings(ctx, tx, t, params.Since); err != nil {
			return err
		}
		return s.sendSettings(ctx, c, tx, t, time.Time{})
	})
}

// GetDraftSignOffs lists who signed the draft, who has to, and what state it is
// in.
func (s *Server) GetDraftSignOffs(c echo.Context) error { return s.readDraft(c, s.sendSignOffs(c)) }

func (s *Server) sendSignOffs(c echo.Context) func(context.Context, drafting) error {
	return func(ctx context.Context, d drafting) error {
		state, err := editions.DraftState(ctx, d.tx, d.t, d.edition)
		if err != nil {
			return err
		}
		settings, err := editions.ReadSettings(ctx, d.tx, d.t, time.Time{})
		if err != nil {
			return err
		}
		list, err := editions.SignOffs(ctx, d.tx, d.t, d.edition)
		if err != nil {
			return err
		}
		shown := SignOffs{Edition: int(d.edition), State: state, Required: partiesOf(settings.SignOffs, callOf(c).lang), SignOffs: make([]SignOff, len(list))}
		for i, x := range list {
			shown.SignOffs[i] = SignOff{Id: x.ID, Party: partyOf(x.Party, callOf(c).lang), State: x.State, Stale: x.Stale, Note: x.Note, By: x.By, At: x.At.UTC()}
			if x.WithdrawnAt != nil {
				at := x.WithdrawnAt.UTC()
				shown.SignOffs[i].WithdrawnAt, shown.SignOffs[i].WithdrawnBy, shown.SignOffs[i].WithdrawnReason = &at, &x.WithdrawnBy, &x.WithdrawnReason
			}
		}
		return sendJSON(c, http.StatusOK, mediaJSON, shown)
	}
}

// PostDraftSignOff signs the draft for a party.
func (s *Server) PostDraftSignOff(c echo.Context) error {
	var body SignOffRequest
	if err := decode(c, &body); err != nil {
		return err
	}
	return s.inDraft(c, false, func(ctx context.Context, d drafting) error {
		if _, err := editions.Sign(ctx, d.tx, d.t, d.edition, body.Party.party(), value(body.State), value(body.Note)); err != nil {
			return err
		}
		return s.sendSignOffs(c)(ctx, d)
	})
}

// DeleteDraftSignOff takes a sign-off back.
func (s *Server) DeleteDraftSignOff(c echo.Context, params DeleteDraftSignOffParams) error {
	return s.inDraft(c, false, func(ctx context.Context, d drafting) error {
		if err := editions.Withdraw(ctx, d.tx, d.t, d.edition, params.Id, params.Reason); err != nil {
			return err
		}
		return s.sendSignOffs(c)(ctx, d)
	})
}

// GetDraftVacancies lists the cells of the draft that would have nobody of their
// own.
func (s *Server) GetDraftVacancies(c echo.Context) error { return s.readDraft(c, s.sendVacancies(c)) }

func (s *Server) sendVacancies(c echo.Context) func(context.Context, drafting) error {
	return func(ctx context.Context, d drafting) error {
		list, err := editions.Unassigned(ctx, d.tx, d.t, d.edition, time.Now())
		if err != nil {
			return err
		}
		shown := DraftVacancies{Vacancies: []VacantCell{}}
		for _, v := range list {
			shown.Vacancies = append(shown.Vacancies, VacantCell{Code: string(v.Code), Name: v.Name})
		}
		return sendJSON(c, http.StatusOK, mediaJSON, shown)
	}
}

// PostDraftVacancies accepts vacancies by name.
func (s *Server) PostDraftVacancies(c echo.Context) error {
	var body AcceptedVacancies
	if err := decode(c, &body); err != nil {
		return err
	}
	codes := make([]grids.Code, len(body.Cells))
	for i, code := range body.Cells {
		codes[i] = grids.Code(code)
	}
	return s.inDraft(c, false, func(ctx context.Context, d drafting) error {
		if err := editions.AcceptVacancies(ctx, d.tx, d.t, d.edition, codes, body.Reason); err != nil {
			return err
		}
		return s.sendVacancies(c)(ctx, d)
	})
}

func decisionOf(d editions.Decision) Decision {
	shown := Decision{DocumentNo: d.DocumentNo, Date: d.Date, By: d.By, At: d.At.UTC()}
	if d.Scan != nil {
		shown.Scan = &Scan{Name: d.Scan.Name, Media: d.Scan.Media, Size: d.Scan.Size, Sha256: d.Scan.SHA256}
	}
	return shown
}

// scan gives name and bytes of a finished upload.
func (s *Server) scan(ctx context.Context, t cells.Territory, upload string) (name string, content []byte, err error) {
	info, err := s.uploads.finished(ctx, upload, string(t.Code))
	if err != nil {
		return "", nil, err
	}
	if info.Size > editions.MaxScan {
		return "", nil, grids.Errorf(grids.TooMuch, "upload", "扫描件超过 %s", "a scan has at most %s", sizeText(editions.MaxScan))
	}
	if content, err = os.ReadFile(s.uploads.path(info.ID)); err != nil {
		return "", nil, fmt.Errorf("upload %s: %w", info.ID, err)
	}
	return info.MetaData[metaFile], content, nil
}

// forgetScan deletes an upload that the database has now; what is left over is
// deleted by its age.
func (s *Server) forgetScan(c echo.Context, upload *string) {
	if upload == nil {
		return
	}
	ctx := c.Request().Context()
	if err := s.uploads.remove(ctx, path.Base(*upload)); err != nil {
		s.log.WarnContext(ctx, "upload not deleted", "err", err)
	}
}

// PutDraftDecision records by what the draft is to be issued, and keeps the scan
// where one was uploaded.
func (s *Server) PutDraftDecision(c echo.Context) error {
	var body DecisionRequest
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Upload != nil && s.uploads == nil {
		return errNoUploads
	}
	var recorded *editions.Decision
	err := s.inDraft(c, false, func(ctx context.Context, d drafting) error {
		if err := editions.Decide(ctx, d.tx, d.t, d.edition, body.DocumentNo, body.Date); err != nil {
			return err
		}
		if body.Upload != nil {
			name, content, err := s.scan(ctx, d.t, *body.Upload)
			if err != nil {
				return err
			}
			if err := editions.Attach(ctx, d.tx, d.t, d.edition, name, content); err != nil {
				return err
			}
		}
		var err error
		recorded, err = editions.ReadDecision(ctx, d.tx, d.t, d.edition)
		return err
	})
	if err != nil {
		return err
	}
	s.forgetScan(c, body.Upload)
	return sendJSON(c, http.StatusOK, mediaJSON, decisionOf(*recorded))
}

// GetEditionDecision tells by what an edition, or the draft, was issued.
func (s *Server) GetEditionDecision(c echo.Context, seq int32) error {
	return s.read(c, func(ctx context.Context, r reading) error {
		d, err := editions.ReadDecision(ctx, r.tx, cells.Territory{ID: r.territory.id}, grids.EditionID(seq))
		if err != nil {
			return err
		}
		if d == nil {
			return grids.Errorf(grids.NotFound, "seq", "版本 %d 没有登记文号", "no document number is recorded for edition %d", seq)
		}
		return uncached(c, decisionOf(*d))
	})
}

// GetEditionScan gives the scan of an edition's decision.
func (s *Server) GetEditionScan(c echo.Context, seq int32) error {
	return s.read(c, func(ctx context.Context, r reading) error {
		scan, err := editions.ReadScan(ctx, r.tx, cells.Territory{ID: r.territory.id}, grids.EditionID(seq))
		if err != nil {
			return err
		}
		end := map[string]string{"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}[scan.Media]
		name := cmp.Or(strings.TrimSuffix(scan.Name, ending(scan.Name)), fmt.Sprint(seq)) + end
		attach(c, name)
		return c.Blob(http.StatusOK, scan.Media, scan.Content)
	})
}

// PostEditionRestore publishes an earlier edition anew.
func (s *Server) PostEditionRestore(c echo.Context, seq int32) error {
	var body Restore
	if err := decode(c, &body); err != nil {
		return err
	}
	if body.Upload != nil && s.uploads == nil {
		return errNoUploads
	}
	if value(body.Unlock) != "" {
		if err := s.mayToo(c, "boundaries.unlock", ""); err != nil {
			return err
		}
	}
	r := editions.Return{Reason: body.Reason, Unlock: value(body.Unlock), DocumentNo: value(body.DocumentNo), Date: value(body.Date)}
	var shown RestoredEdition
	err := s.writeTerritory(c, func(ctx context.Context, tx pgx.Tx, t cells.Territory) (err error) {
		if body.Upload != nil {
			if r.ScanName, r.Scan, err = s.scan(ctx, t, *body.Upload); err != nil {
				return err
			}
		}
		edition, done, err := editions.Restore(ctx, tx, t, grids.EditionID(seq), principal(c), r)
		if err != nil {
			return err
		}
		shown = RestoredEdition{Edition: int(edition.Seq), Restores: int(seq), Effective: edition.Effective.UTC(), Back: done.Back, Gone: done.Gone, Changed: done.Changed}
		return nil
	})
	if err != nil {
		return err
	}
	s.forgetScan(c, body.Upload)
	return sendJSON(c, http.StatusOK, mediaJSON, shown)
}
