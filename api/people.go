package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/audit"
	"unigrid/grids/people"
)

// GetPeople lists the unified team.
func (s *Server) GetPeople(c echo.Context, params GetPeopleParams) error {
	return s.staff(c, false, func(ctx context.Context, st staffing) error {
		q := people.Search{Text: value(params.Q), Layer: grids.LayerCode(value(params.Layer)), After: value(params.After), Limit: clampLimit(c.QueryParam("limit"), 50, 1000)}
		if params.Unit != nil {
			if q.Unit = people.UnitID(*params.Unit); q.Unit == 0 {
				q.Unit = people.NoUnit
			}
		}
		if params.Cell != nil {
			cell, err := st.cell(ctx, "cell", *params.Cell, false)
			if err != nil {
				return err
			}
			if q.Cells, err = st.below(ctx, cell); err != nil {
				return err
			}
		}
		q.WithoutCell = params.WithoutCell != nil && *params.WithoutCell
		list, matched, err := people.People(ctx, st.tx, st.territory.id, st.edition, st.now, q)
		if err != nil {
			return err
		}
		answer := map[string]any{"people": list}
		if q.After == "" {
			answer["matched"] = matched
		}
		if len(list) == q.Limit {
			answer["next"] = list[len(list)-1].StaffNo
		}
		return sendJSON(c, http.StatusOK, mediaJSON, answer)
	})
}

// GetPerson shows one person.
func (s *Server) GetPerson(c echo.Context, id int64) error {
	return s.staff(c, false, func(ctx context.Context, st staffing) error {
		p, err := people.FindPerson(ctx, st.tx, st.territory.id, st.edition, st.now, grids.PersonID(id))
		if err != nil {
			return err
		}
		return sendVersion(c, http.StatusOK, p.Version, p)
	})
}

// sendVersion answers with a thing in the state of a version, which is its ETag.
func sendVersion(c echo.Context, status, version int, thing any) error {
	c.Response().Header().Set("ETag", fmt.Sprintf("%q", strconv.Itoa(version)))
	return sendJSON(c, status, mediaJSON, thing)
}

// knownVersion is the version that a change is based on, by header or body; 0 is
// any. With the header a mismatch is 412.
func knownVersion(header *string, body *int) int {
	if header != nil {
		if n, err := strconv.Atoi(strings.Trim(strings.TrimPrefix(*header, "W/"), `"`)); err == nil {
			return n
		}
	}
	if body != nil {
		return *body
	}
	return 0
}

// unmatched makes 412 of a change that was based on another state, as the header
// If-Match asks for.
func unmatched(header *string, err error) error {
	var refused *people.Refused
	var unit *people.StaleUnit
	var post *people.StalePost
	if header != nil && (errors.As(err, &refused) && len(refused.Rows) == 1 && refused.Rows[0].Stale || errors.As(err, &unit) || errors.As(err, &post)) {
		return errors.Join(echo.NewHTTPError(http.StatusPreconditionFailed), err)
	}
	return err
}

// personRow is one change of a person in a request for several.
type personRow struct {
	ID int64 `json:"id"`
	PersonEdit
}

func (r personRow) edit() people.PersonEdit {
	e := people.PersonEdit{ID: grids.PersonID(r.ID), Known: knownVersion(nil, r.Known), Name: r.Name, StaffNo: r.StaffNo, Phone: r.Phone}
	if r.Unit != nil {
		unit := people.UnitID(*r.Unit)
		e.Unit = &unit
	}
	if r.Posts != nil {
		posts := make([]people.PostSaid, len(*r.Posts))
		for i, p := range *r.Posts {
			posts[i] = people.PostSaid{Title: p.Title, From: p.From, To: p.To}
			if p.Unit != nil {
				posts[i].Unit = people.UnitID(*p.Unit)
			}
		}
		e.Posts = &posts
	}
	if r.Layers != nil {
		layers := make([]people.Membership, len(*r.Layers))
		for i, m := range *r.Layers {
			layers[i] = people.Membership{Layer: grids.LayerCode(m.Layer), Home: m.Home}
		}
		e.Layers = &layers
	}
	return e
}

// editPeople makes changes of persons.
func (s *Server) editPeople(c echo.Context, edits ...people.PersonEdit) ([]people.Person, error) {
	var list []people.Person
	err := s.staff(c, true, func(ctx context.Context, st staffing) (err error) {
		list, err = people.EditPeople(ctx, st.tx, st.territory.id, st.edition, edits)
		return err
	})
	return list, err
}

// PostPerson adds a person.
func (s *Server) PostPerson(c echo.Context) error {
	var body PersonEdit
	if err := decode(c, &body); err != nil {
		return err
	}
	list, err := s.editPeople(c, personRow{PersonEdit: body}.edit())
	if err != nil {
		return err
	}
	return sendVersion(c, http.StatusCreated, list[0].Version, list[0])
}

// PatchPerson changes a person.
func (s *Server) PatchPerson(c echo.Context, id int64, params PatchPersonParams) error {
	var body PersonEdit
	if err := decode(c, &body); err != nil {
		return err
	}
	e := personRow{id, body}.edit()
	e.Known = knownVersion(params.IfMatch, body.Known)
	list, err := s.editPeople(c, e)
	if err != nil {
		return unmatched(params.IfMatch, err)
	}
	return sendVersion(c, http.StatusOK, list[0].Version, list[0])
}

// PatchPeople changes many persons, all or none.
func (s *Server) PatchPeople(c echo.Context) error {
	var body struct {
		People []personRow `json:"people"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	edits := make([]people.PersonEdit, len(body.People))
	for i, r := range body.People {
		edits[i] = r.edit()
	}
	list, err := s.editPeople(c, edits...)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, mediaJSON, map[string]any{"people": list})
}

// DeletePerson retires a person.
func (s *Server) DeletePerson(c echo.Context, id int64, params DeletePersonParams) error {
	err := s.staff(c, true, func(ctx context.Context, st staffing) error {
		return people.Retire(ctx, st.tx, st.territory.id, st.edition, grids.PersonID(id), knownVersion(params.IfMatch, nil))
	})
	if err != nil {
		return unmatched(params.IfMatch, err)
	}
	return c.NoContent(http.StatusNoContent)
}

// PostPersonPhone shows a telephone number and records that it was shown.
func (s *Server) PostPersonPhone(c echo.Context, id int64) error {
	var body PhoneAsked
	if err := decode(c, &body); err != nil {
		return err
	}
	var number string
	err := s.staff(c, true, func(ctx context.Context, st staffing) (err error) {
		if number, err = people.Phone(ctx, st.tx, st.territory.id, grids.PersonID(id)); err != nil || number == "" {
			return err
		}
		return audit.Disclosed(ctx, st.tx, st.territory.id, grids.PersonID(id), "phone", strings.TrimSpace(body.Reason))
	})
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, mediaJSON, map[string]string{"phone": number})
}

// DeletePersonalData makes unreadable what the log holds of a person.
func (s *Server) DeletePersonalData(c echo.Context, id int64, params DeletePersonalDataParams) error {
	reason := strings.TrimSpace(params.Reason)
	if len(reason) < 2 {
		return grids.Errorf(grids.Invalid, "reason", "请写明事由", "say why")
	}
	err := s.staff(c, true, func(ctx context.Context, st staffing) error {
		// who is gone may be erased, who never was may not
		if _, err := people.RecordOf(ctx, st.tx, st.territory.id, st.edition, grids.PersonID(id)); err != nil {
			return err
		}
		return audit.Forget(ctx, st.tx, st.territory.id, grids.PersonID(id), reason)
	})
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// peopleProblem adds to a problem which changes were refused, and what is there
// now.
func peopleProblem(p *Problem, lang string, err error) {
	var refused *people.Refused
	if errors.As(err, &refused) {
		list := make([]PersonRefusal, len(refused.Rows))
		for i, r := range refused.Rows {
			list[i] = PersonRefusal{Row: r.Row, Id: int64(r.ID), Field: r.Err.Field, Message: r.Err.Message.In(lang), Stale: r.Stale}
			if r.Now != nil {
				list[i].Person = shown[Person](r.Now)
			}
		}
		p.Refused = &list
	}
	var unit *people.StaleUnit
	if errors.As(err, &unit) {
		p.Now = shown[map[string]any](unit.Now)
	}
	var post *people.StalePost
	if errors.As(err, &post) {
		p.Now = shown[map[string]any](post.Now)
	}
}
