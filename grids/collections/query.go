package collections

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"unigrid/grids"
)

// Filter asks for features whose property equals a value.
type Filter struct {
	Property string
	Value    string // as in a query string
}

// Query selects features of a collection.
type Query struct {
	Scope   Scope
	BBox    *BBox
	Filters []Filter
	After   string // key of the last feature of the page before; "" for the first page
	Limit   int
}

// Feature is one feature as it is sent.
type Feature struct {
	Key     string // for Query.After
	GeoJSON []byte // a whole GeoJSON Feature, valid until the callback returns
}

// Check tells whether a collection can answer a query: its filters exist and
// their values fit.
func (d *Def) Check(q Query) error {
	for _, f := range q.Filters {
		if _, err := d.filterValue(f); err != nil {
			return err
		}
	}
	if q.After != "" && d.KeyType == "bigint" {
		if _, err := strconv.ParseInt(q.After, 10, 64); err != nil {
			e := grids.Errorf(grids.Invalid, "after", "翻页标记 %q 无效", "%q is not a page marker of this collection", q.After)
			return e.Fix("用上一页给出的 next 链接", "follow the next link of the page before")
		}
	}
	return nil
}

func (d *Def) filterValue(f Filter) (any, error) {
	p, ok := d.Property(f.Property)
	if !ok || p.Filter == "" {
		e := grids.Errorf(grids.Invalid, f.Property, "集合 %s 不能按 %s 筛选", "collection %s can't be filtered by %s", d.ID, f.Property)
		e.Value = f.Value
		var names []string
		for _, p := range d.Properties {
			if p.Filter != "" {
				names = append(names, p.Name)
			}
		}
		return nil, e.Fix("可用:%s", "these can: %s", strings.Join(names, ", "))
	}
	bad := grids.Errorf(grids.Invalid, f.Property, "%s 的值 %q 应为 %s", "the value of %s, %q, should be of type %s", f.Property, f.Value, string(p.Type))
	bad.Value = f.Value
	switch p.Type {
	case Integer:
		n, err := strconv.ParseInt(f.Value, 10, 64)
		if err != nil {
			return nil, bad
		}
		return n, nil
	case Boolean:
		if f.Value != "true" && f.Value != "false" {
			return nil, bad.Fix("用 true 或 false", "give true or false")
		}
		return f.Value == "true", nil
	default:
		return f.Value, nil
	}
}

// Count gives the number of features that match, whatever page is asked for.
func (d *Def) Count(ctx context.Context, tx pgx.Tx, q Query) (int64, error) {
	q.After = ""
	where, args, err := d.where(q)
	if err != nil {
		return 0, err
	}
	var n int64
	err = tx.QueryRow(ctx, given+` SELECT count(*) FROM `+d.rows(q.Scope, where)+where, args...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("counting %s: %w", d.ID, err)
	}
	return n, nil
}

// Features calls each for the features of one page, in order of their key, as
// they come from the database. more says that there is a page after it.
func (d *Def) Features(ctx context.Context, tx pgx.Tx, q Query, each func(Feature) error) (more bool, err error) {
	where, args, err := d.where(q)
	if err != nil {
		return false, err
	}
	args = append(args, q.Limit+1)
	page := fmt.Sprintf(`SELECT f.*, %s AS at FROM %s%s ORDER BY %s %s LIMIT $%d`,
		at, d.rows(q.Scope, where), where, d.Key, d.Order, len(args))
	count := 0
	err = d.send(ctx, tx, page, d.Key+" "+d.Order, args, func(f Feature) error {
		if count++; count > q.Limit {
			more = true
			return nil
		}
		return each(f)
	})
	return more, err
}

// Item gives the feature of that id: by code, else by uid. nil: there is none
// in this scope.
func (d *Def) Item(ctx context.Context, tx pgx.Tx, scope Scope, id string) ([]byte, error) {
	for _, find := range d.Find {
		var item []byte
		page := fmt.Sprintf(`SELECT f.*, %s AS at FROM %s WHERE %s ORDER BY %s %s LIMIT 1`, at, d.rows(scope, ` WHERE `+find), find, d.Key, d.Order)
		err := d.send(ctx, tx, page, d.Key, append(base(scope), id), func(f Feature) error {
			item = append(item, f.GeoJSON...)
			return nil
		})
		if err != nil || item != nil {
			return item, err
		}
	}
	return nil, nil
}

// Versions calls each for all versions that the feature of that id had until the
// scope's instant, oldest first.
func (d *Def) Versions(ctx context.Context, tx pgx.Tx, scope Scope, id string, each func(Feature) error) error {
	scope.First, scope.Interval, scope.Since = 1, true, nil
	for _, find := range d.Find {
		found := false
		page := fmt.Sprintf(`SELECT f.*, %s AS at FROM %s WHERE (%s) IN (SELECT %s FROM %s WHERE %s)`,
			at, d.Rows, d.Identity, d.Identity, d.Rows, find)
		err := d.send(ctx, tx, page, "f.valid_from", append(base(scope), id), func(f Feature) error {
			found = true
			return each(f)
		})
		if err != nil || found {
			return err
		}
	}
	return nil
}

// given states the types of the parameters that every query has.
const given = `WITH given AS (SELECT $1::int, $2::int, $3::int, $4::timestamptz, $5::timestamptz)`

