package api

import (
	"context"

	"golang.org/x/sync/singleflight"
)

// tileCacheBytes bounds the compressed tiles held in memory.
const tileCacheBytes = 64 << 20

// tileCache keeps tiles by a key that names all they depend on, and lets equal
// requests at one time wait for one computation.
type tileCache struct {
	kept    *cache[[]byte]
	flight  singleflight.Group
	metrics *metrics
}

func newTileCache(m *metrics) *tileCache {
	return &tileCache{kept: newCache[[]byte](tileCacheBytes), metrics: m}
}

// tile gives the tile of a key, computing it at most once at a time. The
// computation outlives a caller that goes away, for the sake of the others.
func (t *tileCache) tile(ctx context.Context, key string, compute func(context.Context) ([]byte, error)) ([]byte, error) {
	if tile, ok := t.kept.get(key); ok {
		t.metrics.tiles.WithLabelValues("hit").Inc()
		return tile, nil
	}
	computed := false
	result := t.flight.DoChan(key, func() (any, error) {
		computed = true
		if tile, ok := t.kept.get(key); ok { // put between our look and the flight
			t.metrics.tiles.WithLabelValues("hit").Inc()
			return tile, nil
		}
		t.metrics.tiles.WithLabelValues("computed").Inc()
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), tileTimeout)
		defer cancel()
		tile, err := compute(detached)
		if err != nil {
			return nil, err
		}
		t.metrics.held.Set(float64(t.kept.put(key, tile, len(tile))))
		return tile, nil
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-result:
		if r.Err != nil {
			return nil, r.Err
		}
		if !computed {
			t.metrics.tiles.WithLabelValues("shared").Inc()
		}
		return r.Val.([]byte), nil
	}
}
