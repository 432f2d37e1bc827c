package cells

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Of published editions, which never change, the leaves asked for last are kept:
// so many editions, and so much memory in all.
const (
	maxLeaves    = 2
	maxLeafBytes = 1 << 30
)

// kept is the one such memory of the program: a transaction is all that those
// who place things have in common.
var kept = newLeafCache(maxLeaves, maxLeafBytes)

// LeavesOf gives the leaves of an edition, from memory if they are there; else
// it reads them all, and keeps them if the edition is published. It fails with
// ErrNoLeaves, after which the transaction can go on.
func LeavesOf(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID) (*Leaves, error) {
	return kept.leaves(ctx, tx, territory, edition)
}

// KnownLeaves gives the leaves of an edition if they are in memory, nil if not.
func KnownLeaves(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID) (*Leaves, error) {
	key, published, err := leafKeyOf(ctx, tx, territory, edition)
	if err != nil || !published {
		return nil, err
	}
	return kept.get(key), nil
}

// leafKey names a published edition among all databases. A database of the same
// name restored from a backup is another one once it has published something
// else.
type leafKey struct {
	host      string
	port      uint16
	database  string
	oid       uint32
	territory grids.TerritoryID
	edition   grids.EditionID
	effective time.Time
}

// leafKeyOf tells whether an edition is published for good, and its key: what
// the transaction itself published may yet be rolled back.
func leafKeyOf(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID) (key leafKey, published bool, err error) {
	config := tx.Conn().Config()
	key = leafKey{host: config.Host, port: config.Port, database: config.Database, territory: territory, edition: edition}
	err = tx.QueryRow(ctx, `
		SELECT e.effective, d.oid FROM editions.edition e, pg_database d
		WHERE e.territory_id = $1 AND e.seq = $2 AND e.state = 'published'
		  AND e.xmin IS DISTINCT FROM pg_current_xact_id_if_assigned()::xid
		  AND d.datname = current_database()`, territory, edition).Scan(&key.effective, &key.oid)
	if errors.Is(err, pgx.ErrNoRows) {
		return key, false, nil
	}
	key.effective = key.effective.UTC()
	return key, err == nil, err
}

// leafCache keeps the leaves that were asked for last.
type leafCache struct {
	most, mostBytes int
	reading         chan struct{} // holds one while leaves are read: memory for one at a time

	mu      sync.Mutex
	entries []leafEntry // the one asked for last comes last
}

type leafEntry struct {
	key    leafKey
	leaves *Leaves
}

func newLeafCache(most, mostBytes int) *leafCache {
	return &leafCache{most: most, mostBytes: mostBytes, reading: make(chan struct{}, 1)}
}

func (c *leafCache) leaves(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID) (*Leaves, error) {
	key, published, err := leafKeyOf(ctx, tx, territory, edition)
	if err != nil {
		return nil, err
	}
	if published {
		if l := c.get(key); l != nil {
			return l, nil
		}
	}
	select {
	case c.reading <- struct{}{}:
		defer func() { <-c.reading }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if published { // somebody else may have read them meanwhile
		if l := c.get(key); l != nil {
			return l, nil
		}
	}
	l, err := readLeaves(ctx, tx, territory, edition)
	if err == nil && published {
		c.put(key, l)
	}
	return l, err
}

// get gives the leaves of a key, nil if they aren't kept.
func (c *leafCache) get(key leafKey) *Leaves {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.entries, func(e leafEntry) bool { return e.key == key })
	if i < 0 {
		return nil
	}
	e := c.entries[i]
	c.entries = append(slices.Delete(c.entries, i, i+1), e)
	return e.leaves
}

// put keeps leaves, and gives up those not asked for longest to make room.
func (c *leafCache) put(key leafKey, l *Leaves) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries = append(c.entries, leafEntry{key, l})
	for len(c.entries) > c.most || c.bytes() > c.mostBytes {
		c.entries = slices.Delete(c.entries, 0, 1)
	}
}

func (c *leafCache) bytes() int {
	n := 0
	for _, e := range c.entries {
		n += e.leaves.Bytes()
	}
	return n
}
