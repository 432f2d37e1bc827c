package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/cells"
	"unigrid/grids/collections"
)

// visible is what a caller may see of a territory: nil for all of it, else the
// collections that are open to the public.
type visible map[string]access.Opened

// has tells whether a collection may be seen.
func (v visible) has(collection string) bool {
	_, open := v[collection]
	return v == nil || open
}

// mark tells states of visibility apart, for tags and caches.
func (v visible) mark() string {
	if v == nil {
		return ""
	}
	var b strings.Builder
	for _, d := range collections.All() {
		if o, open := v[d.ID]; open {
			fmt.Fprintf(&b, "%s:%d:%s ", d.ID, o.PrecisionM, o.ApprovalNo)
		}
	}
	return "public " + b.String()
}

// of is the collection as the caller sees it.
func (v visible) of(d *collections.Def) *collections.Def {
	if v == nil {
		return d
	}
	return d.Generalised(float64(v[d.ID].PrecisionM))
}

// see finds out what a request's caller may see of a territory, and refuses the
// public what isn't open.
func (s *Server) see(ctx context.Context, c echo.Context, r *reading) error {
	if principal(c).Role != grids.RolePublic {
		return nil
	}
	list, err := access.ListOpened(ctx, r.tx, r.territory.id)
	if err != nil {
		return fmt.Errorf("opened collections: %w", err)
	}
	r.seen = visible{}
	for _, o := range list {
		r.seen[o.Collection] = o
	}
	callOf(c).seen = r.seen.mark()
	route := s.document.routes[c.Request().Method+" "+c.Path()]
	if route == nil {
		return nil
	}
	action := actionOf(route.Operation)
	if action == catalog || action == own {
		return nil
	}
	needed := collectionOf(c)
	switch {
	case needed != "":
		if _, err := s.def(needed); err != nil {
			return err
		}
	case strings.HasSuffix(route.Path, "/search"):
		if len(r.seen) > 0 {
			return nil // it finds what is in open collections
		}
	}
	if needed == "" {
		needed = "cells"
	}
	if r.seen.has(needed) {
		return nil
	}
	if callOf(c).caller.Account != 0 || callOf(c).ended {
		return forbidden(c, action)
	}
	return grids.Errorf(grids.Unsigned, "", "数据集 %s 未向公众开放", "the collection %s is not open to the public", needed).
		Fix("请登录,或使用密钥", "sign in, or use a key")
}

