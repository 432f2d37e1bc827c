package api

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/people"
	"unigrid/importers"
)

// PostRoster replaces a cell's roster by a workbook from an instant on.
func (s *Server) PostRoster(c echo.Context, params PostRosterParams) error {
	ctx := c.Request().Context()
	folder, err := os.MkdirTemp("", "unigrid-roster-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	path, err := keep(folder, c.Request().Body)
	if err != nil {
		return err
	}
	var t cells.Territory
	if err := s.staff(c, false, func(ctx context.Context, st staffing) (err error) {
		t, err = cells.FindTerritory(ctx, st.tx, st.territory.code)
		return err
	}); err != nil {
		return err
	}
	preview := params.Preview != nil && *params.Preview
	report, err := importers.Run(ctx, s.db, principal(c), t, importers.Request{File: path, Target: importers.Assignments, Strict: true, DryRun: preview,
		Roster: &importers.Roster{Cell: grids.Code(params.Cell), At: params.At}}, nil)
	var refused *grids.Error
	if preview && errors.As(err, &refused) && refused.Field == "strict" {
		err = nil // the findings say it
	}
	if err != nil {
		return err
	}
	lang := callOf(c).lang
	findings := []RosterFinding{}
	for _, f := range report.Findings {
		findings = append(findings, RosterFinding{Row: f.Row, Field: f.Field, Value: f.Value, Kind: f.Kind, Severity: string(f.Severity), Message: f.Said().In(lang)})
	}
	answer := map[string]any{"import": report.Import, "rows": report.Rows, "errors": report.Errors, "unchanged": report.Unchanged, "created": report.Created,
		"changed": report.Changed, "retired": report.Retired, "findings": findings, "differences": report.Differences, "preview": preview}
	if report.Differences == nil {
		answer["differences"] = []any{}
	}
	answer["succession"] = people.Succession{Joins: []people.Successor{}, Leaves: []people.Successor{}, Stays: []people.Successor{}}
	if report.Succession != nil && report.Succession.Joins != nil {
		answer["succession"] = report.Succession
	}
	status := http.StatusCreated
	if preview {
		status = http.StatusOK
	}
	return sendJSON(c, status, mediaJSON, answer)
}

// roster gives who holds what now in the cell of a code and all below it.
func (s staffing) roster(ctx context.Context, code string) ([]people.Assignment, error) {
	cell, err := s.cell(ctx, "cell", code, false)
	if err != nil {
		return nil, err
	}
	below, err := s.below(ctx, cell)
	if err != nil {
		return nil, err
	}
	list, _, err := people.Assignments(ctx, s.tx, s.territory.id, s.edition, people.Asked{Cells: below, When: people.Current})
	return list, err
}

// keep writes what is sent into a file of a folder, named by what it holds.
func keep(folder string, body io.Reader) (string, error) {
	reader := bufio.NewReader(body)
	begin, _ := reader.Peek(4)
	name := "roster.csv"
	if string(begin) == "PK\x03\x04" {
		name = "roster.xlsx"
	}
	path := filepath.Join(folder, name)
	file, err := os.Create(path)
	if err != nil {
		return "", err
	}
	n, err := io.Copy(file, reader)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil && n == 0 {
		err = grids.Errorf(grids.Invalid, "body", "请求体应为一个 .xlsx 或 .csv 文件", "the body is to be an .xlsx or .csv file")
	}
	return path, err
}

// PostHandovers hands over all that a person holds.
func (s *Server) PostHandovers(c echo.Context, params PostHandoversParams) error {
	var body NewMove
	if err := decode(c, &body); err != nil {
		return err
	}
	m := people.Moving{From: grids.PersonID(body.From), At: body.At, Note: value(body.Note), Each: map[int64]grids.PersonID{}}
	if body.To != nil {
		m.To = grids.PersonID(*body.To)
	}
	if body.Each != nil {
		for _, one := range *body.Each {
			m.Each[one.Assignment] = 0
			if one.To != nil {
				m.Each[one.Assignment] = grids.PersonID(*one.To)
			}
		}
	}
	if body.Expected != nil {
		m.Expected = *body.Expected
	}
	var done []people.Moved
	preview := params.Preview != nil && *params.Preview
	err := s.staff(c, true, func(ctx context.Context, st staffing) (err error) {
		if done, err = people.HandOverAll(ctx, st.tx, st.territory.id, st.edition, m); err == nil && preview {
			return errPreview
		}
		return err
	})
	status := http.StatusCreated
	if errors.Is(err, errPreview) {
		status, err = http.StatusOK, nil
		for i := range done {
			done[i].Handover = nil
		}
	}
	if err != nil {
		return err
	}
	return sendJSON(c, status, mediaJSON, map[string]any{"moved": done})
}

// GetPersonRecord gives a person's whole record.
func (s *Server) GetPersonRecord(c echo.Context, id int64) error {
	return s.staff(c, false, func(ctx context.Context, st staffing) error {
		record, err := people.RecordOf(ctx, st.tx, st.territory.id, st.edition, grids.PersonID(id))
		if err != nil {
			return err
		}
		return sendJSON(c, http.StatusOK, mediaJSON, record)
	})
}
