package people

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// UnitKind is a kind of organisation unit. Side is that of the posts made in
// such a unit: party, government or nil.
type UnitKind struct {
	Code string     `json:"code"`
	Name grids.Text `json:"name"`
	Side *string    `json:"side"`
}

// UnitKinds lists the kinds of units in order.
func UnitKinds(ctx context.Context, tx pgx.Tx) ([]UnitKind, error) {
	rows, err := tx.Query(ctx, `SELECT code, name_zh, name_en, side FROM people.unit_kind ORDER BY rank, code`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (UnitKind, error) {
		var k UnitKind
		err := row.Scan(&k.Code, &k.Name.ZH, &k.Name.EN, &k.Side)
		return k, err
	})
}

// Unit is an organisation unit (单位). Label is what stands for it in texts, its
// name or, where others have the same, the names from the top with > between
// them. Division is the code whose administrators may edit it and its people; ""
// is the whole territory. People counts those at home in it, not those below.
type Unit struct {
	ID       UnitID  `json:"id"`
	Name     string  `json:"name"`
	Kind     string  `json:"kind"`
	Parent   *UnitID `json:"parent"`
	Division string  `json:"division"`
	Rank     int     `json:"rank"`
	Label    string  `json:"label"`
	Version  int     `json:"version"`
	People   int     `json:"people"`
}

const unitColumns = `
	SELECT u.id, u.name, u.kind, u.parent_id, u.division, u.rank, u.label, u.version,
	       (SELECT count(*) FROM people.person p WHERE p.territory_id = $1 AND p.unit_id = u.id)
	FROM people.unit u WHERE u.territory_id = $1 AND u.retired_at IS NULL`

// Units lists the units of a territory: those of one parent by rank.
func Units(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) ([]Unit, error) {
	rows, err := tx.Query(ctx, unitColumns+` ORDER BY u.rank, u.label, u.id`, territory)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Unit])
}

// FindUnit gives one unit.
func FindUnit(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, id UnitID) (Unit, error) {
	rows, err := tx.Query(ctx, unitColumns+` AND u.id = $2`, territory, id)
	if err != nil {
		return Unit{}, err
	}
	u, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Unit])
	if errors.Is(err, pgx.ErrNoRows) {
		return u, named(grids.Errorf(grids.NotFound, "unit", "没有这个单位", "there is no such unit"), fmt.Sprint(id))
	}
	return u, err
}

// UnitEdit says what is to become of a unit, or of a new one when ID is 0.
// Whatever is nil stays as it is. Known is the version that the edit was made
// for, 0 any.
type UnitEdit struct {
	ID       UnitID
	Known    int
	Name     *string
	Kind     *string
	Parent   *UnitID // 0: none
	Division *string
	Rank     *int
}

// StaleUnit and StalePost are the errors of edits made for another state than
// there is; they unwrap to a *grids.Error of kind Conflict.
type (
	StaleUnit struct {
		Err *grids.Error
		Now Unit
	}
	StalePost struct {
		Err *grids.Error
		Now UnitPost
	}
)

func (s *StaleUnit) Error() string { return s.Err.Error() }

// Unwrap gives the error in words.
func (s *StaleUnit) Unwrap() error { return s.Err }

func (s *StalePost) Error() string { return s.Err.Error() }

// Unwrap gives the error in words.
func (s *StalePost) Unwrap() error { return s.Err }

func stale() *grids.Error {
	return grids.Errorf(grids.Conflict, "known", "此后已被他人修改", "changed by somebody else since").
		Fix("按现在的内容再改一次", "look at what is there now, and edit that")
}

