package export

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/collections"
	"unigrid/importers/source"
)

// column is one of the file's: a property of the collection, a member of one
// that is spread, or a column that was sent.
type column struct {
	field    source.Field
	short    string // name in a shapefile
	property int    // of the Def; -1: what was sent or published
	member   string // of the property, or what was sent; "" for a plain property
	seen     values
}

// values is what is known of all values of a column.
type values struct {
	filled                     int
	longest                    int // bytes in the file's encoding
	other                      int // that are neither text nor null
	integers, floats, booleans int
	plainFloats                int // that 15 decimals hold
	dates, days                int
	differs                    bool // from the property of the same name, in some row
}

// add looks at a value as text.
func (v *values) add(text string, encoded int) {
	v.filled++
	v.longest = max(v.longest, encoded)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && strconv.FormatInt(n, 10) == text && len(text) <= 18 {
		v.integers++
	}
	if f, ok := parseFloat(text); ok {
		v.floats++
		if again, err := strconv.ParseFloat(strconv.FormatFloat(f, 'f', 15, 64), 64); err == nil && again == f {
			v.plainFloats++
		}
	}
	if text == "true" || text == "false" {
		v.booleans++
	}
	if at, ok := parseDate(text); ok {
		v.dates++
		if at.Equal(at.Truncate(24 * time.Hour)) {
			v.days++
		}
	}
}

// parseFloat reads a number that an import has written: only what comes out the
// same again.
func parseFloat(text string) (float64, bool) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, false
	}
	again := fmt.Sprint(f)
	if f == float64(int64(f)) {
		again = strconv.FormatInt(int64(f), 10)
	}
	return f, again == text
}

func parseDate(text string) (time.Time, bool) {
	if len(text) < len("2006-01-02T15:04:05Z") || text[4] != '-' {
		return time.Time{}, false
	}
	at, err := time.Parse(time.RFC3339, text)
	return at, err == nil && at.Format(time.RFC3339) == text
}

// fits tells whether all values are of a type, so that none changes by being
// written as one.
func (v values) fits(t source.Type) bool {
	switch t {
	case source.Integer:
		return v.integers == v.filled
	case source.Float:
		return v.floats == v.filled
	case source.Boolean:
		return v.booleans == v.filled
	case source.Date:
		return v.days == v.filled
	}
	return true
}

// propertyTypes are the types of a collection's own columns.
var propertyTypes = map[collections.Type]source.Type{
	collections.Integer: source.Integer, collections.Number: source.Float, collections.Boolean: source.Boolean,
}

// reading is the rows of a request on their way into a file.
type reading struct {
	settled
	tx       pgx.Tx
	table    *collections.Table
	columns  []*column
	members  map[string]*column // by property number and member
	batches  map[int64]bool
	withheld map[int64]map[string]bool // columns by batch that who exports may not have
	held     bool                      // some of their values were there
	rows     int
	kinds    map[string]int // geometries by kind
	numbers  map[uint32]int // geometries by the number of their type
	places   map[int64]int  // geometries as they were sent, by batch; 0: others
	unsent   int            // features without the original geometry that was asked for
	shape    []source.Field // columns of a table for the geometry
	lacking  LackingError
	notes    []grids.Text
}

// nested tells whether the format holds objects and lists as they are.
func (r *reading) nested() bool { return r.Format == GeoJSON }

// own gives the columns for the properties of the collection that the format
// takes.
func (r *reading) own() {
	r.members = map[string]*column{}
	for i, p := range r.def.Properties {
		switch {
		case p.Spread, p.Nested && !r.nested():
			continue
		case p.Type == collections.JSON && r.Format == Shapefile:
			r.note("shapefile 不能容纳嵌套内容,未写入 %[1]s", "a shapefile can't hold what is nested: %[1]s is left out", p.Name)
			continue
		}
		c := &column{field: source.Field{Name: p.Name, Type: propertyTypes[p.Type]}, short: p.Short, property: i}
		r.columns = append(r.columns, c)
	}
}

func (r *reading) note(zh, en string, args ...any) {
	r.notes = append(r.notes, grids.Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)})
}

