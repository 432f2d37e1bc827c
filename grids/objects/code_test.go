package objects_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"unigrid/grids"
	"unigrid/grids/objects"
)

func TestCodes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind, code, normal string
		form               objects.CodeForm
		finding            string
		says               string
	}{
		// the example of GB 32100-2015's public commentary, and two listed firms' published codes
		{"enterprise", "91350100M000100Y43", "91350100M000100Y43", objects.CreditCode, "", ""},
		{"enterprise", "914403001922038216", "914403001922038216", objects.CreditCode, "", ""},
		{"enterprise", "９１４４０３００１９２２０３８２１６", "914403001922038216", objects.CreditCode, "", ""},
		{"enterprise", " 91350100m000100y43 ", "91350100M000100Y43", objects.CreditCode, "", ""},
		{"enterprise", "914403001922038217", "914403001922038217", objects.CreditCode, "check-digit", "should be 6, it is 7"},
		{"enterprise", "9135O100M000100Y43", "9135O100M000100Y43", objects.CreditCode, "credit-code-letter", "91350100M000100Y43"},
		{"enterprise", "9I350100M000100Y43", "9I350100M000100Y43", objects.CreditCode, "credit-code-letter", "91350100M000100Y43"},
		{"enterprise", "91350100M00010SY43", "91350100M00010SY43", objects.CreditCode, "credit-code-letter", "no letters"},
		{"enterprise", "91440300192203821", "91440300192203821", objects.CreditCode, "credit-code-length", "17 characters"},
		{"enterprise", "91430200MA400060", "91430200MA400060", objects.CreditCode, "credit-code-length", "16 characters"},
		{"enterprise", "91430200MA4000600*", "91430200MA4000600*", objects.CreditCode, "credit-code-letter", "other characters"},
		{"enterprise", "9144030019220382166", "9144030019220382166", objects.CreditCode, "credit-code-length", "19 characters"},
		{"enterprise", "9.14403E+17", "9.14403E+17", "", "rounded-code", "rounded"},
		{"enterprise", "19220382-1", "19220382-1", objects.OrganizationCode, "old-code", "organization code"},
		{"enterprise", "19220382-2", "19220382-2", objects.OrganizationCode, "check-digit", "should be 1"},
		{"enterprise", "192203821", "192203821", objects.OrganizationCode, "old-code", "organization code"},
		{"enterprise", "110108000000016", "110108000000016", objects.RegistrationNo, "old-code", "registration number"},
		{"enterprise", "DEMO-ENT-0001", "DEMO-ENT-0001", "", "", ""},
		{"enterprise", "示例0001", "示例0001", "", "", ""},
		{"enterprise", "", "", "", "", ""},
		{"monitor", "010000A8900016F000169DC0", "010000A8900016F000169DC0", objects.MonitorCode, "", ""},
		{"monitor", "010000a8900016f000169dc0", "010000A8900016F000169DC0", objects.MonitorCode, "mn-letters", "capitals"},
		{"monitor", "O10000A8900016F000169DC0", "O10000A8900016F000169DC0", objects.MonitorCode, "mn-mistaken", "010000A8900016F000169DC0"},
		{"monitor", "010000A8900016F000169DC01", "010000A8900016F000169DC01", objects.MonitorCode, "mn-length", "25"},
		{"monitor", "DEMO-MON-0001", "DEMO-MON-0001", "", "", ""},
		{"water-source", "914403001922038217", "914403001922038217", "", "", ""},
	}
	for _, test := range tests {
		v := objects.ReadCode(test.kind, test.code)
		if v.Normal != test.normal || v.Form != test.form || v.Kind != test.finding || !strings.Contains(v.Message.EN, test.says) {
			t.Errorf("%s %q: %+v", test.kind, test.code, v)
		}
		if (v.Kind == "") != (v.Severity == "") || (v.Kind == "") != (v.Message.ZH == "") {
			t.Errorf("%q: a finding has a severity and says so in Chinese: %+v", test.code, v)
		}
	}
}

// A credit code with one character changed, or two neighbours exchanged, never
// passes, and the digit that the finding names makes it pass.
func TestCreditCheckDigit(t *testing.T) {
	t.Parallel()
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringMatching(`9[123]\d{6}[0-9A-HJ-NPQRTUWXY]{9}`).Draw(t, "body")
		digit, ok := objects.CreditCheck(body)
		if !ok {
			t.Fatal("not of the alphabet")
		}
		code := body + string(digit)
		if v := objects.ReadCode("enterprise", code); v.Kind != "" || v.Form != objects.CreditCode {
			t.Fatalf("%s: %+v", code, v)
		}
		at := rapid.IntRange(0, 17).Draw(t, "at")
		other := alphabet[rapid.IntRange(0, 30).Draw(t, "other")]
		if other == code[at] {
			return
		}
		wrong := code[:at] + string(other) + code[at+1:]
		v := objects.ReadCode("enterprise", wrong)
		if at < 2 || at > 7 || (other >= '0' && other <= '9') {
			if v.Severity != grids.SeverityError || v.Kind != "check-digit" {
				t.Fatalf("%s: %+v", wrong, v)
			}
			want, _ := objects.CreditCheck(wrong[:17])
			if !strings.Contains(v.Message.EN, "should be "+string(want)) {
				t.Fatalf("%s: %s", wrong, v.Message.EN)
			}
		}
		if i := at % 17; code[i] != code[i+1] {
			swapped := code[:i] + string(code[i+1]) + string(code[i]) + code[i+2:]
			if want, ok := objects.CreditCheck(swapped[:17]); ok && want == swapped[17] {
				t.Fatalf("%s passes with two characters exchanged", swapped)
			}
		}
	})
}

// One wrong digit of a registration number or an organization code is found.
func TestOldCheckDigits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringMatching(`\d{14}`).Draw(t, "body")
		at, other := rapid.IntRange(0, 13).Draw(t, "at"), rapid.StringMatching(`\d`).Draw(t, "other")
		right, _ := objects.RegistrationCheck(body)
		if wrong := body[:at] + other + body[at+1:]; wrong != body {
			if digit, _ := objects.RegistrationCheck(wrong); digit == right {
				t.Fatalf("%s and %s have one check digit", body, wrong)
			}
		}
		short := body[:8]
		digit, _ := objects.OrganizationCheck(short)
		if wrong := short[:at%8] + other + short[at%8+1:]; wrong != short {
			if changed, _ := objects.OrganizationCheck(wrong); changed == digit {
				t.Fatalf("%s and %s have one check digit", short, wrong)
			}
		}
	})
}

func FuzzReadCode(f *testing.F) {
	for _, s := range []string{"91350100M000100Y43", "19220382-1", "010000A8900016F000169DC0", "9.1E+17", "\u3000９１"} {
		f.Add("enterprise", s)
		f.Add("monitor", s)
	}
	f.Fuzz(func(t *testing.T, kind, code string) {
		v := objects.ReadCode(kind, code)
		if again := objects.ReadCode(kind, v.Normal); again.Normal != v.Normal || again.Form != v.Form {
			t.Errorf("%q: %+v, then %+v", code, v, again)
		}
	})
}
