package database

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"unigrid/grids"
)

// violations says what a broken constraint means to a person. Constraint names
// are therefore part of the code's interface.
var violations = map[string]grids.Text{
	"territory_code_unique":             {ZH: "该代码的辖区已存在", EN: "there is a territory with this code already"},
	"edition_immutable":                 {ZH: "已发布的版本不可更改", EN: "a published edition can't be changed"},
	"edition_conflicts":                 {ZH: "还有阻断性冲突未解决", EN: "blocking conflicts are open"},
	"edition_restores":                  {ZH: "与要恢复的版本不一致", EN: "it is not what the edition to be restored was"},
	"edition_sign_offs":                 {ZH: "会签不全", EN: "a sign-off that the territory requires is missing"},
	"edition_decision":                  {ZH: "缺少印发文号和日期", EN: "the decision's document number and date are missing"},
	"edition_scan":                      {ZH: "缺少印发文件的扫描件", EN: "the scan of the decision is missing"},
	"edition_assigned":                  {ZH: "有网格没有责任人,空缺也未经确认", EN: "cells have nobody of their own, and their vacancies are not accepted"},
	"setting_pkey":                      {ZH: "已有同一时刻起的发布要求,先撤回再重设", EN: "settings begin at that instant already; take them back first"},
	"sign_off_once":                     {ZH: "该方已对此稿会签", EN: "this party has signed this state of the draft already"},
	"edition_one_open":                  {ZH: "该辖区已有一个未发布的草案", EN: "this territory has an open draft already"},
	"version_code_unique":               {ZH: "该代码属于或曾属于另一个网格,代码不重复使用", EN: "the code is or was another cell's; codes are not used again"},
	"version_name_unique":               {ZH: "同一上级下已有同名网格", EN: "another cell under the same parent has this name"},
	"version_hierarchy":                 {ZH: "网格代码与上级网格不符", EN: "the cell's code does not belong under its parent"},
	"version_immutable":                 {ZH: "已发布的网格不可更改", EN: "a published cell can't be changed"},
	"person_staff_no_unique":            {ZH: "工号重复", EN: "there is a person with this staff number already"},
	"assignment_one_accountable":        {ZH: "该网格在此期间已有责任人,同一时刻只能有一名", EN: "the cell has an accountable person in this period already; there is exactly one at any instant"},
	"assignment_accountable_all_layers": {ZH: "责任人对所有条线负责,不能限于一个条线", EN: "an accountable person answers for all layers, not for one"},
	"assignment_holder_is_there":        {ZH: "任职人员须在册", EN: "whoever holds an assignment now or later must be among the persons"},
	"leave_one_at_a_time":               {ZH: "该人员在此期间已有请假", EN: "this person is on leave in this period already"},
	"leave_stand_in_is_another":         {ZH: "不能由本人代行", EN: "nobody stands in for themselves"},
	"leave_from_now_on":                 {ZH: "请假只能从现在起登记或更改", EN: "a leave is recorded and changed from now on, not for the past"},
	"root_always_accountable":           {ZH: "一级网格在任何时刻都必须有责任人", EN: "the tier-1 cell must have an accountable person at every instant"},
	"unit_name_unique":                  {ZH: "同一上级下已有同名单位", EN: "there is a unit of this name under the same parent already"},
	"unit_label_unique":                 {ZH: "已有同名单位", EN: "there is a unit of this name already"},
	"unit_above_itself":                 {ZH: "单位不能隶属于自己", EN: "a unit can't belong to itself"},
	"unit_in_use":                       {ZH: "单位仍有人员、职务或下级单位,或上级已撤销", EN: "the unit still has people, posts or units below it, or is retired itself"},
	"post_title_unique":                 {ZH: "该单位已有同名职务", EN: "the unit has a post of this title already"},
	"post_in_use":                       {ZH: "职务仍有人担任,或已撤销", EN: "somebody holds the post, or it is retired"},
	"post_holder_is_there":              {ZH: "任该职务的人员须在册", EN: "whoever holds a post must be among the persons"},
	"person_post_once":                  {ZH: "同一人同一时期已任该职务", EN: "the person holds this post in this period already"},
	"person_layer_one_home":             {ZH: "一人只能属于一个条线", EN: "a person belongs to one layer only; others are supported"},
	"object_code_unique":                {ZH: "该对象编码已存在", EN: "there is an object with this code already"},
	"hotline_public":                    {ZH: "投诉电话只能是单位的公开电话", EN: "a telephone for complaints is an office's public number"},
	"account_name_unique":               {ZH: "已有同名账号", EN: "there is an account of this name already"},
	"account_name_plain":                {ZH: "账号名须为 2 至 64 个字符,不含空格和大写字母", EN: "an account's name has 2 to 64 characters, no blanks or capitals"},
	"account_email_unique":              {ZH: "该邮箱已用于另一个账号", EN: "another account has this address"},
	"grant_one_role":                    {ZH: "该账号在此辖区已有角色", EN: "the account has a role in this territory already"},
	"grant_bounds":                      {ZH: "管理员角色不限于部分区划或条线", EN: "an administrator's role is not bound to subtrees or layers"},
	"grant_three_apart":                 {ZH: "系统、安全、审计管理员须由三个账号分别担任", EN: "system, security and audit administrator are three accounts"},
	"totp_there":                        {ZH: "已启用两步验证", EN: "there is a second factor already"},
	"round_one_open":                    {ZH: "已有一轮征求意见正在进行", EN: "a round of circulation is open already"},
	"round_has_ended":                   {ZH: "该轮征求意见已结束", EN: "the round has ended"},
	"round_comments_answered":           {ZH: "还有意见未答复采纳情况,不能结束本轮", EN: "the round can't end while a comment has no answer"},
	"round_not_due":                     {ZH: "期限未到且有单位未反馈,不能结束本轮;可撤回本轮", EN: "the round can't end before its deadline while somebody is silent; it can be withdrawn"},
	"opinion_of_concerned":              {ZH: "该冲突不涉及该单位", EN: "the conflict doesn't concern that party"},
	"opinion_says_something":            {ZH: "提出意见须写明内容", EN: "a comment says something"},
	"answer_to_comment":                 {ZH: "同意的反馈无需答复", EN: "what accepts needs no answer"},
	"answer_has_reason":                 {ZH: "采纳情况须写明理由", EN: "an answer has a reason"},
	"review_while_circulated":           {ZH: "草案正在征求意见,先结束或撤回本轮", EN: "the draft is being circulated; end or withdraw the round first"},
	"layer_cell_code_unique":            {ZH: "该条线中网格编码重复", EN: "the layer has a cell with this code already"},
}

