package api

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/cells"
)

// call is what is known of a request beside its parameters.
type call struct {
	id        string
	start     time.Time
	lang      string // zh or en
	territory string // code; "" is the default territory
	prefix    string // "/t/{code}" or ""
	origin    string // scheme and host
	head      bool   // only the head of the answer is asked for
	caller    access.Caller
	badKey    bool   // it carries a key that isn't one
	ended     bool   // it carries a session that isn't one any more
	seen      string // what the caller may see, for tags and caches; "": all
}

// baseURL is the address of the territory's landing page, without the last
// slash.
func (c *call) baseURL() string { return c.origin + c.prefix }

// territoryOr is the code of the territory that is asked, of the default one
// where none is named.
func (c *call) territoryOr(otherwise string) string { return cmp.Or(c.territory, otherwise) }

// callKey is the key of a request's *call in its context.
type callKey struct{}

func callOf(c echo.Context) *call {
	if found, ok := c.Request().Context().Value(callKey{}).(*call); ok {
		return found
	}
	return &call{lang: "en"}
}

// requestID is a request's name as a proxy may give it.
var requestID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// begin runs before routing: it takes /t/{code} off the path, so that each
// territory is a whole API of its own, and HEAD for a GET of which net/http
// drops the body.
func begin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		one := &call{id: r.Header.Get("X-Request-Id"), start: time.Now(), lang: "en", origin: "http://" + r.Host}
		if !requestID.MatchString(one.id) {
			one.id = rand.Text()[:16]
		}
		if strings.HasPrefix(strings.ToLower(strings.TrimSpace(r.Header.Get("Accept-Language"))), "zh") {
			one.lang = "zh"
		}
		if r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") {
			one.origin = "https://" + r.Host
		}
		w.Header().Set("X-Request-Id", one.id)
		w.Header().Add("Vary", "Accept-Language")
		again := r.Clone(context.WithValue(r.Context(), callKey{}, one))
		if rest, ok := strings.CutPrefix(again.URL.Path, "/t/"); ok {
			code, path, slash := strings.Cut(rest, "/")
			if !slash && prefersHTML(r) {
				http.Redirect(w, r, "/t/"+url.PathEscape(code)+"/", http.StatusPermanentRedirect)
				return
			}
			one.territory, one.prefix = code, "/t/"+url.PathEscape(code)
			again.URL.Path = "/" + path
			if again.URL.RawPath != "" {
				again.URL.RawPath = "/" + strings.TrimPrefix(strings.TrimPrefix(again.URL.RawPath, one.prefix), "/")
			}
		}
		if r.Method == http.MethodHead && !isUpload(again.URL.Path) {
			again.Method, one.head = http.MethodGet, true
		}
		next.ServeHTTP(w, again)
	})
}

// territory is the part of cells.territory that answers show.
type territory struct {
	id   grids.TerritoryID
	code string
	name string
	epsg int
	demo bool
	main bool // it is the one at /
}

// reading is what a handler reads from: one state of one territory.
type reading struct {
	tx        pgx.Tx
	territory territory
	now       time.Time
	seen      visible
}

// read runs fn in a read-only transaction for the request's territory.
func (s *Server) read(c echo.Context, fn func(context.Context, reading) error) error {
	ctx := c.Request().Context()
	return s.db.Read(ctx, principal(c), func(tx pgx.Tx) error {
		r, err := s.locate(ctx, c, tx)
		if err != nil {
			return err
		}
		return fn(ctx, r)
	})
}

// mainTerritory is the code of the territory at /; $2 is the one configured.
const mainTerritory = `coalesce(nullif($2, ''), (SELECT code FROM cells.territory ORDER BY created_at, id LIMIT 1))`

// locate finds the request's territory and the instant that now stands for.
func (s *Server) locate(ctx context.Context, c echo.Context, tx pgx.Tx) (reading, error) {
	one := callOf(c)
	r := reading{tx: tx}
	err := tx.QueryRow(ctx, `
		SELECT id, code, name, epsg, demo, code = `+mainTerritory+`, now() FROM cells.territory
		WHERE CASE WHEN $1 <> '' THEN code = $1 ELSE code = `+mainTerritory+` END`, one.territory, s.options.DefaultTerritory).
		Scan(&r.territory.id, &r.territory.code, &r.territory.name, &r.territory.epsg, &r.territory.demo, &r.territory.main, &r.now)
	if isNoRows(err) {
		code := cmp.Or(one.territory, s.options.DefaultTerritory)
		if code == "" {
			return r, grids.Errorf(grids.NotFound, "", "还没有任何辖区", "there is no territory yet").
				Fix("先建立:unigrid territory create", "make one: unigrid territory create")
		}
		e := grids.Errorf(grids.NotFound, "territory", "没有代码为 %q 的辖区", "there is no territory %q", code)
		e.Value = code
		return r, e.Fix("辖区列表见 /v1/territories", "see /v1/territories for those there are")
	}
	if err != nil {
		return r, fmt.Errorf("finding the territory: %w", err)
	}
	if s.options.Now != nil {
		r.now = s.options.Now()
	}
	one.territory = r.territory.code
	return r, s.see(ctx, c, &r)
}

// write runs fn in a transaction for the request's territory.
func (s *Server) write(c echo.Context, fn func(context.Context, reading) error) error {
	ctx := c.Request().Context()
	c.Response().Header().Set("Cache-Control", "no-store")
	return s.db.Tx(ctx, principal(c), func(tx pgx.Tx) error {
		r, err := s.locate(ctx, c, tx)
		if err != nil {
			return err
		}
		return fn(ctx, r)
	})
}

// writeTerritory is write for who works with the whole territory.
func (s *Server) writeTerritory(c echo.Context, fn func(context.Context, pgx.Tx, cells.Territory) error) error {
	return s.write(c, func(ctx context.Context, r reading) error {
		t, err := cells.FindTerritory(ctx, r.tx, r.territory.code)
		if err != nil {
			return err
		}
		return fn(ctx, r.tx, t)
	})
}

// sendJSON writes a value as JSON of a media type, without escaping HTML.
func sendJSON(c echo.Context, status int, media string, value any) error {
	c.Response().Header().Set(echo.HeaderContentType, media)
	c.Response().WriteHeader(status)
	encoder := json.NewEncoder(c.Response())
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// uncached answers with what may be another the next time.
func uncached(c echo.Context, value any) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	return sendJSON(c, http.StatusOK, mediaJSON, value)
}

// documentLang is the language of a document: the one asked for, else the call's.
func documentLang(c echo.Context, lang *Lang) string {
	if lang != nil {
		return string(*lang)
	}
	return callOf(c).lang
}

// prefersHTML tells whether a browser asks: it names text/html before any JSON.
func prefersHTML(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	html, js := strings.Index(accept, "text/html"), strings.Index(accept, "json")
	return html >= 0 && (js < 0 || html < js)
}
