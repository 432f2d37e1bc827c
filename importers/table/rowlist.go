package table

import (
	"fmt"
	"strings"
	"unigrid/grids"
)

// rowList names rows, such as "rows 3, 7-9 and 12 more". The zero value is ready.
type rowList struct {
	count int
	spans [][2]int
	in    int // rows in the spans
}

// add appends a row; rows come in order.
func (l *rowList) add(row int) {
	const most = 20
	l.count++
	if n := len(l.spans); n > 0 && l.spans[n-1][1] == row-1 && l.in == l.count-1 {
		l.spans[n-1][1] = row
		l.in++
		return
	}
	if len(l.spans) < most {
		l.spans = append(l.spans, [2]int{row, row})
		l.in++
	}
}

// said reads "row 3" or "rows 3, 7-9 and 12 more".
func (l *rowList) said() grids.Text {
	var parts []string
	for _, s := range l.spans {
		if s[0] == s[1] {
			parts = append(parts, fmt.Sprint(s[0]))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", s[0], s[1]))
		}
	}
	rows := grids.Text{ZH: "第 " + strings.Join(parts, "、") + " 行", EN: "rows " + strings.Join(parts, ", ")}
	if l.count == 1 {
		rows.EN = "row " + parts[0]
	}
	if more := l.count - l.in; more > 0 {
		rows = rows.And(grids.Textf("等,另有 %d 行", " and %d more", more))
	}
	return rows
}
