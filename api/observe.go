package api

import (
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are the process's own figures; every server has a registry of its
// own.
type metrics struct {
	handler  http.Handler
	requests *prometheus.HistogramVec
	tiles    *prometheus.CounterVec
	held     prometheus.Gauge
}

func newMetrics() *metrics {
	m := &metrics{
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "unigrid_http_request_seconds", Help: "Time to answer a request.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route", "status"}),
		tiles: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "unigrid_tiles_total", Help: "Tiles by how they were had: hit, shared (another request computed it), computed.",
		}, []string{"how"}),
		held: prometheus.NewGauge(prometheus.GaugeOpts{Name: "unigrid_tile_cache_bytes", Help: "Bytes held by the tile cache."}),
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.requests, m.tiles, m.held, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{DisableCompression: true})
	return m
}

// GetMetrics serves Prometheus metrics.
func (s *Server) GetMetrics(c echo.Context) error {
	s.metrics.handler.ServeHTTP(c.Response(), c.Request())
	return nil
}

// observe writes one record and one observation per request.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		err := next(c)
		if err != nil {
			c.Error(err) // the status is known after it
		}
		one, status, route := callOf(c), c.Response().Status, c.Path()
		if route == "" {
			route = "none"
		}
		took := time.Since(one.start)
		s.metrics.requests.WithLabelValues(c.Request().Method, route, strconv.Itoa(status)).Observe(took.Seconds())
		level := slog.LevelInfo
		if status >= 500 {
			level = slog.LevelError
		}
		s.log.LogAttrs(c.Request().Context(), level, "request",
			slog.String("method", c.Request().Method), slog.String("route", route), slog.String("path", one.prefix+c.Request().URL.Path),
			slog.Int("status", status), slog.Int64("bytes", c.Response().Size),
			slog.Float64("ms", float64(took.Microseconds())/1000), slog.String("territory", one.territory), slog.String("request_id", one.id))
		return nil
	}
}
