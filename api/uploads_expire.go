package api

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/database"
)

// uploadPatience is how long an upload waits for its next bytes, or for an
// import.
const uploadPatience = 24 * time.Hour

// ExpireUploads removes the uploads in a folder to which nothing was added since
// an instant, finished or not, unless an import was made of them, and gives how
// many it removed.
func ExpireUploads(ctx context.Context, db *database.DB, who grids.Principal, folder string, before time.Time) (int, error) {
	old, err := oldUploads(folder, before)
	if err != nil || len(old) == 0 {
		return 0, err
	}
	var used []string
	if err := db.Read(ctx, who, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT upload FROM staging.batch WHERE upload = ANY($1)`, old)
		if err != nil {
			return err
		}
		used, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	}); err != nil {
		return 0, fmt.Errorf("imports of uploads: %w", err)
	}
	removed := 0
	for _, name := range old {
		if slices.Contains(used, name) {
			continue
		}
		for _, file := range []string{name, name + infoEnding} {
			if err := os.Remove(filepath.Join(folder, file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return removed, fmt.Errorf("old upload: %w", err)
			}
		}
		removed++
	}
	return removed, nil
}

// infoEnding is the ending of the file in which the store keeps what is known
// of an upload.
const infoEnding = ".info"

// oldUploads are the names of uploads none of whose files changed since an
// instant.
func oldUploads(folder string, before time.Time) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("folder of uploads: %w", err)
	}
	last := map[string]time.Time{}
	for _, entry := range entries {
		name := strings.TrimSuffix(entry.Name(), infoEnding)
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) || !uploadName.MatchString(name) || entry.IsDir() {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("folder of uploads: %w", err)
		}
		if info.ModTime().After(last[name]) {
			last[name] = info.ModTime()
		}
	}
	var old []string
	for name, changed := range last {
		if changed.Before(before) {
			old = append(old, name)
		}
	}
	return old, nil
}
