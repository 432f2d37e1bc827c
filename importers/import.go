package importers

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/paulmach/orb"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/people"
	"unigrid/importers/source"
)

// State says how far an import has come.
type State string

// The states of an import. Received: nothing is read yet. Read: the rows are
// staged. Ready: they were checked, the report says what applying would do.
const (
	Received State = "received"
	Reading  State = "reading"
	Staged   State = "read"
	Checking State = "checking"
	Ready    State = "ready"
	Applying State = "applying"
	Applied  State = "applied"
	Failed   State = "failed"
	Undone   State = "undone"
)

// Request is what a person says about a file.
type Request struct {
	File       string             `json:"-"`    // path of the file itself
	Name       string             `json:"file"` // as the person calls it; "" is the base name of File
	Upload     string             `json:"-"`    // name of the kept file; "" for a command's own file
	Target     Target             `json:"target"`
	Tier       grids.Tier         `json:"tier,omitempty"`  // of cells
	Layer      grids.LayerCode    `json:"layer,omitempty"` // of layer cells
	Source     source.Options     `json:"source"`          // encoding, CRS, sheet
	Map        map[string]string  `json:"map,omitempty"`   // field: column; "" as column: none
	Profile    string             `json:"profile,omitempty"`
	Personal   *Personal          `json:"personal,omitempty"`
	Publish    []string           `json:"publish,omitempty"` // extra columns that collections may show
	Choices    map[int]string     `json:"choices,omitempty"` // answers to ambiguous rows: row: code or staff number; "new" for people
	Provenance string             `json:"provenance"`        // imported, surveyed or demo
	Strict     bool               `json:"strict,omitempty"`  // refuse the file on any error in a row
	DryRun     bool               `json:"-"`                 // check and report, change nothing
	Keep       time.Duration      `json:"-"`                 // how long file, rows and rejects are kept; 0: KeepFor
	Adopt      cells.AdoptOptions `json:"adopt"`
	Told       func(cells.Change) `json:"-"`                // of Run: is given each change that cleaning made
	Roster     *Roster            `json:"roster,omitempty"` // of assignments: they replace a roster
}

// Roster says that assignments are the whole roster of a cell and all below it
// from an instant on (换届), in the roles that occur in the file.
type Roster struct {
	Cell grids.Code `json:"cell"`
	At   time.Time  `json:"at"`
}

// Personal names columns of personal data that a person with the right takes
// in all the same, and why.
type Personal struct {
	Columns []string `json:"columns"`
	Reason  string   `json:"reason"`
}

// Progress says how far a stage has come.
type Progress struct {
	Stage         State   `json:"stage"` // reading, checking or applying
	Bytes         int64   `json:"bytes"`
	BytesTotal    int64   `json:"bytes_total"`
	Rows          int     `json:"rows"`
	RowsTotal     int     `json:"rows_total"` // 0: not known yet
	RowsPerSecond float64 `json:"rows_per_s"`
	RemainingS    float64 `json:"remaining_s"` // seconds; 0: not known
}

// Import is one file on its way into the rooms.
type Import struct {
	ID        int64
	File      string
	State     State
	Request   Request // File is empty, Upload and Name are filled in
	Source    Found
	Mapping   map[string]string // field: column
	Report    *Report           // nil before the first check; without findings
	Error     *Problem          // why State is Failed
	Progress  Progress
	CreatedAt time.Time
	AppliedAt *time.Time
	UndoneAt  *time.Time
	ExpiresAt *time.Time // after it the file, the rows and the rejects are gone
	CreatedBy string
}

// Found is what reading a file found out about it.
type Found struct {
	Format        string         `json:"format"` // for people, such as "Shapefile (.zip)"
	Layers        []string       `json:"layers"`
	Layer         string         `json:"layer"`
	Encoding      string         `json:"encoding"`
	EncodingHow   string         `json:"encoding_how"` // in English
	EncodingHowZH string         `json:"encoding_how_zh,omitempty"`
	EPSG          int            `json:"epsg"`    // 0: not known
	CRSHow        string         `json:"crs_how"` // in English
	CRSHowZH      string         `json:"crs_how_zh,omitempty"`
	CRSCandidates []CRSCandidate `json:"crs_candidates"`
	Geometry      string         `json:"geometry"` // point, line, polygon, mixed or none
	Rows          int            `json:"rows"`     // with those that can't be read
	Staged        int            `json:"staged"`   // rows in staging
	Placed        bool           `json:"placed"`   // the points' coordinates stand in columns, too
	Columns       []Column       `json:"columns"`
	Extent        [4]float64     `json:"extent"` // west, south, east, north in EPSG:4326; zeros when not known
}

