package api

import (
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/importers"
)

// showImport gives an import as answers show it, with the profile that its
// headings suggest.
func (s *Server) showImport(ctx context.Context, c echo.Context, o onImport) (Import, error) {
	shown := importOf(o.imp, callOf(c).lang)
	if o.imp.Request.Profile != "" || len(o.imp.Source.Columns) == 0 || o.imp.AppliedAt != nil {
		return shown, nil
	}
	kept, found, err := importers.SuggestProfile(ctx, o.tx, o.t, o.imp.Request.Target, o.imp.Source.Headings())
	if found {
		shown.SuggestedProfile = &kept.Name
	}
	return shown, err
}

// importOf gives an import as answers show it.
func importOf(imp importers.Import, lang string) Import {
	r := imp.Request
	shown := Import{
		Id: imp.ID, File: imp.File, State: ImportState(imp.State), Target: Target(r.Target), Encoding: r.Source.Encoding, Crs: crsName(r.Source.EPSG), SwapAxes: r.Source.Swap,
		Sheet: r.Source.Layer, Profile: optional(r.Profile), Layer: optional(string(r.Layer)), Map: orEmpty(r.Map), Publish: orNone(r.Publish),
		Choices: map[string]string{}, Strict: r.Strict, ReplaceParents: r.Adopt.ReplaceParents, RetireMissing: r.Adopt.RetireMissing, CreatedAt: imp.CreatedAt.UTC(), CreatedBy: imp.CreatedBy,
		AppliedAt: utc(imp.AppliedAt), UndoneAt: utc(imp.UndoneAt), ExpiresAt: utc(imp.ExpiresAt), Mapping: orEmpty(imp.Mapping), Source: sourceOf(imp.Source, lang),
	}
	if stem(shown.Source.Layer) == stem(r.Upload) { // named after the kept file, which nobody knows
		shown.Source.Layer = stem(imp.File)
	}
	if r.Tier > 0 {
		tier := int(r.Tier)
		shown.Tier = &tier
	}
	if r.Personal != nil {
		shown.Personal = &struct {
			Columns []string `json:"columns"`
			Reason  string   `json:"reason"`
		}{r.Personal.Columns, r.Personal.Reason}
	}
	for row, answer := range r.Choices {
		shown.Choices[strconv.Itoa(row)] = answer
	}
	p := imp.Progress
	shown.Progress = ImportProgress{Stage: string(p.Stage), Bytes: p.Bytes, BytesTotal: p.BytesTotal, Rows: p.Rows, RowsTotal: p.RowsTotal,
		RowsPerS: p.RowsPerSecond, RemainingS: p.RemainingS}
	if n := imp.Report; n != nil {
		shown.Report = &ImportReport{Rows: n.Rows, Applied: n.Applied, Unchanged: n.Unchanged, Rejected: n.Rejected, Created: n.Created, Changed: n.Changed, Retired: n.Retired,
			Errors: n.Errors, Repairs: n.Repairs, Warnings: n.Warnings}
	}
	if imp.Error != nil {
		shown.Error = importError(*imp.Error, lang)
	} else if imp.State == importers.Staged {
		if err := imp.Missing(); err != nil {
			shown.Error = importError(importers.ProblemOf(err), lang)
		}
	}
	shown.Undo.Possible = imp.State == importers.Applied
	if !shown.Undo.Possible {
		shown.Undo.Why = standings[imp.State].name.In(lang)
	}
	return shown
}

func importError(p importers.Problem, lang string) *ImportError {
	kind, ok := kinds[p.Kind]
	if !ok {
		kind.title = grids.Text{ZH: "服务内部错误", EN: "Internal error"}
	}
	fixes := make([]string, len(p.Fixes))
	for i, fix := range p.Fixes {
		fixes[i] = fix.In(lang)
	}
	return &ImportError{Title: kind.title.In(lang), Detail: p.Text.In(lang), Field: p.Field, Fix: strings.Join(fixes, grids.Text{ZH: ";", EN: "; "}.In(lang))}
}

func sourceOf(f importers.Found, lang string) ImportSource {
	shown := ImportSource{Format: f.Format, Layers: orNone(f.Layers), Layer: f.Layer, Encoding: f.Encoding, EncodingHow: f.EncodingHow, Epsg: f.EPSG,
		CrsHow: f.CRSHow, Geometry: f.Geometry, Rows: f.Rows, Columns: make([]ImportColumn, len(f.Columns))}
	if f.EncodingHowZH != "" {
		shown.EncodingHowZh = &f.EncodingHowZH
	}
	if f.CRSHowZH != "" {
		shown.CrsHowZh = &f.CRSHowZH
	}
	if f.Extent != [4]float64{} {
		extent := f.Extent[:]
		shown.Extent = &extent
	}
	shown.CrsCandidates = make([]CrsCandidate, len(f.CRSCandidates))
	for i, one := range f.CRSCandidates {
		shown.CrsCandidates[i] = CrsCandidate{Epsg: one.EPSG, Name: one.Name, Swapped: one.Swapped, Why: grids.Text{ZH: one.WhyZh, EN: one.Why}.In(lang)}
	}
	for i, column := range f.Columns {
		shown.Columns[i] = ImportColumn{Name: column.Name, Type: column.Type, Samples: orNone(column.Samples), Filled: column.Filled}
		if mark := column.Sensitive; mark != nil {
			shown.Columns[i].Sensitive = &struct {
				By    string `json:"by"`
				Count int    `json:"count"`
				Kind  string `json:"kind"`
			}{mark.By, mark.Count, mark.Kind}
		}
	}
	return shown
}

// crsName is the name of a coordinate system, "" for none.
func crsName(epsg int) string {
	if epsg == 0 {
		return ""
	}
	return fmt.Sprintf("EPSG:%d", epsg)
}

// stem is a file's name without its ending.
func stem(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// sizeText is a number of bytes for people.
func sizeText(bytes int64) string {
	for _, unit := range []struct {
		bytes int64
		name  string
	}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if bytes >= unit.bytes {
			return strconv.FormatFloat(float64(bytes)/float64(unit.bytes), 'g', 3, 64) + " " + unit.name
		}
	}
	return strconv.FormatInt(bytes, 10) + " B"
}
