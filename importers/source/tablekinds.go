package source

// Kinds of notes on tables that people made by hand.
const (
	TotalsSkipped  Kind = "totals-left-out"    // 合计, 小计, 总计
	RemarksSkipped Kind = "remarks-left-out"   // 备注, 填表人 and captions among or under the rows
	SecondTable    Kind = "second-table"       // another table on the same sheet
	FilledDown     Kind = "merged-filled-down" // the value of a merged range stands in each of its rows
	BlankBelow     Kind = "blank-below"        // blanks that look like "the same as above", not filled
	HiddenRows     Kind = "hidden-rows"
	HiddenColumns  Kind = "hidden-columns"
	Filtered       Kind = "filtered"         // a filter hides rows; they are read
	NoFormulaValue Kind = "no-formula-value" // a formula whose value wasn't kept
	NumberedDates  Kind = "dates-from-numbers"
	Narrowed       Kind = "full-width" // codes and numbers in full-width characters
	OddQuotes      Kind = "odd-quotes" // a finding: quotation marks in CSV aren't right, and the values may not be
	ZeroBytes      Kind = "zero-bytes" // dropped
)
