package grids

// ObjectKind is a sort of object that is mapped into cells. A test holds the
// list against the table objects.kind, which says the same to the database.
type ObjectKind struct {
	Kind       string // e.g. water-source
	Collection string // where it is served, and what it is imported as: water-sources
	Title      Text
}

// ObjectKinds lists the kinds there are, in the order in which they are shown.
func ObjectKinds() []ObjectKind {
	return []ObjectKind{
		{"enterprise", "enterprises", Text{ZH: "企业", EN: "Enterprises"}},
		{"monitor", "monitors", Text{ZH: "监测点", EN: "Monitors"}},
		{"water-source", "water-sources", Text{ZH: "饮用水水源地", EN: "Drinking water sources"}},
		{"river-reach", "river-reaches", Text{ZH: "河段", EN: "River reaches"}},
	}
}

// KindOf gives the kind of object that a collection holds, or "" if it holds
// none.
func KindOf(collection string) string {
	for _, k := range ObjectKinds() {
		if k.Collection == collection {
			return k.Kind
		}
	}
	return ""
}
