package geopackage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"unigrid/geo/crs"
	"unigrid/grids"
	"unigrid/importers/source"
)

const (
	largestValue = 256 << 20 // bytes of one value
	openTime     = time.Minute
	mostColumns  = 4096
)

// database is a GeoPackage opened for reading alone.
type database struct {
	file string // base name
	size int64
	pool *sql.DB
	conn *sql.Conn
}

// connect opens a file that nobody vouches for: read-only and as it lies there
// (no journal is replayed), with SQLite's defences on, no function of the
// file's own schema trusted beyond the harmless ones, and no value larger than
// the file could hold. What the program asks of it are tables only, never a
// view or a virtual table, so that no code of the file runs.
func connect(ctx context.Context, path string) (*database, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if wal, err := os.Stat(path + "-wal"); err == nil && wal.Size() > 0 {
		return nil, grids.Errorf(grids.Invalid, "file", "仍有程序打开着它，最近的修改还在 %s-wal 中", "a program still has it open, and its last changes are in %s-wal", filepath.Base(path)).
			Fix("请先在该程序中关闭", "close it there first")
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	name := (&url.URL{Scheme: "file", Path: absolute}).String() +
		"?mode=ro&immutable=1&_query_only=1&_defensive=1&_dqs=0" +
		"&_pragma=trusted_schema(0)&_pragma=cell_size_check(1)&_pragma=mmap_size(0)"
	connector, err := sqlite.NewConnector(name)
	if err != nil {
		return nil, err
	}
	d := &database{file: filepath.Base(path), size: info.Size(), pool: sql.OpenDB(connector)}
	d.pool.SetMaxOpenConns(1)
	if d.conn, err = d.pool.Conn(ctx); err != nil {
		return nil, errors.Join(err, d.pool.Close())
	}
	for limit, most := range map[int]int{
		sqlite3.SQLITE_LIMIT_LENGTH:   int(min(largestValue, 2*info.Size()+1<<20)),
		sqlite3.SQLITE_LIMIT_COLUMN:   2000,
		sqlite3.SQLITE_LIMIT_ATTACHED: 0,
	} {
		if _, err := sqlite.Limit(d.conn, limit, most); err != nil {
			return nil, errors.Join(err, d.close())
		}
	}
	return d, nil
}

func (d *database) close() error {
	return errors.Join(d.conn.Close(), d.pool.Close())
}

// layer is a table of features, or of attributes alone.
type layer struct {
	table, title string
	geometry     string // column; empty for attributes alone
	srs          int64
}

// noGeoPackage refuses a database of another kind.
func noGeoPackage() error {
	return grids.Errorf(grids.Invalid, "file", "这是 SQLite 数据库，但不是 GeoPackage（没有表 gpkg_contents）", "an SQLite database that is not a GeoPackage: it has no table gpkg_contents").
		Fix("请将其中的图层导出为 GeoPackage 或 shapefile", "export its layers as GeoPackage or shapefile")
}

// damaged says of SQLite's own errors what they mean to a person.
func damaged(err error) error {
	var cause *sqlite.Error
	if !errors.As(err, &cause) {
		return err
	}
	e := grids.Errorf(grids.Invalid, "file", "GeoPackage 无法读取，文件可能已损坏或不完整", "the GeoPackage can't be read: it is damaged or incomplete").
		Fix("请在 QGIS 中打开并重新导出为 GeoPackage 或 shapefile", "open it in QGIS and export it anew as GeoPackage or shapefile")
	e.Cause = err
	return e
}

// layers lists the tables of features and attributes that are tables indeed.
func (d *database) layers(ctx context.Context) ([]layer, error) {
	tables, err := d.tables(ctx)
	if err != nil {
		return nil, err
	}
	if !tables["gpkg_contents"] {
		return nil, noGeoPackage()
	}
	query := `select c.table_name, coalesce(c.identifier, ''), '', 0
from gpkg_contents c where c.data_type in ('features', 'attributes', 'aspatial') order by c.rowid`
	if tables["gpkg_geometry_columns"] {
		query = `select c.table_name, coalesce(c.identifier, ''), coalesce(g.column_name, ''), coalesce(g.srs_id, 0)
from gpkg_contents c left join gpkg_geometry_columns g on lower(g.table_name) = lower(c.table_name)
where c.data_type in ('features', 'attributes', 'aspatial') order by c.rowid`
	}
	rows, err := d.conn.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []layer
	seen := map[string]bool{}
	for rows.Next() {
		var l layer
		if err := rows.Scan(&l.table, &l.title, &l.geometry, &l.srs); err != nil {
			return nil, err
		}
		key := strings.ToLower(l.table)
		if !tables[key] || seen[key] || strings.HasPrefix(key, "gpkg_") || strings.HasPrefix(key, "sqlite_") {
			continue
		}
		seen[key] = true
		found = append(found, l)
	}
	return found, rows.Err()
}

// tables are the names, in lower case, of what has rows of its own: neither
// views nor virtual tables, which would run what the file says.
func (d *database) tables(ctx context.Context) (map[string]bool, error) {
	rows, err := d.conn.QueryContext(ctx, `select lower(name) from sqlite_schema where type = 'table' and rootpage > 0`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		found[name] = true
	}
	return found, rows.Err()
}

// Layers lists the names of the tables of features and of attributes, in the
// file's order.
func Layers(path string) ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), openTime)
	defer cancel()
	var names []string
	err := func() error {
		d, err := connect(ctx, path)
		if err != nil {
			return err
		}
		layers, err := d.layers(ctx)
		for _, l := range layers {
			names = append(names, l.table)
		}
		return errors.Join(err, d.close())
	}()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), damaged(err))
	}
	return names, nil
}

