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
	Why   string
	Seen  string // the parameters, for a person to compare
	Local bool   // a local system (地方坐标系, 独立坐标系): a datum of the table with an origin of its own
}

// Error gives the reason, what was seen and what to ask for.
func (e *UnknownError) Error() string {
	_, ask := e.Ask()
	return fmt.Sprintf("coordinate system not recognised: %s; seen: %s; %s", e.Why, e.Seen, ask)
}

// Ask says what to get from whoever made the file.
func (e *UnknownError) Ask() (zh, en string) {
	if e.Local {
		return "这是地方(独立)坐标系,没有公开的 EPSG 代码。请向测绘或自然资源部门索取转换到 CGCS2000(EPSG:4490 或 3 度带)的成果,或请对方用四参数、七参数转换后再导出",
			"a local system (地方坐标系) has no public code: ask the survey office for the data in CGCS2000 (EPSG:4490 or its 3-degree zone), or have it transformed there with the four or seven parameters of that system"
	}
	return "请向提供文件的人询问坐标系的名称或 EPSG 代码(如 CGCS2000 3 度带,中央经线 114°,东坐标加不加带号)",
		"ask who made the file for the system's name or EPSG code (such as CGCS2000, 3-degree zone, central meridian 114°, with or without the zone number in the easting)"
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

// Identify returns the EPSG code of a definition: ESRI WKT, OGC WKT 1 or WKT 2
// (.prj, .qpj), a PROJ string, a name alone, or a code such as EPSG:4547. It
// goes by the parameters; names only tell apart datums that share an ellipsoid,
// and 6-degree zones from the 3-degree zones with the same parameters. Outside
// the table, an EPSG authority in the definition is taken. The error is an
// *UnknownError if the text says something that means none of these.
func Identify(text string) (int, error) {
	text = strings.Trim(text, "\uFEFF\x00 \t\r\n")
	if len(text) > maxLength {
		return 0, fmt.Errorf("the definition has %d bytes, more than %d", len(text), maxLength)
	}
	if code, ok := byCode(text); ok {
		return code, nil
	}
	switch {
	case strings.HasPrefix(text, "+") || strings.HasPrefix(text, "proj="):
		d, err := describeProj(text)
		return d.identify(err)
	case text != "" && !strings.ContainsAny(text, "[("):
		if code, ok := byName(strings.Trim(text, `"`)); ok {
			return code, nil
		}
		return 0, &UnknownError{Why: "the name is not known", Seen: strconv.Quote(shorten(text))}
	}
	root, err := parse(text)
	if err != nil {
		if code, ok := byName(text); ok && !strings.ContainsAny(text, `[]"`) {
			return code, nil // a name with round brackets
		}
		return 0, err
	}
	if root.keyword == "LOCAL_CS" || root.keyword == "ENGCRS" || root.keyword == "ENGINEERINGCRS" {
		// What a program writes that has kept no more than the name.
		if code, ok := byName(root.name()); ok {
			return code, nil
		}
		return 0, &UnknownError{Why: "a local system without parameters", Seen: strconv.Quote(shorten(root.name())), Local: true}
	}
	d, err := describe(root)
	return d.identify(err)
}

// identify finds the code of what describing a definition gave.
func (d description) identify(err error) (int, error) {
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
	return 0, &UnknownError{Why: why, Seen: d.String(), Local: d.local()}
}

func shorten(text string) string {
	const most = 200
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
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
