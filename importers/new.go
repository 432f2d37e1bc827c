package importers

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/jobs"
)

// KeepFor is how long the file, its rows and its rejects are kept where the
// settings say nothing.
const KeepFor = 30 * 24 * time.Hour

// Receive remembers that somebody wants an uploaded file imported, and has it
// read: the import and its job are there when tx commits, or neither. The error
// is a *UsedError when there is an import of the upload already.
func Receive(ctx context.Context, tx pgx.Tx, queue *jobs.Client, who grids.Principal, t cells.Territory, r Request) (Import, error) {
	i, err := insert(ctx, tx, who, t, r, nil)
	if err != nil {
		return i, err
	}
	return i, queue.AskTx(ctx, tx, jobs.Read{Import: jobs.Import{Territory: t.ID, ID: i.ID, Who: who}})
}

// UsedError says which import was made of an upload. It unwraps to a
// *grids.Error of kind Conflict.
type UsedError struct{ Import int64 }

// Error names the import.
func (e *UsedError) Error() string { return e.Unwrap().Error() }

// Unwrap gives the same as an error that a person can act on.
func (e *UsedError) Unwrap() error {
	return grids.Errorf(grids.Conflict, "upload", "该文件已用于第 %d 次导入", "import %d was made of this file", e.Import).
		Fix("打开或删除那次导入", "open or delete that import")
}

// Unused gives a *UsedError when an import was made of an upload.
func Unused(ctx context.Context, tx pgx.Tx, upload string) error {
	var id int64
	err := tx.QueryRow(ctx, `SELECT id FROM staging.batch WHERE upload = $1`, upload).Scan(&id)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("imports of an upload: %w", err)
	}
	return &UsedError{id}
}

func insert(ctx context.Context, tx pgx.Tx, who grids.Principal, t cells.Territory, r Request, sum []byte) (Import, error) {
	if err := r.complete(); err != nil {
		return Import{}, err
	}
	id, err := cells.NewBatch(ctx, tx)
	if err != nil {
		return Import{}, err
	}
	done, err := tx.Exec(ctx, `
		INSERT INTO staging.batch (territory_id, id, target, file, epsg, encoding, created_by, state, request, upload, checksum, expires_at, who)
		VALUES ($1, $2, $3, $4, 0, '', $5, 'received', $6, nullif($7, ''), $8, clock_timestamp() + $9, $10)
		ON CONFLICT (upload) WHERE upload IS NOT NULL DO NOTHING`,
		t.ID, id, r.Target, r.Name, who.Name, r, r.Upload, sum, cmp.Or(r.Keep, KeepFor), who)
	if err != nil {
		return Import{}, err
	}
	if done.RowsAffected() == 0 {
		return Import{}, Unused(ctx, tx, r.Upload)
	}
	return Find(ctx, tx, t, id)
}

// complete fills in what a request leaves open and refuses what it can't mean.
func (r *Request) complete() error {
	r.Name = cmp.Or(r.Name, filepath.Base(r.File))
	r.Provenance = cmp.Or(r.Provenance, "imported")
	switch {
	case !slices.Contains(Targets(), r.Target):
		return grids.Errorf(grids.Invalid, "as", "未知的导入目标 %q", "unknown target %q", r.Target)
	case r.Personal != nil && len(r.Personal.Columns) > 0 && strings.TrimSpace(r.Personal.Reason) == "":
		return grids.Errorf(grids.Invalid, "reason", "导入个人信息列须写明理由", "taking in columns of personal data takes a reason")
	case r.Provenance != "imported" && r.Provenance != "surveyed" && r.Provenance != "demo":
		return grids.Errorf(grids.Invalid, "provenance", "未知的来源 %q", "unknown provenance %q", r.Provenance).
			Fix("用 imported、surveyed 或 demo", "give imported, surveyed or demo")
	}
	return nil
}

// checksum is the SHA-256 of a file, with all that stands beside it under the
// same name (a shapefile's parts); of a folder, of all files in it.
func checksum(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	var parts []string
	if info.IsDir() {
		err = filepath.WalkDir(path, func(p string, e os.DirEntry, err error) error {
			if err == nil && e.Type().IsRegular() {
				parts = append(parts, p)
			}
			return err
		})
	} else {
		parts, err = partsOf(path)
	}
	if err != nil {
		return nil, err
	}
	slices.Sort(parts)
	hash := sha256.New()
	for _, part := range parts {
		name, err := filepath.Rel(filepath.Dir(path), part)
		if err != nil {
			return nil, err
		}
		if err := add(hash, name, part); err != nil {
			return nil, err
		}
	}
	return hash.Sum(nil), nil
}

// partsOf lists the parts of a shapefile; any other file is its only part.
func partsOf(path string) ([]string, error) {
	extension := strings.ToLower(filepath.Ext(path))
	if extension != ".shp" && extension != ".dbf" {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	stem := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	var parts []string
	for _, e := range entries {
		if e.Type().IsRegular() && strings.EqualFold(strings.TrimSuffix(e.Name(), filepath.Ext(e.Name())), stem) {
			parts = append(parts, filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
	return parts, nil
}

func add(hash io.Writer, name, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	fmt.Fprintf(hash, "%s %d\n", name, info.Size())
	_, err = io.Copy(hash, file)
	return err
}

// unreadable is an error that opening or reading a file gave, for people.
func unreadable(err error) error {
	var known *grids.Error
	if !errors.As(err, &known) {
		return grids.Errorf(grids.Invalid, "file", "无法读取:%v", "%v", err)
	}
	if known.Field != "" {
		return err
	}
	named := *known
	named.Field = "file"
	return &named
}
