// Package grids is the vocabulary of the domain: words that three rooms or
// more use. It holds no SQL and imports nothing of unigrid.
package grids

import "time"

// TerritoryID is the key of what one tenant governs, e.g. a city. Every row of
// every room belongs to exactly one territory.
type TerritoryID int32

// EditionID numbers the versions of a territory's unified grid, from 1.
// Cells of edition e are the versions with from_edition <= e and no
// to_edition <= e; an open draft has the number after the newest published.
type EditionID int32

// CellID is a cell's immutable identity (uid); it outlives codes and names and
// is never reused.
type CellID int64

// PersonID identifies a person of the unified team within a territory.
type PersonID int64

// Tier is the depth of a cell: 1 city, 2 county, 3 township, 4 village, 5 unit
// cell; a scheme of codes may have more or fewer. Labels
// of the tiers are data, so other territories may start at another level.
type Tier int16

// LayerCode names a department's layer: environment, safety, river-chief,
// social-order, or one that was added as data.
type LayerCode string

// Period is half open: From is inside, To is not. A zero To means for good.
type Period struct {
	From time.Time
	To   time.Time
}

// Principal is who a transaction acts for; row-level security reads it.
type Principal struct {
	Name string
	Role Role
}

// Role is what a principal may do, from least to most.
type Role string

// The roles there are until there is sign-in.
const (
	RolePublic Role = "public"
	RoleLocal  Role = "local"
	RoleAdmin  Role = "admin"
)

// Public is the principal of a request nobody signed.
var Public = Principal{Name: "public", Role: RolePublic}

// Local is the principal of a command run on the machine itself.
var Local = Principal{Name: "local", Role: RoleLocal}
