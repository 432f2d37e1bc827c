package api

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/people"
)

// GetQuestions lists what carrying assignments along could not decide.
func (s *Server) GetQuestions(c echo.Context, params GetQuestionsParams) error {
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
		state := "open"
		if params.State != nil {
			state = string(*params.State)
		}
		list, matched, err := people.Questions(ctx, st.tx, st.territory.id, st.edition, of, state, clampLimit(c.QueryParam("limit"), 100, 1000), value(params.Offset))
		if err != nil {
			return err
		}
		share, err := people.ComparableShare(ctx, st.tx, st.territory.id)
		if err != nil {
			return err
		}
		return sendJSON(c, http.StatusOK, mediaJSON, map[string]any{"matched": matched, "questions": list, "comparable_share": share})
	})
}

// PostAnswer answers a question.
func (s *Server) PostAnswer(c echo.Context, id int64) error {
	var body Answering
	if err := decode(c, &body); err != nil {
		return err
	}
	var answered people.Question
	err := s.staff(c, true, func(ctx context.Context, st staffing) (err error) {
		answered, err = people.Answer(ctx, st.tx, st.territory.id, st.edition, id, grids.PersonID(value(body.Person)), value(body.Reason))
		return err
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, mediaJSON, answered)
}

// PutQuestionSettings sets which part of a cell is no trifle.
func (s *Server) PutQuestionSettings(c echo.Context) error {
	var body QuestionSettings
	if err := decode(c, &body); err != nil {
		return err
	}
	err := s.staff(c, true, func(ctx context.Context, st staffing) error {
		return people.SetComparableShare(ctx, st.tx, st.territory.id, body.ComparableShare)
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, mediaJSON, body)
}
