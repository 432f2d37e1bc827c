package demo

import (
	"context"
	"fmt"
	"hash/fnv"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"golang.org/x/sync/errgroup"

	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/cells"
	"unigrid/grids/collections"
	"unigrid/grids/database"
	"unigrid/grids/drawing"
	"unigrid/grids/editions"
	"unigrid/grids/layers"
	"unigrid/grids/merge"
	"unigrid/importers"
)

// Code of the demo territory.
const Code grids.Code = "430200000000"

// seed of everything invented.
const seed = 430200

// nearestCounties are drawn with seed points, the others balanced on the H3
// lattice.
var nearestCounties = map[grids.Code]bool{
	"430202000000": true, "430203000000": true, "430204000000": true, "430211000000": true,
}

// Load makes the demo territory complete: drawn, staffed, mapped, merged and
// published. A territory that is there already is left as it is; a load that
// was cut short goes on where it stopped.
func Load(ctx context.Context, db *database.DB, log *slog.Logger) error {
	l := loader{ctx: ctx, db: db, log: log, started: time.Now()}
	done, err := l.territory()
	if err != nil || done {
		return err
	}
	if l.folder, err = os.MkdirTemp("", "unigrid-demo-"); err != nil {
		return err
	}
	defer os.RemoveAll(l.folder)
	for _, step := range []func() error{l.counties, l.townships, l.villages, l.files, l.merge, l.open} {
		if err := step(); err != nil {
			return err
		}
	}
	l.say("the demo territory is complete")
	return nil
}

type loader struct {
	ctx     context.Context
	db      *database.DB
	log     *slog.Logger
	started time.Time
	folder  string
	t       cells.Territory
}

func (l *loader) say(message string, args ...any) {
	l.log.Info("demo: "+message, append(args, "seconds", int(time.Since(l.started).Seconds()))...)
}

// territory finds or creates the territory; done when it is published.
func (l *loader) territory() (done bool, err error) {
	err = l.db.Tx(l.ctx, grids.Local, func(tx pgx.Tx) error {
		found, err := cells.FindTerritory(l.ctx, tx, string(Code))
		if err == nil {
			l.t = found
			edition, err := editions.Current(l.ctx, tx, found, time.Now())
			done = edition > 0
			return err
		}
		if !grids.IsKind(err, grids.NotFound) {
			return err
		}
		l.say("drawing, staffing and merging the demo territory; this takes a minute or two the first time")
		l.t, err = cells.CreateTerritory(l.ctx, tx, cells.Territory{Code: Code, Name: "株洲市", EPSG: 4547, Scheme: grids.GB12, Demo: true})
		if err != nil {
			return err
		}
		return layers.EnsureDefaults(l.ctx, tx, l.t.ID)
	})
	return done, err
}

// tier gives the draft's cells of a tier.
func (l *loader) tier(tier grids.Tier) (list []cells.Cell, err error) {
	err = l.db.Tx(l.ctx, grids.Local, func(tx pgx.Tx) error {
		edition, err := editions.Draft(l.ctx, tx, l.t, grids.Local)
		if err != nil {
			return err
		}
		list, err = cells.OfTier(l.ctx, tx, l.t, edition, tier)
		return err
	})
	return list, err
}

// counties imports the sketch of the counties.
func (l *loader) counties() error {
	there, err := l.tier(2)
	if err != nil || len(there) > 0 {
		return err
	}
	sketch, err := Data()
	if err != nil {
		return err
	}
	names, err := fs.Glob(sketch, "counties.*")
	if err != nil {
		return err
	}
	for _, name := range names {
		content, err := fs.ReadFile(sketch, name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(l.folder, name), content, 0o600); err != nil {
			return err
		}
	}
	return l.run(importers.Request{File: filepath.Join(l.folder, "counties.shp"), Target: importers.Cells, Tier: 2})
}

// run imports one file and fails when it does not go in.
func (l *loader) run(r importers.Request) error {
	r.Provenance = "demo"
	report, err := importers.Run(l.ctx, l.db, grids.Local, l.t, r, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(r.File), err)
	}
	l.say("imported", "file", report.File, "as", string(r.Target), "rows", report.Rows, "applied", report.Applied, "rejected", report.Rejected)
	return nil
}

