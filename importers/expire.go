package importers

import (
	"context"
	_ "embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
)

// strayAfter is how long a file of the folder of uploads may belong to no
// import: an upload that takes its time, or whose import was deleted.
const strayAfter = 48 * time.Hour

// Delete forgets an import that isn't applied, and of an applied one what is
// kept of its file: rows, rejects and the values in its findings. The kept file
// itself goes with the next Expire, which finds that no import names it.
func Delete(ctx context.Context, db *database.DB, who grids.Principal, t cells.Territory, id int64) error {
	return db.Tx(ctx, who, func(tx pgx.Tx) error {
		held, err := tryHold(ctx, tx, t, id)
		if err != nil {
			return err
		}
		if !held {
			return grids.Errorf(grids.Conflict, "state", "导入 %d 正在处理中", "import %d is being worked on", id)
		}
		if _, err := Find(ctx, tx, t, id); err != nil {
			return err
		}
		return forget(ctx, tx, t.ID, id)
	})
}

//go:embed forget.sql
var forgetSQL string

// forget deletes an import that was never applied; of others it keeps what was
// done, by whom, and how many rows.
func forget(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, id int64) error {
	for _, statement := range strings.Split(forgetSQL, ";\n\n") {
		if _, err := tx.Exec(ctx, statement, territory, id); err != nil {
			return err
		}
	}
	return nil
}

// Expire forgets the imports, of all territories, whose time is over at now,
// and deletes the files in the folder of uploads that no import names any
// more. It tells how many imports it forgot.
func Expire(ctx context.Context, db *database.DB, who grids.Principal, folder string, now time.Time) (int, error) {
	var due []struct {
		Territory grids.TerritoryID
		ID        int64
	}
	var named []string
	err := db.Tx(ctx, who, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT territory_id, id FROM staging.batch WHERE expires_at <= $1 ORDER BY expires_at`, now)
		if err != nil {
			return err
		}
		if due, err = pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
			Territory grids.TerritoryID
			ID        int64
		}]); err != nil {
			return err
		}
		for _, d := range due {
			if err := forget(ctx, tx, d.Territory, d.ID); err != nil {
				return err
			}
		}
		rows, err = tx.Query(ctx, `SELECT upload FROM staging.batch WHERE upload IS NOT NULL`)
		if err != nil {
			return err
		}
		named, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err != nil || folder == "" {
		return len(due), err
	}
	return len(due), sweep(folder, named, now)
}

// sweep deletes what no import names: a kept file, and what stands beside it
// under the same name (NAME.info, NAME.lock).
func sweep(folder string, named []string, now time.Time) error {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	slices.Sort(named)
	var all []error
	for _, e := range entries {
		stem, _, _ := strings.Cut(e.Name(), ".")
		if belongs(named, e.Name()) || belongs(named, stem) {
			continue
		}
		info, err := e.Info()
		if err != nil || now.Sub(info.ModTime()) < strayAfter {
			continue
		}
		if err := os.RemoveAll(filepath.Join(folder, e.Name())); err != nil {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

func belongs(sorted []string, name string) bool {
	_, found := slices.BinarySearch(sorted, name)
	return found
}
