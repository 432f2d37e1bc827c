package people

import (
	"context"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Phone gives a person's full telephone number, "" when none is known. It needs
// phones.read, within the person's division; whoever shows the number has to
// record it (audit.Disclosed) in the same transaction.
func Phone(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, id grids.PersonID) (string, error) {
	var there, may bool
	var number string
	if err := tx.QueryRow(ctx, `
		SELECT p.id IS NOT NULL, access.may('phones.read') AND access.within($1, coalesce(u.division, '')), coalesce(c.phone, '')
		FROM (VALUES (1)) one LEFT JOIN people.person p ON p.territory_id = $1 AND p.id = $2
		LEFT JOIN people.unit u ON u.territory_id = $1 AND u.id = p.unit_id
		LEFT JOIN people.contact c ON c.territory_id = $1 AND c.person_id = p.id`, territory, id).Scan(&there, &may, &number); err != nil {
		return "", err
	}
	switch {
	case !there:
		return "", noPerson(id)
	case !may:
		return "", grids.Errorf(grids.Forbidden, "id", "不能查看此人的电话", "this person's number is not for you to see").
			Fix("请联系其所在区划的管理员", "ask the administrator of the person's division")
	}
	return number, nil
}