func base(s Scope) []any {
	since := pgtype.Timestamptz{Time: s.At, Valid: true}
	switch {
	case s.Interval && s.Since == nil:
		since = pgtype.Timestamptz{InfinityModifier: pgtype.NegativeInfinity, Valid: true}
	case s.Interval:
		since.Time = *s.Since
	}
	return []any{s.Territory, s.First, s.Last, s.At, since}
}

// rows is the FROM item of a scope: over an interval, one row for each feature,
// its last. Only features of which some version meets the conditions (of where)
// are looked at, so that an index on these still serves.
func (d *Def) rows(s Scope, conditions string) string {
	if !s.Interval {
		return cmp.Or(d.Instant, d.Rows)
	}
	once := cmp.Or(d.Once, d.Key)
	if conditions != "" {
		conditions = fmt.Sprintf(` WHERE (%s) IN (SELECT %s FROM %s%s)`, once, once, d.Rows, conditions)
	}
	last := fmt.Sprintf(`(SELECT DISTINCT ON (%s) f.* FROM %s%s ORDER BY %s, f.valid_from DESC) f`, once, cmp.Or(d.exact, d.Rows), conditions, once)
	if d.exact != "" { // only what is left, and shown, is generalised
		return d.generalise(last)
	}
	return last
}

// at is the instant that counts for a row: the scope's, or the nearest to it
// within the version's own time.
const at = `greatest(f.valid_from, least($4::timestamptz, f.valid_to - interval '1 microsecond'))`

func (d *Def) where(q Query) (string, []any, error) {
	args := base(q.Scope)
	var conditions []string
	add := func(condition string, values ...any) {
		numbers := make([]any, len(values))
		for i, value := range values {
			args = append(args, value)
			numbers[i] = len(args)
		}
		conditions = append(conditions, fmt.Sprintf(condition, numbers...))
	}
	for _, f := range q.Filters {
		value, err := d.filterValue(f)
		if err != nil {
			return "", nil, err
		}
		p, _ := d.Property(f.Property)
		add(p.Filter+` = $%d`, value)
	}
	if q.BBox != nil && d.near != "" {
		add(d.near+` && ST_Expand(ST_MakeEnvelope($%[1]d::float8, $%[2]d::float8, $%[3]d::float8, $%[4]d::float8, 4326), $%[5]d::float8)`,
			q.BBox[0], q.BBox[1], q.BBox[2], q.BBox[3], d.shift)
	}
	if q.BBox != nil {
		add(d.Place+` && ST_MakeEnvelope($%[1]d::float8, $%[2]d::float8, $%[3]d::float8, $%[4]d::float8, 4326) AND ST_Intersects(`+
			d.Place+`, ST_MakeEnvelope($%[1]d::float8, $%[2]d::float8, $%[3]d::float8, $%[4]d::float8, 4326))`,
			q.BBox[0], q.BBox[1], q.BBox[2], q.BBox[3])
	}
	if q.After != "" {
		add(d.Key+` `+d.Greater+` $%d::text::`+d.KeyType, q.After)
	}
	if len(conditions) == 0 {
		return "", args, nil
	}
	return ` WHERE ` + strings.Join(conditions, ` AND `), args, nil
}

// send runs the query of one page (rows with their at) and writes its features.
func (d *Def) send(ctx context.Context, tx pgx.Tx, page, order string, args []any, each func(Feature) error) error {
	with := d.With
	if with != "" {
		with = "," + with
	}
	var sql strings.Builder
	fmt.Fprintf(&sql, `%s, page AS MATERIALIZED (SELECT row_number() OVER (ORDER BY %s) AS n, f.* FROM (%s) f)%s
SELECT (%s)::text, to_json(%s)::text, %s`, given, order, page, with, d.Key, d.FeatureID, d.geometry())
	for _, p := range d.Properties {
		sql.WriteString(",\n  " + p.column())
	}
	fmt.Fprintf(&sql, "\nFROM page f %s\nORDER BY f.n", d.Details)
	rows, err := tx.Query(ctx, sql.String(), args...)
	if err != nil {
		return fmt.Errorf("reading %s: %w", d.ID, err)
	}
	defer rows.Close()
	var buffer []byte
	for rows.Next() {
		values := rows.RawValues()
		buffer = d.feature(buffer[:0], values)
		if err := each(Feature{Key: string(values[0]), GeoJSON: buffer}); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading %s: %w", d.ID, err)
	}
	return nil
}

// Fingerprint condenses the parts of a query that change its answer.
func (q Query) Fingerprint() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d|%d|%d|%t|%s|%d", q.Scope.Territory, q.Scope.First, q.Scope.Last, q.Scope.Interval, q.After, q.Limit)
	if q.Scope.Interval && q.Scope.Since != nil {
		fmt.Fprintf(&b, "|since %d", q.Scope.Since.UnixMicro())
	}
	if q.BBox != nil {
		fmt.Fprintf(&b, "|%v", *q.BBox)
	}
	for _, f := range q.Filters {
		b.WriteString("|" + f.Property + "=")
		b.Write(binary.AppendUvarint(nil, uint64(len(f.Value))))
		b.WriteString(f.Value)
	}
	return b.String()
}
