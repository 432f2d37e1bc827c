package table

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/xuri/excelize/v2"

	"unigrid/grids"
)

// narrowCode is grids.Narrow for a text that is nothing but full- and half-width
// digits, letters and signs: a code, a number, a telephone. In a text with
// Chinese characters the full-width brackets are right, and it stays.
func narrowCode(text string) (string, bool) {
	narrow := grids.Narrow(text)
	if narrow == text || strings.ContainsFunc(narrow, func(r rune) bool { return r > unicode.MaxASCII }) ||
		!strings.ContainsFunc(narrow, func(r rune) bool { return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' }) {
		return text, false
	}
	return strings.TrimSpace(narrow), true
}

// The days that a bare number of a spreadsheet can mean: 1930 to 2099.
const (
	firstSerial = 10959
	lastSerial  = 73050
)

// ParseDate reads a date as people write it: 2024-03-01, 2024.3.1, 2024/3/1,
// 2024年3月1日, 20240301, each with a time of day or without, RFC 3339, and
// 45352, the number that a spreadsheet keeps for a day (from 1930 to 2099). The
// year stands first and has four digits; anything else would be a guess. Without
// a time zone the time is UTC.
func ParseDate(text string) (time.Time, bool) {
	text = strings.TrimSpace(grids.Narrow(text))
	if text == "" || len(text) > 64 {
		return time.Time{}, false
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, t.Year() > 0
		}
	}
	if strings.Trim(text, "0123456789") == "" {
		return dateOfDigits(text)
	}
	text = strings.NewReplacer("年", "-", "月", "-", "日", " ", "号", " ", ".", "-", "/", "-", "。", "-",
		"时", ":", "点", ":", "分", ":", "秒", "").Replace(text)
	day, clock, _ := strings.Cut(text, " ")
	parts := strings.Split(day, "-")
	if len(parts) != 3 || len(parts[0]) != 4 || len(parts[1]) > 2 || len(parts[2]) > 2 {
		return time.Time{}, false
	}
	t, ok := dayOf(parts[0], parts[1], parts[2])
	if !ok {
		return time.Time{}, false
	}
	if clock = strings.Trim(clock, " :"); clock == "" {
		return t, true
	}
	if clock == strings.Trim(clock, "0123456789") {
		return time.Time{}, false
	}
	for _, layout := range []string{"15:4:5", "15:4", "15"} {
		if c, err := time.Parse(layout, clock); err == nil {
			return t.Add(time.Duration(c.Hour())*time.Hour + time.Duration(c.Minute())*time.Minute +
				time.Duration(c.Second())*time.Second + time.Duration(c.Nanosecond())), true
		}
	}
	return time.Time{}, false
}

func dateOfDigits(text string) (time.Time, bool) {
	switch len(text) {
	case 8:
		return dayOf(text[:4], text[4:6], text[6:])
	case 14:
		t, err := time.Parse("20060102150405", text)
		return t, err == nil && t.Year() > 0
	case 5:
		n, err := strconv.Atoi(text)
		if err != nil || n < firstSerial || n > lastSerial {
			return time.Time{}, false
		}
		t, err := excelize.ExcelDateToTime(float64(n), false)
		return t, err == nil
	}
	return time.Time{}, false
}

func dayOf(year, month, day string) (time.Time, bool) {
	y, errY := strconv.Atoi(year)
	m, errM := strconv.Atoi(month)
	d, errD := strconv.Atoi(day)
	if errY != nil || errM != nil || errD != nil || y < 1000 || m < 1 || d < 1 {
		return time.Time{}, false
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return t, t.Month() == time.Month(m) && t.Day() == d
}
