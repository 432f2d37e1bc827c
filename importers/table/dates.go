package table

import (
	"regexp"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"unigrid/grids"
	"unigrid/importers/source"
)

// findDates finds the columns in which a bare number is a day: where the
// heading says so, or where the first rows have cells that are dates by their
// format.
func (r *Reader) findDates() {
	heading := regexp.MustCompile(`日期|年月日|生日|出生年月|(登记|成立|投产|建成|开工|竣工|更新|任职|填报|检查|开始|结束|起始|终止|创建|采集|批准|发证|注册|到期)时间$|^(?i:date|.*[ _]date|birthday)$`)
	for i := range r.columns {
		c := &r.columns[i]
		dates, numbers := 0, 0
		for _, next := range r.ahead {
			switch next.at(c.index).value.(type) {
			case time.Time:
				dates++
			case int64, float64:
				numbers++
			}
		}
		switch {
		case heading.MatchString(c.last):
			c.dated = "by its heading"
		case dates > numbers:
			c.dated = "by its cells' format"
		}
	}
	for i := range r.ahead {
		for _, c := range r.columns {
			if at, found := r.ahead[i].find(c.index); found {
				r.date(c, &r.ahead[i].cells[at])
			}
		}
	}
}

// date makes a whole number in a column of dates the day that it means: 45352
// or 20240301.
func (r *Reader) date(c columnOf, v *cell) {
	n, ok := v.value.(int64)
	if !ok || c.dated == "" {
		return
	}
	var t time.Time
	if n >= firstSerial && n <= lastSerial {
		day, err := excelize.ExcelDateToTime(float64(n), r.from1904)
		if err != nil {
			return
		}
		t = day
	} else if day, valid := ParseDate(itoa(int(n))); valid && n >= 19000101 {
		t = day
	} else {
		return
	}
	v.value = t
	r.dates++
}

// roundedIdentity finds an identity number that was rounded before it became a
// text: it ends in three zeros, and its check digit is wrong.
func roundedIdentity(v *cell) {
	text, ok := v.value.(string)
	if !ok || len(text) != 18 || strings.Trim(text, "0123456789") != "" || !strings.HasSuffix(text, "000") {
		return
	}
	sum := 0
	for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(text[i]-'0') * weight
	}
	if "10X98765432"[sum%11] == text[17] {
		return
	}
	*v = cell{column: v.column, kind: source.Rounded, text: masked(text),
		why: grids.Textf("末三位为零且校验码不对:电子表格只保留了 %d 位;这类号码请以文本录入", "ends in three zeros and has a wrong check digit: a spreadsheet kept only %d of its digits; enter such numbers as text", mostDigits)}
}
