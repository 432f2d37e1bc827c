package formats

import (
	"bytes"
	"path/filepath"
	"strings"

	"unigrid/grids"
)

// saveAs is what to save as which.
var saveAs = struct{ unpack, workbook, et, layer, drawing, word, table grids.Text }{
	unpack:   grids.Text{ZH: "请先解压，再将文件打包为 .zip", EN: "unpack it first, or pack the files as .zip"},
	workbook: grids.Text{ZH: "请用 Excel 或 WPS 打开并另存为 .xlsx", EN: "open it in Excel or WPS and save it as .xlsx"},
	et:       grids.Text{ZH: "请在 WPS 表格中另存为 .xlsx", EN: "save it as .xlsx in WPS"},
	layer:    grids.Text{ZH: "请导出为 shapefile、GeoPackage 或 GeoJSON", EN: "export the layer as shapefile, GeoPackage or GeoJSON"},
	drawing:  grids.Text{ZH: "请在 CAD 中另存为 .dxf（闭合多段线），或将图层导出为 shapefile", EN: "save it as .dxf with closed outlines in the CAD program, or export the layer as shapefile"},
	word:     grids.Text{ZH: "请将其中的表格复制到工作簿，另存为 .xlsx", EN: "copy its table into a workbook and save that as .xlsx"},
	table:    grids.Text{ZH: "请索取其来源的表格或图层", EN: "ask for the table or layer that it was made from"},
}

// refusals are the formats that aren't read: by how they begin, and by name.
func refusals() []refusal {
	return []refusal{
		{grids.Text{ZH: "RAR 压缩包", EN: "a RAR archive"}, saveAs.unpack, "Rar!", ".rar"},
		{grids.Text{ZH: "7z 压缩包", EN: "a 7z archive"}, saveAs.unpack, "7z\xBC\xAF\x27\x1C", ".7z"},
		{grids.Text{ZH: "gzip 压缩包", EN: "a gzip archive"}, saveAs.unpack, "\x1F\x8B", ".gz .tgz"},
		{grids.Text{ZH: "tar 归档", EN: "a tar archive"}, saveAs.unpack, "", ".tar .bz2 .xz"},
		{grids.Text{ZH: "AutoCAD 图形（.dwg）", EN: "an AutoCAD drawing (.dwg)"}, saveAs.drawing, "AC10", ".dwg .dwt"},
		{grids.Text{ZH: "MicroStation 图形", EN: "a MicroStation drawing"}, saveAs.drawing, "", ".dgn"},
		{grids.Text{ZH: "Access 数据库或个人地理数据库", EN: "an Access or personal geodatabase"}, saveAs.layer, "\x00\x01\x00\x00Standard", ".mdb .accdb"},
		{grids.Text{ZH: "MapGIS 文件", EN: "a MapGIS file"}, saveAs.layer, "", ".wl .wp .wt"},
		{grids.Text{ZH: "GeoParquet 文件", EN: "a GeoParquet file"}, saveAs.layer, "PAR1", ".parquet .geoparquet"},
		{grids.Text{ZH: "WPS 表格（.et）", EN: "a WPS table (.et)"}, saveAs.et, "", ".et .ett"},
		{grids.Text{ZH: "不可读的工作簿格式", EN: "a workbook of another kind"}, saveAs.workbook, "", ".xlsb .ods .numbers"},
		{grids.Text{ZH: "文字文档", EN: "a text document"}, saveAs.word, "", ".doc .docx .wps"},
		{grids.Text{ZH: "PDF 文件", EN: "a PDF"}, saveAs.table, "%PDF", ".pdf"},
	}
}

type refusal struct {
	what, instead grids.Text
	magic         string
	extensions    string
}

// refuse says of formats that can't be read what to save them as.
func refuse(name string, head []byte) error {
	extension := strings.ToLower(filepath.Ext(name))
	for _, r := range refusals() {
		byMagic := r.magic != "" && bytes.HasPrefix(head, []byte(r.magic))
		byName := false
		for e := range strings.FieldsSeq(r.extensions) {
			byName = byName || e == extension
		}
		if byMagic || byName {
			return advise(invalid("%[1]s 是%[2]s，无法读取", "%[1]s is %[3]s, which is not read", name, r.what.ZH, r.what.EN), r.instead)
		}
	}
	return nil
}
