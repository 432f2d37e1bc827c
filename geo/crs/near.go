package crs

import "math"

// Name is what people call a system of the table, as EPSG and ESRI do; "" for others.
func Name(epsg int) string {
	s, ok := find(epsg)
	if !ok {
		return ""
	}
	return s.name
}

// Meridian is the central meridian of a transverse Mercator system of the
// table in degrees.
func Meridian(epsg int) (float64, bool) {
	s, ok := find(epsg)
	return s.meridian, ok && (s.projection == "Gauss_Kruger" || s.projection == "Transverse_Mercator")
}

// DatumOf names the datum of a system of the table, such as "CGCS2000".
func DatumOf(epsg int) (string, bool) {
	s, ok := find(epsg)
	return s.datum.name, ok
}

// Base is the geographic system of a system of the table.
func Base(epsg int) (int, bool) {
	s, ok := find(epsg)
	return s.datum.geographic, ok
}

// OnDatum returns the system with the same projection on another datum of the
// table: EPSG:4547 on "Xian 1980" is EPSG:2383.
func OnDatum(epsg int, name string) (int, bool) {
	s, ok := find(epsg)
	other := datumNamed(name)
	switch {
	case !ok || other.name == "" || other.name == s.datum.name:
		return 0, false
	case s.projection == "":
		return other.geographic, true
	case s.datum.gk == nil || other.gk == nil || s.projection != "Gauss_Kruger":
		return 0, false
	}
	from, to := s.datum.gk, other.gk
	for _, series := range [][3]int{
		{from.zone3, to.zone3, lastZone3 - firstZone3}, {from.meridian3, to.meridian3, (lastMeridian - firstMeridian) / 3},
		{from.zone6, to.zone6, lastZone6 - firstZone6}, {from.meridian6, to.meridian6, (lastMeridian - firstMeridian) / 6},
	} {
		if n := epsg - series[0]; n >= 0 && n <= series[2] {
			return series[1] + n, true
		}
	}
	return 0, false
}

// Near lists the systems that a file of places at a longitude (degrees) may be
// in, the more usual first: degrees, the 3-degree and 6-degree zones there and
// beside it with and without number on the three Chinese datums, UTM, Web
// Mercator, and TWD97 around Taiwan. Of twins only the 3-degree one is listed.
func Near(lon float64) []int {
	list := []int{4490}
	add := func(code int, ok bool) {
		if ok {
			list = append(list, code)
		}
	}
	for _, beside := range []float64{0, -1, 1} {
		three, six := math.Round(lon/3)+beside, math.Floor(lon/6)+1+beside
		for _, d := range datums() {
			if d.gk == nil {
				continue
			}
			add(d.gk.code(three*3, 500000, false))
			add(d.gk.code(three*3, three*1e6+500000, false))
			add(d.gk.code(six*6-3, six*1e6+500000, true))
			// The 6-degree meridian is a 3-degree one that may not be among those beside.
			if code, ok := d.gk.code(six*6-3, 500000, false); ok && math.Abs(six*6-3-three*3) > 3.5 {
				list = append(list, code)
			}
		}
		if zone := int(six) + 30; zone >= 1 && zone <= 60 {
			list = append(list, 32600+zone)
		}
	}
	list = append(list, 4326, 3857, 4610, 4214)
	if lon > 117 && lon < 124 {
		list = append(list, 3826, 3825, 3824)
	}
	return unique(list)
}

func unique(list []int) []int {
	seen := map[int]bool{}
	kept := list[:0]
	for _, code := range list {
		if !seen[code] {
			seen[code] = true
			kept = append(kept, code)
		}
	}
	return kept
}

// OfNumber returns the Gauss-Krüger zones with the number that stands in an
// easting (38 500 000 m: zone 38), by datum, CGCS2000 first; nil without one.
func OfNumber(easting float64) []int {
	zone := math.Floor(easting / 1e6)
	var list []int
	for _, d := range datums() {
		if d.gk == nil {
			continue
		}
		for _, meridian := range []float64{zone * 3, zone*6 - 3} {
			if code, ok := d.gk.code(meridian, zone*1e6+500000, false); ok {
				list = append(list, code)
			}
		}
	}
	return list
}

// Range is where coordinates of a system lie (x is east or longitude) if they
// mean places in or near China; false for codes outside the table.
func Range(epsg int) (west, south, east, north float64, ok bool) {
	s, ok := find(epsg)
	switch s.projection {
	case "":
		return 60, 0, 150, 60, ok
	case "Mercator_Auxiliary_Sphere":
		return 6.68e6, 0, 1.67e7, 8.4e6, ok
	}
	return s.easting - 6e5, s.north, s.easting + 6e5, s.north + 6.7e6, ok
}
