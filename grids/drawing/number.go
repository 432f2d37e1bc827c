package drawing

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// nameChildren gives codes and names to the children that go on from none: a
// seed's own, else by rule outward from the request's point, else the numbers
// after the highest ever used; unit cells (单元网格) from north to south and west
// to east.
func nameChildren(t cells.Territory, plan *Plan) error {
	r := plan.Request
	if r.Method == Nearest && len(r.Seeds) == len(plan.Children) && r.Seeds[0].Code != "" {
		for i, s := range r.Seeds {
			plan.Children[i].Code, plan.Children[i].Name = s.Code, s.Name
		}
		return checkCodes(t, plan)
	}
	var fresh []int
	var list []orb.MultiPolygon
	for i, child := range plan.Children {
		if child.ID == 0 {
			fresh = append(fresh, i)
			list = append(list, child.Geom)
		}
	}
	codes := r.Codes
	if len(fresh) < len(plan.Children) { // of a list, what cells that go on have is not to be had
		codes = slices.DeleteFunc(slices.Clone(codes), func(c CodeName) bool { _, ok := r.known.used[c.Code]; return ok })
	}
	if len(codes) == 0 {
		var err error
		if codes, err = number(t, plan.Parent, len(fresh), r.known.used); err != nil {
			return err
		}
	}
	if len(codes) < len(fresh) || len(codes) > len(fresh) && r.Method != ByLines && len(fresh) == len(plan.Children) {
		return grids.Errorf(grids.Invalid, "codes", "%s:%d 个代码对应 %d 个网格", "%s: %d codes for %d cells", plan.Parent.Code, len(codes), len(fresh))
	}
	for i, n := range place(t, plan, list, codes[:len(fresh)]) {
		plan.Children[fresh[i]].Code, plan.Children[fresh[i]].Name = codes[n].Code, codes[n].Name
	}
	return checkCodes(t, plan)
}

// place returns the code of each cell, as an index in codes.
func place(t cells.Territory, plan *Plan, list []orb.MultiPolygon, codes []CodeName) []int {
	if s := t.Scheme; s.PadTo != 0 && s.Lengths[plan.Parent.Tier] > s.PadTo {
		out := make([]int, len(list))
		for n, i := range ReadingOrder(list) {
			out[i] = n
		}
		return out
	}
	from := plan.Request.From
	if from == nil {
		middle := plan.Parent.Geom.Bound().Center()
		from = &middle
	}
	return Names(list, *from, codes)
}

// ReadingOrder gives the indices of areas as unit cells (单元网格) are numbered:
// in rows from north to south, each from west to east.
func ReadingOrder(list []orb.MultiPolygon) []int {
	order := make([]int, len(list))
	at := make([]orb.Point, len(list))
	height := 0.0
	for i, area := range list {
		order[i], at[i] = i, Middle(area)
		b := area.Bound()
		height += (b.Max[1] - b.Min[1]) / float64(len(list))
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(at[b][1], at[a][1]), cmp.Compare(at[a][0], at[b][0]), cmp.Compare(a, b))
	})
	for first := 0; first < len(order); {
		last := first + 1
		for last < len(order) && at[order[first]][1]-at[order[last]][1] < height/2 {
			last++
		}
		slices.SortFunc(order[first:last], func(a, b int) int {
			return cmp.Or(cmp.Compare(at[a][0], at[b][0]), cmp.Compare(at[b][1], at[a][1]), cmp.Compare(a, b))
		})
		first = last
	}
	return order
}

// checkCodes refuses codes that do not belong under the parent, were another
// cell's, or are there twice, and names that are.
func checkCodes(t cells.Territory, plan *Plan) error {
	codes, names := map[grids.Code]bool{}, map[string]bool{}
	for _, cell := range plan.Request.known.kept {
		codes[cell.Code], names[cell.Name] = true, true
	}
	for i := range plan.Children {
		child := &plan.Children[i]
		code, err := t.Scheme.Parse(string(child.Code), child.Tier)
		if err != nil {
			return err
		}
		if t.Scheme.Parent(code, child.Tier) != plan.Parent.Code {
			return grids.Errorf(grids.Invalid, "codes", "代码 %s 不属于 %s", "code %s does not belong under %s", code, plan.Parent.Code)
		}
		if codes[code] {
			return grids.Errorf(grids.Invalid, "codes", "代码 %s 重复", "code %s is there twice", code)
		}
		if owner, ok := plan.Request.known.used[code]; ok && owner != child.ID {
			return grids.Errorf(grids.Conflict, "codes", "代码 %s 曾属于另一网格,不再使用", "code %s was another cell's and is not used again", code)
		}
		child.Code = code
		child.Name = cmp.Or(strings.TrimSpace(child.Name), string(code))
		if names[child.Name] {
			return grids.Errorf(grids.Invalid, "codes", "%s 下名称 %q 重复", "name %[2]q is there twice under %[1]s", plan.Parent.Code, child.Name)
		}
		codes[code], names[child.Name] = true, true
	}
	return nil
}

// number makes codes under a parent: the numbers after the highest ever used
// there, then gaps that no cell ever had.
func number(t cells.Territory, parent cells.Cell, count int, used map[grids.Code]grids.CellID) ([]CodeName, error) {
	prefix, tier := t.Scheme.Significant(parent.Code, parent.Tier), parent.Tier+1
	width := t.Scheme.Lengths[tier-1] - t.Scheme.Lengths[tier-2]
	end := int(math.Pow10(width)) // the first number too long
	taken := make(map[int]bool, len(used))
	next := 1
	for code := range used {
		if n, err := strconv.Atoi(strings.TrimPrefix(t.Scheme.Significant(code, tier), prefix)); err == nil {
			taken[n] = true
			next = max(next, n+1)
		}
	}
	codes := make([]CodeName, 0, count)
	for wrapped := false; len(codes) < count; next++ {
		if next >= end {
			if wrapped {
				return nil, grids.Errorf(grids.Conflict, "codes", "%s 的下级代码已用完", "no code is left under %s", parent.Code)
			}
			wrapped, next = true, 1
		}
		if taken[next] {
			continue
		}
		taken[next] = true
		code, err := t.Scheme.Parse(fmt.Sprintf("%s%0*d", prefix, width, next), tier)
		if err != nil {
			return nil, err
		}
		codes = append(codes, CodeName{Code: code, Name: string(code)})
	}
	return codes, nil
}
