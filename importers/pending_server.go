package importers

import (
	"context"
	"io"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// Profile is what was said of a file, kept for the next one of its kind.
type Profile struct {
	Name     string
	Target   Target
	Request  Request
	Headings []string
}

func SaveProfile(ctx context.Context, tx pgx.Tx, t cells.Territory, p Profile) error {
	return errPending
}

func FindProfile(ctx context.Context, tx pgx.Tx, t cells.Territory, name string) (Profile, error) {
	return Profile{}, errPending
}

func ListProfiles(ctx context.Context, tx pgx.Tx, t cells.Territory) ([]Profile, error) {
	return nil, errPending
}

func DeleteProfile(ctx context.Context, tx pgx.Tx, t cells.Territory, name string) error {
	return errPending
}

func SuggestProfile(ctx context.Context, tx pgx.Tx, t cells.Territory, target Target, headings []string) (*Profile, error) {
	return nil, nil
}

func Template(ctx context.Context, tx pgx.Tx, t cells.Territory, target Target, tier grids.Tier, layer grids.LayerCode, w io.Writer) error {
	return errPending
}