// coarse leaves in an answer only what the public may see: places to the
// precision of cells, no telephone, and objects of open collections.
func (v visible) coarse(body []byte) ([]byte, error) {
	if v == nil {
		return body, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	precision := float64(access.DefaultPrecision)
	if o, open := v["cells"]; open {
		precision = float64(o.PrecisionM)
	}
	v.strip(value, precision)
	return marshal(value)
}

func (v visible) strip(value any, metres float64) {
	switch value := value.(type) {
	case []any:
		for _, one := range value {
			v.strip(one, metres)
		}
	case map[string]any:
		for name, one := range value {
			switch name {
			case "phone", "phone_masked":
				if _, person := value["post"]; person { // an office's number is public
					delete(value, name)
				}
			case "lon", "lat", "bbox":
				value[name] = roundAll(one, metres/111_320)
			case "boundary_m", "distance_m":
				if n, ok := one.(json.Number); ok {
					f, _ := n.Float64()
					value[name] = math.Ceil(f/metres) * metres
				}
			case "results":
				if list, ok := one.([]any); ok {
					value[name] = slices.DeleteFunc(list, func(r any) bool {
						m, _ := r.(map[string]any)
						id, named := m["collection"].(string)
						return named && !v.has(id)
					})
				}
				v.strip(value[name], metres)
			case "objects":
				if m, ok := one.(map[string]any); ok {
					for id := range m {
						if slices.ContainsFunc(collections.All(), func(d *collections.Def) bool { return d.ID == id }) && !v.has(id) {
							delete(m, id)
						}
					}
				}
				v.strip(one, metres)
			case "beside":
				if list, ok := one.([]any); ok {
					value[name] = slices.DeleteFunc(list, func(r any) bool {
						m, _ := r.(map[string]any)
						kind, named := m["kind"].(string)
						return named && !v.hasKind(kind)
					})
				}
				v.strip(value[name], metres)
			default:
				v.strip(one, metres)
			}
		}
	}
}

// blunt takes from an answer what the public may not see: telephones, objects of
// collections that aren't open, and how near a boundary is below the precision.
func (v visible) blunt(answer *Responsible) {
	if v == nil {
		return
	}
	metres := float64(v["cells"].PrecisionM)
	answer.BoundaryM = math.Ceil(answer.BoundaryM/metres) * metres
	if answer.Neighbour != nil {
		answer.Neighbour.DistanceM = math.Ceil(answer.Neighbour.DistanceM/metres) * metres
	}
	answer.Beside = slices.DeleteFunc(answer.Beside, func(b Beside) bool { return !v.hasKind(string(b.Kind)) })
	for i := range answer.Chain {
		answer.Chain[i].Accountable.hide()
	}
	if answer.Neighbour != nil {
		answer.Neighbour.Accountable.hide()
	}
}

// hide takes the telephone away, masked as it is.
func (a *Accountable) hide() {
	if a != nil {
		a.Phone = nil
	}
}

// hasKind tells whether the collection of a kind of objects may be seen.
func (v visible) hasKind(kind string) bool {
	for _, d := range collections.All() {
		if string(grids.KindOf(d.ID)) == kind {
			return v.has(d.ID)
		}
	}
	return false
}

func roundAll(value any, step float64) any {
	switch value := value.(type) {
	case json.Number:
		f, err := value.Float64()
		if err != nil {
			return value
		}
		return math.Round(math.Round(f/step)*step*1e7) / 1e7
	case []any:
		for i, one := range value {
			value[i] = roundAll(one, step)
		}
	}
	return value
}

// GetOpened lists the collections that the public may read.
func (s *Server) GetOpened(c echo.Context) error {
	return s.read(c, func(ctx context.Context, r reading) error {
		list, err := access.ListOpened(ctx, r.tx, r.territory.id)
		if err != nil {
			return err
		}
		return sendJSON(c, http.StatusOK, mediaJSON, map[string]any{"opened": append([]access.Opened{}, list...)})
	})
}

// PutOpened opens a collection to the public, or changes how it is open.
func (s *Server) PutOpened(c echo.Context, collection string) error {
	if _, err := s.def(collection); err != nil {
		return err
	}
	var body PutOpenedJSONRequestBody
	if err := decode(c, &body); err != nil {
		return err
	}
	o := access.Opened{Collection: collection, PrecisionM: access.DefaultPrecision}
	if body.PrecisionM != nil {
		o.PrecisionM = *body.PrecisionM
	}
	if body.ApprovalNo != nil {
		o.ApprovalNo = strings.TrimSpace(*body.ApprovalNo)
	}
	return s.changeOpened(c, func(ctx context.Context, r reading) error {
		if err := access.Open(ctx, r.tx, r.territory.id, o); err != nil || collection != "cells" {
			return err
		}
		t, err := cells.FindTerritory(ctx, r.tx, r.territory.code)
		if err != nil {
			return err
		}
		return cells.GeneralisePublished(ctx, r.tx, t, float64(o.PrecisionM))
	})
}

// DeleteOpened closes a collection to the public.
func (s *Server) DeleteOpened(c echo.Context, collection string) error {
	if _, err := s.def(collection); err != nil {
		return err
	}
	return s.changeOpened(c, func(ctx context.Context, r reading) error {
		was, err := access.Close(ctx, r.tx, r.territory.id, collection)
		if err == nil && !was {
			return grids.Errorf(grids.NotFound, "collection", "数据集 %s 未向公众开放", "the collection %s is not open to the public", collection)
		}
		return err
	})
}

func (s *Server) changeOpened(c echo.Context, change func(context.Context, reading) error) error {
	return s.write(c, func(ctx context.Context, r reading) error {
		if err := change(ctx, r); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	})
}
