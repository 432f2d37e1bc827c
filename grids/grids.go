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

// Principal is who a transaction acts for, and where it may: row-level security
// reads it.
type Principal struct {
	Name string // recorded as author
	Role Role
	// Territory is the only one it may touch; 0: any.
	Territory TerritoryID
	// Within holds the prefixes of division codes below which it may change
	// things, such as 430202; none: the whole territory.
	Within []string
	// Layers are those whose things it may change; none: all.
	Layers []LayerCode
	// Actions are the only ones of its role that it may do, Collections the only
	// ones it may read; none: all. Keys are narrowed so.
	Actions     []string
	Collections []string
	// Account is the key of its account; 0: it has none.
	Account int64
	// From is the address that the request came from; "" is the machine itself.
	From string
}

// Role is what kind of principal one is. What each may do stands in the policy
// table (database/policy.sql) and nowhere else.
type Role string

// The roles. System, security and audit administrators are three persons
// (三员分立): none can widen its own rights or touch the log.
const (
	RolePublic     Role = "public"     // nobody signed in
	RoleAgency     Role = "agency"     // another agency, by key
	RoleOfficer    Role = "officer"    // an officer or chief of a cell
	RoleDepartment Role = "department" // keeps its layer's cells, people and duties
	RoleGIS        Role = "gis"        // imports, cleans, draws
	RolePlanner    Role = "planner"    // draws, staffs, merges, publishes
	RoleAdmin      Role = "admin"      // 系统管理员: accounts, settings, locked boundaries
	RoleSecurity   Role = "security"   // 安全管理员: gives accounts their rights
	RoleAuditor    Role = "auditor"    // 审计管理员: reads the log
	RoleLocal      Role = "local"      // a command run on the machine itself
)

// Public is the principal of a request nobody signed.
var Public = Principal{Name: "public", Role: RolePublic}

// Local is the principal of a command run on the machine itself.
var Local = Principal{Name: "local", Role: RoleLocal}