// Headings are the names of the columns, in their order.
func (f Found) Headings() []string {
	names := make([]string, len(f.Columns))
	for n, c := range f.Columns {
		names[n] = c.Name
	}
	return names
}

// Column is an attribute of a file as the preview shows it.
type Column struct {
	Name      string     `json:"name"`
	Type      string     `json:"type"`
	Samples   []string   `json:"samples"` // up to 5 distinct ones, personal ones masked
	Filled    int        `json:"filled"`  // rows with a value
	Sensitive *Sensitive `json:"sensitive"`
	Withheld  bool       `json:"withheld,omitempty"` // left out of staging
	Codes     []int      `json:"codes,omitempty"`    // values that are a division code, by tier
	Credit    int        `json:"credit,omitempty"`   // values that are a firm's credit code
	MN        int        `json:"mn,omitempty"`       // values that are a monitor's code
	Cells     int        `json:"cells,omitempty"`    // values that are a code of some tier in full
}

// Sensitive says why a column looks like personal data.
type Sensitive struct {
	Kind  string `json:"kind"`  // identity-number, bank-card, mobile, home-address, health, politics, key-person
	By    string `json:"by"`    // heading or content
	Count int    `json:"count"` // values that look like it
}

// CRSCandidate is a coordinate system that a file without one may be in.
type CRSCandidate struct {
	EPSG  int    `json:"epsg"`
	Name  string `json:"name"`
	Why   string `json:"why"`    // the evidence, in English
	WhyZh string `json:"why_zh"` // and in Chinese
	// Swapped says that it fits with source.Options.Swap only.
	Swapped bool `json:"swapped,omitempty"`
}

// Problem is why an import failed, as it is kept.
type Problem struct {
	Kind  grids.ErrorKind `json:"kind"` // "" for an internal error
	Field string          `json:"field"`
	Value string          `json:"value,omitempty"`
	Text  grids.Text      `json:"text"`
	Fixes []grids.Text    `json:"fixes"`
}

// Err gives the problem as an error again.
func (p Problem) Err() error {
	return &grids.Error{Kind: p.Kind, Field: p.Field, Value: p.Value, Message: p.Text, Fixes: p.Fixes}
}

// ProblemOf keeps what a person can act on, and of other errors the text.
func ProblemOf(err error) Problem {
	var known *grids.Error
	if errors.As(err, &known) {
		return Problem{Kind: known.Kind, Field: known.Field, Value: known.Value, Text: known.Message, Fixes: append([]grids.Text{}, known.Fixes...)}
	}
	return Problem{Text: grids.Text{ZH: err.Error(), EN: err.Error()}, Fixes: []grids.Text{}}
}

// StagedRow is a row of the file as it was read.
type StagedRow struct {
	Row      int               `json:"row"`
	Values   map[string]string `json:"values"`
	Rejected bool              `json:"rejected"` // an error stands against it
}

// StagedFeature is a row of the file on the map.
type StagedFeature struct {
	Row      int
	Name     string
	Geometry orb.Geometry // EPSG:4326
	Rejected bool
}

// Report says what became of a file. Rejected rows have an error among the
// findings each. Of findings on changes to boundaries it holds the first ten
// thousand; Errors, Repairs and Warnings count all.
type Report struct {
	File     string            `json:"file"`
	Target   Target            `json:"target"`
	EPSG     int               `json:"epsg"`
	CRS      string            `json:"crs"` // how it was found out
	Encoding string            `json:"encoding"`
	Mapping  map[string]string `json:"mapping"`
	Rows     int               `json:"rows"`
	DryRun   bool              `json:"dry_run"`
	Import   int64             `json:"import"`
	Errors   int               `json:"errors"` // findings of that severity
	Repairs  int               `json:"repairs"`
	Warnings int               `json:"warnings"`
	// Succession is what a roster means for persons.
	Succession *people.Succession `json:"succession,omitempty"`
	// Opening are changes that a report opens with: locked boundaries that were
	// allowed to move.
	Opening []cells.Change `json:"-"`
	grids.Taken
}

// count counts the findings and what was told by severity.
func (r *Report) count(t *told) {
	r.Errors, r.Repairs, r.Warnings = t.errors, t.repairs, t.warnings
	for _, f := range r.Findings {
		switch f.Severity {
		case grids.SeverityError:
			r.Errors++
		case grids.SeverityRepair:
			r.Repairs++
		case grids.SeverityWarning:
			r.Warnings++
		}
	}
}

// kept gives the report as it is stored: its findings stand by themselves.
func (r Report) kept() ([]byte, error) {
	r.Findings = []grids.Finding{}
	return json.Marshal(r)
}
