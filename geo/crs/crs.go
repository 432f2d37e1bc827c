// Package crs tells which EPSG coordinate system a .prj file means, and writes
// .prj files, for the systems that Chinese offices use: CGCS2000, Xian 1980
// and Beijing 1954 with their Gauss-Krüger zones, WGS 84 with UTM and Web
// Mercator, and TWD97.
package crs

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// UnknownError says what a definition held that could not be matched.
type UnknownError struct {
	Why  string
	Seen string // the parameters, for a person to compare
}

// Error gives the reason and what was seen.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("coordinate system not recognised: %s; seen: %s", e.Why, e.Seen)
}

// WKT returns the ESRI WKT of a system, as it belongs into a .prj file. It is
// false for codes outside the package's table.
func WKT(epsg int) (string, bool) {
	s, ok := find(epsg)
	if !ok {
		return "", false
	}
	geographic := fmt.Sprintf(
		`GEOGCS["%s",DATUM["%s",SPHEROID["%s",%s,%s]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`,
		s.datum.gcs, s.datum.d, s.datum.spheroid, decimal(s.datum.a), decimal(s.datum.flat))
	if s.projection == "" {
		return geographic, true
	}
	var b strings.Builder
	fmt.Fprintf(&b, `PROJCS["%s",%s,PROJECTION["%s"]`, s.name, geographic, s.projection)
	parameter := func(name string, value float64) {
		fmt.Fprintf(&b, `,PARAMETER["%s",%s]`, name, decimal(value))
	}
	parameter("False_Easting", s.easting)
	parameter("False_Northing", s.north)
	parameter("Central_Meridian", s.meridian)
	if s.sphericalExtras {
		parameter("Standard_Parallel_1", 0)
		parameter("Auxiliary_Sphere_Type", 0)
	} else {
		parameter("Scale_Factor", s.scale)
		parameter("Latitude_Of_Origin", 0)
	}
	b.WriteString(`,UNIT["Meter",1.0]]`)
	return b.String(), true
}

// Geographic says whether the system's coordinates are degrees; known is false
// for codes outside the package's table.
func Geographic(epsg int) (degrees, known bool) {
	s, known := find(epsg)
	return known && s.projection == "", known
}

// Inexact says whether the system has no public exact shift to CGCS2000 and
// WGS 84, so that transformed coordinates may be off by tens of metres.
func Inexact(epsg int) bool {
	s, ok := find(epsg)
	return ok && (s.datum.name == "Xian 1980" || s.datum.name == "Beijing 1954")
}

// Identify returns the EPSG code of a definition in ESRI WKT, OGC WKT 1 or
// WKT 2. It goes by the parameters; names only tell apart datums that share an
// ellipsoid, and 6-degree zones from the 3-degree zones with the same
// parameters. Outside the table, an EPSG authority in the definition is taken.
// The error is an *UnknownError if the text is WKT but means none of these.
func Identify(wkt string) (int, error) {
	root, err := parse(wkt)
	if err != nil {
		return 0, err
	}
	d, err := describe(root)
	if err != nil {
		return 0, &UnknownError{Why: err.Error(), Seen: d.String()}
	}
	code, why := d.match()
	if why == "" {
		return code, nil
	}
	// A code of the table whose parameters didn't match can't be trusted.
	if _, ours := find(d.authority); d.authority != 0 && !ours {
		return d.authority, nil
	}
	return 0, &UnknownError{Why: why, Seen: d.String()}
}

func decimal(v float64) string {
	text := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

func itoa(n int) string { return strconv.Itoa(n) }

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance }
