package collections_test

import (
	"testing"

	"unigrid/grids"
	"unigrid/grids/collections"
)

func TestParseWhen(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                             "",
		"2026-01-02T03:04:05Z":         "2026-01-02T03:04:05Z",
		"2026-01-02T03:04:05.25+08:00": "2026-01-01T19:04:05.25Z",
		"2026-01-02T03:04:05Z/2026-02-02T03:04:05Z": "2026-01-02T03:04:05Z/2026-02-02T03:04:05Z",
		"../2026-01-02T03:04:05Z":                   "../2026-01-02T03:04:05Z",
		"2026-01-02T03:04:05Z/":                     "2026-01-02T03:04:05Z/..",
	} {
		when, err := collections.ParseWhen(text)
		if err != nil || when.String() != want {
			t.Errorf("%q gives %q, %v", text, when, err)
		}
	}
	for _, text := range []string{"now", "2026-01-02", "../..", "/", "a/b", "2026-02-02T03:04:05Z/2026-01-02T03:04:05Z"} {
		if _, err := collections.ParseWhen(text); !grids.IsKind(err, grids.Invalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestParseBBox(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]collections.BBox{
		"113,27,114,28":       {113, 27, 114, 28},
		"113, 27, 114, 28":    {113, 27, 114, 28},
		"113,27,0,114,28,900": {113, 27, 114, 28},
	} {
		box, err := collections.ParseBBox(text)
		if err != nil || *box != want {
			t.Errorf("%q gives %v, %v", text, box, err)
		}
	}
	for _, text := range []string{"113", "113,27,114", "113,27,114,x", "114,27,113,28", "113,28,114,27", "113,27,114,NaN", "414681,3079571,414682,3079572", "179,0,-179,1"} {
		if _, err := collections.ParseBBox(text); !grids.IsKind(err, grids.Invalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
