//go:build race

package geo_test

// coverages is fewer under the race detector, which takes some ten times as
// long; five properties still see 10,000 in all.
const coverages = "2000"
