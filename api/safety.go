package api

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"

	"unigrid/grids"
)

// bodyPatience is how long a request's body may take to arrive, uploads apart,
// which keep times of their own.
const bodyPatience = time.Minute

// arrive takes a request's body in, within a time: nobody holds a connection by
// sending slowly. The limit of its size comes before.
func arrive(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.ContentLength == 0 || isUpload(r.URL.Path) {
			return next(c)
		}
		connection := http.NewResponseController(c.Response())
		limited := connection.SetReadDeadline(time.Now().Add(bodyPatience)) == nil
		body, err := io.ReadAll(r.Body)
		if limited {
			_ = connection.SetReadDeadline(time.Time{})
		}
		if err != nil {
			if asKnown(err) != nil {
				return err
			}
			return grids.Errorf(grids.Invalid, "", "请求体没有完整到达", "the request body did not arrive").Fix("请重试", "try again")
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		return next(c)
	}
}

// cors lets the pages of listed origins read the API. They get no cookies, so
// that they see what the public or a key of theirs sees, and change nothing.
func cors(origins []string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r, h := c.Request(), c.Response().Header()
			if len(origins) == 0 {
				return next(c)
			}
			h.Add("Vary", "Origin")
			origin := r.Header.Get("Origin")
			asked := r.Header.Get("Access-Control-Request-Method")
			reads := r.Method == http.MethodGet || (r.Method == http.MethodOptions && (asked == http.MethodGet || asked == http.MethodHead))
			if origin == "" || !reads || !slices.Contains(origins, origin) {
				return next(c)
			}
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Expose-Headers", "ETag, Link, Location, Retry-After, Unigrid-Edition")
			if r.Method == http.MethodGet {
				return next(c)
			}
			h.Set("Access-Control-Allow-Methods", "GET, HEAD")
			h.Set("Access-Control-Allow-Headers", "Accept, Accept-Language, Authorization, X-Api-Key, If-None-Match")
			h.Set("Access-Control-Max-Age", "3600")
			return c.NoContent(http.StatusNoContent)
		}
	}
}

// A pace is how many requests come in a second, and how many at once.
type pace struct {
	perSecond float64
	burst     int
}

// The paces of who is not held to that of a key: a map asks for many tiles at
// once. Each process counts for itself.
var (
	publicPace = pace{100, 2000} // by address
	memberPace = pace{500, 5000} // by account
	signInPace = pace{0.5, 40}   // by address: an office comes in the morning
	badKeyPace = pace{0.2, 20}   // by address
)

// mostPaces bounds how many callers are counted.
const mostPaces = 50_000

// paces counts requests by caller.
type paces struct {
	mu   sync.Mutex
	kept map[string]*rate.Limiter
}

// take counts a request of a caller; over its pace it is refused, with the time
// to wait.
func (p *paces) take(c echo.Context, name string, at pace) error {
	p.mu.Lock()
	one := p.kept[name]
	if one == nil {
		if len(p.kept) >= mostPaces {
			now := time.Now()
			for other, limiter := range p.kept {
				if limiter.TokensAt(now) >= float64(limiter.Burst()) { // forgotten without loss
					delete(p.kept, other)
				}
			}
		}
		one = rate.NewLimiter(rate.Limit(at.perSecond), at.burst)
		p.kept[name] = one
	}
	p.mu.Unlock()
	if one.Allow() {
		return nil
	}
	wait := max(1, int((1-one.Tokens())/at.perSecond+0.999))
	c.Response().Header().Set("Retry-After", strconv.Itoa(wait))
	return grids.Errorf(grids.TooOften, "", "请求过于频繁,请在 %d 秒后再试", "too many requests; try again in %d s", wait)
}

// hold keeps each caller to its pace.
func (s *Server) hold(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		who := callOf(c).caller
		var err error
		switch path := c.Path(); {
		case path == "/healthz" || path == "/readyz":
		case who.Key != 0:
			err = s.paces.take(c, fmt.Sprintf("key %d %d", who.Key, who.PerMinute), pace{float64(who.PerMinute) / 60, who.PerMinute})
		case who.Account != 0:
			err = s.paces.take(c, fmt.Sprintf("account %d", who.Account), memberPace)
		default:
			err = s.paces.take(c, "public "+c.RealIP(), publicPace)
		}
		if err != nil {
			return err
		}
		if c.Request().Method == http.MethodPost && c.Path() == "/v1/session" {
			if err := s.paces.take(c, "sign-in "+c.RealIP(), signInPace); err != nil {
				return err
			}
		}
		return next(c)
	}
}

// overTLS tells whether a request came over TLS, to the service or to the proxy
// that is known to stand before it.
func (s *Server) overTLS(r *http.Request) bool {
	return r.TLS != nil || (s.options.BehindProxy && strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https"))
}
