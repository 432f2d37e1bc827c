package importers

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"unigrid/grids/objects"
)

// written are dates as people write them in lists.
var written = regexp.MustCompile(`^(\d{4})\s*[-./年]\s*(\d{1,2})(?:\s*[-./月]\s*(\d{1,2})\s*日?|\s*月)?(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$`)

// parseDate reads a date as lists have it: 2024-03-01, 2024.3.1, 2024年3月1日,
// 20240301, or the number of days by which a spreadsheet keeps it (45352).
func parseDate(text string) (time.Time, bool) {
	text = objects.HalfWidth(text)
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, true
	}
	if days, err := strconv.ParseFloat(text, 64); err == nil && days >= 18264 && days < 73051 && len(text) < 20 {
		return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).Add(time.Duration(days*86400+0.5) * time.Second), true
	}
	if len(text) == 8 {
		if at, err := time.Parse("20060102", text); err == nil {
			return at, true
		}
	}
	parts := written.FindStringSubmatch(text)
	if parts == nil {
		return time.Time{}, false
	}
	number := func(i, otherwise int) int {
		n, err := strconv.Atoi(strings.TrimSpace(parts[i]))
		if err != nil {
			return otherwise
		}
		return n
	}
	y, mo, d := number(1, 0), number(2, 0), number(3, 1)
	at := time.Date(y, time.Month(mo), d, number(4, 0), number(5, 0), number(6, 0), 0, time.UTC)
	return at, at.Year() == y && int(at.Month()) == mo && at.Day() == d && number(4, 0) < 24 && number(5, 0) < 60
}
