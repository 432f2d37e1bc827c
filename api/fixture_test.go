package api_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"unigrid/api"
	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/database"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/jobs"
	"unigrid/importers"
)

//go:embed testdata/cells.sql
var cellsSQL string

//go:embed testdata/display.sql
var displaySQL string

// site is a served database.
type site struct {
	t       testing.TB
	url     string // of the database, as its owner
	db      *database.DB
	server  *httptest.Server
	handler *api.Handler
	log     *records
	router  routers.Router
	folder  string        // of uploads
	stop    chan struct{} // closed when the service is told to stop
	queue   *jobs.Client
	cookie  string // of whoever asks; "": nobody signed in
}

// maxUpload is the largest file in bytes that a site takes.
const maxUpload = 1 << 20

func newSite(t testing.TB) *site {
	t.Helper()
	s := &site{t: t, url: databasetest.URL(t), log: &records{}, folder: filepath.Join(t.TempDir(), "uploads"), stop: make(chan struct{})}
	var err error
	if s.db, err = database.Open(t.Context(), s.url, 8); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.db.Close)
	workers := river.NewWorkers()
	importers.AddWorkers(workers, s.db, s.folder)
	if s.queue, err = jobs.New(s.db, slog.New(slog.DiscardHandler), workers); err != nil {
		t.Fatal(err)
	}
	handler, err := api.New(s.db, api.Options{
		Log:     slog.New(slog.NewJSONHandler(s.log, nil)),
		Static:  fstest.MapFS{"index.html": {Data: []byte("<!doctype html><title>map</title>")}, "assets/app.js": {Data: []byte("map()")}},
		Uploads: s.folder, MaxUpload: maxUpload, Stopping: s.stop, Jobs: s.queue,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.handler = handler
	s.server = httptest.NewServer(handler)
	t.Cleanup(s.server.Close)
	spec, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if s.router, err = legacy.NewRouter(spec); err != nil {
		t.Fatal(err)
	}
	return s.as(access.Grant{Role: grids.RoleAdmin})
}

// anonymous is the site as the public sees it.
func (s *site) anonymous() *site {
	other := *s
	other.cookie = ""
	return &other
}

// as is the site as a new account with this grant sees it, signed in. Its name
// is test-ROLE, with a number from the second on.
func (s *site) as(g access.Grant) *site {
	s.t.Helper()
	other := *s
	other.cookie = "unigrid=" + s.session(g)
	return &other
}

// session makes an account with a grant and gives a session's token.
func (s *site) session(g access.Grant) (token string) {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.url)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(s.t.Context()))
	token = access.NewToken()
	for _, statement := range []struct {
		sql  string
		args []any
	}{
		{`SELECT set_config('unigrid.role', 'local', false)`, nil},
		{`WITH a AS (
			INSERT INTO access.account (name, kind)
			SELECT 'test-' || $1 || coalesce('-' || nullif(1 + count(*), 1), ''), 'person' FROM access.account WHERE name LIKE 'test-' || $1 || '%' RETURNING id
		  ), g AS (
			INSERT INTO access.grant_ (account, territory_id, role, within, layers)
			SELECT id, nullif($2::int, 0), $1, coalesce($3::text[], '{}'), coalesce($4::text[], '{}') FROM a
		  )
		  INSERT INTO access.session (account, token, expires_at) SELECT id, sha256($5::text::bytea), now() + interval '1 hour' FROM a`,
			[]any{string(g.Role), g.Territory, g.Within, g.Layers, token}},
	} {
		if _, err := conn.Exec(s.t.Context(), statement.sql, statement.args...); err != nil {
			s.t.Fatal(err)
		}
	}
	return token
}

// work lets the queue of jobs begin.
func (s *site) work() {
	s.t.Helper()
	if err := s.queue.Start(context.WithoutCancel(s.t.Context())); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := s.queue.Stop(ctx); err != nil {
			s.t.Errorf("stopping the queue: %v", err)
		}
	})
}

// exec runs statements as the service's role.
func (s *site) exec(sql string, args ...any) {
	s.t.Helper()
	s.tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sql, args...)
		return err
	})
}

func (s *site) tx(fn func(context.Context, pgx.Tx) error) {
	s.t.Helper()
	ctx := s.t.Context()
	if err := s.db.Tx(ctx, grids.Local, func(tx pgx.Tx) error { return fn(ctx, tx) }); err != nil {
		s.t.Fatalf("%v", err)
	}
}

func scan[T any](s *site, sql string, args ...any) T {
	s.t.Helper()
	var v T
	s.tx(func(ctx context.Context, tx pgx.Tx) error { return tx.QueryRow(ctx, sql, args...).Scan(&v) })
	return v
}

// land is a territory: a city of 2 counties, 2 towns each, so many villages
// each.
type land struct {
	*site
	id     grids.TerritoryID
	prefix string
}

// draft makes a territory with an open first edition.
func (s *site) draft(prefix, name string, west, south float64, villages int) *land {
	s.t.Helper()
	l := &land{site: s, prefix: prefix}
	l.id = scan[grids.TerritoryID](s, `INSERT INTO cells.territory (code, name, epsg, code_lengths, code_pad, demo)
		VALUES ($1, $2, 4547, '{4,6,9,12}', 12, true) RETURNING id`, prefix+"00000000", name)
	s.exec(`INSERT INTO editions.edition (territory_id, seq, state, created_by) VALUES ($1, 1, 'draft', 'test')`, l.id)
	s.exec(cellsSQL, l.id, prefix, west, south, villages, name)
	s.exec(`INSERT INTO layers.layer (territory_id, code, name_zh, name_en, rank)
		VALUES ($1, 'environment', '环境', 'Environment', 1), ($1, 'safety', '安全', 'Safety', 2)`, l.id)
	l.person("P1", "示例人员 0001")
	l.assign("P1", prefix+"00000000", "accountable", "")
	return l
}

