package api

// For tests of the outside.
var (
	FromWGS84ForTest = fromWGS84
	ToWGS84ForTest   = toWGS84
	TileSQLForTest   = tileSQL
)
