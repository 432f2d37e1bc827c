package importers

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"unigrid/grids"
)

// mapping says which column feeds which field.
type mapping map[string]string

// propose finds a column for each field of a target: by the caller's word, else
// by heading; "" as the caller's column means none. A field for which several
// columns answer equally well gets none, which match says. columns are in the
// file's order. Required fields may be left without a column; complete looks.
func propose(target Target, columns []string, given map[string]string) (mapping, error) {
	m, _, err := match(target, target.Fields(), columns, given)
	return m, err
}

// complete refuses a mapping in which a required field has no column.
func complete(target Target, m map[string]string) error {
	for _, f := range target.Fields() {
		if !f.Required || m[f.Name] != "" || (f.Instead != "" && m[f.Instead] != "") {
			continue
		}
		return grids.Errorf(grids.Invalid, "map", "没有找到“%s”的列", "no column for %s was found", grids.Text{ZH: f.Label.ZH, EN: f.Name}).
			Fix("指明是哪一列,命令行用 --map %s=列名", "say which column it is, on the command line with --map %s=COLUMN", f.Name)
	}
	return nil
}

// How well a heading fits a field, best first.
const (
	fitsWhole = iota // the heading is one of the field's
	fitsLower        // its lower row is (联系人/电话)
	fitsCut          // it is the beginning of one, cut to a DBF's ten bytes
	fitsEnd          // it ends with one (污染源单位名称)
	fitsNot
)

// fit is one column that may feed one field.
type fit struct{ field, column, how, rank int }

func match(target Target, fields []Field, columns []string, given map[string]string) (mapping, []grids.Finding, error) {
	if fields == nil {
		return nil, nil, grids.Errorf(grids.Invalid, "as", "未知的导入目标 %q", "unknown target %q", target)
	}
	m, used, err := said(target, fields, columns, given)
	if err != nil {
		return nil, nil, err
	}
	var fits []fit
	for f := range fields {
		if _, ok := given[fields[f].Name]; ok {
			continue
		}
		for c, column := range columns {
			if used[column] {
				continue
			}
			if how, rank := fieldFit(fields[f], column); how != fitsNot {
				fits = append(fits, fit{f, c, how, rank})
			}
		}
	}
	slices.SortStableFunc(fits, func(a, b fit) int {
		return cmp.Or(cmp.Compare(a.how, b.how), cmp.Compare(a.rank, b.rank), cmp.Compare(a.field, b.field), cmp.Compare(a.column, b.column))
	})
	var found []grids.Finding
	settled := map[int]bool{}
	for i, one := range fits {
		field, column := fields[one.field], columns[one.column]
		if settled[one.field] || used[column] {
			continue
		}
		rivals := rivalsOf(fits[i:], one, fields, columns, used, settled)
		if len(rivals) > 1 {
			settled[one.field] = true
			found = append(found, ambiguous(field, rivals))
			continue
		}
		if one.how == fitsCut && cutElsewhere(fits, one, settled) {
			continue
		}
		m[field.Name], used[column], settled[one.field] = column, true, true
		if one.how == fitsEnd {
			found = append(found, grids.Finding{Check: "import", Kind: "column-guessed", Severity: grids.SeverityWarning, Field: column, Value: field.Name}.
				Say(grids.Textf("按列名的结尾认作“%s”,请核对", "taken for %s because its heading ends so; look whether that is right", grids.Text{ZH: field.Label.ZH, EN: field.Name})))
		}
	}
	return m, found, nil
}

// said takes the caller's word for columns.
func said(target Target, fields []Field, columns []string, given map[string]string) (mapping, map[string]bool, error) {
	m, used := mapping{}, map[string]bool{}
	for name, wanted := range given {
		if !slices.ContainsFunc(fields, func(f Field) bool { return f.Name == name }) {
			return nil, nil, grids.Errorf(grids.Invalid, "map", "%s 没有字段 %q", "%s have no field %q", target, name)
		}
		if wanted == "" {
			continue
		}
		at := slices.Index(columns, wanted)
		if at < 0 {
			at = slices.IndexFunc(columns, func(c string) bool { return plain(c) == plain(wanted) })
		}
		if at < 0 {
			return nil, nil, grids.Errorf(grids.Invalid, "map", "文件中没有列 %q(有:%s)", "the file has no column %q (it has: %s)", wanted, strings.Join(columns, ", "))
		}
		m[name], used[columns[at]] = columns[at], true
	}
	return m, used, nil
}

// rivalsOf gives the columns that fit a field as well as one does. Of whole
// headings the better listed wins; of anything less all are rivals.
func rivalsOf(fits []fit, one fit, fields []Field, columns []string, used map[string]bool, settled map[int]bool) []string {
	var rivals []string
	for _, other := range fits {
		if other.field != one.field || other.how != one.how || used[columns[other.column]] || (one.how <= fitsLower && other.rank != one.rank) {
			continue
		}
		if !slices.Contains(rivals, columns[other.column]) {
			rivals = append(rivals, columns[other.column])
		}
	}
	return rivals
}

