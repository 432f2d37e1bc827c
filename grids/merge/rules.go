package merge

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
)

// Rule settles the conflicts of a kind that meet its conditions. RULES.md
// describes the file.
type Rule struct {
	Kind       Kind            `json:"kind"`
	Layer      grids.LayerCode `json:"layer,omitempty"` // "*" or empty: every layer
	When       Condition       `json:"when,omitzero"`
	Resolution string          `json:"resolution"`
	Reason     grids.Text      `json:"reason"`
}

// layer gives the layer that a rule is about; empty: every one.
func (r Rule) layer() grids.LayerCode {
	if r.Layer == "*" {
		return ""
	}
	return r.Layer
}

// Condition narrows a rule; what is nil asks nothing.
type Condition struct {
	MaxShareBelow *float64 `json:"max_share_below,omitempty"` // largest share one layer cell claims, 0..1
	MaxShareFrom  *float64 `json:"max_share_from,omitempty"`
	AreaM2Below   *float64 `json:"area_m2_below,omitempty"` // disputed area
	WidthMBelow   *float64 `json:"width_m_below,omitempty"` // its width, metres
	TouchesBelow  *int     `json:"touches_below,omitempty"` // people and objects in the cell
	Outside       *bool    `json:"outside,omitempty"`       // a layer cell beyond all leaves
	Pending       *bool    `json:"pending,omitempty"`       // along a statutory or disputed line
	HasOwn        *bool    `json:"has_own,omitempty"`       // the leaf has an accountable person of its own

	Within          []string `json:"within,omitempty"`           // prefixes of the leaf's code, of which one is enough
	CellNames       []string `json:"cell_names,omitempty"`       // the leaf's name, * for anything: *社区; one is enough
	EnterprisesFrom *int     `json:"enterprises_from,omitempty"` // how many enterprises the leaf has, at least
}

// The resolutions there are. Accountable is followed by a staff number; a rule
// can't name one, but says how to find the person: RosterFirst (the cell's
// own), MostNamed (by most layers, then by share) or LayerFirst and a layer's
// code.
const (
	KeepBase      = "keep-base-boundary"
	AdoptLayer    = "adopt-layer-boundary"
	SplitLeaf     = "split-leaf"
	KeepUnified   = "keep-unified-code"
	RosterFirst   = "roster-first"
	MostNamed     = "most-named"
	LayerFirst    = "layer:"
	AcceptActing  = "accept-acting"
	AcceptLoad    = "accept-load"
	Interim       = "interim-accountable"
	DrawUnits     = "draw-unit-cells"
	Accountable   = "accountable:"
	interimPerson = "interim:" // what Interim is stored as, with the staff number
	maxRules      = 1000
	maxRulesBytes = 1 << 20
)

// resolutions lists what may settle a kind; those that end in a colon are
// prefixes. An unplaced object has none: place it and merge again.
func resolutions(kind Kind) ([]string, bool) {
	switch kind {
	case Split, Mismatch:
		return []string{KeepBase, AdoptLayer, SplitLeaf}, true
	case Gap, Overlap:
		return []string{KeepBase, SplitLeaf, Interim, interimPerson}, true
	case TwoAccountable, NoneAccountable:
		return []string{RosterFirst, MostNamed, LayerFirst, AcceptActing, Accountable}, true
	case Nested:
		return []string{DrawUnits, KeepBase}, true
	case OverCapacity:
		return []string{AcceptLoad}, true
	case CodeClash:
		return []string{KeepUnified}, true
	case ObjectUnplaced:
		return nil, true
	}
	return nil, false
}

//go:embed rules.json
var exampleRules []byte

// ExampleRules gives the rules file that comes with the product; the demo is
// settled by it.
func ExampleRules() ([]Rule, error) { return ParseRules(bytes.NewReader(exampleRules)) }

// ParseRules reads a rules file: a JSON list of rules, of which the first that
// fits a conflict settles it. Errors name the line or the rule, counted from 1.
func ParseRules(r io.Reader) ([]Rule, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxRulesBytes+1))
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	if len(text) > maxRulesBytes {
		return nil, grids.Errorf(grids.TooMuch, "rules", "规则文件超过 %d 字节", "the rules file has more than %d bytes", maxRulesBytes)
	}
	rules := []Rule{}
	decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&rules); err != nil {
		return nil, explain(text, err, decoder.InputOffset())
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, grids.Errorf(grids.Invalid, "rules", "规则列表之后还有内容", "there is something after the list of rules")
	}
	if len(rules) > maxRules {
		return nil, grids.Errorf(grids.TooMuch, "rules", "规则超过 %d 条", "there are more than %d rules", maxRules)
	}
	for i, rule := range rules {
		if err := rule.check(i + 1); err != nil {
			return nil, err
		}
	}
	return rules, nil
}

// explain says where a rules file is no JSON of the right form.
func explain(text []byte, err error, offset int64) error {
	var syntax *json.SyntaxError
	var form *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		offset = int64(len(text))
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &form):
		offset = form.Offset
	}
	line := 1 + bytes.Count(text[:min(int(offset), len(text))], []byte("\n"))
	e := grids.Errorf(grids.Invalid, "rules", "规则文件第 %d 行有误", "line %d of the rules file is wrong", line)
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		e.Message.ZH += ":没有字段 " + field
	}
	e.Fix("规则文件是 JSON 列表,格式见 RULES.md", "a rules file is a JSON list as RULES.md describes it")
	e.Cause = err
	return e
}