// guards says what is refused by the guards of rights, which raise
// insufficient_privilege with a constraint's name.
var guards = map[string]grids.Text{
	"account_guard":            {ZH: "账号由本辖区的系统管理员管理", EN: "accounts are edited by the system administrator of their territory"},
	"account_not_own":          {ZH: "不能停用或启用自己的账号", EN: "nobody closes or opens their own account"},
	"account_of_administrator": {ZH: "管理员账号只能在服务器上用 unigrid user 更改", EN: "an administrator's account is changed with unigrid user, on the machine itself"},
	"grant_guard":              {ZH: "权限由本辖区的安全管理员授予", EN: "rights are given by the security administrator of the territory"},
	"grant_not_own":            {ZH: "不能更改自己的权限", EN: "nobody gives or takes their own rights"},
	"grant_to_program":         {ZH: "程序账号不能担任管理员", EN: "a program is no administrator"},
	"grant_first_password":     {ZH: "须先登录并自行设置密码,才能授予管理员角色", EN: "an administrator must have signed in and chosen a password first"},
	"key_guard":                {ZH: "密钥由本辖区的安全管理员管理", EN: "keys are made and ended by the security administrator of the territory"},
	"key_for_program":          {ZH: "密钥只发给程序账号", EN: "a key is for an account of a program"},
	"key_ended":                {ZH: "已停用的密钥不能恢复", EN: "a key that was ended stays so"},
	"draft_in_review":          {ZH: "草案正在征求意见,期间只有规划人员可根据意见修改", EN: "the draft is being circulated; meanwhile only planners change it, in answer to opinions"},
	"session_guard":            {ZH: "他人的会话由安全管理员结束", EN: "another's session is ended by the security administrator"},
}

