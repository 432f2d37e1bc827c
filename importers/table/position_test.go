package table

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestOrdinatesAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{
		"113.134": 113.134, "113.134°": 113.134, "E113.134": 113.134, "113.134E": 113.134, "-27.5": -27.5, "西经10": -10, "1.13134e2": 113.134,
		"113°8′24″": 113.14, "113°08'24\"": 113.14, "113度8分24秒": 113.14, "东经113°8′24″": 113.14, "113°8′24.0″E": 113.14, "113° 8′ 24″": 113.14,
		"１１３°８′２４″": 113.14, "113°8.4′": 113.14, "113°8′24''": 113.14, "113º8’24”": 113.14, "113°30′": 113.5, "113°": 113, "S27°30′": -27.5, "-27°30′": -27.5, "113°8′24": 113.14,
		"113。134": 113.134,
	} {
		if got, err := parseOrdinate(text); err != nil || math.Abs(got-want) > 1e-9 {
			t.Errorf("%q: %v %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "不详", "113°61′", "113°8′60″", "113°8′24″x", "1134°8′", "°", "113°.′", "0x10", "113.5°8′", "1_0", "NaN", "Inf", "--1", "1.2.3"} {
		if got, err := parseOrdinate(text); err == nil {
			t.Errorf("%q: %v, want an error", text, got)
		}
	}
}

func TestDegreesMinutesSecondsAreWhatTheySay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, m, s := rapid.IntRange(0, 179).Draw(t, "d"), rapid.IntRange(0, 59).Draw(t, "m"), rapid.IntRange(0, 5999).Draw(t, "s")
		want := float64(d) + float64(m)/60 + float64(s)/360000
		for _, form := range []string{"%d°%d′%d.%02d″", "%d度%02d分%d.%02d秒", "E%d°%d'%d.%02d\""} {
			text := fmt.Sprintf(form, d, m, s/100, s%100)
			if got, err := parseOrdinate(text); err != nil || math.Abs(got-want) > 1e-9 {
				t.Fatalf("%s: %v %v, want %v", text, got, err, want)
			}
		}
	})
}
