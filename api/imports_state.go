package api

import (
	"slices"

	"unigrid/grids"
	"unigrid/importers"
)

// stateNames are the states of an import for people.
var stateNames = map[importers.State]grids.Text{
	importers.Received: {ZH: "等待读取", EN: "waiting to be read"},
	importers.Reading:  {ZH: "正在读取", EN: "being read"},
	importers.Staged:   {ZH: "已读取,尚未检查", EN: "read, but not checked"},
	importers.Checking: {ZH: "正在检查", EN: "being checked"},
	importers.Ready:    {ZH: "已检查,尚未入库", EN: "checked, but not applied"},
	importers.Applying: {ZH: "正在入库", EN: "being applied"},
	importers.Applied:  {ZH: "已入库", EN: "applied"},
	importers.Failed:   {ZH: "未能完成", EN: "failed"},
	importers.Undone:   {ZH: "已撤销", EN: "undone"},
}

// nextSteps are what a person can do with an import of a state.
var nextSteps = map[importers.State]grids.Text{
	importers.Received: {ZH: "等它读完", EN: "wait until it is read"},
	importers.Reading:  {ZH: "等它读完", EN: "wait until it is read"},
	importers.Staged:   {ZH: "补全对应字段、坐标系等,检查后再入库", EN: "complete what is said about it (columns, coordinate system); it is checked then"},
	importers.Checking: {ZH: "等检查完成", EN: "wait until it is checked"},
	importers.Ready:    {ZH: "入库,或修改后重新检查", EN: "apply it, or say something else about it"},
	importers.Applying: {ZH: "等入库完成", EN: "wait until it is applied"},
	importers.Applied:  {ZH: "如有误,撤销这次导入", EN: "undo it if it was wrong"},
	importers.Failed:   {ZH: "按提示修改后重新检查,或删除", EN: "mend what it says and it is tried again, or delete it"},
	importers.Undone:   {ZH: "重新上传后再导入", EN: "upload the file again to import it"},
}

// wrongState refuses what an import's state forbids: it says which state that
// is, and what can be done.
func wrongState(imp importers.Import, busy bool, states []importers.State) error {
	if !busy && slices.Contains(states, imp.State) {
		return nil
	}
	name, next := stateNames[imp.State], nextSteps[imp.State]
	if busy && slices.Contains([]importers.State{importers.Received, importers.Staged, importers.Ready, importers.Failed}, imp.State) {
		name, next = grids.Text{ZH: "排队处理中", EN: "waiting for its turn"}, grids.Text{ZH: "等它处理完", EN: "wait until that is done"}
	}
	e := grids.Errorf(grids.Conflict, "state", "第 %[1]d 次导入%[2]s", "import %[1]d is %[3]s", imp.ID, name.ZH, name.EN)
	e.Value = string(imp.State)
	e.Fixes = append(e.Fixes, next)
	return e
}