// publish publishes the open edition.
func (l *land) publish(edition int) {
	l.t.Helper()
	l.exec(displaySQL, l.id, edition)
	l.exec(`UPDATE editions.edition SET state = 'published', effective = clock_timestamp(), published_by = 'test'
		WHERE territory_id = $1 AND seq = $2`, l.id, edition)
}

// territory makes a published one.
func (s *site) territory(prefix, name string, west, south float64, villages int) *land {
	s.t.Helper()
	l := s.draft(prefix, name, west, south, villages)
	l.publish(1)
	return l
}

func (l *land) person(no, name string) {
	l.t.Helper()
	l.exec(`INSERT INTO people.person (territory_id, staff_no, name, unit, post, phone_masked, provenance)
		VALUES ($1, $2, $3, '示例单位', '网格长', '000-****-0001', 'demo')`, l.id, no, name)
}

func (l *land) assign(no, code, role, layer string) {
	l.t.Helper()
	l.exec(`INSERT INTO people.assignment (territory_id, person_id, cell_id, role, layer, during, recorded_by)
		SELECT $1, p.id, v.cell_id, $4, nullif($5, ''), tstzrange('2020-01-01', NULL), 'test'
		FROM people.person p, cells.version v
		WHERE p.territory_id = $1 AND p.staff_no = $2 AND v.territory_id = $1 AND v.code = $3 AND v.to_edition IS NULL`, l.id, no, code, role, layer)
}

func (l *land) object(kind, code, name, wkt, attributes string) {
	l.t.Helper()
	l.exec(`
		WITH o AS (
		  INSERT INTO objects.object (territory_id, kind, code, name, geom, located_by, attributes, provenance)
		  VALUES ($1, $2, $3, $4, ST_GeomFromText(nullif($5, ''), 4326), CASE WHEN $5 <> '' THEN 'import' END, $6::jsonb, 'demo') RETURNING id, geom)
		INSERT INTO objects.placement (territory_id, object_id, cell_id, share, during)
		SELECT $1, o.id, v.cell_id, 1, tstzrange('2020-01-01', NULL)
		FROM o, LATERAL (SELECT * FROM cells.leaves($1, greatest(editions.published($1), 1)) v WHERE ST_Intersects(v.geom, o.geom) ORDER BY v.code LIMIT 1) v`,
		l.id, kind, code, name, wkt, attributes)
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) json(t testing.TB) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Fatalf("%v in %.300s", err, a.body)
	}
	return v
}

// get asks for a path (or a whole address) and checks the answer against the
// document.
func (s *site) get(path string, headers ...string) answer {
	s.t.Helper()
	return s.send(http.MethodGet, path, "", headers...)
}

func (s *site) send(method, path, body string, headers ...string) answer {
	s.t.Helper()
	request, a := s.exchange(method, path, body, headers...)
	s.conforms(request, a)
	return a
}

// bare is send without a look at how the answer is documented.
func (s *site) bare(method, path, body string, headers ...string) answer {
	s.t.Helper()
	_, a := s.exchange(method, path, body, headers...)
	return a
}

func (s *site) exchange(method, path, body string, headers ...string) (*http.Request, answer) {
	s.t.Helper()
	path = strings.TrimPrefix(path, s.server.URL)
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.server.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if s.cookie != "" {
		request.Header.Set("Cookie", s.cookie)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	a := answer{status: response.StatusCode, header: response.Header, body: content}
	if a.status >= 500 {
		s.t.Logf("%s", s.log.failure())
	}
	return request, a
}

// conforms checks an answer against openapi.yaml.
func (s *site) conforms(request *http.Request, a answer) {
	s.t.Helper()
	plain := request.Clone(request.Context())
	if rest, ok := strings.CutPrefix(plain.URL.Path, "/t/"); ok {
		_, path, _ := strings.Cut(rest, "/")
		plain.URL.Path = "/" + path
	}
	plain.URL.Host, plain.URL.Scheme, plain.Host = "", "", ""
	route, params, err := s.router.FindRoute(plain)
	if err != nil {
		return // no path of the document
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: plain, PathParams: params, Route: route},
		Status:                 a.status, Header: a.header, Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	if media := a.header.Get("Content-Type"); !strings.Contains(media, "json") || strings.Contains(media, "openapi") {
		input.Options.ExcludeResponseBody = true
	}
	if err := openapi3filter.ValidateResponse(s.t.Context(), input.SetBodyBytes(a.body)); err != nil {
		s.t.Errorf("%s %s does not answer as documented: %.1500v", request.Method, request.URL, err)
	}
}

// codes gives the codes of a feature collection's features.
func codes(t testing.TB, a answer) []string {
	t.Helper()
	var list []string
	features, _ := a.json(t)["features"].([]any)
	for _, f := range features {
		list = append(list, fmt.Sprint(f.(map[string]any)["id"]))
	}
	return list
}

// href gives the address of a link, "" when there is none.
func href(t testing.TB, a answer, rel string) string {
	t.Helper()
	links, _ := a.json(t)["links"].([]any)
	for _, l := range links {
		if l := l.(map[string]any); l["rel"] == rel {
			return l["href"].(string)
		}
	}
	return ""
}

func instant(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }
