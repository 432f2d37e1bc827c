package crs

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// description is what a definition says, by parameters.
type description struct {
	name, datum, ellipsoid string
	a, flat                float64
	primeMeridian          float64
	angle                  float64 // radians of the angular unit
	projected              bool
	method                 string
	metre                  float64 // metres of the linear unit
	parameters             map[string]float64
	authority              int
	spherical              bool
}

// describe gathers the parameters of WKT 1 or WKT 2. The description returned
// with an error holds what was found until then.
func describe(root *node) (description, error) {
	d := description{name: root.name(), angle: math.Pi / 180, metre: 1, parameters: map[string]float64{}}
	d.authority = authority(root)
	var geographic *node
	switch root.keyword {
	case "GEOGCS", "GEOGCRS", "GEODCRS", "GEODETICCRS", "GEOGRAPHICCRS":
		geographic = root
	case "PROJCS", "PROJCRS", "PROJECTEDCRS":
		d.projected = true
		geographic = root.child("GEOGCS", "BASEGEOGCRS", "BASEGEODCRS")
	case "BOUNDCRS":
		source := root.child("SOURCECRS")
		if source != nil && len(source.children) > 0 && source.children[0].keyword != "BOUNDCRS" {
			return describe(source.children[0])
		}
		return d, errors.New("the bound system is missing")
	case "COMPD_CS", "COMPOUNDCRS":
		if h := root.child("PROJCS", "PROJCRS", "GEOGCS", "GEOGCRS", "GEODCRS"); h != nil {
			return describe(h) // the height is dropped with the Z
		}
		return d, errors.New("the horizontal system is missing")
	default:
		return d, fmt.Errorf("%s is not a geographic or projected system", root.keyword)
	}
	if geographic == nil {
		return d, errors.New("the geographic system is missing")
	}
	if err := d.geographic(geographic); err != nil {
		return d, err
	}
	if d.projected {
		return d, d.projection(root)
	}
	return d, nil
}

func (d *description) geographic(n *node) error {
	datum := n.child("DATUM", "GEODETICDATUM", "TRF", "ENSEMBLE")
	if datum == nil {
		return errors.New("the datum is missing")
	}
	d.datum = datum.name()
	ellipsoid := datum.child("SPHEROID", "ELLIPSOID")
	if ellipsoid == nil {
		return errors.New("the ellipsoid is missing")
	}
	d.ellipsoid = ellipsoid.name()
	var okA, okF bool
	d.a, okA = ellipsoid.number(0)
	d.flat, okF = ellipsoid.number(1)
	if !okA || !okF {
		return errors.New("the ellipsoid's axis or flattening is missing")
	}
	if meridian := n.child("PRIMEM", "PRIMEMERIDIAN"); meridian != nil {
		d.primeMeridian, _ = meridian.number(0)
	}
	if unit, ok := unitOf(n, "UNIT", "ANGLEUNIT"); ok {
		d.angle = unit
	}
	return nil
}

func (d *description) projection(root *node) error {
	conversion := root // WKT 1 has the parameters in the root
	method := root.child("PROJECTION")
	if c := root.child("CONVERSION", "DERIVINGCONVERSION"); c != nil {
		conversion = c
		method = c.child("METHOD", "PROJECTION")
	}
	if method == nil {
		return errors.New("the projection is missing")
	}
	d.method = method.name()
	for _, c := range conversion.children {
		if c.keyword != "PARAMETER" {
			continue
		}
		if value, ok := c.number(0); ok {
			d.parameters[parameterName(c.name())] = value
		}
	}
	if unit, ok := unitOf(root, "UNIT", "LENGTHUNIT"); ok {
		d.metre = unit
	}
	if e := root.child("EXTENSION"); e != nil && len(e.texts) > 1 {
		d.spherical = strings.Contains(e.texts[1], "+a=6378137 +b=6378137")
	}
	return nil
}

// unitOf reads a unit of n itself, or of its coordinate system's axes (WKT 2).
func unitOf(n *node, keywords ...string) (float64, bool) {
	if unit := n.child(keywords...); unit != nil {
		return unit.number(0)
	}
	if axis := n.child("AXIS"); axis != nil {
		if unit := axis.child(keywords...); unit != nil {
			return unit.number(0)
		}
	}
	return 0, false
}

// parameterName brings the spellings of ESRI, OGC and WKT 2 together.
func parameterName(name string) string {
	switch p := plain(name); p {
	case "longitudeofnaturalorigin", "longitudeofcenter", "longitudeoforigin":
		return "centralmeridian"
	case "latitudeofnaturalorigin", "latitudeofcenter":
		return "latitudeoforigin"
	case "scalefactoratnaturalorigin":
		return "scalefactor"
	default:
		return p
	}
}

func authority(root *node) int {
	n := root.child("AUTHORITY", "ID")
	if n == nil || !strings.EqualFold(n.name(), "EPSG") {
		return 0
	}
	if len(n.texts) > 1 {
		code, _ := strconv.Atoi(n.texts[1])
		return max(code, 0)
	}
	if code, ok := n.number(0); ok && code > 0 && code < 1e6 {
		return int(code)
	}
	return 0
}

// match finds the EPSG code by parameters, or says why there is none.
func (d description) match() (code int, why string) {
	if d.primeMeridian != 0 {
		return 0, "the prime meridian is not Greenwich"
	}
	if !near(d.angle, math.Pi/180, 1e-9) {
		return 0, "the angular unit is not the degree"
	}
	candidates := d.datums()
	if len(candidates) == 0 {
		return 0, "the datum and ellipsoid are not in the table"
	}
	if !d.projected {
		if len(candidates) > 1 {
			return 0, "the ellipsoid belongs to several datums and none is named"
		}
		return candidates[0].geographic, ""
	}
	if !near(d.metre, 1, 1e-9) {
		return 0, "the unit is not the metre"
	}
	for _, candidate := range candidates {
		if code, ok := d.projectedOn(candidate); ok {
			return code, ""
		}
	}
	if d.local() {
		return 0, "its origin is none of the 3-degree or 6-degree zones"
	}
	return 0, "the projection's parameters are not in the table"
}

// datums lists the datums that the definition can mean: the one it names, if
// the ellipsoid doesn't contradict it, or all that have its ellipsoid if it
// names none. A named datum that isn't in the table is none of them.
func (d description) datums() []datum {
	named := plain(d.datum)
	anonymous := named == "" || strings.Contains(named, "unknown") || strings.Contains(named, "notspecified") ||
		strings.Contains(named, "unnamed")
	var found []datum
	for _, candidate := range datums() {
		if !near(d.a, candidate.a, 0.01) {
			continue
		}
		sameFlattening := near(d.flat, candidate.flat, 5e-7)
		for _, word := range candidate.words {
			// CGCS2000 with the flattening of WGS 84 differs by 0.1 mm and occurs.
			if means(named, word) && near(d.flat, candidate.flat, 2e-6) {
				return []datum{candidate}
			}
			if anonymous && sameFlattening && means(plain(d.ellipsoid), word) {
				return []datum{candidate}
			}
		}
		if anonymous && sameFlattening && candidate.name != "Beijing 1954" {
			found = append(found, candidate)
		}
	}
	return found
}

// means says whether a datum's or ellipsoid's plain name holds the word and is
// not the name of a later adjustment.
func means(name, word string) bool {
	return strings.Contains(name, word) && !strings.HasPrefix(strings.TrimPrefix(name, "d"), "new")
}

func (d description) projectedOn(base datum) (int, bool) {
	method := plain(d.method)
	latitude, northing := d.parameters["latitudeoforigin"], d.parameters["falsenorthing"]
	meridian, easting := d.parameters["centralmeridian"], d.parameters["falseeasting"]
	scale, given := d.parameters["scalefactor"]
	if !given {
		scale = 1
	}
	switch method {
	case "mercatorauxiliarysphere", "popularvisualisationpseudomercator", "popularvisualizationpseudomercator":
		return 3857, base.geographic == 4326 && easting == 0 && northing == 0 && meridian == 0
	case "mercator1sp", "mercator":
		return 3857, d.spherical && base.geographic == 4326 && easting == 0 && northing == 0 && meridian == 0
	case "transversemercator", "gausskruger", "gausskrger", "gausskrüger", "gausskrueger", "高斯克吕格", "高斯克吕格投影":
	default:
		return 0, false
	}
	if !near(latitude, 0, 1e-9) {
		return 0, false
	}
	meridian = snap(meridian, 1e-7)
	switch {
	case base.gk != nil && near(scale, 1, 1e-9) && near(northing, 0, 1e-3):
		return base.gk.code(meridian, snap(easting, 1e-3), d.sixDegrees())
	case base.geographic == 4326 && near(scale, 0.9996, 1e-9) && easting == 500000:
		zone := (meridian + 183) / 6
		if zone != math.Trunc(zone) || zone < 1 || zone > 60 {
			return 0, false
		}
		if northing == 0 {
			return 32600 + int(zone), true
		}
		return 32700 + int(zone), northing == 1e7
	case base.geographic == 3824 && near(scale, 0.9999, 1e-9) && easting == 250000 && northing == 0:
		switch meridian {
		case 121:
			return 3826, true
		case 119:
			return 3825, true
		}
	}
	return 0, false
}

// sixDegrees goes by the name, which is all that tells a 6-degree zone by
// meridian from a 3-degree one.
func (d description) sixDegrees() bool {
	name := plain(d.name)
	if strings.Contains(name, "3degree") {
		return false
	}
	return strings.Contains(name, "6degree") || strings.Contains(name, "gkcm") || strings.Contains(name, "gausskrugercm") ||
		regexp.MustCompile(`(?:gkzone|gausskruger|gausskrugerzone)\d{2}n`).MatchString(name) // ESRI's names of the same
}

// local says whether the definition is a transverse Mercator on a datum of the
// table with an origin or scale of its own, as a city's local system is.
func (d description) local() bool {
	switch plain(d.method) {
	case "transversemercator", "gausskruger", "gausskrger", "gausskrüger", "gausskrueger", "高斯克吕格", "高斯克吕格投影":
		return d.primeMeridian == 0 && near(d.metre, 1, 1e-9) && len(d.datums()) > 0
	}
	return false
}

func snap(v, tolerance float64) float64 {
	if r := math.Round(v); near(v, r, tolerance) {
		return r
	}
	return v
}

// String lists what was seen.
func (d description) String() string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	add("name %q", d.name)
	if d.datum != "" {
		add("datum %q", d.datum)
	}
	if d.a != 0 {
		add("ellipsoid %q %v %v", d.ellipsoid, d.a, d.flat)
	}
	if d.primeMeridian != 0 {
		add("prime meridian %v", d.primeMeridian)
	}
	if d.method != "" {
		add("projection %q", d.method)
	}
	names := make([]string, 0, len(d.parameters))
	for name := range d.parameters {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		add("%s %v", name, d.parameters[name])
	}
	if d.projected && d.metre != 1 {
		add("unit %v m", d.metre)
	}
	if d.authority != 0 {
		add("EPSG %d", d.authority)
	}
	return strings.Join(parts, ", ")
}
