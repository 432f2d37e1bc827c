package api

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/layers"
	"unigrid/importers"
	"unigrid/importers/charset"
)

// changeRequest gives what is said of an import with another word added, or
// refuses that word.
func changeRequest(ctx context.Context, tx pgx.Tx, t cells.Territory, imp importers.Import, body ImportChange) (importers.Request, error) {
	r := imp.Request
	if body.Profile != nil {
		r.Profile = *body.Profile
		if r.Profile != "" {
			kept, err := importers.FindProfile(ctx, tx, t, r.Profile)
			if err != nil {
				return r, err
			}
			r = withProfile(r, kept)
		}
	}
	if body.Target != nil && importers.Target(*body.Target) != r.Target {
		r.Target, r.Map, r.Choices = importers.Target(*body.Target), nil, nil
	}
	if body.Tier != nil {
		r.Tier = grids.Tier(*body.Tier)
	}
	if body.Layer != nil {
		r.Layer = grids.LayerCode(*body.Layer)
	}
	if r.Target != importers.Cells {
		r.Tier = 0
	}
	if r.Target != importers.LayerCells {
		r.Layer = ""
	}
	if err := checkPlace(ctx, tx, t, r); err != nil {
		return r, err
	}
	if body.Strict != nil {
		r.Strict = *body.Strict
	}
	if body.ReplaceParents != nil {
		r.Adopt.ReplaceParents = *body.ReplaceParents
	}
	if body.RetireMissing != nil {
		r.Adopt.RetireMissing = *body.RetireMissing
	}
	if err := changeSource(ctx, tx, imp.Source, &r, body); err != nil {
		return r, err
	}
	return r, changeColumns(imp, &r, body)
}

// withProfile puts the words of a profile in the place of those given.
func withProfile(r importers.Request, kept importers.Profile) importers.Request {
	r.Target, r.Tier, r.Layer = kept.Target, kept.Request.Tier, kept.Request.Layer
	r.Source, r.Map, r.Publish = kept.Request.Source, maps.Clone(kept.Request.Map), slices.Clone(kept.Request.Publish)
	return r
}

// checkPlace refuses a tier that the territory's codes don't have and a layer
// that is not there. None is no mistake yet.
func checkPlace(ctx context.Context, tx pgx.Tx, t cells.Territory, r importers.Request) error {
	if int(r.Tier) > len(t.Scheme.Lengths) || r.Tier < 0 {
		e := grids.Errorf(grids.Invalid, "tier", "层级 %[1]d 超出 1 至 %[2]d", "tier %[1]d is not between 1 and %[2]d", r.Tier, len(t.Scheme.Lengths))
		e.Value = strconv.Itoa(int(r.Tier))
		return e
	}
	if r.Layer == "" {
		return nil
	}
	if err := layers.EnsureDefaults(ctx, tx, t.ID); err != nil {
		return err
	}
	return checkLayer(ctx, reading{tx: tx, territory: territory{id: t.ID}}, string(r.Layer))
}

// changeSource takes how a file is to be read.
func changeSource(ctx context.Context, tx pgx.Tx, found importers.Found, r *importers.Request, body ImportChange) error {
	if body.Encoding != nil {
		if *body.Encoding != "" {
			if _, err := charset.Lookup(*body.Encoding); err != nil {
				e := grids.Errorf(grids.Invalid, "encoding", "不认识编码 %q", "there is no encoding %q", *body.Encoding)
				e.Value = *body.Encoding
				return e.Fix("常用:gb18030、gbk、utf-8、big5", "such as gb18030, gbk, utf-8 or big5")
			}
		}
		r.Source.Encoding = *body.Encoding
	}
	if body.Crs != nil {
		epsg, err := readCRS(ctx, tx, *body.Crs)
		if err != nil {
			return err
		}
		r.Source.EPSG = epsg
	}
	if body.SwapAxes != nil {
		r.Source.Swap = *body.SwapAxes
	}
	if body.Sheet != nil {
		if *body.Sheet != "" && len(found.Layers) > 0 && !slices.Contains(found.Layers, *body.Sheet) {
			e := grids.Errorf(grids.Invalid, "sheet", "文件中没有 %q", "the file has no %q", *body.Sheet)
			e.Value = *body.Sheet
			return e.Fix("可选:%s", "there are: %s", strings.Join(found.Layers, ", "))
		}
		if *body.Sheet != r.Source.Layer {
			r.Choices = nil // other rows
		}
		r.Source.Layer = *body.Sheet
	}
	return nil
}

