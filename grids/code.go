package grids

import (
	"strconv"
	"strings"
)

// Code is a division code, always text (leading zeros count).
type Code string

// CodeScheme tells how a code's prefixes name its ancestors.
type CodeScheme struct {
	// Lengths of the significant prefix, tier by tier.
	Lengths []int
	// PadTo is the length to which shorter codes are padded with zeros; 0 means
	// that all codes are as long as their tier's prefix.
	PadTo int
}

// GB12 is the Chinese statistical division code (统计用区划代码): 12 digits,
// GB/T 2260 county 6 + GB/T 10114 township 3 + village 3, zeros on upper tiers.
// Unit cells (单元网格) below the village have 15: the village's and 3 more,
// numbered from west to east and north to south.
var GB12 = CodeScheme{Lengths: []int{4, 6, 9, 12, 15}, PadTo: 12}

// ParseCodeScheme reads "gb12" or prefix lengths such as "5,8,11".
func ParseCodeScheme(s string) (CodeScheme, error) {
	if s == "" || s == "gb12" {
		return GB12, nil
	}
	bad := Errorf(Invalid, "code-scheme", "编码规则 %q 无法识别", "code scheme %q is not understood", s).
		Fix("用 gb12,或逐级递增的前缀长度,如 5,8,11", "give gb12, or prefix lengths that grow tier by tier, such as 5,8,11")
	var lengths []int
	for part := range strings.SplitSeq(s, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 1 || n > 30 || (len(lengths) > 0 && n <= lengths[len(lengths)-1]) {
			return CodeScheme{}, bad
		}
		lengths = append(lengths, n)
	}
	return CodeScheme{Lengths: lengths}, nil
}

// String gives the scheme as ParseCodeScheme reads it.
func (s CodeScheme) String() string {
	if s.PadTo != 0 {
		return "gb12"
	}
	parts := make([]string, len(s.Lengths))
	for i, n := range s.Lengths {
		parts[i] = strconv.Itoa(n)
	}
	return strings.Join(parts, ",")
}

// Significant gives the prefix that a code of a tier hands down to its
// children.
func (s CodeScheme) Significant(code Code, tier Tier) string {
	return string(code[:min(len(code), s.Lengths[tier-1])])
}

// Prefix gives what all codes at and below a code begin with, whatever its tier:
// 430202 for 430202000000.
func (s CodeScheme) Prefix(code Code) string {
	for _, length := range s.Lengths {
		if len(code) == s.PadTo && length < s.PadTo && strings.Trim(string(code[length:]), "0") == "" {
			return string(code[:length])
		}
	}
	return string(code)
}

// Parent gives the code one tier up; "" for tier 1.
func (s CodeScheme) Parent(code Code, tier Tier) Code {
	if tier <= 1 {
		return ""
	}
	return s.pad(s.Significant(code, tier-1))
}

// Parse normalises a code of a tier as people write it: blanks trimmed, a bare
// prefix (430202 for 430202000000) padded. It fails on anything else.
func (s CodeScheme) Parse(text string, tier Tier) (Code, error) {
	text = strings.TrimSpace(text)
	if int(tier) < 1 || int(tier) > len(s.Lengths) {
		return "", Errorf(Invalid, "tier", "层级 %d 超出编码规则 %s", "tier %d is outside the code scheme %s", tier, s)
	}
	for _, r := range text {
		if r < '0' || r > '9' {
			return "", Errorf(Invalid, "code", "代码 %q 只能含数字", "code %q may hold digits only", text)
		}
	}
	length := s.Lengths[tier-1]
	if len(text) == length {
		return s.pad(text), nil
	}
	if len(text) == s.PadTo && length < s.PadTo && strings.Trim(text[length:], "0") == "" {
		return Code(text), nil
	}
	if length < s.PadTo {
		return "", Errorf(Invalid, "code", "第 %d 级代码 %q 不对(应为 %d 位,第 %d 位之后为零)", "a tier %d code %q does not fit (%d digits wanted, zeros after the first %d)", tier, text, s.PadTo, length)
	}
	return "", Errorf(Invalid, "code", "第 %d 级代码 %q 的长度不对(应为 %d 位)", "a tier %d code %q has the wrong length (%d digits wanted)", tier, text, length)
}

func (s CodeScheme) pad(prefix string) Code {
	if len(prefix) >= s.PadTo {
		return Code(prefix)
	}
	return Code(prefix + strings.Repeat("0", s.PadTo-len(prefix)))
}
