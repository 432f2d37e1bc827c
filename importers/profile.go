package importers

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// Profile is what somebody settled about a file, kept for next month's.
type Profile struct {
	Name   string `json:"name"`
	Target Target `json:"target"`
	// Request has what can be kept of it: tier, layer, source, map and publish.
	Request Request `json:"request"`
	// Headings are those of the file that it was made with.
	Headings []string `json:"headings"`
}

// SaveProfile keeps a profile, in place of one of the same name. What concerns
// one file alone (its name, choices, personal data taken in) is not kept.
func SaveProfile(ctx context.Context, tx pgx.Tx, t cells.Territory, who grids.Principal, p Profile) error {
	const longest = 100
	if p.Name == "" || len([]rune(p.Name)) > longest {
		return grids.Errorf(grids.Invalid, "name", "方案名称应为 1 至 %d 个字", "the name of a profile has 1 to %d characters", longest)
	}
	if _, err := propose(p.Target, p.Headings, p.Request.Map); err != nil {
		return err
	}
	kept := Request{Target: p.Target, Tier: p.Request.Tier, Layer: p.Request.Layer, Source: p.Request.Source, Map: p.Request.Map, Publish: p.Request.Publish}
	if p.Headings == nil {
		p.Headings = []string{}
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO staging.profile (territory_id, name, target, request, headings, saved_by) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (territory_id, name) DO UPDATE
		SET target = excluded.target, request = excluded.request, headings = excluded.headings, saved_by = excluded.saved_by, saved_at = clock_timestamp()`,
		t.ID, p.Name, p.Target, kept, p.Headings, who.Name)
	return err
}

const selectProfile = `SELECT name, target, request, headings FROM staging.profile WHERE territory_id = $1 `

func scanProfile(row pgx.CollectableRow) (Profile, error) {
	var p Profile
	err := row.Scan(&p.Name, &p.Target, &p.Request, &p.Headings)
	return p, err
}

// FindProfile gives the profile of a name; a *grids.Error of kind NotFound if
// there is none.
func FindProfile(ctx context.Context, tx pgx.Tx, t cells.Territory, name string) (Profile, error) {
	rows, err := tx.Query(ctx, selectProfile+`AND name = $2`, t.ID, name)
	if err != nil {
		return Profile{}, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, scanProfile)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, grids.Errorf(grids.NotFound, "profile", "没有名为 %q 的导入方案", "there is no import profile %q", name)
	}
	return p, err
}

// ListProfiles gives a territory's profiles by name.
func ListProfiles(ctx context.Context, tx pgx.Tx, t cells.Territory) ([]Profile, error) {
	rows, err := tx.Query(ctx, selectProfile+`ORDER BY name`, t.ID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanProfile)
}

// DeleteProfile forgets a profile; a *grids.Error of kind NotFound if there is
// none.
func DeleteProfile(ctx context.Context, tx pgx.Tx, t cells.Territory, name string) error {
	done, err := tx.Exec(ctx, `DELETE FROM staging.profile WHERE territory_id = $1 AND name = $2`, t.ID, name)
	if err == nil && done.RowsAffected() == 0 {
		return grids.Errorf(grids.NotFound, "profile", "没有名为 %q 的导入方案", "there is no import profile %q", name)
	}
	return err
}

// SuggestProfile gives the profile of a target whose file had the headings that
// are most like these: all columns that it maps are there, and of all headings
// four in five are the same. ok is false if there is none.
func SuggestProfile(ctx context.Context, tx pgx.Tx, t cells.Territory, target Target, headings []string) (p Profile, ok bool, err error) {
	all, err := ListProfiles(ctx, tx, t)
	if err != nil {
		return p, false, err
	}
	const alike = 0.8
	here, best := plainSet(headings), alike
	for _, one := range all {
		if one.Target != target || !one.fits(here) {
			continue
		}
		there, common := plainSet(one.Headings), 0
		for h := range there {
			if here[h] {
				common++
			}
		}
		union := len(here) + len(there) - common
		if union > 0 && float64(common)/float64(union) >= best && (!ok || float64(common)/float64(union) > best) {
			p, ok, best = one, true, float64(common)/float64(union)
		}
	}
	return p, ok, nil
}

// fits tells whether all columns that a profile names are among some headings.
func (p Profile) fits(here map[string]bool) bool {
	for _, column := range p.Request.Map {
		if column != "" && !here[plain(column)] {
			return false
		}
	}
	return !slices.ContainsFunc(p.Request.Publish, func(c string) bool { return !here[plain(c)] })
}

func plainSet(headings []string) map[string]bool {
	set := map[string]bool{}
	for _, h := range headings {
		set[plain(h)] = true
	}
	return set
}

// With gives the request as the profile has it where the request says nothing.
func (r Request) With(p Profile) Request {
	r.Profile = p.Name
	if r.Target == "" {
		r.Target = p.Target
	}
	if r.Tier == 0 {
		r.Tier = p.Request.Tier
	}
	if r.Layer == "" {
		r.Layer = p.Request.Layer
	}
	if r.Source.Encoding == "" {
		r.Source.Encoding = p.Request.Source.Encoding
	}
	if r.Source.EPSG == 0 {
		r.Source.EPSG = p.Request.Source.EPSG
	}
	r.Source.Swap = r.Source.Swap || p.Request.Source.Swap
	if r.Source.Layer == "" {
		r.Source.Layer = p.Request.Source.Layer
	}
	merged := map[string]string{}
	for field, column := range p.Request.Map {
		merged[field] = column
	}
	for field, column := range r.Map {
		merged[field] = column
	}
	r.Map = merged
	if r.Publish == nil {
		r.Publish = p.Request.Publish
	}
	return r
}