// further gives the members of a row that become columns: those of properties
// that are spread, and what was sent. What was published was sent, too.
func (r *reading) further(row collections.Row, each func(property int, member string, value json.RawMessage) error) error {
	withheld := r.withheld[row.Batch]
	give := func(property int, object []byte) error {
		if len(object) == 0 {
			return nil
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(object, &members); err != nil {
			return fmt.Errorf("%s: %w", row.ID, err)
		}
		for member, value := range members {
			if property < 0 && withheld[member] {
				r.held = true
				continue
			}
			if err := each(property, member, value); err != nil {
				return err
			}
		}
		return nil
	}
	for i, p := range r.def.Properties {
		switch {
		case !p.Spread:
		case p.Name == "published":
			if len(row.Sent) == 0 {
				if err := give(-1, row.Values[i]); err != nil {
					return err
				}
			}
		default:
			if err := give(i, row.Values[i]); err != nil {
				return err
			}
		}
	}
	return give(-1, row.Sent)
}

// plain gives a JSON value as text; other says that it is no text.
func plain(value json.RawMessage) (text string, other bool) {
	switch {
	case len(value) == 0 || string(value) == "null":
		return "", false
	case value[0] == '"':
		if err := json.Unmarshal(value, &text); err == nil {
			return text, false
		}
	}
	var b bytes.Buffer
	if err := json.Compact(&b, value); err != nil {
		return string(value), true
	}
	return b.String(), true
}

// survey reads all rows once: which columns there are, of which types and
// lengths, which characters the encoding lacks.
func (r *reading) survey(ctx context.Context, progress func(rows int)) error {
	r.own()
	r.batches, r.kinds, r.numbers, r.places = map[int64]bool{}, map[string]int{}, map[uint32]int{}, map[int64]int{}
	if err := r.withhold(ctx); err != nil {
		return err
	}
	own := len(r.columns)
	shown := map[string]string{} // what the collection shows of a row, by the names that it shares with what was sent
	err := r.table.Each(ctx, func(row collections.Row) error {
		r.rows++
		if r.rows%1000 == 0 {
			progress(r.rows)
		}
		for _, c := range r.columns[:own] {
			if value := row.Values[c.property]; value != nil {
				c.seen.add(string(value), r.encoded(row, c, string(value)))
			}
		}
		if row.Batch != 0 {
			r.batches[row.Batch] = true
		}
		if err := r.count(row); err != nil {
			return err
		}
		clear(shown)
		return r.further(row, func(property int, member string, value json.RawMessage) error {
			key := strconv.Itoa(property) + " " + member
			c := r.members[key]
			if c == nil {
				c = &column{field: source.Field{Name: member}, property: property, member: member}
				r.members[key] = c
				r.columns = append(r.columns, c)
			}
			text, other := plain(value)
			if other {
				c.seen.other++
			}
			if text != "" {
				c.seen.add(text, r.encoded(row, c, text))
			}
			name := strings.ToLower(member)
			if property >= 0 {
				shown[name] = text
			} else if i := r.propertyNamed(member); i >= 0 {
				shown[name] = string(row.Values[i])
			}
			c.seen.differs = c.seen.differs || shown[name] != text
			return nil
		})
	})
	if err != nil {
		return err
	}
	if r.held {
		r.note("准予导入的个人信息列只写给有此权限的人员", "columns of personal data that were taken in on purpose are for those who may take them in")
	}
	if err := r.arrange(ctx, own); err != nil {
		return err
	}
	return r.lacking.err()
}

// withhold finds out which columns of which imports hold personal data that only who
// may take it in gets.
func (r *reading) withhold(ctx context.Context) error {
	rows, err := r.tx.Query(ctx, `
		SELECT DISTINCT c.batch, name FROM staging.consent c, unnest(c.columns) AS name
		WHERE c.territory_id = $1 AND NOT access.may('imports.personal')`, r.query.Scope.Territory)
	if err != nil {
		return err
	}
	r.withheld = map[int64]map[string]bool{}
	var batch int64
	var name string
	_, err = pgx.ForEachRow(rows, []any{&batch, &name}, func() error {
		if r.withheld[batch] == nil {
			r.withheld[batch] = map[string]bool{}
		}
		r.withheld[batch][name] = true
		return nil
	})
	return err
}

// count keeps what geometries there are.
func (r *reading) count(row collections.Row) error {
	if row.Shape == nil {
		return nil
	}
	number, err := numberOf(row.Shape)
	if err != nil {
		return fmt.Errorf("%s: %w", row.ID, err)
	}
	r.numbers[number]++
	r.kinds[wkbKinds[number]]++
	if row.AsSent {
		r.places[row.Batch]++
		return nil
	}
	r.places[0]++
	if r.Original {
		r.unsent++
	}
	return nil
}

// propertyNamed gives the property of the collection that has a name, whatever
// its case; -1 for none.
func (r *reading) propertyNamed(name string) int {
	return slices.IndexFunc(r.def.Properties, func(p collections.Property) bool { return !p.Spread && strings.EqualFold(p.Name, name) })
}

// encoded gives the length of a text in the file's encoding and notes what that
// lacks.
func (r *reading) encoded(row collections.Row, c *column, text string) int {
	if r.encoding.Name() == "UTF-8" {
		return len(text)
	}
	raw, err := r.encoding.Encode(text)
	if err == nil {
		return len(raw)
	}
	r.lacking.add(r.encoding, Lacking{Row: r.rows, Code: row.ID, Field: c.field.Name, Value: source.Shorten(text)}, text)
	return len(text)
}

// sentColumn is a column as reading its file found it.
type sentColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// arrange settles order, names and types of the columns, own of which are the
// collection's.
func (r *reading) arrange(ctx context.Context, own int) error {
	order, types, err := r.sentColumns(ctx)
	if err != nil {
		return err
	}
	if err := r.arrangeShape(ctx); err != nil {
		return err
	}
	further := r.columns[own:]
	slices.SortStableFunc(further, func(a, b *column) int {
		place := func(c *column) int {
			if c.property >= 0 {
				return -1
			}
			if at, ok := order[c.field.Name]; ok {
				return at
			}
			return len(order)
		}
		if d := place(a) - place(b); d != 0 {
			return d
		}
		return strings.Compare(a.field.Name, b.field.Name)
	})
	taken := map[string]bool{}
	for _, f := range r.shape {
		taken[strings.ToLower(f.Name)] = true
	}
	var kept []*column
	for _, c := range r.columns {
		name := c.field.Name
		if c.member != "" && taken[strings.ToLower(name)] {
			if c.property >= 0 || !c.seen.differs {
				r.respell(kept, name)
				continue
			}
			for n := 1; taken[strings.ToLower(c.field.Name)]; n++ {
				c.field.Name = name + "_sent"
				if n > 1 {
					c.field.Name += strconv.Itoa(n)
				}
			}
			r.note("文件的列 %[1]s 与集合的同名列不同,写作 %[2]s", "the file's column %[1]s differs from the collection's and is written as %[2]s", name, c.field.Name)
		}
		taken[strings.ToLower(c.field.Name)] = true
		if c.member != "" {
			c.field.Type = source.Text
			if t := types[name]; c.property < 0 && c.seen.other == 0 && c.seen.filled > 0 && c.seen.fits(t) && r.holds(c, t) {
				c.field.Type = t
			}
		}
		kept = append(kept, c)
	}
	r.columns = kept
	return r.checkNames()
}

// holds tells whether the format has room for all values of a column as a type:
// a DBF has 15 decimals.
func (r *reading) holds(c *column, t source.Type) bool {
	return r.Format != Shapefile || t != source.Float || c.seen.plainFloats == c.seen.filled
}

// respell gives a column of the collection the name that the file had for the
// same values: CODE for code.
func (r *reading) respell(columns []*column, name string) {
	for _, c := range columns {
		if c.field.Name != name && strings.EqualFold(c.field.Name, name) {
			c.field.Name, c.short = name, ""
		}
	}
}

// checkNames notes names of columns that the encoding lacks characters of.
func (r *reading) checkNames() error {
	for _, c := range r.columns {
		if _, err := r.encoding.Encode(c.field.Name); err != nil {
			r.lacking.add(r.encoding, Lacking{Field: c.field.Name, Value: c.field.Name}, c.field.Name)
		}
	}
	return nil
}

// sentColumns gives the order and types of the columns that the imports of the
// rows had, as far as that is kept.
func (r *reading) sentColumns(ctx context.Context) (order map[string]int, types map[string]source.Type, err error) {
	order, types = map[string]int{}, map[string]source.Type{}
	rows, err := r.tx.Query(ctx, `
		SELECT source -> 'columns' FROM staging.batch
		WHERE territory_id = $1 AND id = ANY ($2) AND jsonb_typeof(source -> 'columns') = 'array' ORDER BY id`,
		r.query.Scope.Territory, slices.Collect(maps.Keys(r.batches)))
	if err != nil {
		return nil, nil, err
	}
	var columns []sentColumn
	_, err = pgx.ForEachRow(rows, []any{&columns}, func() error {
		for _, c := range columns {
			t := source.TypeNamed(c.Type) // text where there are no values of one type
			if _, there := order[c.Name]; !there {
				order[c.Name], types[c.Name] = len(order), t
			} else if types[c.Name] != t {
				types[c.Name] = source.Text
			}
		}
		return nil
	})
	return order, types, err
}

// line gives the values of a row, aligned with the columns.
func (r *reading) line(row collections.Row, values []any) error {
	clear(values)
	for i, c := range r.columns {
		if c.member != "" {
			break
		}
		value := row.Values[c.property]
		switch {
		case value == nil:
		case r.def.Properties[c.property].Type == collections.JSON && r.nested():
			values[i] = json.RawMessage(slices.Clone(value))
		default:
			values[i] = c.field.Type.Value(string(value))
		}
	}
	return r.further(row, func(property int, member string, value json.RawMessage) error {
		c := r.members[strconv.Itoa(property)+" "+member]
		i := slices.Index(r.columns, c)
		if i < 0 {
			return nil
		}
		text, other := plain(value)
		if other && r.nested() {
			values[i] = json.RawMessage(text)
		} else {
			values[i] = c.field.Type.Value(text)
		}
		return nil
	})
}
