package database

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"unigrid/grids"
)

// violations says what a broken constraint means to a person. Constraint names
// are therefore part of the code's interface.
var violations = map[string]grids.Text{
	"territory_code_unique":             {ZH: "该代码的辖区已存在", EN: "there is a territory with this code already"},
	"edition_immutable":                 {ZH: "已发布的版本不可更改", EN: "a published edition can't be changed"},
	"edition_one_open":                  {ZH: "该辖区已有一个未发布的草案", EN: "this territory has an open draft already"},
	"version_code_unique":               {ZH: "该代码属于或曾属于另一个网格,代码不重复使用", EN: "the code is or was another cell's; codes are not used again"},
	"version_name_unique":               {ZH: "同一上级下已有同名网格", EN: "another cell under the same parent has this name"},
	"version_hierarchy":                 {ZH: "网格代码与上级网格不符", EN: "the cell's code does not belong under its parent"},
	"version_immutable":                 {ZH: "已发布的网格不可更改", EN: "a published cell can't be changed"},
	"person_staff_no_unique":            {ZH: "工号重复", EN: "there is a person with this staff number already"},
	"assignment_one_accountable":        {ZH: "该网格在此期间已有责任人,同一时刻只能有一名", EN: "the cell has an accountable person in this period already; there is exactly one at any instant"},
	"assignment_accountable_all_layers": {ZH: "责任人对所有条线负责,不能限于一个条线", EN: "an accountable person answers for all layers, not for one"},
	"assignment_holder_is_there":        {ZH: "任职人员须在册", EN: "whoever holds an assignment now or later must be among the persons"},
	"root_always_accountable":           {ZH: "一级网格在任何时刻都必须有责任人", EN: "the tier-1 cell must have an accountable person at every instant"},
	"unit_name_unique":                  {ZH: "同一上级下已有同名单位", EN: "there is a unit of this name under the same parent already"},
	"unit_label_unique":                 {ZH: "已有同名单位", EN: "there is a unit of this name already"},
	"unit_above_itself":                 {ZH: "单位不能隶属于自己", EN: "a unit can't belong to itself"},
	"unit_in_use":                       {ZH: "单位仍有人员、职务或下级单位,或上级已撤销", EN: "the unit still has people, posts or units below it, or is retired itself"},
	"post_title_unique":                 {ZH: "该单位已有同名职务", EN: "the unit has a post of this title already"},
	"post_in_use":                       {ZH: "职务仍有人担任,或已撤销", EN: "somebody holds the post, or it is retired"},
	"post_holder_is_there":              {ZH: "任该职务的人员须在册", EN: "whoever holds a post must be among the persons"},
	"person_layer_one_home":             {ZH: "一人只能属于一个条线", EN: "a person belongs to one layer only; others are supported"},
	"object_code_unique":                {ZH: "该对象编码已存在", EN: "there is an object with this code already"},
	"hotline_public":                    {ZH: "投诉电话只能是单位的公开电话", EN: "a telephone for complaints is an office's public number"},
	"layer_cell_code_unique":            {ZH: "该条线中网格编码重复", EN: "the layer has a cell with this code already"},
}

// Violation turns a broken constraint into a *grids.Error of kind Conflict;
// any other error comes back as it is.
func Violation(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || !strings.HasPrefix(pg.Code, "23") {
		return err
	}
	text, known := violations[pg.ConstraintName]
	if !known {
		return err
	}
	if pg.Detail != "" {
		text.EN += " (" + pg.Detail + ")"
	} else if pg.Code == "23000" {
		text.EN += " (" + pg.Message + ")"
	}
	return &grids.Error{Kind: grids.Conflict, Message: text, Cause: err}
}
