package merge

import "testing"

// Every kind and every resolution that can settle one has words of its own.
func TestNames(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Split, Mismatch, Gap, Overlap, TwoAccountable, NoneAccountable, OverCapacity, Nested, CodeClash, ObjectUnplaced} {
		if name := kind.Name(); name.ZH == "" || name.ZH == string(kind) {
			t.Errorf("%s has no name", kind)
		}
		list, known := resolutions(kind)
		if !known {
			t.Errorf("%s is no kind", kind)
		}
		for _, r := range list {
			if name := ResolutionName(r); name.ZH == "" || name.EN == r {
				t.Errorf("%s has no name", r)
			}
		}
	}
	if got := ResolutionName("accountable:S2"); got.ZH != "由 S2 负责" || got.EN != "S2 is accountable" {
		t.Errorf("%+v", got)
	}
}
