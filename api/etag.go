package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/collections"
)

// stateMemo remembers each territory's state for as long as no transaction was
// committed anywhere in the database and nothing changed with time.
type stateMemo struct {
	mu   sync.Mutex
	kept map[grids.TerritoryID]keptState
}

type keptState struct {
	snapshot string
	at       time.Time
	state    collections.State
}

func newStateMemo() *stateMemo { return &stateMemo{kept: map[grids.TerritoryID]keptState{}} }

func (m *stateMemo) state(ctx context.Context, r reading) (collections.State, error) {
	snapshot, err := collections.Snapshot(ctx, r.tx)
	if err != nil {
		return collections.State{}, fmt.Errorf("snapshot: %w", err)
	}
	m.mu.Lock()
	k, ok := m.kept[r.territory.id]
	m.mu.Unlock()
	if ok && k.snapshot == snapshot && !r.now.Before(k.at) && (k.state.Next.IsZero() || r.now.Before(k.state.Next)) {
		return k.state, nil
	}
	state, err := collections.ReadState(ctx, r.tx, r.territory.id, r.now)
	if err != nil {
		return collections.State{}, err
	}
	m.mu.Lock()
	m.kept[r.territory.id] = keptState{snapshot: snapshot, at: r.now, state: state}
	m.mu.Unlock()
	return state, nil
}

// fresh names the edition and state of an answer and tells whether the caller
// has it already; then it has answered 304. The tag stands for the request
// (address, parameters, language, who asks) and all the data that its answer is made of.
func (s *Server) fresh(c echo.Context, edition grids.EditionID, state ...any) (bool, error) {
	one := callOf(c)
	h := sha256.New()
	fmt.Fprintf(h, "%s|%s|%s|%s|%d|%s|%s|%v", s.options.Version, one.baseURL(), c.Request().URL.RequestURI(), one.lang, edition, one.territory, principal(c).Role, append(state, one.seen))
	tag := `W/"` + hex.EncodeToString(h.Sum(nil)[:12]) + `"`
	header := c.Response().Header()
	header.Set("ETag", tag)
	header.Set("Unigrid-Edition", strconv.Itoa(int(edition)))
	if header.Get("Cache-Control") == "" {
		header.Set("Cache-Control", "no-cache")
	}
	if !matches(c.Request().Header.Get("If-None-Match"), tag) {
		return false, nil
	}
	return true, c.NoContent(http.StatusNotModified)
}

// matches compares weakly, as If-None-Match does.
func matches(header, tag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		candidate = strings.TrimSpace(candidate)
		if candidate == "*" || strings.TrimPrefix(candidate, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}
