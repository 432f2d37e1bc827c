package api

import (
	"context"
	"crypto/sha256"
	"net/http"
	"sync"
	"time"

	"unigrid/grids/access"
	"unigrid/grids/database"
)

const (
	// accessChannel is where the database tells that somebody's rights changed
	// (migration 0071).
	accessChannel = "unigrid_access"
	// callerPatience bounds how long a caller is kept: sessions and keys expire
	// without a word.
	callerPatience = 5 * time.Second
	// mostCallers bounds how many are kept.
	mostCallers = 10_000
)

// callers keeps for moments who tokens and keys are, by territory. It keeps
// nothing unless it hears of changes: a session that was ended by any process
// ends here as soon as the database has told so, at once where it was ended
// here.
type callers struct {
	mu      sync.Mutex
	hears   bool
	changes int // how often all was forgotten
	kept    map[callerKey]keptCaller
}

type callerKey [sha256.Size]byte

type keptCaller struct {
	caller access.Caller
	until  time.Time
}

func (k *callers) find(ctx context.Context, db *database.DB, token, key, territory string) (access.Caller, bool, error) {
	name := callerKey(sha256.Sum256([]byte(token + "\x00" + key + "\x00" + territory)))
	k.mu.Lock()
	found, ok := k.kept[name]
	changes := k.changes
	k.mu.Unlock()
	if ok && time.Now().Before(found.until) {
		return found.caller, true, nil
	}
	caller, ok, err := access.Identify(ctx, db, token, key, territory)
	if err != nil || !ok {
		return caller, false, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.hears && k.changes == changes { // what was changed meanwhile is not kept
		if len(k.kept) >= mostCallers {
			clear(k.kept)
		}
		k.kept[name] = keptCaller{caller, time.Now().Add(callerPatience)}
	}
	return caller, true, nil
}

// forget forgets all.
func (k *callers) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.changes++
	clear(k.kept)
}

func (k *callers) listen(hears bool) {
	k.mu.Lock()
	k.hears = hears
	k.mu.Unlock()
	k.forget()
}

// Handler answers requests.
type Handler struct {
	http.Handler
	server *Server
}

// Watch listens to changes of rights until ctx ends, so that callers can be
// kept for moments; without it each request asks the database.
func (h *Handler) Watch(ctx context.Context) {
	s := h.server
	for ctx.Err() == nil {
		err := s.db.Listen(ctx, accessChannel, func() { s.callers.listen(true) }, func(string) { s.callers.forget() })
		s.callers.listen(false)
		if ctx.Err() != nil {
			return
		}
		s.log.WarnContext(ctx, "not hearing of changed rights", "err", err)
		select {
		case <-ctx.Done():
		case <-time.After(5 * time.Second):
		}
	}
}
