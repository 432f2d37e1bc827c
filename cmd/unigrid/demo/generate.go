package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/importers"
	"unigrid/importers/source"
)

// Notice stands on everything that shows demo data.
const Notice = "演示数据·非真实人员和企业 / demo data"

// EPSG is the coordinate system of the demo's shapefiles: CGCS2000 3-degree
// Gauss-Krüger, 114°E.
const EPSG = 4547

// Input is what the demo's files are made for.
type Input struct {
	Cells []cells.Cell // of all four tiers, with their ids and parents' ids
	Seed  uint64
}

// File is one generated file and how it is to be imported.
type File struct {
	Name     string          // within the folder
	As       string          // as in unigrid import --as
	Layer    grids.LayerCode // of layer cells
	Encoding string
	EPSG     int
	Rows     int
	Publish  []string // further columns that everybody may see
	About    grids.Text
}

// Manifest lists generated files in the order in which they are to be
// imported: people before what names them.
type Manifest []File

// Generate writes the demo's files for cells that are drawn already into a
// folder, which it makes if need be. The same input gives the same files. It
// fails when a tier is missing, when ctx is done, or when a file can't be
// written.
func Generate(ctx context.Context, folder string, input Input) (Manifest, error) {
	w, err := newWorld(input)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	team := w.team()
	own, err := w.layers(ctx, team)
	if err != nil {
		return nil, err
	}
	o := output{folder: folder}
	steps := []func() error{
		func() error { return o.roster(team) },
		func() error { return o.layerPeople(own.people) },
		func() error { return o.assignments(team) },
		func() error { return o.enterprises(w) },
		func() error { return o.monitors(w) },
		func() error { return o.waterSources(w) },
		func() error { return o.reaches(w) },
		func() error { return o.layerCells(own.grids) },
	}
	for _, step := range steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := step(); err != nil {
			return nil, fmt.Errorf("demo files: %w", err)
		}
	}
	return o.manifest, nil
}

// Request is how a file of the manifest, in a folder, is imported.
func (f File) Request(folder string) importers.Request {
	return importers.Request{
		File: filepath.Join(folder, f.Name), Target: importers.Target(f.As), Layer: f.Layer,
		Publish: f.Publish, Source: source.Options{Encoding: f.Encoding, EPSG: f.EPSG},
	}
}
