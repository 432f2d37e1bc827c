package api

import (
	"slices"

	"unigrid/grids"
	"unigrid/importers"
)

// standing is what a state is for people, and what a person can do then.
type standing struct{ name, next grids.Text }

// standings are those of the states of an import.
var standings = map[importers.State]standing{
	importers.Received: {grids.Text{ZH: "等待读取", EN: "waiting to be read"}, grids.Text{ZH: "等它读完", EN: "wait until it is read"}},
	importers.Reading:  {grids.Text{ZH: "正在读取", EN: "being read"}, grids.Text{ZH: "等它读完", EN: "wait until it is read"}},
	importers.Staged:   {grids.Text{ZH: "已读取,尚未检查", EN: "read, but not checked"}, grids.Text{ZH: "补全对应字段、坐标系等,检查后再入库", EN: "complete what is said about it (columns, coordinate system); it is checked then"}},
	importers.Checking: {grids.Text{ZH: "正在检查", EN: "being checked"}, grids.Text{ZH: "等检查完成", EN: "wait until it is checked"}},
	importers.Ready:    {grids.Text{ZH: "已检查,尚未入库", EN: "checked, but not applied"}, grids.Text{ZH: "入库,或修改后重新检查", EN: "apply it, or say something else about it"}},
	importers.Applying: {grids.Text{ZH: "正在入库", EN: "being applied"}, grids.Text{ZH: "等入库完成", EN: "wait until it is applied"}},
	importers.Applied:  {grids.Text{ZH: "已入库", EN: "applied"}, grids.Text{ZH: "如有误,撤销这次导入", EN: "undo it if it was wrong"}},
	importers.Failed:   {grids.Text{ZH: "未能完成", EN: "failed"}, grids.Text{ZH: "按提示修改后重新检查,或删除", EN: "mend what it says and it is tried again, or delete it"}},
	importers.Undone:   {grids.Text{ZH: "已撤销", EN: "undone"}, grids.Text{ZH: "重新上传后再导入", EN: "upload the file again to import it"}},
}

// wrongState refuses what an import's state forbids: it says which state that
// is, and what can be done.
func wrongState(imp importers.Import, busy bool, states []importers.State) error {
	if !busy && slices.Contains(states, imp.State) {
		return nil
	}
	is := standings[imp.State]
	if busy && slices.Contains([]importers.State{importers.Received, importers.Staged, importers.Ready, importers.Failed}, imp.State) {
		is = standing{grids.Text{ZH: "排队处理中", EN: "waiting for its turn"}, grids.Text{ZH: "等它处理完", EN: "wait until that is done"}}
	}
	e := grids.Errorf(grids.Conflict, "state", "第 %d 次导入%s", "import %d is %s", imp.ID, is.name)
	e.Value = string(imp.State)
	e.Fixes = append(e.Fixes, is.next)
	return e
}
