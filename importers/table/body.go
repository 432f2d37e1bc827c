package table

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"unigrid/grids"
	"unigrid/importers/source"
)

// body tells the rows of the table from what people put among and under them.
type body struct {
	head     []string // texts of the heading's lowest row
	width    int      // its filled cells
	first    int      // the first row that may be data
	last     int      // the row before
	merged   []area
	starting []area     // that begin in the present row
	covering []covering // that reach into the present row
	blanks   []blankRun
	total    *regexp.Regexp
	remark   *regexp.Regexp

	totals, remarks, headings rowList
	remarking                 bool // remarks have begun
	second                    int  // where another table begins; 0: nowhere
	beyond                    int  // rows from there on
	filled                    rowList
}

// covering is a merged range with the value that its first row has.
type covering struct {
	area
	value cell
}

// blankRun follows a column that may hold a value for the rows below it.
type blankRun struct {
	filled, blank, groups int
	value                 string
	afterBlank            bool
}

func newBody(head []row, h heading, merged []area, columns []columnOf) *body {
	b := &body{
		total:  regexp.MustCompile(`^(\p{Han}{0,10}?)(合计|小计|总计|共计|累计|总合计)[:：]?[0-9零一二三四五六七八九十百千]*(家|个|人|户|条|处|项|座)?$`),
		remark: regexp.MustCompile(`^(备注|注|说明|填表|制表|制单|审核|复核|填报|编制|报送|打印|统计|单位负责|负责|分管领导|主管领导|联系|日期|签字|签名|盖章|数据来源|资料来源|截止|截至)(人|员|者|单位|部门|时间|日期|电话|签字|签名|意见)?([(（].{1,8}[)）])?[0-9]*[:：]`),
		blanks: make([]blankRun, len(columns)),
	}
	lowest := head[h.first+h.rows-1]
	for _, c := range lowest.cells {
		b.head = append(b.head, textOf(c))
	}
	b.width = len(columns)
	b.first, b.last = lowest.number+1, lowest.number
	from, _ := slices.BinarySearchFunc(merged, b.first, func(a area, number int) int { return a.firstRow - number })
	b.merged = merged[from:]
	return b
}

// aside says whether a row looks like a remark, whatever table it is in.
func (r row) aside() bool {
	if len(r.cells) == 0 {
		return false
	}
	word, _, found := strings.Cut(strings.ReplaceAll(textOf(r.cells[0]), "：", ":"), ":")
	return found && slices.Contains([]string{"备注", "注", "说明", "填表", "填表人", "填报人", "制表", "制表人", "审核", "审核人", "数据来源"}, word)
}

// kindOfRow is what a row turned out to be.
type kindOfRow int

const (
	dataRow kindOfRow = iota
	otherRow
	endRow // another table begins
)

// sort says what the row is. following are the next two rows, if there are.
func (b *body) sort(r row, following []row) kindOfRow {
	gap := r.number > b.last+1
	b.last = r.number
	switch {
	case b.isTotal(r):
		b.totals.add(r.number)
		return otherRow
	case b.repeatsHeading(r), r.count() == 1 && len(following) > 0 && b.repeatsHeading(following[0]):
		b.headings.add(r.number)
		return otherRow
	case b.isRemark(r):
		b.remarks.add(r.number)
		return otherRow
	case gap && headsTable(r), gap && r.count() == 1 && slices.ContainsFunc(following, headsTable):
		b.second = r.number
		return endRow
	case b.isCaption(r):
		b.remarks.add(r.number)
		return otherRow
	}
	return dataRow
}

// isTotal says whether one of the row's first texts is a word for a sum.
func (b *body) isTotal(r row) bool {
	for _, c := range r.cells[:min(3, len(r.cells))] {
		text, ok := c.value.(string)
		if !ok || !strings.Contains(text, "计") || utf8.RuneCountInString(text) > 24 {
			continue
		}
		text = strings.Map(func(r rune) rune {
			if r == ' ' || r == '\u3000' || r == '\u00A0' || r == '\n' {
				return -1
			}
			return r
		}, text)
		if b.total.MatchString(text) {
			return true
		}
	}
	return false
}

// repeatsHeading says whether the heading stands there again, as at the top of
// each printed page.
func (b *body) repeatsHeading(r row) bool {
	if r.count() < 2 || r.count() != len(b.head) {
		return false
	}
	for i, c := range r.cells {
		if text, ok := c.value.(string); !ok || text != b.head[i] {
			return false
		}
	}
	return true
}

// isRemark says whether a row begins like a remark or signature, or is a
// single cell after such a row.
func (b *body) isRemark(r row) bool {
	first, ok := r.cells[0].value.(string)
	full := b.width > 3 && r.count()*2 > b.width // as full as a row of the table
	if ok && !full && strings.ContainsAny(first, ":：") && b.remark.MatchString(strings.ReplaceAll(first, " ", "")) {
		b.remarking = true
		return true
	}
	b.remarking = b.remarking && r.count() == 1 && b.width > 1
	return b.remarking
}

// isCaption says whether a row's only cell is merged across the table.
func (b *body) isCaption(r row) bool {
	if r.count() != 1 || b.width < 3 {
		return false
	}
	for _, a := range b.starting {
		if a.firstColumn == r.cells[0].column && a.columns()*2 > b.width && a.columns() >= 3 {
			return true
		}
	}
	return false
}

// headsTable says whether a row is one of headings.
func headsTable(r row) bool {
	if r.count() < 2 {
		return false
	}
	known := 0
	for _, c := range r.cells {
		text, ok := c.value.(string)
		if !ok || numeric(text) {
			return false
		}
		if headingWord(cleanHeading(text)) {
			known++
		}
	}
	return known*2 >= r.count() && known >= 2
}

// headingWord says whether a text is a usual heading and hardly a value.
func headingWord(text string) bool {
	switch strings.ToLower(text) {
	case "序号", "县", "区", "县市区", "乡镇", "乡镇街道", "镇街", "街道", "村", "社区", "村社区", "网格", "单位", "部门", "数量", "个数", "人数", "性别", "年龄",
		"code", "name", "id", "no", "tel", "phone", "address", "type", "lon", "lat", "x", "y":
		return true
	}
	return regexp.MustCompile(`(名称|代码|编码|编号|姓名|电话|手机|手机号|地址|经度|纬度|坐标|备注|日期|面积|负责人|联系人|号码|类别|类型|职务)$`).MatchString(text)
}

// cover keeps track of the merged ranges; it has to see every row.
func (b *body) cover(r row) {
	b.covering = slices.DeleteFunc(b.covering, func(c covering) bool { return c.lastRow < r.number })
	b.starting = startingIn(b.merged, r.number)
	for len(b.merged) > 0 && b.merged[0].firstRow <= r.number {
		if a := b.merged[0]; a.firstRow == r.number && a.lastRow > r.number && r.filled(a.firstColumn) {
			b.covering = append(b.covering, covering{a, r.at(a.firstColumn)})
		}
		b.merged = b.merged[1:]
	}
}

// fill writes the values of ranges merged over several rows into this one.
func (b *body) fill(r *row) {
	any := false
	for _, c := range b.covering {
		if c.firstRow < r.number && !r.filled(c.firstColumn) {
			r.set(c.firstColumn, c.value)
			any = true
		}
	}
	if any {
		b.filled.add(r.number)
	}
}

// covers tells whether a range merged from a row above reaches into a cell.
func (b *body) covers(number, column int) bool {
	return slices.ContainsFunc(b.covering, func(c covering) bool { return c.firstRow < number && c.firstColumn == column })
}

// follow counts, for the columns that name a place or unit, the blanks under a
// value, but for those that a merged range reaches over.
func (b *body) follow(r row, columns []columnOf) {
	const leading = 5
	for i := range columns[:min(leading, len(columns))] {
		run := &b.blanks[i]
		text := textOf(r.at(columns[i].index))
		if text == "" {
			if run.filled > 0 && !b.covers(r.number, columns[i].index) {
				run.blank++
				run.afterBlank = true
			}
			continue
		}
		if run.filled == 0 || text != run.value {
			run.groups++
		}
		run.filled++
		run.value = text
	}
}

// notes says what was left out and filled.
func (b *body) notes(columns []columnOf, tally *source.Tally) {
	add := func(kind source.Kind, l *rowList, say grids.Text) {
		if l.count > 0 {
			tally.AddMany(kind, l.count, grids.Textf("%s:%s", "%s: %s", say, l.said()))
		}
	}
	add(source.TotalsSkipped, &b.totals, grids.Text{ZH: "合计、小计等行未读取", EN: "totals (合计, 小计 or the like) are left out"})
	add(source.HeadingSkipped, &b.headings, grids.Text{ZH: "重复的表头行未读取", EN: "rows that repeat the heading are left out"})
	add(source.RemarksSkipped, &b.remarks, grids.Text{ZH: "备注、说明、签章行未读取", EN: "remarks, captions and signatures are left out"})
	add(source.FilledDown, &b.filled, grids.Text{ZH: "跨行合并的单元格,其值已填入每一行", EN: "the value of cells merged over several rows stands in each of them"})
	if b.second > 0 {
		tally.AddMany(source.SecondTable, b.beyond, grids.Textf("第 %d 行起是另一张表,其后 %d 行未读取;请放到单独的工作表", "another table begins in row %d; from there on %d rows are not read: put it on a sheet of its own", b.second, b.beyond))
	}
	place := regexp.MustCompile(`(省|市|县|区|县市区|乡|镇|乡镇|街道|镇街|村|社区|网格|片区|单位|部门|类别|类型|行业|河流|流域)(名称)?$`)
	for i, run := range b.blanks {
		const fewest = 3
		if place.MatchString(columns[i].last) && run.blank >= fewest && run.blank >= run.filled && run.groups == run.filled {
			tally.AddMany(source.BlankBelow, run.blank, grids.Textf("列 %s 有 %d 行为空而其上有值,单元格又未合并,因此未填;若应同上,请向下填充", "column %s is empty in %d rows below a value, and the cells aren't merged; nothing is filled in: if the value is meant for them, too, fill it down", columns[i].field.Name, run.blank))
		}
	}
}
