package geojson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unigrid/importers/source"
)

// feature is one feature, its geometry not read yet.
type feature struct {
	kind       string
	id         any
	properties []property
	geometry   json.RawMessage
	crs        json.RawMessage
	bare       []byte // coordinates or geometries of a bare geometry
	bareKey    string
}

// property is one member of the properties, in the file's order.
type property struct {
	name  string
	value any // string, int64, float64, bool or nil
}

func decodeFeature(raw []byte) (feature, error) {
	var f feature
	if err := members(raw, f.take); err != nil {
		return f, err
	}
	return f, f.complete()
}

// take keeps a member of a feature's object.
func (f *feature) take(key string, raw json.RawMessage) error {
	switch key {
	case "type":
		if err := json.Unmarshal(raw, &f.kind); err != nil {
			return source.Fault("type 不是文本", "the type is not a text")
		}
	case "id":
		f.id = scalar(raw)
	case "geometry":
		f.geometry = raw
	case "crs":
		f.crs = raw
	case "coordinates", "geometries":
		f.bare, f.bareKey = raw, key
	case "properties":
		f.properties = nil
		if isNull(raw) {
			return nil
		}
		err := members(raw, func(name string, raw json.RawMessage) error {
			f.properties = append(f.properties, property{name, scalar(raw)})
			return nil
		})
		if err != nil {
			return fmt.Errorf("properties: %w", err)
		}
	}
	return nil
}

// complete checks that the object was a feature, or makes one of a geometry.
func (f *feature) complete() error {
	switch {
	case f.kind == "Feature":
		return nil
	case f.bareKey != "":
		f.geometry = append([]byte(`{"type":`+strconv.Quote(f.kind)+`,"`+f.bareKey+`":`), append(f.bare, '}')...)
		return nil
	case f.kind == "" && f.geometry != nil && f.properties != nil:
		return nil // the type was forgotten
	case f.kind == "Topology":
		return source.Fault("这是 TopoJSON,请另存为 GeoJSON", "this is TopoJSON; save it as GeoJSON")
	}
	return source.Fault("类型为 %q 的对象不是要素", "an object of type %q is not a feature", f.kind)
}

// members calls take for each member of a JSON object, in order.
func members(raw []byte, take func(key string, raw json.RawMessage) error) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	token, err := d.Token()
	if err != nil {
		return err
	}
	if token != json.Delim('{') {
		return source.Fault("不是对象", "not an object")
	}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string)
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		if err := take(key, value); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// scalar reads a property's value. An integer too long for 64 bits stays text,
// as objects and arrays do.
func scalar(raw json.RawMessage) any {
	switch raw[0] {
	case 'n':
		return nil
	case 't':
		return true
	case 'f':
		return false
	case '"':
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return string(raw)
		}
		return text
	case '{', '[':
		var compact bytes.Buffer
		if err := json.Compact(&compact, raw); err != nil {
			return string(raw)
		}
		return compact.String()
	}
	text := string(raw)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if strings.ContainsAny(text, ".eE") {
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f
		}
	}
	return text
}

func isNull(raw []byte) bool { return len(raw) == 0 || raw[0] == 'n' }

// legacyCRS reads the crs member of GeoJSON 2008: its EPSG code, if known, and
// the name it goes by.
func legacyCRS(raw []byte) (code int, named string) {
	if isNull(raw) {
		return 0, ""
	}
	var member struct {
		Type       string `json:"type"`
		Properties struct {
			Name string          `json:"name"`
			Code json.RawMessage `json:"code"`
			Href string          `json:"href"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(raw, &member); err != nil {
		return 0, "unreadable"
	}
	if named = member.Properties.Name; named == "" {
		named = strings.Trim(string(member.Properties.Code), `"`)
		if strings.EqualFold(member.Type, "EPSG") {
			named = "EPSG:" + named
		}
	}
	if strings.HasSuffix(strings.ToUpper(named), "CRS84") {
		return 4326, named
	}
	// EPSG:4547, urn:ogc:def:crs:EPSG::4547, urn:ogc:def:crs:EPSG:6.9:4547,
	// http://www.opengis.net/def/crs/EPSG/0/4547
	match := regexp.MustCompile(`(?i)epsg[:/](?:[0-9.]*[:/])?([0-9]{4,6})$`).FindStringSubmatch(named)
	if match != nil {
		code, _ = strconv.Atoi(match[1])
		return code, named
	}
	if named == "" {
		named = "unreadable"
	}
	return 0, named
}
