package collections

import (
	"math"
	"strconv"
	"strings"

	"unigrid/grids"
)

// BBox is a rectangle in EPSG:4326: west, south, east, north in degrees.
type BBox [4]float64

// ParseBBox reads four numbers, or six of which the heights are ignored.
// A box across the antimeridian (west > east) is refused.
func ParseBBox(text string) (*BBox, error) {
	if text == "" {
		return nil, nil
	}
	bad := func(zh, en string) error {
		e := grids.Errorf(grids.Invalid, "bbox", "%s", "%s", "")
		e.Message, e.Value = grids.Text{ZH: zh, EN: en}, text
		return e.Fix("写成 西,南,东,北(经纬度),如 113.0,27.5,113.5,28.0", "write west,south,east,north in degrees, such as 113.0,27.5,113.5,28.0")
	}
	parts := strings.Split(text, ",")
	if len(parts) != 4 && len(parts) != 6 {
		return nil, bad("bbox 应有 4 个或 6 个数", "bbox takes four numbers, or six")
	}
	numbers := make([]float64, len(parts))
	for i, part := range parts {
		n, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return nil, bad("bbox 含有不是数的部分", "a part of bbox is not a number")
		}
		numbers[i] = n
	}
	box := BBox{numbers[0], numbers[1], numbers[len(parts)/2], numbers[len(parts)/2+1]}
	switch {
	case box[0] > box[2]:
		return nil, bad("bbox 的西边大于东边;不支持跨 180 度经线", "bbox has west beyond east; boxes across the antimeridian are not supported")
	case box[1] > box[3]:
		return nil, bad("bbox 的南边大于北边", "bbox has south beyond north")
	case box[0] < -180 || box[2] > 180 || box[1] < -90 || box[3] > 90:
		return nil, bad("bbox 超出经纬度范围(是否用了投影坐标?)", "bbox is outside degrees of longitude and latitude (are these projected coordinates?)")
	}
	return &box, nil
}
