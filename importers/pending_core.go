package importers

// CRSCandidate is a coordinate system that a file without one may be in.
type CRSCandidate struct {
	EPSG  int    `json:"epsg"`
	Name  string `json:"name"`
	Why   string `json:"why"`    // the evidence, in English
	WhyZh string `json:"why_zh"` // and in Chinese
	// Swapped says that it fits with x and y exchanged only.
	Swapped bool `json:"swapped,omitempty"`
}
