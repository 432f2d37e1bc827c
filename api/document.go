package api

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/collections"
)

//go:embed openapi.yaml
var openapiYAML []byte

// document is openapi.yaml with its operations by echo's route.
type document struct {
	spec   *openapi3.T
	json   []byte
	routes map[string]*routers.Route
}

func loadDocument() (*document, error) {
	loader := openapi3.NewLoader()
	spec, err := loader.LoadFromData(openapiYAML)
	if err != nil {
		return nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	if err := spec.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	text, err := spec.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	d := &document{spec: spec, json: text, routes: map[string]*routers.Route{}}
	for path, item := range spec.Paths.Map() {
		for method, operation := range item.Operations() {
			d.routes[method+" "+echoPath(path)] = &routers.Route{Spec: spec, Path: path, PathItem: item, Method: method, Operation: operation}
		}
	}
	return d, nil
}

// echoPath is how echo writes a path of the document. Of a tile's path it takes
// the last segment whole, suffix included.
func echoPath(path string) string {
	path = strings.TrimSuffix(strings.TrimSuffix(path, ".mvt"), ".json")
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}

// at gives the document as JSON for a server at a base address.
func (d *document) at(base string) ([]byte, error) {
	var spec map[string]any
	if err := json.Unmarshal(d.json, &spec); err != nil {
		return nil, err
	}
	spec["servers"] = []any{map[string]any{"url": base}}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(spec)
	return b.Bytes(), err
}

// check refuses what the document does not declare: unknown, repeated and
// invalid parameters, and bodies of another shape.
func (s *Server) check(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		route := s.document.routes[c.Request().Method+" "+c.Path()]
		if route == nil {
			return next(c)
		}
		query := c.QueryParams()
		declared := map[string]bool{}
		input := &openapi3filter.RequestValidationInput{Request: c.Request(), QueryParams: query, Route: route, PathParams: map[string]string{},
			Options: &openapi3filter.Options{SkipSettingDefaults: true}}
		for i, name := range c.ParamNames() {
			input.PathParams[name] = c.ParamValues()[i]
		}
		tile := strings.HasPrefix(route.Path, "/tiles/")
		for _, ref := range append(slices.Clone(route.PathItem.Parameters), route.Operation.Parameters...) {
			p := ref.Value
			if p.In == openapi3.ParameterInQuery {
				declared[p.Name] = true
				if clamped(p, query.Get(p.Name)) {
					continue
				}
				if p.Name == "bbox" { // says more than a schema can
					if _, err := collections.ParseBBox(query.Get(p.Name)); err != nil {
						return err
					}
					continue
				}
			} else if tile {
				continue // read by hand, suffix and all
			}
			if err := openapi3filter.ValidateParameter(c.Request().Context(), input, p); err != nil {
				return badParameter(p, query.Get(p.Name), err)
			}
		}
		if route.Path == "/" && prefersHTML(c.Request()) {
			return next(c) // the map keeps its own state in the address
		}
		for _, name := range slices.Sorted(maps.Keys(query)) {
			if !declared[name] {
				e := grids.Errorf(grids.Invalid, name, "没有参数 %s", "there is no parameter %s", name)
				e.Value = query.Get(name)
				known := slices.Sorted(maps.Keys(declared))
				return e.Fix("可用参数:%s", "these can be given: %s", strings.Join(known, ", "))
			}
			if len(query[name]) > 1 {
				return grids.Errorf(grids.Invalid, name, "参数 %s 只能给一次", "parameter %s may be given only once", name)
			}
		}
		if body := route.Operation.RequestBody; body != nil && body.Value.Content[mediaJSON] != nil { // others are read as they come
			if err := openapi3filter.ValidateRequestBody(c.Request().Context(), input, body.Value); err != nil {
				return badBody(err)
			}
		}
		return next(c)
	}
}

// clamped tells whether a value is over a maximum that stands for itself (OGC:
// a limit over the maximum is not an error).
func clamped(p *openapi3.Parameter, value string) bool {
	if _, ok := p.Extensions["x-clamp"]; !ok || value == "" {
		return false
	}
	n, err := strconv.Atoi(value)
	return err == nil && p.Schema.Value.Max != nil && float64(n) > *p.Schema.Value.Max
}

