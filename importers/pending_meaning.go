package importers

import (
	"context"
	"io"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

func screen(context.Context, pgx.Tx, cells.Territory, int64, []string, mapping) (map[string]Sensitive, error) {
	return map[string]Sensitive{}, nil
}

func withhold(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, columns []string) error {
	_, err := tx.Exec(ctx, `UPDATE staging.row SET attributes = attributes - $3::text[] WHERE territory_id = $1 AND batch = $2`, t.ID, batch, columns)
	return err
}

// Profile keeps what was said of last month's file for this month's.
type Profile struct {
	Name     string
	Target   Target
	Request  Request
	Headings []string
}

var errNoProfiles = grids.Errorf(grids.Unavailable, "profile", "暂不能使用方案", "profiles can't be used yet")

// SaveProfile keeps a profile, in place of one of that name.
func SaveProfile(context.Context, pgx.Tx, cells.Territory, grids.Principal, Profile) error { return errNoProfiles }

// FindProfile gives the profile of that name.
func FindProfile(context.Context, pgx.Tx, cells.Territory, string) (Profile, error) {
	return Profile{}, errNoProfiles
}

// ListProfiles gives all profiles.
func ListProfiles(context.Context, pgx.Tx, cells.Territory) ([]Profile, error) { return nil, nil }

// DeleteProfile forgets a profile.
func DeleteProfile(context.Context, pgx.Tx, cells.Territory, string) error { return errNoProfiles }

// SuggestProfile gives a profile made of a file with the same headings.
func SuggestProfile(context.Context, pgx.Tx, cells.Territory, Target, []string) (Profile, bool, error) {
	return Profile{}, false, nil
}

// Template writes a workbook to fill in.
func Template(context.Context, pgx.Tx, cells.Territory, Target, grids.Tier, grids.LayerCode, io.Writer) error {
	return errNoProfiles
}
