package crs

import (
	"regexp"
	"strconv"
	"strings"
)

// byName finds the code of a system that is only named: as EPSG, ESRI and
// PROJ name it ("CGCS2000 / 3-degree Gauss-Kruger CM 114E",
// "CGCS2000_3_Degree_GK_CM_114E", "WGS_1984_UTM_Zone_49N"), as SuperMap does
// ("China_2000_3_DEGREE_GK_38") or as MapGIS does (高斯大地坐标系_中国2000_38带3_北).
// A datum alone that may stand for its plane systems too is no name.
func byName(text string) (int, bool) {
	name := plain(text)
	for _, word := range []string{"webmercator", "pseudomercator", "googlemercator"} {
		if strings.Contains(name, word) {
			return 3857, true
		}
	}
	if strings.HasPrefix(name, "new") || strings.Contains(name, "新北京") {
		return 0, false
	}
	for _, d := range datums() {
		for _, word := range d.words {
			before, after, found := strings.Cut(name, word)
			if found {
				return d.named(name, before, after)
			}
		}
	}
	return 0, false
}

// named reads what stands before and after the datum's word in a name.
func (d datum) named(name, before, after string) (int, bool) {
	rest := before + "," + after
	switch d.geographic {
	case 4326:
		if m := regexp.MustCompile(`utm(?:zone)?(\d{1,2})([ns])`).FindStringSubmatch(rest); m != nil {
			zone, _ := strconv.Atoi(m[1])
			if zone < 1 || zone > 60 {
				return 0, false
			}
			if m[2] == "s" {
				return 32700 + zone, true
			}
			return 32600 + zone, true
		}
	case 3824:
		switch {
		case strings.Contains(rest, "taiwan") || strings.Contains(rest, "121"):
			return 3826, true
		case strings.Contains(rest, "penghu") || strings.Contains(rest, "119"):
			return 3825, true
		}
	}
	if d.gk != nil {
		if code, ok := d.gk.named(rest); ok {
			return code, true
		}
	}
	switch before {
	case "gcs", "地理坐标系", "地理坐标", "经纬度坐标系", "经纬度", "geographic":
		return d.geographic, strings.Trim(after, "坐标系") == ""
	case "":
		// CGCS2000 alone is what people write of plane coordinates, too.
		switch name {
		case "wgs84", "wgs1984", "twd97", "xian1980", "beijing1954", "chinageodeticcoordinatesystem2000":
			return d.geographic, true
		}
		return d.geographic, after == "地理坐标系" || after == "经纬度"
	}
	return 0, false
}

// named finds a zone by its number or central meridian in a name's remainder.
func (g gaussKruger) named(rest string) (int, bool) {
	three := regexp.MustCompile(`3degree|3度|三度|带3`).MatchString(rest)
	six := regexp.MustCompile(`6degree|6度|六度|带6`).MatchString(rest)
	if m := regexp.MustCompile(`(?:cm|meridian|中央经线|中央子午线)(\d{2,3})`).FindStringSubmatch(rest); m != nil {
		cm, _ := strconv.ParseFloat(m[1], 64)
		return g.code(cm, 500000, six || !three)
	}
	m := regexp.MustCompile(`(?:zone|gk|kr(?:u|ü|ue)?ger|克吕格|带号)(\d{2})(n?)`).FindStringSubmatch(rest)
	if m == nil {
		m = regexp.MustCompile(`(\d{2})带()`).FindStringSubmatch(rest)
	}
	if m == nil {
		return 0, false
	}
	zone, _ := strconv.Atoi(m[1])
	switch {
	case zone >= firstZone3 && zone <= lastZone3 && !six:
		return g.zone3 + zone - firstZone3, true
	case zone < firstZone6 || zone > lastZone6 || three:
		return 0, false
	case m[2] == "n": // ESRI's "GK Zone 13N" has no zone number in the easting
		return g.meridian6 + zone - firstZone6, true
	}
	return g.zone6 + zone - firstZone6, true
}