// EditUnit makes or changes a unit. Texts of its people follow.
func EditUnit(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, e UnitEdit) (Unit, error) {
	if err := lock(ctx, tx, territory); err != nil {
		return Unit{}, err
	}
	u := Unit{Kind: "other"}
	if e.ID != 0 {
		var err error
		if u, err = FindUnit(ctx, tx, territory, e.ID); err != nil {
			return u, err
		}
		if err := mayEditUnit(ctx, tx, territory, u.Division); err != nil {
			return u, err
		}
		if e.Known != 0 && e.Known != u.Version {
			return u, &StaleUnit{stale(), u}
		}
	}
	if e.Name != nil {
		u.Name = strings.TrimSpace(*e.Name)
	}
	if u.Name == "" || badUnit.MatchString(u.Name) {
		return u, named(grids.Errorf(grids.Invalid, "name", "单位名称不能为空,也不能含 >、冒号、顿号", "the name of a unit may not be empty or hold >, colons or 、"), u.Name)
	}
	if e.Parent != nil {
		u.Parent = nil
		if *e.Parent != 0 {
			above, err := FindUnit(ctx, tx, territory, *e.Parent)
			if err != nil {
				return u, err
			}
			u.Parent = &above.ID
			if e.ID == 0 && e.Division == nil {
				u.Division = above.Division
			}
		}
	}
	if e.Kind != nil {
		u.Kind = *e.Kind
	}
	if e.Division != nil {
		u.Division = strings.TrimSpace(*e.Division)
	}
	if e.Rank != nil {
		u.Rank = *e.Rank
	}
	if err := checkUnit(ctx, tx, territory, u); err != nil {
		return u, err
	}
	if err := mayEditUnit(ctx, tx, territory, u.Division); err != nil {
		return u, err
	}
	sql, args := `INSERT INTO people.unit (territory_id, name, kind, parent_id, division, rank) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
		[]any{territory, u.Name, u.Kind, u.Parent, u.Division, u.Rank}
	if e.ID != 0 {
		sql, args = `UPDATE people.unit SET name = $2, kind = $3, parent_id = $4, division = $5, rank = $6 WHERE territory_id = $1 AND id = $7 RETURNING id`, append(args, e.ID)
	}
	if err := tx.QueryRow(ctx, sql, args...).Scan(&u.ID); err != nil {
		return u, err
	}
	return FindUnit(ctx, tx, territory, u.ID)
}

func checkUnit(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, u Unit) error {
	var kinds string
	var kind, division bool
	if err := tx.QueryRow(ctx, `
		SELECT (SELECT string_agg(code, ', ' ORDER BY rank) FROM people.unit_kind), EXISTS (SELECT FROM people.unit_kind WHERE code = $2),
		       $3 = '' OR EXISTS (SELECT FROM cells.version v WHERE v.territory_id = $1 AND v.code = $3)`,
		territory, u.Kind, u.Division).Scan(&kinds, &kind, &division); err != nil {
		return err
	}
	if !kind {
		return named(grids.Errorf(grids.Invalid, "kind", "没有这种单位类别", "there is no such kind of unit").Fix("可用:%s", "one of %s", kinds), u.Kind)
	}
	if !division {
		return named(grids.Errorf(grids.Invalid, "division", "没有代码为 %s 的网格", "there is no cell %s", u.Division), u.Division)
	}
	return nil
}

// mayEditUnit refuses who acts for other divisions.
func mayEditUnit(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, division string) error {
	var may bool
	if err := tx.QueryRow(ctx, `SELECT access.within($1, $2)`, territory, division).Scan(&may); err != nil {
		return err
	}
	if !may {
		return named(grids.Errorf(grids.Forbidden, "division", "不在您的辖区之内", "not within your territory").
			Fix("为单位写明您辖区内的区划代码", "give the unit the code of a division of yours"), division)
	}
	return nil
}

// RetireUnit takes a unit out of use, with its posts. Units that people, or other
// units, belong to stay.
func RetireUnit(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, id UnitID, known int) error {
	if err := lock(ctx, tx, territory); err != nil {
		return err
	}
	u, err := FindUnit(ctx, tx, territory, id)
	if err != nil {
		return err
	}
	if err := mayEditUnit(ctx, tx, territory, u.Division); err != nil {
		return err
	}
	if known != 0 && known != u.Version {
		return &StaleUnit{stale(), u}
	}
	var below, held int
	if err := tx.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM people.unit c WHERE c.territory_id = $1 AND c.parent_id = $2 AND c.retired_at IS NULL),
		       (SELECT count(DISTINCT q.person_id) FROM people.post o JOIN people.person_post q ON q.territory_id = $1 AND q.post_id = o.id AND q.during && tstzrange(clock_timestamp(), NULL)
		        WHERE o.territory_id = $1 AND o.unit_id = $2)`, territory, id).Scan(&below, &held); err != nil {
		return err
	}
	if below+held+u.People > 0 {
		return named(grids.Errorf(grids.Conflict, "unit", "%s 还有 %d 人、%d 个下级单位", "%s still has %d people and %d units below it", u.Name, max(u.People, held), below).
			Fix("先把人员和下级单位转到其他单位", "move these to another unit first"), u.Name)
	}
	if _, err := tx.Exec(ctx, `UPDATE people.post SET retired_at = clock_timestamp() WHERE territory_id = $1 AND unit_id = $2 AND retired_at IS NULL`, territory, id); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE people.unit SET retired_at = clock_timestamp() WHERE territory_id = $1 AND id = $2`, territory, id)
	return err
}
