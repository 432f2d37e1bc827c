package table

import (
	"fmt"
	"strings"
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

func (l *rowList) String() string {
	var parts []string
	for _, s := range l.spans {
		if s[0] == s[1] {
			parts = append(parts, fmt.Sprint(s[0]))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", s[0], s[1]))
		}
	}
	text := "rows "
	if l.count == 1 {
		text = "row "
	}
	text += strings.Join(parts, ", ")
	if more := l.count - l.in; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
