package crs

import "math"

// datum is a geodetic datum that Chinese offices use.
type datum struct {
	name       string // for people
	geographic int    // EPSG code of its geographic system
	words      []string
	a, flat    float64
	// How ESRI writes it.
	gcs, d, spheroid string
	gk               *gaussKruger // nil where it has no Gauss-Krüger zones
}

// gaussKruger are the first EPSG codes of a datum's four series of zones, each
// from 75°E on: by zone number (in the easting) or by central meridian.
type gaussKruger struct {
	zone3, meridian3, zone6, meridian6 int
	prefix                             string
	meridian6Word                      string
}

// datums returns the table. An ellipsoid alone doesn't make a datum: the
// TWD97 and CGCS2000 ellipsoids are one, and Beijing 1954 shares its own with
// the Soviet systems.
func datums() []datum {
	return []datum{
		{
			name: "CGCS2000", geographic: 4490, a: 6378137, flat: 298.257222101,
			words: []string{"chinageodeticcoordinatesystem2000", "cgcs2000", "china2000", "chinageodetic", "国家大地坐标系2000", "2000国家大地坐标系", "中国2000", "国家2000"},
			gcs:   "GCS_China_Geodetic_Coordinate_System_2000", d: "D_China_2000", spheroid: "CGCS2000",
			gk: &gaussKruger{4513, 4534, 4491, 4502, "CGCS2000", "GK_CM"},
		},
		{
			name: "Xian 1980", geographic: 4610, a: 6378140, flat: 298.257,
			words: []string{"xian1980", "xian80", "西安1980", "西安80", "1980西安", "80西安"},
			gcs:   "GCS_Xian_1980", d: "D_Xian_1980", spheroid: "Xian_1980",
			gk: &gaussKruger{2349, 2370, 2327, 2338, "Xian_1980", "GK_CM"},
		},
		{
			name: "Beijing 1954", geographic: 4214, a: 6378245, flat: 298.3,
			words: []string{"beijing1954", "beijing54", "北京1954", "北京54", "1954北京", "54北京"},
			gcs:   "GCS_Beijing_1954", d: "D_Beijing_1954", spheroid: "Krasovsky_1940",
			gk: &gaussKruger{2401, 2422, 21413, 21453, "Beijing_1954", "Gauss_Kruger_CM"},
		},
		{
			name: "TWD97", geographic: 3824, a: 6378137, flat: 298.257222101,
			words: []string{"twd1997", "twd97", "taiwandatum1997"},
			gcs:   "GCS_TWD_1997", d: "D_TWD_1997", spheroid: "GRS_1980",
		},
		{
			name: "WGS 84", geographic: 4326, a: 6378137, flat: 298.257223563,
			words: []string{"wgs1984", "wgs84", "worldgeodeticsystem1984"},
			gcs:   "GCS_WGS_1984", d: "D_WGS_1984", spheroid: "WGS_1984",
		},
	}
}

func datumNamed(name string) datum {
	for _, d := range datums() {
		if d.name == name {
			return d
		}
	}
	return datum{}
}

const (
	firstMeridian, lastMeridian = 75, 135
	firstZone3, lastZone3       = 25, 45
	firstZone6, lastZone6       = 13, 23
)

// code finds the EPSG code of a Gauss-Krüger zone by its central meridian and
// false easting. The 6-degree zones by meridian have the same parameters as
// every other 3-degree one, and so the same coordinates; sixDegrees says which
// of the two codes is meant.
func (g gaussKruger) code(meridian, easting float64, sixDegrees bool) (int, bool) {
	if meridian != math.Trunc(meridian) || meridian < firstMeridian || meridian > lastMeridian {
		return 0, false
	}
	cm := int(meridian)
	if easting == 500000 {
		switch {
		case sixDegrees && (cm-firstMeridian)%6 == 0:
			return g.meridian6 + (cm-firstMeridian)/6, true
		case cm%3 == 0:
			return g.meridian3 + (cm-firstMeridian)/3, true
		}
		return 0, false
	}
	zone := (easting - 500000) / 1e6
	switch {
	case cm%3 == 0 && zone == float64(cm/3):
		return g.zone3 + cm/3 - firstZone3, true
	case (cm+3)%6 == 0 && zone == float64((cm+3)/6):
		return g.zone6 + (cm+3)/6 - firstZone6, true
	}
	return 0, false
}

