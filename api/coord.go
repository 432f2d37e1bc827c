package api

import "unigrid/geo/crs"

// toWGS84 converts degrees in wgs84, gcj02 (火星坐标, what national map services
// give) or bd09 (Baidu) to WGS 84, to within centimetres of the forward
// formula. Outside China GCJ-02 is WGS 84.
func toWGS84(coord Coord, lon, lat float64) (float64, float64) {
	switch coord {
	case Gcj02:
		return crs.GCJToWGS(lon, lat)
	case Bd09:
		return crs.GCJToWGS(crs.BDToGCJ(lon, lat))
	default:
		return lon, lat
	}
}

// fromWGS84 is the other direction.
func fromWGS84(coord Coord, lon, lat float64) (float64, float64) {
	switch coord {
	case Gcj02:
		return crs.WGSToGCJ(lon, lat)
	case Bd09:
		return crs.GCJToBD(crs.WGSToGCJ(lon, lat))
	default:
		return lon, lat
	}
}