// readCRS reads the name of a coordinate system that PostGIS knows; "" is 0.
func readCRS(ctx context.Context, tx pgx.Tx, name string) (int, error) {
	if name == "" {
		return 0, nil
	}
	epsg, err := strconv.Atoi(strings.TrimPrefix(name, "EPSG:"))
	known := false
	if err == nil {
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM spatial_ref_sys WHERE srid = $1)`, epsg).Scan(&known); err != nil {
			return 0, fmt.Errorf("looking for %s: %w", name, err)
		}
	}
	if !known {
		e := grids.Errorf(grids.Invalid, "crs", "没有坐标系 %q", "there is no coordinate system %q", name)
		e.Value = name
		return 0, e.Fix("例如 EPSG:4490(国家2000经纬度)、EPSG:4547(国家2000,中央经线114°)", "such as EPSG:4490 (CGCS2000) or EPSG:4547 (CGCS2000, central meridian 114°)")
	}
	return epsg, nil
}

// changeColumns takes what is said of the file's columns and rows. Before the
// file is read its columns aren't known, and any may be named.
func changeColumns(imp importers.Import, r *importers.Request, body ImportChange) error {
	if body.Map != nil {
		r.Map = *body.Map
		for _, field := range slices.Sorted(maps.Keys(r.Map)) {
			fields := r.Target.Fields()
			if !slices.ContainsFunc(fields, func(f importers.Field) bool { return f.Name == field }) {
				names := make([]string, len(fields))
				for i, f := range fields {
					names[i] = f.Name
				}
				e := grids.Errorf(grids.Invalid, "map."+field, "没有字段 %q", "there is no field %q", field)
				e.Value = field
				return e.Fix("可用字段:%s", "these are: %s", strings.Join(names, ", "))
			}
			if r.Map[field] == "" {
				continue
			}
			if err := checkColumns(imp.Source, "map."+field, r.Map[field]); err != nil {
				return err
			}
		}
	}
	if body.Publish != nil {
		if err := checkColumns(imp.Source, "publish", *body.Publish...); err != nil {
			return err
		}
		r.Publish = *body.Publish
	}
	if body.Personal != nil {
		if err := checkColumns(imp.Source, "personal.columns", body.Personal.Columns...); err != nil {
			return err
		}
		reason := strings.TrimSpace(body.Personal.Reason)
		if len([]rune(reason)) < 4 {
			return grids.Errorf(grids.Invalid, "personal.reason", "请写明收录个人信息的理由", "say why personal data are taken in")
		}
		r.Personal = &importers.Personal{Columns: body.Personal.Columns, Reason: reason}
	}
	if body.Choices == nil {
		return nil
	}
	choices := maps.Clone(r.Choices)
	if choices == nil {
		choices = map[int]string{}
	}
	for _, text := range slices.Sorted(maps.Keys(*body.Choices)) {
		row, err := strconv.Atoi(text)
		if err != nil || row < 1 {
			return grids.Errorf(grids.Invalid, "choices", "%q 不是行号", "%q is no number of a row", text)
		}
		if answer := (*body.Choices)[text]; answer != "" {
			choices[row] = answer
		} else {
			delete(choices, row)
		}
	}
	r.Choices = choices
	return nil
}

// checkColumns refuses columns that a file doesn't have.
func checkColumns(found importers.Found, field string, columns ...string) error {
	if found.Format == "" {
		return nil
	}
	names := found.Headings()
	for _, column := range columns {
		if !slices.Contains(names, column) {
			e := grids.Errorf(grids.Invalid, field, "文件中没有列 %q", "the file has no column %q", column)
			e.Value = column
			return e.Fix("可选:%s", "there are: %s", strings.Join(names, ", "))
		}
	}
	return nil
}
