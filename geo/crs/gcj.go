package crs

import "math"

// The ellipsoid and offsets that GCJ-02 was published by the community with
// (Krasovsky 1940).
const (
	gcjMajor  = 6378245.0
	gcjEccent = 0.00669342162296594323
	bdTurn    = math.Pi * 3000 / 180
)

func inChina(lon, lat float64) bool {
	return lon > 72.004 && lon < 137.8347 && lat > 0.8293 && lat < 55.8271
}

// WGSToGCJ shifts degrees of WGS 84 to GCJ-02 (火星坐标, what national map
// services give). Outside China it changes nothing.
func WGSToGCJ(lon, lat float64) (float64, float64) {
	if !inChina(lon, lat) {
		return lon, lat
	}
	dLon, dLat := gcjOffset(lon-105, lat-35)
	phi := lat / 180 * math.Pi
	magic := 1 - gcjEccent*math.Sin(phi)*math.Sin(phi)
	root := math.Sqrt(magic)
	return lon + dLon*180/(gcjMajor/root*math.Cos(phi)*math.Pi),
		lat + dLat*180/(gcjMajor*(1-gcjEccent)/(magic*root)*math.Pi)
}

func gcjOffset(x, y float64) (lon, lat float64) {
	wave := (20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi)) * 2 / 3
	lat = -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*math.Sqrt(math.Abs(x)) + wave +
		(20*math.Sin(y*math.Pi)+40*math.Sin(y/3*math.Pi))*2/3 +
		(160*math.Sin(y/12*math.Pi)+320*math.Sin(y*math.Pi/30))*2/3
	lon = 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*math.Sqrt(math.Abs(x)) + wave +
		(20*math.Sin(x*math.Pi)+40*math.Sin(x/3*math.Pi))*2/3 +
		(150*math.Sin(x/12*math.Pi)+300*math.Sin(x/30*math.Pi))*2/3
	return lon, lat
}

// GCJToWGS inverts WGSToGCJ by iteration, to within centimetres; each step is a
// hundredfold closer.
func GCJToWGS(lon, lat float64) (float64, float64) {
	if !inChina(lon, lat) {
		return lon, lat
	}
	x, y := lon, lat
	for range 6 {
		gx, gy := WGSToGCJ(x, y)
		x, y = x-(gx-lon), y-(gy-lat)
	}
	return x, y
}

// GCJToBD shifts degrees of GCJ-02 to BD-09 (Baidu).
func GCJToBD(lon, lat float64) (float64, float64) {
	if !inChina(lon, lat) {
		return lon, lat
	}
	z := math.Hypot(lon, lat) + 0.00002*math.Sin(lat*bdTurn)
	theta := math.Atan2(lat, lon) + 0.000003*math.Cos(lon*bdTurn)
	return z*math.Cos(theta) + 0.0065, z*math.Sin(theta) + 0.006
}

// BDToGCJ inverts GCJToBD by iteration: the published inverse is off by up to
// half a metre.
func BDToGCJ(lon, lat float64) (float64, float64) {
	if !inChina(lon, lat) {
		return lon, lat
	}
	x, y := lon-0.0065, lat-0.006
	for range 6 {
		bx, by := GCJToBD(x, y)
		x, y = x-(bx-lon), y-(by-lat)
	}
	return x, y
}