// system is a coordinate system as it will be written.
type system struct {
	epsg            int
	name            string
	datum           datum
	projection      string // empty for a geographic system
	meridian        float64
	easting, north  float64
	scale           float64
	sphericalExtras bool // Web Mercator
}

// find looks an EPSG code up in the table.
func find(epsg int) (system, bool) {
	for _, d := range datums() {
		if d.geographic == epsg {
			return system{epsg: epsg, name: d.gcs, datum: d}, true
		}
		if d.gk == nil {
			continue
		}
		if s, ok := d.gk.find(epsg); ok {
			s.datum = d
			return s, true
		}
	}
	wgs, twd := datumNamed("WGS 84"), datumNamed("TWD97")
	utm := system{epsg: epsg, datum: wgs, projection: "Transverse_Mercator", easting: 500000, scale: 0.9996}
	switch {
	case epsg > 32600 && epsg <= 32660:
		utm.meridian = float64(epsg-32600)*6 - 183
		utm.name = "WGS_1984_UTM_Zone_" + itoa(epsg-32600) + "N"
		return utm, true
	case epsg > 32700 && epsg <= 32760:
		utm.meridian = float64(epsg-32700)*6 - 183
		utm.name = "WGS_1984_UTM_Zone_" + itoa(epsg-32700) + "S"
		utm.north = 1e7
		return utm, true
	case epsg == 3826:
		return system{epsg, "TWD_1997_TM_Taiwan", twd, "Transverse_Mercator", 121, 250000, 0, 0.9999, false}, true
	case epsg == 3825:
		return system{epsg, "TWD_1997_TM_Penghu", twd, "Transverse_Mercator", 119, 250000, 0, 0.9999, false}, true
	case epsg == 3857:
		return system{epsg, "WGS_1984_Web_Mercator_Auxiliary_Sphere", wgs, "Mercator_Auxiliary_Sphere", 0, 0, 0, 1, true}, true
	}
	return system{}, false
}

func (g gaussKruger) find(epsg int) (system, bool) {
	s := system{epsg: epsg, projection: "Gauss_Kruger", easting: 500000, scale: 1}
	switch {
	case epsg >= g.zone3 && epsg <= g.zone3+lastZone3-firstZone3:
		zone := firstZone3 + epsg - g.zone3
		s.meridian, s.easting = float64(zone*3), float64(zone)*1e6+500000
		s.name = g.prefix + "_3_Degree_GK_Zone_" + itoa(zone)
	case epsg >= g.meridian3 && epsg <= g.meridian3+(lastMeridian-firstMeridian)/3:
		cm := firstMeridian + (epsg-g.meridian3)*3
		s.meridian = float64(cm)
		s.name = g.prefix + "_3_Degree_GK_CM_" + itoa(cm) + "E"
	case epsg >= g.zone6 && epsg <= g.zone6+lastZone6-firstZone6:
		zone := firstZone6 + epsg - g.zone6
		s.meridian, s.easting = float64(zone*6-3), float64(zone)*1e6+500000
		s.name = g.prefix + "_GK_Zone_" + itoa(zone)
	case epsg >= g.meridian6 && epsg <= g.meridian6+(lastMeridian-firstMeridian)/6:
		cm := firstMeridian + (epsg-g.meridian6)*6
		s.meridian = float64(cm)
		s.name = g.prefix + "_" + g.meridian6Word + "_" + itoa(cm) + "E"
	default:
		return system{}, false
	}
	return s, true
}

// Twin returns the system with the same parameters, and so the same
// coordinates: a 6-degree zone by central meridian is a 3-degree one, too.
func Twin(epsg int) (int, bool) {
	s, ok := find(epsg)
	if !ok || s.datum.gk == nil || s.projection == "" || s.easting != 500000 {
		return 0, false
	}
	for _, six := range []bool{true, false} {
		if code, ok := s.datum.gk.code(s.meridian, s.easting, six); ok && code != epsg {
			return code, true
		}
	}
	return 0, false
}