// Violation turns a broken constraint into a *grids.Error of kind Conflict, and
// a refusal by a guard or by row-level security into one of kind Forbidden, and
// coordinates that can't be transformed into one of kind Invalid; any
// other error comes back as it is.
func Violation(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	if text, known := guards[pg.ConstraintName]; known && pg.Code == "42501" {
		return &grids.Error{Kind: grids.Forbidden, Message: text, Cause: err}
	}
	if pg.Code == "42501" {
		return refused(pg, err)
	}
	if pg.Code == "XX000" {
		return misplaced(pg, err)
	}
	if !strings.HasPrefix(pg.Code, "23") {
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

var missingSRID = regexp.MustCompile(`^Cannot find SRID \((\d+)\)`)

// misplaced says what PostGIS refuses to transform: coordinates beyond their system,
// or of a system that it doesn't know.
func misplaced(pg *pgconn.PgError, err error) error {
	var e *grids.Error
	if missing := missingSRID.FindStringSubmatch(pg.Message); missing != nil {
		e = grids.Errorf(grids.Invalid, "crs", "不认识坐标系 EPSG:%s", "there is no coordinate system EPSG:%s", missing[1])
	} else if strings.HasPrefix(pg.Message, "transform: ") {
		e = grids.Errorf(grids.Invalid, "crs", "有坐标超出所给坐标系的适用范围", "some coordinates are beyond what their coordinate system reaches").
			Fix("坐标系多半不对:检查 .prj 和带号,或另选坐标系(--crs)", "the coordinate system is probably another: check the .prj and the zone, or name one (--crs)")
	} else {
		return err
	}
	e.Cause = err
	return e
}

// refused says what a guard told: what may not be done, or where not. That the
// service's role lacks a privilege is a fault of ours and stays what it is.
func refused(pg *pgconn.PgError, err error) error {
	var told struct {
		Action, Role, Within, Layers string
		Places                       []string
		Count                        int
	}
	if pg.Detail != "" && json.Unmarshal([]byte(pg.Detail), &told) != nil {
		return err
	}
	table := pg.SchemaName + "." + pg.TableName
	places := strings.Join(told.Places, ", ")
	if told.Count > len(told.Places) {
		places += " …"
	}
	var e *grids.Error
	switch pg.ConstraintName {
	case "guard_role":
		e = grids.Errorf(grids.Forbidden, "", "角色 %[1]s 无此权限(%[2]s,%[3]s)", "the role %[1]s may not do this (%[2]s, %[3]s)", told.Role, told.Action, table).
			Fix("请向安全管理员申请权限", "ask the security administrator for the right")
	case "guard_territory":
		e = grids.Errorf(grids.Forbidden, "", "不在您的辖区内(%[1]s)", "this is not in your territory (%[1]s)", table)
	case "guard_subtree":
		e = grids.Errorf(grids.Forbidden, "", "有 %[1]d 处不在您的管辖范围内:%[2]s(%[3]s)", "%[1]d of these lie outside what you may change: %[2]s (%[3]s)", told.Count, places, table).
			Fix("您可以更改代码以 %[1]s 开头的网格及其中的对象和人员", "you may change cells whose codes begin with %[1]s, and what is in them", told.Within)
	case "guard_layer":
		e = grids.Errorf(grids.Forbidden, "", "有 %[1]d 处不属于您的条线:%[2]s(%[3]s)", "%[1]d of these are not of your layers: %[2]s (%[3]s)", told.Count, places, table).
			Fix("您可以更改的条线:%[1]s", "your layers: %[1]s", told.Layers)
	default:
		if pg.Routine == "aclcheck_error" {
			return err
		}
		e = grids.Errorf(grids.Forbidden, "", "您无权更改或查看这些数据", "you may not change or see these data")
	}
	e.Cause = err
	return e
}
