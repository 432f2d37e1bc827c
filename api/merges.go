package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/merge"
)

// merged is Merge as the room has it.
type merged struct {
	RunID int64 `json:"run"`
	merge.Run
	merge.Tally
	ID        *struct{} `json:"id,omitempty"`
	Conflicts *struct{} `json:"conflicts,omitempty"`
	Unsettled *struct{} `json:"unsettled,omitempty"`
	Blocking  *struct{} `json:"blocking,omitempty"`
	Draft     bool      `json:"draft"`
}

// GetCurrentMerge gives the newest merge and how far its conflicts have come.
func (s *Server) GetCurrentMerge(c echo.Context) error {
	return s.read(c, func(ctx context.Context, r reading) error {
		head, err := merge.Newest(ctx, r.tx, r.territory.id)
		if err != nil {
			return err
		}
		shown, err := mergeOf(ctx, r.tx, r.territory.id, head.ID, head.Draft)
		if err != nil {
			return err
		}
		return uncached(c, shown)
	})
}

func mergeOf(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, id int64, draft bool) (merged, error) {
	run, err := merge.Get(ctx, tx, territory, id)
	if err != nil {
		return merged{}, err
	}
	tally, err := merge.TallyUp(ctx, tx, territory, id, merge.Filter{})
	return merged{RunID: id, Run: run, Tally: tally, Draft: draft}, err
}

// PostMerge merges the layers into the draft.
func (s *Server) PostMerge(c echo.Context) error {
	var body NewMerge
	if err := decode(c, &body); err != nil {
		return err
	}
	o := merge.Options{Base: grids.LayerCode(value(body.Base)), Capacity: value(body.Capacity)}
	for _, layer := range value(body.Layers) {
		o.Layers = append(o.Layers, grids.LayerCode(layer))
	}
	var made merged
	err := s.inDraft(c, true, func(ctx context.Context, d drafting) error {
		run, err := merge.Overlay(ctx, d.tx, d.t.ID, d.edition, o, d.who.Name)
		if err != nil {
			return err
		}
		made, err = mergeOf(ctx, d.tx, d.t.ID, run.ID, true)
		return err
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusCreated, mediaJSON, made)
}

// PostMergeDraw draws the lines that were decided to move, and merges again.
func (s *Server) PostMergeDraw(c echo.Context) error {
	var made struct {
		Drawn merge.Redrawn `json:"drawn"`
		Merge merged        `json:"merge"`
	}
	err := s.inMerge(c, func(ctx context.Context, r reading, t cells.Territory, head merge.Head) error {
		run, err := merge.Get(ctx, r.tx, t.ID, head.ID)
		if err != nil {
			return err
		}
		if made.Drawn, run, err = merge.Draw(ctx, r.tx, t, run, principal(c), nil); err != nil {
			return err
		}
		made.Merge, err = mergeOf(ctx, r.tx, t.ID, run.ID, head.Draft)
		return err
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusCreated, mediaJSON, made)
}

// GetMergeRules gives the territory's rules.
func (s *Server) GetMergeRules(c echo.Context, params GetMergeRulesParams) error {
	return s.read(c, func(ctx context.Context, r reading) error {
		list, err := merge.Rules(ctx, r.tx, r.territory.id, params.Version)
		if err != nil {
			return err
		}
		return uncached(c, list)
	})
}

// ruled is a request that brings rules.
type ruled struct {
	Rules   json.RawMessage `json:"rules"`
	Version int             `json:"version"`
}

func (b *ruled) read(c echo.Context) ([]merge.Rule, error) {
	if err := decode(c, b); err != nil {
		return nil, err
	}
	return merge.ParseRules(bytes.NewReader(b.Rules))
}

// PutMergeRules saves rules as the next version.
func (s *Server) PutMergeRules(c echo.Context) error {
	var body ruled
	rules, err := body.read(c)
	if err != nil {
		return err
	}
	var saved merge.RuleList
	err = s.write(c, func(ctx context.Context, r reading) (err error) {
		saved, err = merge.SaveRules(ctx, r.tx, r.territory.id, rules, body.Version, principal(c).Name)
		return err
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, mediaJSON, saved)
}

// PostMergeRulesPreview tells what rules would do.
func (s *Server) PostMergeRulesPreview(c echo.Context) error {
	var body ruled
	rules, err := body.read(c)
	if err != nil {
		return err
	}
	return s.read(c, func(ctx context.Context, r reading) error {
		head, err := merge.Newest(ctx, r.tx, r.territory.id)
		if err != nil {
			return err
		}
		effects, left, err := merge.PreviewRules(ctx, r.tx, r.territory.id, head.ID, rules)
		if err != nil {
			return err
		}
		type effect struct {
			merge.RuleEffect
			Samples []conflict `json:"samples"`
		}
		shown, open := make([]effect, len(effects)), left
		for i, e := range effects {
			shown[i] = effect{e, conflictsOf(e.Samples)}
			open += e.Decides
		}
		return uncached(c, map[string]any{"run": head.ID, "rules": shown, "open": open, "left": left})
	})
}

// PostMergeRulesApply settles the draft's open conflicts by the saved rules.
func (s *Server) PostMergeRulesApply(c echo.Context) error {
	var body PostMergeRulesApplyJSONBody
	if err := decode(c, &body); err != nil {
		return err
	}
	answer := map[string]any{"version": body.Version}
	err := s.inMerge(c, func(ctx context.Context, r reading, t cells.Territory, head merge.Head) error {
		list, err := merge.Rules(ctx, r.tx, t.ID, nil)
		if err != nil {
			return err
		}
		if list.Version != body.Version {
			return grids.Errorf(grids.Conflict, "version", "规则已由 %[1]s 改为第 %[2]d 版", "%[1]s has saved version %[2]d of the rules meanwhile", list.SavedBy, list.Version).
				Fix("预览新的规则后再应用", "preview the new rules, then apply them")
		}
		counts, err := merge.SettleByList(ctx, r.tx, t.ID, head.ID, list)
		if err != nil {
			return err
		}
		settled := 0
		for _, n := range counts {
			settled += n
		}
		answer["settled"], answer["by_rule"] = settled, counts
		answer["merge"], err = mergeOf(ctx, r.tx, t.ID, head.ID, head.Draft)
		return err
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, mediaJSON, answer)
}
