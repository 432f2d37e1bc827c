package merge

import (
	"strings"

	"unigrid/grids"
)

var kindNames = map[Kind]grids.Text{
	Split:           {ZH: "网格被分割", EN: "cell split"},
	Mismatch:        {ZH: "边界不符", EN: "boundary mismatch"},
	Gap:             {ZH: "无人覆盖", EN: "gap"},
	Overlap:         {ZH: "重叠", EN: "overlap"},
	TwoAccountable:  {ZH: "责任人不一致", EN: "two accountable people"},
	NoneAccountable: {ZH: "没有责任人", EN: "nobody accountable"},
	OverCapacity:    {ZH: "一人兼格过多", EN: "too many cells for one person"},
	Nested:          {ZH: "可划单元网格", EN: "unit cells possible"},
	CodeClash:       {ZH: "代码冲突", EN: "code clash"},
	ObjectUnplaced:  {ZH: "对象未归入网格", EN: "object in no cell"},
}

// Name is the kind in words; its code where it has none.
func (k Kind) Name() grids.Text {
	if name, ok := kindNames[k]; ok {
		return name
	}
	return grids.Text{ZH: string(k), EN: string(k)}
}

var resolutionNames = map[string]grids.Text{
	KeepBase:       {ZH: "维持统一网格界线", EN: "keep the unified line"},
	AdoptLayer:     {ZH: "采用条线界线", EN: "adopt the layer's line"},
	SplitLeaf:      {ZH: "拆分网格", EN: "split the cell"},
	DrawUnits:      {ZH: "在其下划单元网格", EN: "draw unit cells below it"},
	KeepUnified:    {ZH: "保留统一网格代码", EN: "keep the unified code"},
	RosterFirst:    {ZH: "以责任人名册为准", EN: "the roster stands"},
	MostNamed:      {ZH: "由最多条线指定的人担任", EN: "whom most layers name"},
	AcceptActing:   {ZH: "由上级网格代管", EN: "the parent's stand-in acts"},
	AcceptLoad:     {ZH: "由其继续负责全部网格", EN: "the person keeps all the cells"},
	Interim:        {ZH: "界线待定,由网格责任人临时负责", EN: "pending line, the cell's accountable person answers meanwhile"},
	"mend-cells":   {ZH: "先修正网格", EN: "mend the cells first"},
	"recode":       {ZH: "先改正代码", EN: "mend the codes first"},
	"place-object": {ZH: "将对象归入网格", EN: "place the object"},
}

var didNames = map[Did]grids.Text{
	Did(Settled):  {ZH: "已解决", EN: "settled"},
	Did(Deferred): {ZH: "已暂缓", EN: "deferred"},
	Reopened:      {ZH: "重新打开", EN: "reopened"},
	Drawn:         {ZH: "已画入草案", EN: "drawn"},
	Commented:     {ZH: "已评论", EN: "commented"},
}

// ResolutionName is a resolution or proposal in words; people are named by their
// staff number.
func ResolutionName(resolution string) grids.Text {
	if no, ok := strings.CutPrefix(resolution, Accountable); ok {
		return grids.Textf("由 %s 负责", "%s is accountable", no)
	}
	if no, ok := strings.CutPrefix(resolution, interimPerson); ok {
		return grids.Textf("界线待定,由 %s 临时负责", "pending line, %s answers meanwhile", no)
	}
	if layer, ok := strings.CutPrefix(resolution, LayerFirst); ok {
		return grids.Textf("由条线 %s 指定的人担任", "whom the layer %s names", layer)
	}
	if name, ok := resolutionNames[resolution]; ok {
		return name
	}
	return grids.Text{ZH: resolution, EN: resolution}
}
