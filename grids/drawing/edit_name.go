package drawing

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// nameNew checks the codes that were given to cells under a parent, and gives
// codes and names to those that have none: the numbers after the highest that
// was ever used there, so that no retired code comes back.
func (h *hand) nameNew(parent cells.Cell, list []cells.Cell) error {
	prefix := h.t.Scheme.Significant(parent.Code, parent.Tier)
	tier := parent.Tier + 1
	rows, err := h.tx.Query(h.ctx, `SELECT DISTINCT code FROM cells.version WHERE territory_id = $1 AND tier = $2 AND code LIKE $3 || '%'`, h.t.ID, tier, prefix)
	if err != nil {
		return err
	}
	defer rows.Close()
	used, highest := map[int]bool{}, 0
	note := func(code grids.Code) {
		if n, err := strconv.Atoi(strings.TrimPrefix(h.t.Scheme.Significant(code, tier), prefix)); err == nil {
			used[n], highest = true, max(highest, n)
		}
	}
	for rows.Next() {
		var code grids.Code
		if err := rows.Scan(&code); err != nil {
			return err
		}
		note(code)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for i := range list {
		if list[i].Code == "" {
			continue
		}
		if list[i].Code, err = h.checkCode(parent, list[i].Code, tier); err != nil {
			return err
		}
		note(list[i].Code)
	}
	width := h.t.Scheme.Lengths[tier-1] - h.t.Scheme.Lengths[tier-2]
	last := 1
	for range width {
		last *= 10
	}
	for i := range list {
		if list[i].Code == "" {
			n := highest + 1
			for n >= last || used[n] {
				if n++; n >= last {
					n = 1 // no number is left above: take a gap
				}
				if len(used) >= last-1 {
					return grids.Errorf(grids.Conflict, "code", "%s 的下级代码已用完", "no code is left under %s", parent.Code)
				}
			}
			used[n], highest = true, max(highest, n)
			code, err := h.t.Scheme.Parse(fmt.Sprintf("%s%0*d", prefix, width, n), tier)
			if err != nil {
				return err
			}
			list[i].Code = code
		}
		list[i].Name = cmp.Or(strings.TrimSpace(list[i].Name), string(list[i].Code))
	}
	return nil
}

// checkCode reads a code that a person gave to a cell under a parent.
func (h *hand) checkCode(parent cells.Cell, given grids.Code, tier grids.Tier) (grids.Code, error) {
	code, err := h.t.Scheme.Parse(string(given), tier)
	if err != nil {
		return "", err
	}
	if h.t.Scheme.Parent(code, tier) != parent.Code || code == parent.Code {
		return "", grids.Errorf(grids.Invalid, "code", "代码 %s 不属于 %s", "code %s does not belong under %s", code, parent.Code)
	}
	return code, nil
}

// rename gives a cell another code or name. The code of a cell that has
// children stays: theirs begin with it.
func (h *hand) rename(e Edit) error {
	cell, err := h.one(e.Cell, "cell")
	if err != nil {
		return err
	}
	if e.Code == "" && strings.TrimSpace(e.Name) == "" {
		return grids.Errorf(grids.Invalid, "name", "请给出新的代码或名称", "give a new code or name")
	}
	if e.Code != "" && e.Code != cell.Code {
		if cell.Tier == 1 {
			return grids.Errorf(grids.Conflict, "code", "一级网格的代码就是辖区的代码", "the tier-1 cell has the territory's code")
		}
		parent, err := h.parent(cell)
		if err != nil {
			return err
		}
		if err := h.leaves(cell); err != nil {
			return grids.Errorf(grids.Conflict, "code", "%s 有下级,其代码以它开头", "%s has children, whose codes begin with its code", cell.Code)
		}
		if cell.Code, err = h.checkCode(parent, e.Code, cell.Tier); err != nil {
			return err
		}
	}
	cell.Name = cmp.Or(strings.TrimSpace(e.Name), cell.Name)
	return cells.Redraw(h.ctx, h.tx, h.t, h.edition, []cells.Cell{cell})
}

// lock says, with a reason, whether a cell's boundary is statutory (法定界线) or
// disputed (争议地).
func (h *hand) lock(e Edit) error {
	cell, err := h.one(e.Cell, "cell")
	if err != nil {
		return err
	}
	if e.Locked == nil && e.Disputed == nil {
		return grids.Errorf(grids.Invalid, "locked", "请给出 locked 或 disputed", "give locked or disputed")
	}
	if strings.TrimSpace(e.Reason) == "" {
		return grids.Errorf(grids.Invalid, "reason", "锁定或解锁需要理由", "locking and unlocking take a reason")
	}
	if e.Locked != nil {
		cell.Locked = *e.Locked
	}
	if e.Disputed != nil {
		cell.Disputed = *e.Disputed
	}
	return cells.Redraw(h.ctx, h.tx, h.t, h.edition, []cells.Cell{cell})
}
