package grids

import "cmp"

// Severity says whether a finding stops the work.
type Severity string

// Findings are errors (nothing may go on), repairs (something was changed) or
// warnings (a person should look).
const (
	SeverityError   Severity = "error"
	SeverityRepair  Severity = "repair"
	SeverityWarning Severity = "warning"
)

// Finding is one thing a check, an import or a repair has to say, with its
// place.
type Finding struct {
	Check    string   `json:"check,omitempty"` // e.g. partition, accountable
	Kind     string   `json:"kind"`            // e.g. overlap, gap, snapped
	Severity Severity `json:"severity,omitempty"`
	File     string   `json:"file,omitempty"`
	Row      int      `json:"row,omitempty"` // as the person sees it, from 1
	Field    string   `json:"field,omitempty"`
	Value    string   `json:"value,omitempty"`
	Code     string   `json:"code,omitempty"` // of the cell or object
	Message  string   `json:"message"`        // English; set by Say
	// MessageZH is Message in Chinese; findings of before there were both
	// languages lack it.
	MessageZH string   `json:"message_zh,omitempty"`
	Lon       *float64 `json:"lon,omitempty"` // EPSG:4326
	Lat       *float64 `json:"lat,omitempty"`
	AreaM2    float64  `json:"area_m2,omitempty"`
	// Candidates are what the value may mean, where a person has to say which.
	Candidates []Candidate `json:"candidates,omitempty"`
}

// Say gives the finding its words, in both languages.
func (f Finding) Say(t Text) Finding {
	f.Message, f.MessageZH = t.EN, t.ZH
	return f
}

// Said gives the finding's words; in English alone where no others were kept.
func (f Finding) Said() Text {
	return Text{ZH: cmp.Or(f.MessageZH, f.Message), EN: f.Message}
}

// Candidate is one answer that a finding offers.
type Candidate struct {
	Code string `json:"code"` // of a cell, or a staff number
	Name string `json:"name"`
	Path string `json:"path"` // names of what is above it, from the top
}

// Difference is what a row changes in what there is: a thing that is created
// (no Before), changed, or retired.
type Difference struct {
	Row    int               `json:"row,omitempty"`
	Op     string            `json:"op"` // created, changed, retired
	Code   string            `json:"code"`
	Name   string            `json:"name"`
	Before map[string]string `json:"before,omitempty"` // only fields that differ; a shape as "moved 12 m" stands in After alone
	After  map[string]string `json:"after,omitempty"`
}

// Taken says what a room made of an intake batch, in rows. Rows that came in
// with a repair or a warning count as applied.
type Taken struct {
	Applied   int       `json:"applied"`
	Unchanged int       `json:"unchanged"`
	Rejected  int       `json:"rejected"`
	Findings  []Finding `json:"findings"`
	// Created and Changed add up to Applied where the room tells them apart; those
	// of cells count the parents, too. Retired is what no row names any more.
	Created int `json:"created"`
	Changed int `json:"changed"`
	Retired int `json:"retired,omitempty"`
	// Differences of rows applied, the first ten thousand.
	Differences []Difference `json:"-"`
}

// Add keeps findings, counts their rows with an error as rejected, and gives
// those rows, each once.
func (t *Taken) Add(findings []Finding) (rejected []int) {
	rejected = []int{} // never nil: as an array of SQL that is not NULL
	seen := map[int]bool{}
	for _, f := range findings {
		if f.Severity == SeverityError && !seen[f.Row] {
			seen[f.Row] = true
			rejected = append(rejected, f.Row)
		}
	}
	t.Rejected += len(rejected)
	t.Findings = append(t.Findings, findings...)
	return rejected
}