func (r Rule) check(n int) error {
	allowed, known := resolutions(r.Kind)
	if !known {
		return grids.Errorf(grids.Invalid, "rules", "第 %d 条规则:未知的冲突类型 %q", "rule %d: there is no kind of conflict %q", n, r.Kind).
			Fix("可用:split、boundary-mismatch、gap、overlap、two-accountable、none-accountable、over-capacity、nested、code-clash",
				"kinds: split, boundary-mismatch, gap, overlap, two-accountable, none-accountable, over-capacity, nested, code-clash")
	}
	if len(allowed) == 0 {
		return grids.Errorf(grids.Invalid, "rules", "第 %d 条规则:%s 不能用规则解决", "rule %d: no rule can settle %s", n, r.Kind).
			Fix("把对象归入网格后重新融合", "place the object and merge again")
	}
	allowed = slices.DeleteFunc(allowed, func(a string) bool { return a == Accountable || a == interimPerson })
	if !fits(allowed, r.Resolution) {
		return grids.Errorf(grids.Invalid, "rules", "第 %d 条规则:%q 不能解决 %s", "rule %d: %q doesn't settle %s", n, r.Resolution, r.Kind).
			Fix("可用:%s", "these do: %s", strings.Join(allowed, " "))
	}
	if r.Layer != "" && r.Layer != "*" && (r.Kind == TwoAccountable || r.Kind == NoneAccountable || r.Kind == OverCapacity) {
		return grids.Errorf(grids.Invalid, "rules", "第 %d 条规则:%s 不属于某一条线", "rule %d: %s is not about one layer", n, r.Kind)
	}
	if r.Reason.ZH == "" || r.Reason.EN == "" {
		return grids.Errorf(grids.Invalid, "rules", "第 %d 条规则:缺少中文或英文理由", "rule %d: it needs a reason in Chinese (zh) and English (en)", n)
	}
	for _, pattern := range append(r.When.Within, r.When.CellNames...) {
		if strings.Trim(pattern, "*") == "" {
			return grids.Errorf(grids.Invalid, "rules", "第 %d 条规则:within 和 cell_names 中不能有空值", "rule %d: within and cell_names take no empty text", n)
		}
	}
	for _, share := range []*float64{r.When.MaxShareBelow, r.When.MaxShareFrom} {
		if share != nil && (*share < 0 || *share > 1) {
			return grids.Errorf(grids.Invalid, "rules", "第 %d 条规则:占比 %g 不在 0 和 1 之间", "rule %d: share %g is not between 0 and 1", n, *share)
		}
	}
	w := r.When
	if w.MaxShareFrom != nil && w.MaxShareBelow != nil && *w.MaxShareFrom >= *w.MaxShareBelow {
		return grids.Errorf(grids.Invalid, "rules", "第 %d 条规则:没有既不小于 %g 又小于 %g 的占比", "rule %d: no share is %g or more and below %g", n, *w.MaxShareFrom, *w.MaxShareBelow)
	}
	none := ""
	switch {
	case w.AreaM2Below != nil && *w.AreaM2Below <= 0:
		none = "area_m2_below"
	case w.WidthMBelow != nil && *w.WidthMBelow <= 0:
		none = "width_m_below"
	case w.TouchesBelow != nil && *w.TouchesBelow <= 0:
		none = "touches_below"
	case w.EnterprisesFrom != nil && *w.EnterprisesFrom <= 0:
		none = "enterprises_from"
	default:
		return nil
	}
	return grids.Errorf(grids.Invalid, "rules", "第 %d 条规则:%s 须大于 0", "rule %d: %s must be more than 0", n, none)
}

// knownLayers refuses rules about layers that the territory doesn't have.
func knownLayers(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, rules []Rule) error {
	var known []string
	if err := tx.QueryRow(ctx, `SELECT coalesce(array_agg(code ORDER BY rank, code), '{}') FROM layers.layer WHERE territory_id = $1`, territory).Scan(&known); err != nil {
		return fmt.Errorf("layers of rules: %w", err)
	}
	for i, rule := range rules {
		named, _ := strings.CutPrefix(rule.Resolution, LayerFirst)
		if named == rule.Resolution {
			named = ""
		}
		for _, layer := range []string{string(rule.layer()), named} {
			if layer != "" && !slices.Contains(known, layer) {
				return grids.Errorf(grids.Invalid, "rules", "第 %d 条规则:没有条线 %q", "rule %d: there is no layer %q", i+1, layer).
					Fix("有:%s", "there are: %s", strings.Join(known, ", "))
			}
		}
	}
	return nil
}

// fits tells whether a resolution is one of those allowed.
func fits(allowed []string, resolution string) bool {
	for _, a := range allowed {
		if prefix := strings.HasSuffix(a, ":"); resolution == a && !prefix ||
			prefix && strings.HasPrefix(resolution, a) && len(resolution) > len(a) {
			return true
		}
	}
	return false
}
