package crs

import (
	"fmt"
	"math"
)

// Projection computes the plane coordinates of a Gauss-Krüger (高斯-克吕格) or
// UTM system from longitude and latitude on its own ellipsoid.
type Projection struct {
	meridian       float64 // radians
	scaledRadius   float64 // metres: rectifying radius × scale on the meridian
	easting, north float64 // false origin in metres
	e              float64 // eccentricity
	alpha          [4]float64
}

// NewProjection finds the projection of an EPSG code. It fails for codes
// outside the package's table and for systems that are no transverse Mercator.
func NewProjection(epsg int) (Projection, error) {
	s, ok := find(epsg)
	if !ok || (s.projection != "Gauss_Kruger" && s.projection != "Transverse_Mercator") {
		return Projection{}, fmt.Errorf("no Gauss-Krüger projection is known for EPSG:%d", epsg)
	}
	f := 1 / s.datum.flat
	n := f / (2 - f)
	n2 := n * n
	return Projection{
		meridian:     s.meridian * math.Pi / 180,
		scaledRadius: s.scale * s.datum.a / (1 + n) * (1 + n2/4 + n2*n2/64),
		easting:      s.easting,
		north:        s.north,
		e:            math.Sqrt(f * (2 - f)),
		alpha: [4]float64{
			n/2 - n2*2/3 + n2*n*5/16 + n2*n2*41/180,
			n2*13/48 - n2*n*3/5 + n2*n2*557/1440,
			n2*n*61/240 - n2*n2*103/140,
			n2 * n2 * 49561 / 161280,
		},
	}, nil
}

// Forward gives easting and northing in metres of a position in degrees. It is
// Krüger's series to the fourth order of the third flattening: exact to far
// less than 0.1 mm within 10° of the central meridian. CGCS2000 and WGS 84
// agree to centimetres and are taken for the same.
func (p Projection) Forward(lon, lat float64) (east, north float64) {
	phi, lambda := lat*math.Pi/180, lon*math.Pi/180-p.meridian
	sin := math.Sin(phi)
	t := math.Sinh(math.Atanh(sin) - p.e*math.Atanh(p.e*sin))
	xi := math.Atan2(t, math.Cos(lambda))
	eta := math.Asinh(math.Sin(lambda) / math.Hypot(t, math.Cos(lambda)))
	x, y := eta, xi
	for i, a := range p.alpha {
		k := 2 * float64(i+1)
		x += a * math.Cos(k*xi) * math.Sinh(k*eta)
		y += a * math.Sin(k*xi) * math.Cosh(k*eta)
	}
	return p.easting + p.scaledRadius*x, p.north + p.scaledRadius*y
}
