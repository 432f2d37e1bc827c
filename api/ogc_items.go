package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/collections"
)

// Pages are of 100 features unless asked, and of 10,000 at most.
const (
	defaultLimit = 100
	maxLimit     = 10000
)

// notFilters are the query parameters of items that are no property.
var notFilters = map[string]bool{"bbox": true, "bbox-crs": true, "datetime": true, "limit": true, "crs": true, "f": true, "after": true, "edition": true}

// GetItems streams one page of a collection.
func (s *Server) GetItems(c echo.Context, id CollectionId, params GetItemsParams) error {
	d, err := s.def(id)
	if err != nil {
		return err
	}
	q := collections.Query{Limit: clampLimit(c.QueryParam("limit"), defaultLimit, maxLimit), After: c.QueryParam("after")}
	if q.BBox, err = collections.ParseBBox(c.QueryParam("bbox")); err != nil {
		return err
	}
	when, err := collections.ParseWhen(c.QueryParam("datetime"))
	if err != nil {
		return err
	}
	values := c.QueryParams()
	for _, p := range d.Properties {
		if values.Has(p.Name) && !notFilters[p.Name] {
			q.Filters = append(q.Filters, collections.Filter{Property: p.Name, Value: values.Get(p.Name)})
			values.Del(p.Name)
		}
	}
	for name := range values {
		if !notFilters[name] {
			q.Filters = append(q.Filters, collections.Filter{Property: name, Value: values.Get(name)}) // Check names it
		}
	}
	if err := d.Check(q); err != nil {
		return err
	}
	return s.read(c, func(ctx context.Context, r reading) error {
		q.Scope, err = collections.Resolve(ctx, r.tx, r.territory.id, when, editionOf(params.Edition), r.now)
		if err != nil {
			return err
		}
		state, err := s.states.state(ctx, r)
		if err != nil {
			return err
		}
		if done, err := s.fresh(c, q.Scope.Last, state); done || err != nil {
			return err
		}
		d := r.seen.of(d)
		matched, err := s.count(ctx, r, d, q, state)
		if err != nil {
			return err
		}
		return s.sendPage(ctx, c, r, d, q, when, matched)
	})
}

// count gives numberMatched, which is the same for all pages of one query.
func (s *Server) count(ctx context.Context, r reading, d *collections.Def, q collections.Query, state collections.State) (int64, error) {
	whole := q
	whole.After, whole.Limit = "", 0
	key := fmt.Sprintf("%s|%s|%v|%s", d.ID, whole.Fingerprint(), state, r.seen.mark())
	if !q.Scope.At.Equal(r.now) {
		key += "|" + q.Scope.At.String()
	}
	if n, ok := s.counts.get(key); ok {
		return n, nil
	}
	n, err := d.Count(ctx, r.tx, whole)
	if err == nil {
		s.counts.put(key, n, 8)
	}
	return n, err
}

// sendPage writes a FeatureCollection feature by feature.
func (s *Server) sendPage(ctx context.Context, c echo.Context, r reading, d *collections.Def, q collections.Query, when collections.When, matched int64) error {
	w := c.Response()
	w.Header().Set(echo.HeaderContentType, mediaGeoJSON)
	head := fmt.Sprintf(`{"type":"FeatureCollection","timeStamp":%q,"numberMatched":%d,"features":[`, r.now.UTC().Format(time.RFC3339Nano), matched)
	returned, last := 0, ""
	more, err := d.Features(ctx, r.tx, q, func(f collections.Feature) error {
		lead := ",\n"
		if returned == 0 {
			lead = head
		}
		returned, last = returned+1, f.Key
		if _, err := w.Write([]byte(lead)); err != nil {
			return err
		}
		_, err := w.Write(f.GeoJSON)
		return err
	})
	if err != nil {
		return err
	}
	if returned == 0 {
		if _, err := w.Write([]byte(head)); err != nil {
			return err
		}
	}
	base := callOf(c).baseURL()
	items := base + "/collections/" + d.ID + "/items"
	links := Links{
		link(self(items, c.QueryParams()), "self", mediaGeoJSON, ""),
		link(base+"/collections/"+d.ID, "collection", mediaJSON, ""),
	}
	if more {
		links = append(links, link(nextPage(items, c.QueryParams(), q, when, last), "next", mediaGeoJSON, ""))
	}
	tail, err := marshal(links)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "],\"numberReturned\":%d,\"links\":%s}\n", returned, tail)
	return err
}

