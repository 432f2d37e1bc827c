package api

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/people"
)

// GetLeaves lists leaves.
func (s *Server) GetLeaves(c echo.Context, params GetLeavesParams) error {
	return s.staff(c, false, func(ctx context.Context, st staffing) error {
		var person grids.PersonID
		var when people.When
		if params.Person != nil {
			person = grids.PersonID(*params.Person)
		}
		if params.When != nil {
			when = people.When(*params.When)
		}
		list, err := people.Leaves(ctx, st.tx, st.territory.id, st.edition, person, when)
		if err != nil {
			return err
		}
		return sendJSON(c, http.StatusOK, mediaJSON, map[string]any{"leaves": list})
	})
}

// PostLeave records a leave with its stand-in.
func (s *Server) PostLeave(c echo.Context) error {
	var body NewLeave
	if err := decode(c, &body); err != nil {
		return err
	}
	away := people.Away{Person: grids.PersonID(body.Person), From: body.From, To: body.To, StandIn: grids.PersonID(body.StandIn), Reason: value(body.Reason),
		Cells: map[grids.CellID]grids.PersonID{}}
	var made people.Leave
	err := s.staff(c, true, func(ctx context.Context, st staffing) (err error) {
		if body.Cells != nil {
			for _, one := range *body.Cells {
				cell, err := st.cell(ctx, "cells", one.Cell, false)
				if err != nil {
					return err
				}
				away.Cells[cell] = grids.PersonID(one.StandIn)
			}
		}
		made, err = people.TakeLeave(ctx, st.tx, st.territory.id, st.edition, away)
		return err
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusCreated, mediaJSON, made)
}

// PostLeaveEnd lets a leave end.
func (s *Server) PostLeaveEnd(c echo.Context, id int64) error {
	var body LeaveEnd
	if err := decode(c, &body); err != nil {
		return err
	}
	var ended people.Leave
	err := s.staff(c, true, func(ctx context.Context, st staffing) (err error) {
		ended, err = people.EndLeave(ctx, st.tx, st.territory.id, st.edition, id, body.At)
		return err
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, mediaJSON, ended)
}

// GetVacancies lists vacant cells by the age of their vacancy.
func (s *Server) GetVacancies(c echo.Context, params GetVacanciesParams) error {
	return s.staff(c, false, func(ctx context.Context, st staffing) error {
		at := st.now
		if params.At != nil {
			at = *params.At
		}
		var of []grids.CellID
		if params.Cell != nil {
			cell, err := st.cell(ctx, "cell", *params.Cell, false)
			if err != nil {
				return err
			}
			if of, err = st.below(ctx, cell); err != nil {
				return err
			}
		}
		offset := 0
		if params.Offset != nil {
			offset = *params.Offset
		}
		list, matched, err := people.Vacancies(ctx, st.tx, st.territory.id, st.edition, at, of, clampLimit(c.QueryParam("limit"), 100, 1000), offset)
		if err != nil {
			return err
		}
		return sendJSON(c, http.StatusOK, mediaJSON, map[string]any{"at": at.UTC(), "matched": matched, "vacancies": list})
	})
}

// GetAlarms raises what is to be raised and lists alarms.
func (s *Server) GetAlarms(c echo.Context, params GetAlarmsParams) error {
	var list []people.Alarm
	err := s.staff(c, true, func(ctx context.Context, st staffing) (err error) {
		if _, _, err := people.RaiseAlarms(ctx, st.tx, st.territory.id, st.edition, st.now); err != nil {
			return err
		}
		var of []grids.CellID
		if params.Cell != nil {
			cell, err := st.cell(ctx, "cell", *params.Cell, false)
			if err != nil {
				return err
			}
			if of, err = st.below(ctx, cell); err != nil {
				return err
			}
		}
		list, err = people.Alarms(ctx, st.tx, st.territory.id, st.edition, of, params.All == nil || !*params.All)
		return err
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, mediaJSON, map[string]any{"alarms": list})
}

// PostAlarmSeen notes that an alarm was seen.
func (s *Server) PostAlarmSeen(c echo.Context, id int64) error {
	var body AlarmSeen
	if err := decode(c, &body); err != nil {
		return err
	}
	err := s.staff(c, true, func(ctx context.Context, st staffing) error {
		return people.SeeAlarm(ctx, st.tx, st.territory.id, id, value(body.Note))
	})
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
