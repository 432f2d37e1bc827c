package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/collections"
	"unigrid/grids/duty"
	"unigrid/grids/people"
)

// PostDutySuggestion says who could hold cells that lack somebody.
func (s *Server) PostDutySuggestion(c echo.Context) error {
	var question DutyQuestion
	if err := decode(c, &question); err != nil {
		return err
	}
	var asked []grids.PersonID
	if question.People != nil {
		asked = []grids.PersonID{}
		for _, id := range *question.People {
			asked = append(asked, grids.PersonID(id))
		}
	}
	return s.onDuty(c, value(question.Cell), nil, func(ctx context.Context, r reading, scope collections.Scope, cell cells.Cell) (any, error) {
		t, err := cells.FindTerritory(ctx, r.tx, r.territory.code)
		if err != nil {
			return nil, err
		}
		suggestion, err := duty.Suggest(ctx, r.tx, t, scope.Last, scope.At, cell, people.Role(question.Role), asked)
		return struct {
			Cell duty.RowCell `json:"cell"`
			duty.Suggestion
		}{duty.RowCell{Code: cell.Code, Name: cell.Name, Tier: cell.Tier}, suggestion}, err
	})
}

// PostDutyAcceptance makes the changes of a suggestion, all of them or none.
func (s *Server) PostDutyAcceptance(c echo.Context) error {
	var body DutyAcceptance
	if err := decode(c, &body); err != nil {
		return err
	}
	err := s.staff(c, true, func(ctx context.Context, st staffing) error {
		at := body.At
		if at == nil {
			at = new(time.Time)
			if err := st.tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(at); err != nil {
				return fmt.Errorf("now: %w", err)
			}
		}
		codes := make([]string, len(body.Changes))
		for i, change := range body.Changes {
			codes[i] = change.Cell
		}
		var outside string
		if err := st.tx.QueryRow(ctx, `SELECT coalesce(min(code), '') FROM unnest($2::text[]) AS code WHERE NOT access.within($1, code)`, st.territory.id, codes).Scan(&outside); err != nil {
			return fmt.Errorf("cells of a suggestion: %w", err)
		}
		if outside != "" {
			return grids.Errorf(grids.Forbidden, "changes", "网格 %s 不在您的管辖范围内", "the cell %s is not in your part of the territory", outside)
		}
		for _, change := range body.Changes {
			cell, err := st.cell(ctx, "changes", change.Cell, false)
			if err != nil {
				return err
			}
			if change.Replaces != nil {
				_, err = people.HandOver(ctx, st.tx, st.territory.id, st.edition,
					people.Handing{Replaces: *change.Replaces, To: grids.PersonID(change.Person), At: at, Note: value(body.Reason)})
			} else {
				_, err = people.Assign(ctx, st.tx, st.territory.id, st.edition,
					people.Wish{Cell: cell, Person: grids.PersonID(change.Person), Role: people.Role(body.Role), From: *at, Reason: value(body.Reason)})
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, mediaJSON, DutyAccepted{Changes: len(body.Changes)})
}
