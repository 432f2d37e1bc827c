package people

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// UnitPost is a function (职务) in a unit, or one that needs none. Rank is its place
// in the protocol order (排序号) of the unit, side party, government or nil.
type UnitPost struct {
	ID        PostID  `json:"id"`
	Unit      *UnitID `json:"unit"`
	UnitLabel string  `json:"unit_label"`
	Title     string  `json:"title"`
	Side      *string `json:"side"`
	Rank      int     `json:"rank"`
	Version   int     `json:"version"`
	Holders   int     `json:"holders"` // now

	division string
}

const postColumns = `
	SELECT o.id, o.unit_id, coalesce(u.label, ''), o.title, o.side, o.rank, o.version,
	       (SELECT count(*) FROM people.person_post q WHERE q.territory_id = $1 AND q.post_id = o.id AND q.during @> clock_timestamp()), coalesce(u.division, '')
	FROM people.post o LEFT JOIN people.unit u ON u.territory_id = $1 AND u.id = o.unit_id
	WHERE o.territory_id = $1 AND o.retired_at IS NULL`

func scanPost(row pgx.CollectableRow) (UnitPost, error) {
	var p UnitPost
	err := row.Scan(&p.ID, &p.Unit, &p.UnitLabel, &p.Title, &p.Side, &p.Rank, &p.Version, &p.Holders, &p.division)
	return p, err
}

// UnitPosts lists posts in protocol order; of one unit, or of all when it is 0.
func UnitPosts(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, unit UnitID) ([]UnitPost, error) {
	rows, err := tx.Query(ctx, postColumns+` AND ($2::bigint = 0 OR o.unit_id = $2) ORDER BY u.rank, u.label, o.rank, o.id`, territory, unit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanPost)
}

// FindPost gives one post.
func FindPost(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, id PostID) (UnitPost, error) {
	rows, err := tx.Query(ctx, postColumns+` AND o.id = $2`, territory, id)
	if err != nil {
		return UnitPost{}, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, scanPost)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, named(grids.Errorf(grids.NotFound, "post", "没有这个职务", "there is no such post"), fmt.Sprint(id))
	}
	return p, err
}

// PostEdit says what is to become of a post, or of a new one when ID is 0.
// Whatever is nil stays as it is; Side "" is none. Known is as in a UnitEdit. A
// post stays in its unit.
type PostEdit struct {
	ID    PostID
	Known int
	Unit  UnitID // of a new one; 0: none
	Title *string
	Side  *string
	Rank  *int
}

// EditPost makes or changes a post. Texts of those who hold it follow.
func EditPost(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, e PostEdit) (UnitPost, error) {
	if err := lock(ctx, tx, territory); err != nil {
		return UnitPost{}, err
	}
	var p UnitPost
	var err error
	switch {
	case e.ID != 0:
		if p, err = FindPost(ctx, tx, territory, e.ID); err != nil {
			return p, err
		}
	case e.Unit != 0:
		unit, err := FindUnit(ctx, tx, territory, e.Unit)
		if err != nil {
			return p, err
		}
		p.Unit, p.division = &unit.ID, unit.Division
	}
	if err := mayEditUnit(ctx, tx, territory, p.division); err != nil {
		return p, err
	}
	if e.ID != 0 && e.Known != 0 && e.Known != p.Version {
		return p, &StalePost{stale(), p}
	}
	if e.Title != nil {
		p.Title = strings.TrimSpace(*e.Title)
	}
	if err := checkTitle("title", p.Title); err != nil {
		return p, err
	}
	if e.Side != nil {
		if *e.Side != "" && *e.Side != "party" && *e.Side != "government" {
			return p, grids.Errorf(grids.Invalid, "side", "应为 party(党委)或 government(政府)", "a side is party or government")
		}
		p.Side = e.Side
	}
	if e.Rank != nil {
		p.Rank = *e.Rank
	}
	sql, args := `INSERT INTO people.post (territory_id, title, side, rank, unit_id) VALUES ($1, $2, nullif($3, ''), $4, $5) RETURNING id`, []any{territory, p.Title, p.Side, p.Rank}
	if e.ID != 0 {
		sql, args = `UPDATE people.post SET title = $2, side = nullif($3, ''), rank = $4 WHERE territory_id = $1 AND id = $5 RETURNING id`, append(args, e.ID)
	} else {
		args = append(args, p.Unit)
	}
	if err := tx.QueryRow(ctx, sql, args...).Scan(&p.ID); err != nil {
		return p, err
	}
	return FindPost(ctx, tx, territory, p.ID)
}

// RetirePost takes a post out of use that nobody holds.
func RetirePost(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, id PostID, known int) error {
	if err := lock(ctx, tx, territory); err != nil {
		return err
	}
	p, err := FindPost(ctx, tx, territory, id)
	if err != nil {
		return err
	}
	if err := mayEditUnit(ctx, tx, territory, p.division); err != nil {
		return err
	}
	if known != 0 && known != p.Version {
		return &StalePost{stale(), p}
	}
	_, err = tx.Exec(ctx, `UPDATE people.post SET retired_at = clock_timestamp() WHERE territory_id = $1 AND id = $2`, territory, id)
	return err
}