// choose finds the layer by its table's name or else its title.
func (d *database) choose(layers []layer, wanted string) (layer, error) {
	names := make([]string, len(layers))
	for i, l := range layers {
		names[i] = l.table
	}
	switch {
	case len(layers) == 0:
		return layer{}, grids.Errorf(grids.Invalid, "file", "其中没有图层", "it holds no layer")
	case wanted == "" && len(layers) == 1:
		return layers[0], nil
	case wanted == "":
		return layer{}, &source.ManyLayersError{File: d.file, Layers: names}
	}
	if i := slices.IndexFunc(layers, func(l layer) bool { return l.table == wanted }); i >= 0 {
		return layers[i], nil
	}
	if i := slices.IndexFunc(layers, func(l layer) bool { return l.title == wanted || strings.EqualFold(l.table, wanted) }); i >= 0 {
		return layers[i], nil
	}
	return layer{}, grids.Errorf(grids.Invalid, "layer", "没有图层 %s", "there is no layer %s", wanted).
		Fix("现有：%s", "there is %s", strings.Join(names, ", "))
}

// crsOf is the EPSG code of a layer's coordinates, how it was found out, and its
// definition where no code stands in the file.
func (d *database) crsOf(ctx context.Context, l layer, user int) (epsg int, how grids.Text, definition string, err error) {
	switch {
	case user != 0:
		return user, source.ByUser, "", nil
	case l.geometry == "":
		return 0, grids.Text{ZH: "表中没有几何列", EN: "the table has no geometry"}, "", nil
	case l.srs == 0 || l.srs == -1:
		return 0, grids.Text{ZH: "图层未定义坐标系", EN: "the layer's coordinate system is undefined"}, "", nil
	}
	tables, err := d.tables(ctx)
	if err != nil || !tables["gpkg_spatial_ref_sys"] {
		return 0, grids.Text{ZH: "缺少表 gpkg_spatial_ref_sys", EN: "the table gpkg_spatial_ref_sys is missing"}, "", err
	}
	var organization string
	var code int64
	err = d.conn.QueryRowContext(ctx, `select coalesce(organization, ''), coalesce(organization_coordsys_id, 0), coalesce(definition, '')
from gpkg_spatial_ref_sys where srs_id = ?`, l.srs).Scan(&organization, &code, &definition)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, grids.Textf("文件没有说明其坐标系 %d 是什么", "the file doesn't say what its coordinate system %d is", l.srs), "", nil
	case err != nil:
		return 0, grids.Text{}, "", err
	case strings.EqualFold(organization, "EPSG") && code > 0 && code < 1<<20:
		return int(code), grids.Textf("文件中写明 EPSG:%d", "EPSG:%d in the file", code), "", nil
	}
	epsg, err = crs.Identify(definition)
	if err != nil {
		return 0, source.Unrecognised(grids.Text{ZH: "文件中的坐标系定义", EN: "definition in the file"}, err), definition, nil
	}
	return epsg, grids.Text{ZH: "按文件中坐标系定义的参数", EN: "parameters of the definition in the file"}, definition, nil
}

// column is one of a table, as it is declared.
type column struct {
	name, declared string
	primary        bool
}

// columns are those of a table that keep values; generated ones, which would
// be computed by what the file says, are left out.
func (d *database) columns(ctx context.Context, table string) ([]column, error) {
	rows, err := d.conn.QueryContext(ctx, `select name, upper(type), pk > 0 from pragma_table_xinfo(?) where hidden = 0 order by cid`, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []column
	for rows.Next() {
		var c column
		if err := rows.Scan(&c.name, &c.declared, &c.primary); err != nil {
			return nil, err
		}
		if len(all) >= mostColumns {
			return nil, source.Fault("列数超过 %d", "more than %d columns", mostColumns)
		}
		all = append(all, c)
	}
	return all, rows.Err()
}
