//go:build !race

package geo_test

// coverages is how many random ones every property sees.
const coverages = "10000"
