package table

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"unigrid/grids"
	"unigrid/importers/source"
)

const mostDigits = 15 // that a spreadsheet keeps of a number

func (w *workbook) cell(c xmlCell) cell {
	text := c.value
	switch c.kind {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 0 || n >= len(w.texts) {
			if strings.TrimSpace(text) == "" {
				return cell{}
			}
			return cell{kind: source.BadCell, why: grids.Text{ZH: "单元格指向的文本不在工作簿中", EN: "the cell points to a text that isn't in the workbook"}, text: text}
		}
		return lostText(w.texts[n])
	case "inlineStr":
		if c.inline == "" {
			return lostText(unescape(text))
		}
		return lostText(unescape(c.inline))
	case "str":
		return lostText(unescape(text))
	case "b":
		return cell{value: strings.TrimSpace(text) == "1" || strings.EqualFold(text, "true")}
	case "e":
		return cell{kind: source.BadCell, why: grids.Text{ZH: "公式的结果是错误值", EN: "the formula ends in an error"}, text: text}
	case "d":
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02"} {
			if t, err := time.Parse(layout, text); err == nil {
				return cell{value: t}
			}
		}
		return cell{value: text, kind: source.BadDate, why: grids.Text{ZH: "不是日期", EN: "not a date"}, text: text}
	}
	if text = strings.TrimSpace(text); text == "" {
		return cell{}
	}
	return w.numberCell(text, c.style)
}

func lostText(text string) cell {
	c := textCell(text)
	if t, ok := c.value.(string); ok && strings.ContainsRune(t, '\uFFFD') {
		c.kind, c.why, c.text = source.Undecodable, grids.Text{ZH: "存盘前已有字丢失", EN: "a character was lost before the workbook was saved"}, t
	}
	return c
}

// textCell reads a text: blanks around it and zero bytes are dropped, a code
// in full-width characters is written in half-width ones, and a long number
// that a spreadsheet has written as 4.30202E+11 is nil, as its digits are lost.
func textCell(text string) cell {
	zeros := strings.Contains(text, "\x00")
	if zeros {
		text = strings.ReplaceAll(text, "\x00", "")
	}
	if text = blank(text); text == "" {
		return cell{zeros: zeros}
	}
	c := cell{value: text, zeros: zeros}
	if narrow, changed := narrowCode(text); changed {
		c.value, c.wide, text = narrow, true, narrow
	}
	if digits, spoilt := scientific(text); spoilt {
		c.kind, c.text, c.value = source.Rounded, text, nil
		c.why = grids.Text{ZH: "长数字被电子表格写成了科学计数,后几位已丢失;这类代码请以文本录入", EN: "a spreadsheet has written a long number in this form, and its digits are lost; enter such codes as text"}
		if digits != "" {
			return cell{value: digits, zeros: zeros, wide: c.wide}
		}
	}
	return c
}

// scientific says whether a text is how Excel shows, and saves to CSV, a
// number of 12 and more digits. Where it shows all of them, it gives them.
func scientific(text string) (digits string, spoilt bool) {
	mantissa, exponent, found := strings.Cut(strings.ToUpper(text), "E+")
	if !found || len(exponent) != 2 {
		return "", false
	}
	e, err := strconv.Atoi(exponent)
	if err != nil || e < 11 {
		return "", false
	}
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(mantissa, "-"), ".")
	if len(whole) != 1 || len(fraction) > mostDigits || strings.Trim(whole+fraction, "0123456789") != "" {
		return "", false
	}
	if len(fraction) == e && mantissa[0] != '-' {
		return whole + fraction, true
	}
	return "", true
}

// numberCell reads a number by its style: a date, a code shown with leading
// zeros, an integer or a fraction. A number that was longer than a spreadsheet
// keeps is nil: an identity number with its last digits rounded is somebody
// else's.
func (w *workbook) numberCell(text string, style int) cell {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return cell{value: text, kind: source.BadNumber, why: grids.Text{ZH: "不是数字", EN: "not a number"}, text: text}
	}
	var format numberFormat
	if style >= 0 && style < len(w.formats) {
		format = w.formats[style]
	}
	whole := v == math.Trunc(v)
	switch {
	case format.date:
		return w.dateCell(text, v)
	case whole && math.Abs(v) >= math.Pow10(mostDigits):
		digits := strings.TrimLeft(strconv.FormatFloat(v, 'f', 0, 64), "-")
		return roundedCell(digits)
	case whole && v >= 0 && format.zeroes > 1:
		return cell{value: fmt.Sprintf("%0*d", format.zeroes, int64(v))}
	case whole:
		return cell{value: int64(v)}
	}
	return cell{value: v}
}

func roundedCell(digits string) cell {
	return cell{kind: source.Rounded, text: masked(digits),
		why: grids.Textf("%d 位的数字,电子表格只保留 %d 位,末几位已丢失;这类号码请以文本录入", "a number of %d digits, of which spreadsheets keep %d: the last ones are lost; enter such numbers as text", len(digits), mostDigits)}
}

// masked shows no more of a number than where it comes from, as it may be a
// person's.
func masked(digits string) string {
	const shown = 6
	if len(digits) <= shown {
		return digits
	}
	return digits[:shown] + strings.Repeat("*", min(len(digits)-shown, 32))
}

func (w *workbook) dateCell(text string, v float64) cell {
	const lastDay = 2958466 // 9999-12-31
	if v < 0 || v >= lastDay {
		return cell{value: v, kind: source.BadDate, why: grids.Text{ZH: "没有对应的日期", EN: "no day has this number"}, text: text}
	}
	t, err := excelize.ExcelDateToTime(v, w.from1904)
	if err != nil {
		return cell{value: v, kind: source.BadDate, why: source.Because(err), text: text}
	}
	if v < 1 { // a time of day alone
		return cell{value: t.Format("15:04:05")}
	}
	return cell{value: t}
}