// nextPage is the address of the page after last. It pins the edition and the
// instant that this page saw, so that what is published meanwhile changes
// nothing.
func nextPage(items string, given url.Values, q collections.Query, when collections.When, last string) string {
	next := url.Values{}
	for name, values := range given {
		next[name] = values
	}
	next.Set("after", last)
	next.Set("limit", strconv.Itoa(q.Limit))
	if q.Scope.Last > 0 {
		next.Set("edition", strconv.Itoa(int(q.Scope.Last)))
	}
	if when.From == nil && when.To == nil {
		at := q.Scope.At
		when = collections.When{From: &at, To: &at}
	}
	next.Set("datetime", when.String())
	return items + "?" + next.Encode()
}

func self(path string, given url.Values) string {
	if len(given) == 0 {
		return path
	}
	return path + "?" + given.Encode()
}

// GetItem gives one feature.
func (s *Server) GetItem(c echo.Context, id CollectionId, fid Fid, params GetItemParams) error {
	d, err := s.def(id)
	if err != nil {
		return err
	}
	when, err := collections.ParseWhen(c.QueryParam("datetime"))
	if err != nil {
		return err
	}
	return s.read(c, func(ctx context.Context, r reading) error {
		scope, err := collections.Resolve(ctx, r.tx, r.territory.id, when, editionOf(params.Edition), r.now)
		if err != nil {
			return err
		}
		state, err := s.states.state(ctx, r)
		if err != nil {
			return err
		}
		d := r.seen.of(d)
		item, err := d.Item(ctx, r.tx, scope, fid)
		if err != nil {
			return err
		}
		if item == nil {
			return d.Missing(ctx, r.tx, scope, fid)
		}
		if done, err := s.fresh(c, scope.Last, state); done || err != nil {
			return err
		}
		return s.sendItem(c, d, fid, item)
	})
}

func (s *Server) sendItem(c echo.Context, d *collections.Def, fid string, item []byte) error {
	base := callOf(c).baseURL() + "/collections/" + d.ID
	links, err := marshal(Links{
		link(self(base+"/items/"+url.PathEscape(fid), c.QueryParams()), "self", mediaGeoJSON, ""),
		link(base, "collection", mediaJSON, ""),
		link(base+"/items/"+url.PathEscape(fid)+"/versions", "version-history", mediaGeoJSON, ""),
	})
	if err != nil {
		return err
	}
	body := append(item[:len(item)-1:len(item)-1], `,"links":`...)
	body = append(append(body, links...), '}', '\n')
	return c.Blob(http.StatusOK, mediaGeoJSON, body)
}

// GetVersions lists all versions of one feature.
func (s *Server) GetVersions(c echo.Context, id CollectionId, fid Fid, _ GetVersionsParams) error {
	d, err := s.def(id)
	if err != nil {
		return err
	}
	return s.read(c, func(ctx context.Context, r reading) error {
		scope, err := collections.Resolve(ctx, r.tx, r.territory.id, collections.When{}, 0, r.now)
		if err != nil {
			return err
		}
		list := []json.RawMessage{}
		d := r.seen.of(d)
		if err := d.Versions(ctx, r.tx, scope, fid, func(f collections.Feature) error {
			list = append(list, append([]byte(nil), f.GeoJSON...))
			return nil
		}); err != nil {
			return err
		}
		if len(list) == 0 {
			return d.Missing(ctx, r.tx, scope, fid)
		}
		state, err := s.states.state(ctx, r)
		if err != nil {
			return err
		}
		if done, err := s.fresh(c, scope.Last, state); done || err != nil {
			return err
		}
		base := callOf(c).baseURL() + "/collections/" + d.ID
		return sendJSON(c, http.StatusOK, mediaGeoJSON, map[string]any{
			"type": "FeatureCollection", "timeStamp": r.now.UTC(), "numberMatched": len(list), "numberReturned": len(list), "features": list,
			"links": Links{link(base+"/items/"+url.PathEscape(fid)+"/versions", "self", mediaGeoJSON, ""), link(base, "collection", mediaJSON, "")},
		})
	})
}

func editionOf(p *Edition) grids.EditionID {
	if p == nil {
		return 0
	}
	return grids.EditionID(*p)
}

// clampLimit reads a limit that was checked already; one over the maximum is
// the maximum.
func clampLimit(text string, otherwise, most int) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return otherwise
	}
	return min(n, most)
}
