package api

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

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
	c.Response().Header().Set("Cache-Control", "no-store")
	return s.read(c, func(ctx context.Context, r reading) error {
		head, err := merge.Newest(ctx, r.tx, r.territory.id)
		if err != nil {
			return err
		}
		shown, err := mergeOf(ctx, r, head)
		if err != nil {
			return err
		}
		return sendJSON(c, http.StatusOK, mediaJSON, shown)
	})
}

func mergeOf(ctx context.Context, r reading, head merge.Head) (merged, error) {
	run, err := merge.Get(ctx, r.tx, r.territory.id, head.ID)
	if err != nil {
		return merged{}, err
	}
	tally, err := merge.TallyUp(ctx, r.tx, r.territory.id, head.ID, merge.Filter{})
	return merged{RunID: head.ID, Run: run, Tally: tally, Draft: head.Draft}, err
}
