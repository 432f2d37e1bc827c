package merge

import "unigrid/grids"

// reasons says in plain words what is wrong and why a proposal is made; the
// keys stand in merge.conflict.reason.
var reasons = map[string]grids.Text{
	"split": {
		ZH: "没有一个条线网格占到该网格的九成;统一网格边界不变,各部分仍按对照表归各条线网格",
		EN: "no cell of the layer holds nine tenths of this cell; the unified boundary stays, and the crosswalk keeps each part with its layer cell"},
	"mismatch": {
		ZH: "一个条线网格占绝大部分,其余越界部分较小;以统一网格边界为准",
		EN: "one layer cell holds nearly all, others reach across the line; the unified boundary stands"},
	"split-base": {
		ZH: "作为底图的条线中没有一个网格占到该网格的九成;统一网格应改用底图的界线",
		EN: "no cell of the layer that is the base holds nine tenths of this cell; the unified lines are to become the base's"},
	"mismatch-base": {
		ZH: "作为底图的条线与统一网格边界不一致;统一网格应改用底图的界线",
		EN: "the lines of the layer that is the base differ from the unified ones, which are to become the base's"},
	"nested": {
		ZH: "该条线有几个网格完全位于该网格之内;建议在其下划为单元网格",
		EN: "several cells of the layer lie within this cell; they are proposed as unit cells below it"},
	"gap-part": {
		ZH: "条线网格未覆盖该网格的一部分;由统一网格责任人负责",
		EN: "the layer leaves part of this cell uncovered; it falls to the cell's accountable person"},
	"gap-whole": {
		ZH: "条线网格完全未覆盖该网格;由统一网格责任人负责",
		EN: "the layer does not cover this cell at all; it falls to the cell's accountable person"},
	"gap-outside": {
		ZH: "条线网格有一部分在统一网格之外;不改变辖区边界",
		EN: "the layer cell reaches beyond every unified cell; the territory's boundary stays"},
	"leaf-gap": {
		ZH: "下级网格没有完全覆盖上级网格,有地无人管;须先修正网格",
		EN: "the children do not cover their parent: ground that no cell owns; mend the cells first"},
	"leaf-overlap": {
		ZH: "两个统一网格重叠;须先修正网格",
		EN: "two unified cells overlap; mend the cells first"},
	"overlap": {
		ZH: "同一条线的几个网格都主张这块地;面积在它们之间均分,统一网格边界不变",
		EN: "several cells of the same layer claim this ground; its area is divided among them and the unified boundary stays"},
	"two-roster": {
		ZH: "该网格已有责任人,条线另有指定;以责任人名册为准,条线指定的人为条线负责人",
		EN: "the cell has its own accountable person and layers name others; the roster stands, and those whom layers name lead their layer"},
	"two-most-named": {
		ZH: "该网格没有自己的责任人,各条线指定的人不同;建议由被最多条线指定的人担任",
		EN: "the cell has nobody of its own and the layers name different people; the one named by most layers is proposed"},
	"none-named": {
		ZH: "该网格没有自己的责任人,各条线只指定了一人;建议由其担任",
		EN: "the cell has nobody of its own and the layers name one person; that one is proposed"},
	"none-acting": {
		ZH: "没有人被指定;在任命之前由上级网格的代管人负责",
		EN: "nobody is named; the parent's stand-in acts until somebody is appointed"},
	"none-nobody": {
		ZH: "没有人被指定,上级也没有代管人;须任命责任人",
		EN: "nobody is named and no parent has a stand-in; somebody must be appointed"},
	"gap-pending": {
		ZH: "缺口沿法定界线或争议界线,不按面积划给任何一方;划为界线待定区,由临时责任人负责,不影响发布",
		EN: "the gap lies along a statutory or disputed line and is given to nobody by area; the ground is marked as pending (界线待定) with an interim accountable person, and blocks nothing"},
	"overlap-pending": {
		ZH: "重叠沿法定界线或争议界线,不按面积划给任何一方;划为界线待定区,由临时责任人负责,不影响发布",
		EN: "the overlap lies along a statutory or disputed line and is given to nobody by area; the ground is marked as pending (界线待定) with an interim accountable person, and blocks nothing"},
	"over-capacity": {
		ZH: "一人将负责的网格多于规定的数量;由规划人员确认其承担,或另行指定",
		EN: "one person would answer for more cells than one can; a planner accepts the load by name, or appoints others"},
	"code-elsewhere": {
		ZH: "条线网格的编码与另一处的统一网格代码相同;统一代码不变,条线编码只在条线内使用",
		EN: "the layer cell has the code of a unified cell elsewhere; the unified code stays, and the layer's code counts within its layer only"},
	"code-duplicate": {
		ZH: "两个统一网格的代码相同;须先改正代码",
		EN: "two unified cells have the same code; recode one first"},
	"changed": {
		ZH: "重新融合后争议的地块、当事人或可选的划法与决定时不同,须重新决定",
		EN: "since it was decided, the disputed ground, the people or what the line can do have changed; decide again"},
	"object-unplaced": {
		ZH: "对象在辖区内,但未归入任何网格;须重新归入",
		EN: "the object lies inside the territory but is placed in no cell; place it"},
}

// Reason gives the text of a reason key in both languages.
func Reason(key string) grids.Text {
	if text, ok := reasons[key]; ok {
		return text
	}
	return grids.Text{ZH: key, EN: key}
}
