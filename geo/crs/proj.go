package crs

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// byCode finds a code that stands there by itself: EPSG:4547,
// urn:ogc:def:crs:EPSG::4547, http://www.opengis.net/def/crs/EPSG/0/4547 or
// +init=epsg:4547.
func byCode(text string) (int, bool) {
	m := regexp.MustCompile(`(?i)^(?:\+init=|urn:ogc:def:crs:|urn:x-ogc:def:crs:|https?://www\.opengis\.net/def/crs/)?epsg[:/](?:[0-9.]*[:/])?([0-9]{4,5})(?:\s.*)?$`).FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	code, err := strconv.Atoi(m[1])
	return code, err == nil && code >= 1024 && code <= 32767
}

// describeProj reads a PROJ string. It names no datum where the ellipsoid has
// several, so these are taken for what Chinese offices mean by them: GRS 80 is
// CGCS2000 (but for TWD97's projection), Krassowsky is Beijing 1954.
func describeProj(text string) (description, error) {
	values := map[string]string{}
	for _, word := range strings.Fields(text) {
		key, value, _ := strings.Cut(strings.TrimPrefix(word, "+"), "=")
		values[key] = value
	}
	var bad error
	number := func(key string, otherwise float64) float64 {
		value, ok := values[key]
		if !ok {
			return otherwise
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			bad = fmt.Errorf("+%s is not a number", key)
		}
		return v
	}
	d := description{name: strings.TrimSpace(text), angle: math.Pi / 180, metre: 1, parameters: map[string]float64{
		"centralmeridian": number("lon_0", 0), "latitudeoforigin": number("lat_0", 0),
		"falseeasting": number("x_0", 0), "falsenorthing": number("y_0", 0),
		"scalefactor": number("k", number("k_0", 1)),
	}}
	if units := values["units"]; units != "" && units != "m" {
		d.metre = 0
	}
	d.metre *= number("to_meter", 1)
	if pm := values["pm"]; pm != "" && pm != "0" && !strings.EqualFold(pm, "greenwich") {
		d.primeMeridian = math.NaN()
	}
	d.ellipsoid = values["ellps"] + values["datum"]
	switch strings.ToUpper(d.ellipsoid) {
	case "GRS80":
		d.datum, d.a, d.flat = "CGCS2000", 6378137, 298.257222101
		if d.parameters["scalefactor"] == 0.9999 && d.parameters["falseeasting"] == 250000 {
			d.datum = "TWD97"
		}
	case "WGS84", "WGS84WGS84":
		d.datum, d.a, d.flat = "WGS 84", 6378137, 298.257223563
	case "KRASS":
		d.datum, d.a, d.flat = "Beijing 1954", 6378245, 298.3
	case "IAU76":
		d.datum, d.a, d.flat = "Xian 1980", 6378140, 298.257
	default:
		b := number("b", 0)
		d.a = number("a", 0)
		if d.a > b {
			d.flat = number("rf", d.a/(d.a-b))
		}
		if near(d.a, 6378140, 0.01) {
			d.datum = "Xian 1980"
		}
		d.spherical = near(d.a, 6378137, 0.01) && d.a == b
	}
	switch values["proj"] {
	case "longlat", "latlong", "lonlat", "latlon":
	case "tmerc", "etmerc":
		d.projected, d.method = true, "Transverse_Mercator"
	case "utm":
		zone := number("zone", 0)
		d.projected, d.method = true, "Transverse_Mercator"
		d.parameters["centralmeridian"], d.parameters["falseeasting"], d.parameters["scalefactor"] = zone*6-183, 500000, 0.9996
		if _, south := values["south"]; south {
			d.parameters["falsenorthing"] = 1e7
		}
	case "merc", "webmerc":
		d.projected, d.method = true, "Mercator_1SP"
		d.spherical = d.spherical || values["proj"] == "webmerc"
		if d.spherical {
			d.datum, d.a, d.flat = "WGS 84", 6378137, 298.257223563
		}
	default:
		return d, fmt.Errorf("the projection %q is not known", values["proj"])
	}
	return d, bad
}
