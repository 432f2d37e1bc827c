package grids

// Disclaimer stands on every map and board, in every file and beside every
// answer about boundaries.
var Disclaimer = Text{
	ZH: "网格界线仅用于监管责任划分,不作为行政区域界线和土地权属依据",
	EN: "Grid lines divide supervision duties only; they are not administrative boundaries or evidence of land rights",
}

// DemoMark stands on all that shows a demo territory.
var DemoMark = Text{ZH: "演示数据·非真实人员和企业", EN: "demo data: no real people or firms"}
