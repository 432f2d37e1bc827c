package objects

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Locate gives an object its place (longitude and latitude, EPSG:4326) as a
// point, says how that is known, and places it into a leaf of the edition from
// the instant at on (from now on, if that is past or to come). It fails with NotFound when there is no such object and
// with Invalid when the place lies outside the territory.
func Locate(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, edition grids.EditionID, kind Kind, code string, lon, lat float64, by LocatedBy, at time.Time) error {
	if by != ByHand && by != ByAddress && by != ByGPS {
		return grids.Errorf(grids.Invalid, "located_by", "定位方式 %q 无法识别", "%q is no way to locate an object", by).
			Fix("用 hand、address 或 gps", "give hand, address or gps")
	}
	if !(math.Abs(lon) <= 180 && math.Abs(lat) <= 90) {
		return grids.Errorf(grids.Invalid, "lon", "经纬度 %g,%g 超出范围", "longitude and latitude %g,%g are beyond the globe", lon, lat)
	}
	if err := TakeTurn(ctx, tx, territory); err != nil {
		return err
	}
	var id int64
	var inside bool
	err := tx.QueryRow(ctx, `
		SELECT o.id, EXISTS (SELECT FROM cells.leaves($1, $4) v WHERE ST_Covers(v.geom, ST_Point($5, $6, 4326))),
		       least(greatest($7, now(), o.changed_at + interval '1 microsecond'), clock_timestamp())
		FROM objects.object o WHERE o.territory_id = $1 AND o.kind = $2 AND o.code = $3`,
		territory, kind, code, edition, lon, lat, at).Scan(&id, &inside, &at)
	if errors.Is(err, pgx.ErrNoRows) {
		return grids.Errorf(grids.NotFound, "code", "没有编码为 %[2]s 的对象(%[1]s)", "there is no %s with the code %s", kind, code)
	}
	if err != nil {
		return fmt.Errorf("locating %s %s: %w", kind, code, err)
	}
	if !inside {
		return grids.Errorf(grids.Invalid, "lon", "位置 %g,%g 在辖区之外", "the place %g,%g lies outside the territory", lon, lat).
			Fix("检查坐标系(是否为 GCJ-02 或 BD-09)和经纬度顺序,或在图上辖区内点选",
				"check the coordinate system (GCJ-02 or BD-09?) and the order of longitude and latitude, or click within the territory on the map")
	}
	if _, err := tx.Exec(ctx, `UPDATE objects.object SET geom = ST_Point($3, $4, 4326), located_by = $5, changed_at = $6
		WHERE territory_id = $1 AND id = $2`, territory, id, lon, lat, by, at); err != nil {
		return err
	}
	return Place(ctx, tx, territory, edition, at, id)
}
