package collections

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// When is a datetime as OGC API Features writes it: an instant (From and To
// are the same), or an interval, in which nil is open.
type When struct {
	From, To *time.Time
	Interval bool
}

// ParseWhen reads an RFC 3339 instant or an interval such as a/b, ../b or a/..;
// "" is the zero When, which means now.
func ParseWhen(text string) (When, error) {
	bad := grids.Errorf(grids.Invalid, "datetime", "时间 %q 无法识别", "datetime %q is not understood", text).
		Fix("用 RFC 3339 时刻(2026-01-02T03:04:05Z),或区间 起/止,开放端写 ..",
			"give an RFC 3339 instant (2026-01-02T03:04:05Z), or an interval from/to with .. for an open end")
	bad.Value = text
	if text == "" {
		return When{}, nil
	}
	from, to, interval := strings.Cut(text, "/")
	if !interval {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return When{}, bad
		}
		return When{From: &at, To: &at}, nil
	}
	w := When{Interval: true}
	for _, end := range []struct {
		text string
		into **time.Time
	}{{from, &w.From}, {to, &w.To}} {
		if end.text == "" || end.text == ".." {
			continue
		}
		at, err := time.Parse(time.RFC3339, end.text)
		if err != nil {
			return When{}, bad
		}
		*end.into = &at
	}
	if (w.From == nil && w.To == nil) || (w.From != nil && w.To != nil && w.To.Before(*w.From)) {
		return When{}, bad
	}
	return w, nil
}

// String writes w as ParseWhen reads it.
func (w When) String() string {
	end := func(t *time.Time) string {
		if t == nil {
			return ".."
		}
		return t.UTC().Format(time.RFC3339Nano)
	}
	switch {
	case w.Interval:
		return end(w.From) + "/" + end(w.To)
	case w.From != nil:
		return end(w.From)
	default:
		return ""
	}
}

// Scope is the state of a territory that a query reads: the editions it may
// see (Last 0: none) and the instant that counts for dated rows.
type Scope struct {
	Territory   grids.TerritoryID
	First, Last grids.EditionID
	At          time.Time
	Interval    bool
	Since       *time.Time // where an interval begins; nil: with the first version
}

// Resolve finds the scope of a When. pinned, if not 0, is the edition that the
// first page of an answer saw. now stands for an open or missing end.
func Resolve(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, when When, pinned grids.EditionID, now time.Time) (Scope, error) {
	scope := Scope{Territory: territory, At: now, Interval: when.Interval, Since: when.From}
	from, to := when.From, when.To
	if !when.Interval && from == nil {
		from, to = &now, &now
	}
	if to != nil && (!when.Interval || to.Before(now)) {
		scope.At = *to
	}
	var known bool
	err := tx.QueryRow(ctx, `
		SELECT coalesce(editions.at($1, $2), 1), coalesce(editions.at($1, coalesce($3, 'infinity'::timestamptz)), 0),
		       $4 = 0 OR EXISTS (SELECT FROM editions.edition WHERE territory_id = $1 AND seq = $4 AND state = 'published')`,
		territory, from, to, pinned).Scan(&scope.First, &scope.Last, &known)
	if err != nil {
		return Scope{}, fmt.Errorf("finding the edition: %w", err)
	}
	if !known {
		e := grids.Errorf(grids.Invalid, "edition", "没有已发布的版本 %d", "there is no published edition %d", pinned)
		e.Value = fmt.Sprint(pinned)
		return Scope{}, e.Fix("版本列表见 /v1/editions", "see /v1/editions for those there are")
	}
	if pinned != 0 {
		scope.Last = pinned
	}
	if !when.Interval || scope.First > scope.Last {
		scope.First = scope.Last
	}
	return scope, nil
}