// townships draws tier 3: outward from the county's seat.
func (l *loader) townships() error {
	seats, err := Seats()
	if err != nil {
		return err
	}
	return l.draw(2, func(county cells.Cell) orb.Point { return seats[county.Code] })
}

// villages draws tier 4: outward from the township's own middle.
func (l *loader) villages() error {
	return l.draw(3, func(township cells.Cell) orb.Point { return drawing.Middle(township.Geom) })
}

// draw divides all cells of a tier that have no children yet.
func (l *loader) draw(tier grids.Tier, seat func(cells.Cell) orb.Point) error {
	there, err := l.tier(tier + 1)
	if err != nil || len(there) > 0 {
		return err
	}
	parents, err := l.tier(tier)
	if err != nil {
		return err
	}
	codes, err := Codes()
	if err != nil {
		return err
	}
	plans := make([]drawing.Plan, len(parents))
	group, ctx := errgroup.WithContext(l.ctx)
	group.SetLimit(runtime.NumCPU())
	for i, parent := range parents {
		group.Go(func() error {
			request, err := l.request(parent, seat(parent), Under(parent.Code, codes))
			if err != nil {
				return err
			}
			plans[i], err = drawing.Make(ctx, l.t, parent, request)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if err := l.db.Tx(l.ctx, grids.Local, func(tx pgx.Tx) error {
		edition, err := editions.Draft(l.ctx, tx, l.t, grids.Local)
		if err != nil {
			return err
		}
		return drawing.Apply(l.ctx, tx, l.t, edition, grids.Local, plans)
	}); err != nil {
		return err
	}
	l.say("drew", "tier", int(tier)+1, "parents", len(parents))
	return cells.RefreshStatistics(l.ctx, l.db)
}

func (l *loader) request(parent cells.Cell, seat orb.Point, codes []drawing.CodeName) (drawing.Request, error) {
	if !nearestCounties[l.t.Scheme.Parent(parent.Code, 3)] {
		hash := fnv.New64a()
		hash.Write([]byte(parent.Code))
		return drawing.Request{Method: drawing.Balanced, Codes: codes, From: &seat, Seed: hash.Sum64() >> 1}, nil
	}
	seeds, err := Seeds(parent, seat, codes, seed)
	return drawing.Request{Method: drawing.Nearest, Seeds: seeds}, err
}

// files invents people, objects and layers, and imports them.
func (l *loader) files() error {
	var all []cells.Cell
	for tier := grids.Tier(1); tier <= 4; tier++ {
		list, err := l.tier(tier)
		if err != nil {
			return err
		}
		all = append(all, list...)
	}
	manifest, err := Generate(l.ctx, l.folder, Input{Cells: all, Seed: seed})
	if err != nil {
		return err
	}
	l.say("invented", "files", len(manifest))
	for _, f := range manifest {
		if err := l.run(f.Request(l.folder)); err != nil {
			return err
		}
	}
	return nil
}

// merge overlays the layers, settles their conflicts by the territory's rules, which
// are the committed ones until it saves others, and publishes, all in one
// transaction.
func (l *loader) merge() error {
	return l.db.Tx(l.ctx, grids.Local, func(tx pgx.Tx) error {
		rules, err := merge.Rules(l.ctx, tx, l.t.ID, nil)
		if err != nil {
			return err
		}
		unified, err := editions.Unify(l.ctx, tx, l.t, grids.Local, editions.Wish{Rules: &rules, Publish: true, Note: "演示数据 / demo data"})
		if err != nil {
			return err
		}
		if unified.Edition == nil {
			return fmt.Errorf("%d blocking conflicts are not settled by the rules", len(unified.Blocking))
		}
		l.say("merged and published", "edition", int(unified.Edition.Seq))
		return nil
	})
}

// open lets the public read every collection, generalised: all that is invented
// may be seen.
func (l *loader) open() error {
	return l.db.Tx(l.ctx, grids.Local, func(tx pgx.Tx) error {
		for _, d := range collections.All() {
			if err := access.Open(l.ctx, tx, l.t.ID, access.Opened{Collection: d.ID, ApprovalNo: "演示数据,无审图号"}); err != nil {
				return err
			}
		}
		return cells.GeneralisePublished(l.ctx, tx, l.t, access.DefaultPrecision)
	})
}
