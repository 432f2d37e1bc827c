// Package api serves unigrid over HTTP: OGC API Features, vector tiles, lookups
// under /v1, and the map client. openapi.yaml is the source: routes, parameter
// types and models are generated from it, and requests are checked against it.
package api

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"golang.org/x/time/rate"

	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/collections"
	"unigrid/grids/database"
	"unigrid/grids/jobs"
)

//go:generate go tool oapi-codegen -config oapi-codegen.yaml openapi.yaml

// Options are the settings of a server.
type Options struct {
	// DefaultTerritory is the code of the territory at /; "" is the oldest.
	DefaultTerritory string
	// PublicURL is the address by which the public reaches the service, for the
	// QR codes of boards; "" takes that of each request.
	PublicURL string
	// Static holds the client: index.html and what it loads. nil: none.
	Static fs.FS
	// Log gets one record per request; nil is slog.Default.
	Log *slog.Logger
	// Version of the program, for /healthz.
	Version string
	// Uploads is the folder in which uploaded files are kept; "": none are taken.
	Uploads string
	// MaxUpload is the largest file taken, in bytes; 0 is 4 GiB.
	MaxUpload int64
	// KeepImports is how long the files, rows and rejects of imports are kept; 0
	// is importers.KeepFor.
	KeepImports time.Duration
	// Jobs does the work on imports; nil: they can be looked at only.
	Jobs *jobs.Client
	// Stopping is closed when the service is told to stop: streams of events
	// end. nil: they end with their requests.
	Stopping <-chan struct{}
	// BehindProxy says that a proxy stands before the service whose X-Forwarded-For
	// and X-Forwarded-Proto can be believed.
	BehindProxy bool
	// Origins are those whose pages may read the API, without cookies.
	Origins []string
	// OIDC is the provider that people may sign in with.
	OIDC OIDC
	// Now gives the instant that "now" stands for; nil asks the database,
	// whose clock dates editions.
	Now func() time.Time
}

// Server answers requests. It holds no state but caches.
type Server struct {
	db       *database.DB
	options  Options
	log      *slog.Logger
	document *document
	policy   access.Policy
	defs     []*collections.Def
	metrics  *metrics
	states   *stateMemo
	counts   *cache[int64]
	tiles    *tileCache
	callers  *callers
	paces    *paces
	provider *provider     // nil: nobody signs in by OpenID Connect
	uploads  *uploads      // nil: none are taken
	exports  chan struct{} // a place for each export that is being made
}

var _ ServerInterface = (*Server)(nil)

// New makes the handler of all of unigrid's paths over db. It fails when the
// embedded document is broken.
func New(db *database.DB, options Options) (*Handler, error) {
	doc, err := loadDocument()
	if err != nil {
		return nil, err
	}
	if options.Log == nil {
		options.Log = slog.Default()
	}
	received, err := newUploads(options.Uploads, options.MaxUpload)
	if err != nil {
		return nil, err
	}
	var policy access.Policy
	err = db.Read(context.Background(), grids.Local, func(tx pgx.Tx) (err error) {
		policy, err = access.LoadPolicy(context.Background(), tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	m := newMetrics()
	s := &Server{
		db: db, options: options, log: options.Log, document: doc, policy: policy, defs: collections.All(), metrics: m,
		states: newStateMemo(), counts: newCache[int64](countCacheBytes), tiles: newTileCache(m), callers: &callers{kept: map[callerKey]keptCaller{}}, paces: &paces{kept: map[string]*rate.Limiter{}},
		uploads: received, exports: make(chan struct{}, mostExports),
	}
	if options.OIDC.Issuer != "" {
		s.provider = &provider{settings: options.OIDC, client: &http.Client{Timeout: oidcPatience}}
	}
	e := echo.New()
	e.IPExtractor = echo.ExtractIPDirect()
	if options.BehindProxy {
		e.IPExtractor = echo.ExtractIPFromXFFHeader()
	}
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.problem
	e.Use(s.observe, middleware.Recover(), s.secure, cors(options.Origins), sameOrigin(), s.identify, s.hold,
		middleware.BodyLimitWithConfig(middleware.BodyLimitConfig{Limit: "4M", Skipper: func(c echo.Context) bool { return isUpload(c.Request().URL.Path) }}), arrive,
		middleware.GzipWithConfig(middleware.GzipConfig{Level: 5, MinLength: 1024, Skipper: sentAsIs}), s.may, s.check)
	RegisterHandlers(e, s)
	s.registerUploads(e)
	e.GET("/tiles/:collection/:z/:x/:y", s.getTile)
	e.GET("/tiles/:collection", s.getTileJSON)
	if options.Static != nil {
		e.GET("/*", s.getStatic)
	}
	if err := s.everyRouteAsks(e); err != nil {
		return nil, err
	}
	return &Handler{begin(e), s}, nil
}

// sentAsIs tells which answers are not packed: tiles are already, events and
// uploads have to pass through at once.
func sentAsIs(c echo.Context) bool {
	path := c.Request().URL.Path
	return strings.HasSuffix(path, tileSuffix) || strings.HasSuffix(path, eventsSuffix) || isUpload(path)
}

// sameOrigin refuses what the page of another site asks a browser to change.
func sameOrigin() echo.MiddlewareFunc {
	protection := http.NewCrossOriginProtection()
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := protection.Check(c.Request()); err != nil {
				return grids.Errorf(grids.Forbidden, "Origin", "不接受其他网站页面发来的修改请求", "the page of another site may not change anything here")
			}
			return next(c)
		}
	}
}

// secure sets the headers that keep a page to itself. MapLibre runs its workers
// from blob: addresses.
func (s *Server) secure(next echo.HandlerFunc) echo.HandlerFunc {
	const policy = "default-src 'self'; script-src 'self'; worker-src 'self' blob:; child-src 'self' blob:; " +
		"img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; connect-src 'self'; " +
		"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), payment=(), usb=()")
		if s.overTLS(c.Request()) {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return next(c)
	}
}

// getStatic serves the client's files.
func (s *Server) getStatic(c echo.Context) error {
	name := strings.TrimPrefix(c.Request().URL.Path, "/")
	info, err := fs.Stat(s.options.Static, name)
	if name == "" || err != nil || info.IsDir() {
		return echo.ErrNotFound
	}
	if strings.HasPrefix(name, "assets/") {
		// Names of assets change with their content.
		c.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		c.Response().Header().Set("Cache-Control", "no-cache")
	}
	http.ServeFileFS(c.Response(), c.Request(), s.options.Static, name)
	return nil
}

// GetHealth tells that the process is alive.
func (s *Server) GetHealth(c echo.Context) error {
	return c.JSON(http.StatusOK, Health{Status: "ok", Version: &s.options.Version})
}

// GetReady tells whether the database answers.
func (s *Server) GetReady(c echo.Context) error {
	if err := s.db.Ping(c.Request().Context()); err != nil {
		return unavailable(err)
	}
	return c.JSON(http.StatusOK, Health{Status: "ok", Version: &s.options.Version})
}
