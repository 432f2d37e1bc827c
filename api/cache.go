package api

import (
	"container/list"
	"sync"
)

// countCacheBytes bounds the cache of numberMatched.
const countCacheBytes = 1 << 20

// cache keeps the most recently used values within a number of bytes.
type cache[V any] struct {
	mu      sync.Mutex
	limit   int
	held    int
	entries map[string]*list.Element
	order   *list.List // front: used last
}

type entry[V any] struct {
	key   string
	value V
	bytes int
}

func newCache[V any](limit int) *cache[V] {
	return &cache[V]{limit: limit, entries: map[string]*list.Element{}, order: list.New()}
}

func (c *cache[V]) get(key string) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.entries[key]; ok {
		c.order.MoveToFront(e)
		return e.Value.(*entry[V]).value, true
	}
	var none V
	return none, false
}

// put keeps a value of so many bytes and gives how many are held then. One
// larger than a sixteenth of the cache is not kept.
func (c *cache[V]) put(key string, value V, bytes int) int {
	bytes += len(key) + 128
	c.mu.Lock()
	defer c.mu.Unlock()
	if bytes > c.limit/16 {
		return c.held
	}
	if e, ok := c.entries[key]; ok {
		c.held -= e.Value.(*entry[V]).bytes
		c.order.Remove(e)
	}
	c.entries[key] = c.order.PushFront(&entry[V]{key: key, value: value, bytes: bytes})
	c.held += bytes
	for c.held > c.limit {
		oldest := c.order.Back()
		gone := c.order.Remove(oldest).(*entry[V])
		delete(c.entries, gone.key)
		c.held -= gone.bytes
	}
	return c.held
}