// cutElsewhere tells whether a cut heading is the beginning of another open
// field's heading as well.
func cutElsewhere(fits []fit, one fit, settled map[int]bool) bool {
	return slices.ContainsFunc(fits, func(o fit) bool {
		return o.column == one.column && o.how == fitsCut && o.field != one.field && !settled[o.field]
	})
}

func ambiguous(field Field, rivals []string) grids.Finding {
	f := grids.Finding{Check: "import", Kind: "ambiguous-column", Severity: grids.SeverityWarning, Value: field.Name}.
		Say(grids.Textf("可能是“%s”的列不止一个:%s;未采用,请指明", "several columns may be %s: %s; none was taken, say which",
			grids.Text{ZH: field.Label.ZH, EN: field.Name}, grids.Text{ZH: strings.Join(rivals, "、"), EN: strings.Join(rivals, ", ")}))
	for _, r := range rivals {
		f.Candidates = append(f.Candidates, grids.Candidate{Code: r, Name: r})
	}
	return f
}

// alien begins headings of somebody or something else than the row's own.
var alien = regexp.MustCompile(`法人|法定代表|代表人|联系人|负责人|经办人|上级|主管|监管|管理|产品|项目|曾用|原|英文|附件|文件|图|设施|银行|开户|证书|行政|父`)

// fieldFit tells how a column's heading fits a field, and by which of the
// field's headings.
func fieldFit(field Field, column string) (how, rank int) {
	whole, lower, upper := plain(column), "", ""
	if at := strings.LastIndexAny(column, "/／\n|"); at >= 0 {
		_, size := utf8.DecodeRuneInString(column[at:])
		upper, lower = plain(column[:at]), plain(column[at+size:])
	}
	how = fitsNot
	for i, heading := range field.Headings {
		h := plain(heading)
		if h == whole {
			return fitsWhole, i
		}
		found := fitsNot
		switch {
		case lower != "" && h == lower && (len(field.holds) > 0 || !alien.MatchString(upper)):
			found = fitsLower
		case cutTo(column, whole, h):
			found = fitsCut
		case endsWith(field, whole, h):
			found = fitsEnd
		}
		if found < how {
			how, rank = found, i
		}
	}
	return how, rank
}

// cutTo tells whether a column's name is a heading cut to the ten bytes that a
// DBF has for it, in GBK or UTF-8, perhaps with a number to make it differ.
func cutTo(column, whole, heading string) bool {
	column = strings.TrimRight(column, "\ufffd")
	size := len(column)
	if size != utf8.RuneCountInString(column) {
		gbk := 0
		for _, r := range column {
			gbk++
			if r >= utf8.RuneSelf {
				gbk++
			}
		}
		if (gbk < 9 || gbk > 10) && (size < 9 || size > 10) {
			return false
		}
		whole = strings.TrimRight(whole, "\ufffd")
		return len(whole) < len(heading) && strings.HasPrefix(heading, whole)
	}
	if size < 8 || size > 10 {
		return false
	}
	if size == 10 {
		if at := strings.LastIndexAny(column, "_~"); at == 8 && unicode.IsDigit(rune(column[9])) {
			whole = plain(column[:at])
		}
	}
	return len(whole) >= 7 && len(whole) < len(heading) && strings.HasPrefix(heading, whole)
}

// endsWith tells whether a Chinese heading ends with one of a code or a name,
// without being another thing's.
func endsWith(field Field, whole, heading string) bool {
	if (field.Name != "code" && field.Name != "name") || utf8.RuneCountInString(heading) < 2 || heading[0] < utf8.RuneSelf {
		return false
	}
	before, ok := strings.CutSuffix(whole, heading)
	return ok && before != "" && !alien.MatchString(before) && !strings.ContainsAny(before, "县区乡镇村街所")
}

var (
	bracketed = regexp.MustCompile(`\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕|<[^<>]*>|\{[^{}]*\}`)
	serial    = regexp.MustCompile(`^\d{1,2}[、.]`)
)

// plain reduces a heading to what people agree on: half-width, small, without
// what stands in brackets (units, notes), blanks and signs.
func plain(heading string) string {
	text := strings.ToLower(norm.NFKC.String(strings.TrimSpace(heading)))
	if bare := bracketed.ReplaceAllString(text, ""); strings.TrimFunc(bare, notLetter) != "" {
		text = bare
	}
	text = serial.ReplaceAllString(text, "")
	return strings.Map(func(r rune) rune {
		if notLetter(r) {
			return -1
		}
		return r
	}, text)
}

func notLetter(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != utf8.RuneError
}
