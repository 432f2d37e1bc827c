package importers

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/database"
	"unigrid/importers/source"
	"unigrid/importers/source/formats"
)

// Read reads the file at path into staging, in one transaction: its rows, what
// is wrong with single ones, and what it is. A process that dies leaves the
// import reading; Read then begins again. An error of kind Invalid means that
// the file can't be read: the import has failed.
func Read(ctx context.Context, db *database.DB, who grids.Principal, t cells.Territory, id int64, path string, progress func(Progress)) error {
	s := stage{db: db, who: who, t: t, id: id, state: Reading, tell: progress}
	return s.run(ctx, work{
		do: func(tx pgx.Tx, i Import, m *meter) error {
			return s.read(ctx, tx, i, path, m)
		},
		keep: func(tx pgx.Tx, i Import, failed error) error {
			if failed != nil {
				return nil
			}
			_, err := tx.Exec(ctx, `UPDATE staging.batch SET state = 'read', report = NULL WHERE territory_id = $1 AND id = $2`, t.ID, id)
			return err
		},
	})
}

func (s stage) read(ctx context.Context, tx pgx.Tx, i Import, path string, m *meter) error {
	if info, err := os.Stat(path); err == nil {
		m.size.Store(info.Size())
	}
	file, err := formats.Open(path, i.Request.Source)
	if err != nil {
		return renamed(unopened(err), filepath.Base(path), i.Request.Name)
	}
	defer file.Close()
	for _, statement := range []string{
		`DELETE FROM staging.row WHERE territory_id = $1 AND batch = $2`,
		`DELETE FROM staging.finding WHERE territory_id = $1 AND batch = $2`,
		`DELETE FROM staging.difference WHERE territory_id = $1 AND batch = $2`,
	} {
		if _, err := tx.Exec(ctx, statement, s.t.ID, s.id); err != nil {
			return err
		}
	}
	rows, err := newStagedRows(s.t, s.id, file, m)
	if err != nil {
		return err
	}
	if err := copyRows(ctx, tx, rows); err != nil {
		return err
	}
	if rows.rows == 0 {
		return grids.Errorf(grids.Invalid, "file", "%s 中没有记录", "%s has no rows", i.File)
	}
	if _, err := tx.Exec(ctx, `SELECT staging.refresh_statistics()`); err != nil {
		return err
	}
	found, err := s.look(ctx, tx, path, rows)
	if err != nil {
		return err
	}
	mapping, err := s.recognise(ctx, tx, i, &found, rows)
	if err != nil {
		return err
	}
	if err := s.locate(ctx, tx, i.Request.Source, &found, rows); err != nil {
		return err
	}
	if err := copyFindings(ctx, tx, s.t, s.id, "read", 0, rows.findings); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE staging.batch SET source = $3, mapping = $4, rows = $5, epsg = $6, encoding = $7 WHERE territory_id = $1 AND id = $2`,
		s.t.ID, s.id, found, mapping, found.Rows, found.EPSG, found.Encoding)
	return err
}

// unopened says which layers a person may choose from.
func unopened(err error) error {
	var many *formats.ManyLayersError
	if errors.As(err, &many) {
		return grids.Errorf(grids.Invalid, "sheet", "%s 有 %d 个图层,须选定一个", "%s holds %d layers; one has to be chosen", many.File, len(many.Layers)).
			Fix("用 --sheet 指明其一:%[1]s", "name one with --sheet: %[1]s", strings.Join(many.Layers, ", "))
	}
	return unreadable(err)
}

// renamed names a file in a refusal as who sent it does, not as it is kept.
func renamed(err error, kept, sent string) error {
	var known *grids.Error
	if sent == "" || kept == sent || !errors.As(err, &known) {
		return err
	}
	named := *known
	own := strings.NewReplacer(kept, sent)
	named.Message = grids.Text{ZH: own.Replace(known.Message.ZH), EN: own.Replace(known.Message.EN)}
	named.Fixes = make([]grids.Text, len(known.Fixes))
	for i, fix := range known.Fixes {
		named.Fixes[i] = grids.Text{ZH: own.Replace(fix.ZH), EN: own.Replace(fix.EN)}
	}
	return &named
}

// look says what was read, and keeps the remarks on the file as a whole.
func (s stage) look(ctx context.Context, tx pgx.Tx, path string, rows *stagedRows) (Found, error) {
	found := Found{Format: formats.Name(path), Layer: rows.file.Name(), Geometry: rows.geometry(), Rows: rows.rows, Staged: rows.staged,
		Placed: rows.placed, Columns: rows.columns, Layers: []string{}, CRSCandidates: []CRSCandidate{}}
	var how grids.Text
	found.Encoding, how = rows.file.Encoding()
	found.EncodingHow, found.EncodingHowZH = how.EN, how.ZH
	found.EPSG, how = rows.file.CRS()
	found.CRSHow, found.CRSHowZH = how.EN, how.ZH
	layers, err := formats.Layers(path)
	if err != nil {
		return found, unreadable(err)
	}
	found.Layers = append(found.Layers, layers...)
	for _, note := range rows.file.Notes() {
		rows.findings = append(rows.findings, grids.Finding{Check: "import", Kind: string(note.Kind), Severity: grids.SeverityWarning}.Say(note.Why))
	}
	if more := rows.warnings - mostFindings; more > 0 {
		rows.findings = append(rows.findings, grids.Finding{Check: "import", Kind: "more-warnings", Severity: grids.SeverityWarning}.
			Say(grids.Textf("另有 %d 条逐行提醒未列出", "%d more warnings on single rows are not listed", more)))
	}
	return found, nil
}

// recognise proposes the mapping, and takes out what nobody should keep, also
// of what is remarked on single rows.
func (s stage) recognise(ctx context.Context, tx pgx.Tx, i Import, found *Found, rows *stagedRows) (map[string]string, error) {
	u, err := understand(ctx, tx, s.t, s.id, s.who, i.Request, rows.surveys)
	if err != nil {
		return nil, err
	}
	found.Columns = slices.DeleteFunc(found.Columns, func(c Column) bool { return slices.Contains(u.passed, c.Name) })
	secret := map[string]bool{}
	for n, c := range u.columns {
		c.Type = found.Columns[n].Type
		found.Columns[n] = c
		secret[c.Name] = c.Sensitive != nil
	}
	for n := range rows.findings {
		f := &rows.findings[n]
		if secret[f.Field] {
			f.Value = sample(f.Value, kindIdentity)
		} else {
			f.Value, _, _ = masked(f.Value)
		}
	}
	rows.findings = append(rows.findings, u.findings...)
	return u.mapping, nil
}

// locate settles where the rows are, or offers where they may be.
func (s stage) locate(ctx context.Context, tx pgx.Tx, said source.Options, found *Found, rows *stagedRows) error {
	if found.Geometry == "none" {
		return nil
	}
	if found.EPSG == 0 {
		candidates, err := suggestCRS(ctx, tx, s.t, s.id)
		for n := range candidates { // of the file, not of the rows as they were staged
			candidates[n].Swapped = candidates[n].Swapped != said.Swap
		}
		found.CRSCandidates = append(found.CRSCandidates, candidates...)
		return err
	}
	doubts, err := plausible(ctx, tx, s.t, s.id, found.EPSG)
	if err != nil {
		return err
	}
	rows.findings = append(rows.findings, doubts...)
	b := rows.bounds
	if b.IsEmpty() {
		return nil
	}
	found.Extent, err = extent(ctx, tx, found.EPSG, b.Min(0), b.Min(1), b.Max(0), b.Max(1))
	return err
}

// extent gives bounds in EPSG:4326; zeros where they can't be transformed.
func extent(ctx context.Context, tx pgx.Tx, epsg int, minX, minY, maxX, maxY float64) ([4]float64, error) {
	var e [4]*float64
	err := tx.QueryRow(ctx, `
		SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b)
		FROM (SELECT staging.lonlat(ST_Segmentize(ST_MakeEnvelope($1, $2, $3, $4, $5), greatest($3::float8 - $1::float8, $4::float8 - $2::float8, 1e-6) / 16)) AS b) s`,
		minX, minY, maxX, maxY, epsg).Scan(&e[0], &e[1], &e[2], &e[3])
	if err != nil || e[0] == nil {
		return [4]float64{}, err
	}
	return [4]float64{*e[0], *e[1], *e[2], *e[3]}, nil
}