func badParameter(p *openapi3.Parameter, value string, err error) error {
	var e *grids.Error
	if p.Required && value == "" && p.In == openapi3.ParameterInQuery {
		e = grids.Errorf(grids.Invalid, p.Name, "缺少参数 %s", "parameter %s is missing", p.Name)
	} else {
		e = grids.Errorf(grids.Invalid, p.Name, "参数 %s 的值 %q 无效", "the value of parameter %s, %q, is invalid", p.Name, value)
		if reason := schemaReason(err); reason != "" {
			e.Message.EN += ": " + reason
		}
	}
	e.Value = value
	if fix := describe(p.Schema.Value); fix != (grids.Text{}) {
		e.Fixes = append(e.Fixes, fix)
	}
	if p.Description != "" {
		e.Fix("%[1]s:%[2]s", "%[1]s: %[2]s", p.Name, p.Description)
	}
	return e
}

// describe says what a schema takes.
func describe(s *openapi3.Schema) grids.Text {
	switch {
	case len(s.Enum) > 0:
		values := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(s.Enum)), ", "), "[]")
		return grids.Text{ZH: "可取:" + values, EN: "one of: " + values}
	case s.Min != nil && s.Max != nil:
		return grids.Text{ZH: fmt.Sprintf("取 %v 至 %v", *s.Min, *s.Max), EN: fmt.Sprintf("between %v and %v", *s.Min, *s.Max)}
	case s.Min != nil:
		return grids.Text{ZH: fmt.Sprintf("不小于 %v", *s.Min), EN: fmt.Sprintf("at least %v", *s.Min)}
	case s.Format == "date-time":
		return grids.Text{ZH: "RFC 3339 时刻,如 2026-01-02T03:04:05Z", EN: "an RFC 3339 instant, such as 2026-01-02T03:04:05Z"}
	case s.Type.Is(openapi3.TypeBoolean):
		return grids.Text{ZH: "true 或 false", EN: "true or false"}
	default:
		return grids.Text{}
	}
}

// decode reads a JSON body that was checked against the document.
func decode(c echo.Context, into any) error {
	if err := json.NewDecoder(c.Request().Body).Decode(into); err != nil {
		return badBody(err)
	}
	return nil
}

func badBody(err error) error {
	field := "body"
	var se *openapi3.SchemaError
	if errors.As(err, &se) {
		if pointer := strings.Join(se.JSONPointer(), "."); pointer != "" {
			field = pointer
		}
	}
	e := grids.Errorf(grids.Invalid, field, "请求体无效:%s", "the request body is invalid: %s", field)
	if se != nil {
		fault := bodyFault(se)
		e.Message.ZH += ":" + fault.ZH
		e.Message.EN += ": " + fault.EN
		if fix := describe(se.Schema); fix != (grids.Text{}) {
			e.Fixes = append(e.Fixes, fix)
		}
	}
	return e.Fix("请求体的格式见 /api", "see /api for what the body looks like")
}

// property is how the validator names a property that is missing, or one too many.
var property = regexp.MustCompile(`^property "(.+)" is (missing|unsupported)$`)

// bodyFault says what is wrong with a value, as the validator does in English.
func bodyFault(se *openapi3.SchemaError) grids.Text {
	zh := "值不符合要求"
	switch named, s := property.FindStringSubmatch(se.Reason), se.Schema; {
	case named != nil && named[2] == "missing":
		zh = "缺少 " + named[1]
	case named != nil:
		zh = "没有字段 " + named[1]
	case se.SchemaField == "minLength" && s.MinLength == 1:
		zh = "不能为空"
	case se.SchemaField == "minLength":
		zh = fmt.Sprintf("至少 %d 个字符", s.MinLength)
	case se.SchemaField == "maxLength":
		zh = fmt.Sprintf("最多 %d 个字符", *s.MaxLength)
	case se.SchemaField == "minItems":
		zh = fmt.Sprintf("至少 %d 项", s.MinItems)
	case se.SchemaField == "maxItems":
		zh = fmt.Sprintf("最多 %d 项", *s.MaxItems)
	case se.SchemaField == "pattern":
		zh = "须符合 " + s.Pattern
	case se.SchemaField == "type":
		zh = "类型应为 " + strings.Join(s.Type.Slice(), " ")
	}
	return grids.Text{ZH: zh, EN: se.Reason}
}

func schemaReason(err error) string {
	var se *openapi3.SchemaError
	if errors.As(err, &se) {
		return se.Reason
	}
	return ""
}

// GetApi serves the document, with the address of the territory it is read
// below.
func (s *Server) GetApi(c echo.Context, _ GetApiParams) error {
	text, err := s.document.at(callOf(c).baseURL())
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-cache")
	return c.Blob(http.StatusOK, "application/vnd.oai.openapi+json;version=3.0", text)
}
