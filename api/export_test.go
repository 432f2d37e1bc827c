package api

// For tests of the outside.
var (
	FromWGS84ForTest = fromWGS84
	ToWGS84ForTest   = toWGS84
	TileSQLForTest   = tileSQL

	PublicTileSQLForTest = publicTileSQL
)

// HearsForTest tells whether the handler hears of changed rights.
func (h *Handler) HearsForTest() bool {
	h.server.callers.mu.Lock()
	defer h.server.callers.mu.Unlock()
	return h.server.callers.hears
}

// KeepsForTest tells whether callers are kept.
func (h *Handler) KeepsForTest() bool {
	h.server.callers.mu.Lock()
	defer h.server.callers.mu.Unlock()
	return len(h.server.callers.kept) > 0
}
