package objects

import (
	"regexp"
	"strings"

	"unigrid/grids"
)

// CodeForm is what sort of number a code is, by its looks.
type CodeForm string

// The forms of codes that are known. Any other code is allowed: its form is "".
const (
	CreditCode       CodeForm = "credit-code"       // 统一社会信用代码, GB 32100-2015: 18 characters, the last a check digit
	OrganizationCode CodeForm = "organization-code" // 组织机构代码, GB 11714-1997, before 2015: 8 characters and a check digit
	RegistrationNo   CodeForm = "registration-no"   // 工商注册号, before 2015: 15 digits, the last a check digit
	MonitorCode      CodeForm = "mn"                // HJ 212 MN: up to 24 capital letters and digits
)

// CodeVerdict is what there is to say of one code.
type CodeVerdict struct {
	Form CodeForm
	// Normal is the code as it is kept: half-width, without blanks round it, in
	// capitals where its form has none else.
	Normal string
	// Kind of the finding and Severity are empty if there is nothing to say.
	Kind     string
	Severity grids.Severity
	// Message says what is wrong and what to do.
	Message grids.Text
}

const (
	creditAlphabet       = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	organizationAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// CreditCheck gives the check digit of a credit code's first 17 characters
// (GB 32100-2015: weights 3^(i-1) mod 31); ok is false if they are not of its
// alphabet.
func CreditCheck(first17 string) (digit byte, ok bool) {
	if len(first17) != 17 {
		return 0, false
	}
	sum, weight := 0, 1
	for i := range len(first17) {
		v := strings.IndexByte(creditAlphabet, first17[i])
		if v < 0 {
			return 0, false
		}
		sum += v * weight
		weight = weight * 3 % 31
	}
	return creditAlphabet[(31-sum%31)%31], true
}

// OrganizationCheck gives the check digit of an organization code's first 8
// characters (GB 11714-1997).
func OrganizationCheck(first8 string) (digit byte, ok bool) {
	weights := [8]int{3, 7, 9, 10, 5, 8, 4, 2}
	if len(first8) != 8 {
		return 0, false
	}
	sum := 0
	for i := range len(first8) {
		v := strings.IndexByte(organizationAlphabet, first8[i])
		if v < 0 {
			return 0, false
		}
		sum += v * weights[i]
	}
	return "0123456789X"[(11-sum%11)%11], true
}

// RegistrationCheck gives the check digit of a registration number's first 14
// digits (GS 15-2006: ISO 7064, MOD 11,10).
func RegistrationCheck(first14 string) (digit byte, ok bool) {
	if len(first14) != 14 {
		return 0, false
	}
	p := 10
	for i := range len(first14) {
		if first14[i] < '0' || first14[i] > '9' {
			return 0, false
		}
		if p = (p + int(first14[i]-'0')) % 10; p == 0 {
			p = 10
		}
		p = p * 2 % 11
	}
	return byte('0' + (11-p)%10), true
}

var (
	scientific = regexp.MustCompile(`^\d(\.\d+)?[Ee]\+?\d{2}$`)
	creditLike = regexp.MustCompile(`^[0-9A-Z]{2}[0-9OIZ]{6}[0-9A-Z]{10}$`)
	creditNear = regexp.MustCompile(`^(11|12|13|51|52|53|91|92|93)\d{6}([0-9A-Z]{9}([0-9A-Z]{2,3})?|MA[0-9A-Z]{5,6})$`)
	creditOdd  = regexp.MustCompile(`^(11|12|13|51|52|53|91|92|93)\d{6}.{10}$`)
	oldForm    = regexp.MustCompile(`^[0-9A-Z]{8}-[0-9X]$`)
	plainOld   = regexp.MustCompile(`^(\d{8}|MA[0-9A-Z]{6})[0-9X]$`)
	digits15   = regexp.MustCompile(`^\d{15}$`)
	mnLike     = regexp.MustCompile(`^[0-9A-Za-z]{14,}$`)
	mistakable = strings.NewReplacer("O", "0", "I", "1", "Z", "2", "S", "5", "V", "U")
)

// ReadCode says what a code of an object of a kind is, and what is wrong with
// it. Only codes that look like one of the known forms are held against its
// rules. A firm's code is read as a credit code, an organization code or a
// registration number, a monitor's as an MN code; the codes of other kinds are
// kept as they are.
func ReadCode(kind, text string) CodeVerdict {
	text = HalfWidth(text)
	if scientific.MatchString(text) {
		return CodeVerdict{Normal: text, Kind: "rounded-code", Severity: grids.SeverityError, Message: grids.Text{
			ZH: "代码被电子表格改成了科学计数法,末位已丢失;把该列设为文本后重新填写",
			EN: "a spreadsheet turned the code into a rounded number and lost its last digits; make the column text and enter the code anew"}}
	}
	switch kind {
	case "enterprise":
		return readFirm(text)
	case "monitor":
		return readMonitor(text)
	}
	return CodeVerdict{Normal: text}
}

// HalfWidth is grids.Narrow without the blanks round the text and without the
// signs of no width in it.
func HalfWidth(text string) string {
	return strings.TrimSpace(strings.NewReplacer("\u200b", "", "\ufeff", "").Replace(grids.Narrow(text)))
}

func readFirm(text string) CodeVerdict {
	code := strings.ToUpper(strings.ReplaceAll(text, " ", ""))
	switch {
	case len(code) == 18 && creditLike.MatchString(code):
		return readCredit(code)
	case creditNear.MatchString(code):
		return CodeVerdict{Form: CreditCode, Normal: code, Kind: "credit-code-length", Severity: grids.SeverityError, Message: grids.Errorf(grids.Invalid, "",
			"像统一社会信用代码,但有 %d 位,应为 18 位;请对照营业执照", "looks like a credit code but has %d characters, 18 are wanted; look at the licence", len(code)).Message}
	case creditOdd.MatchString(code):
		return CodeVerdict{Form: CreditCode, Normal: code, Kind: "credit-code-letter", Severity: grids.SeverityError, Message: grids.Text{
			ZH: "像统一社会信用代码,但含有数字和字母以外的字符;请对照营业执照", EN: "looks like a credit code but has other characters than digits and letters; look at the licence"}}
	case oldForm.MatchString(code), plainOld.MatchString(code):
		bare := strings.Replace(code, "-", "", 1)
		if want, _ := OrganizationCheck(bare[:8]); want == bare[8] {
			return CodeVerdict{Form: OrganizationCode, Normal: code, Kind: "old-code", Severity: grids.SeverityWarning, Message: grids.Text{
				ZH: "这是旧的组织机构代码,2015 年起由统一社会信用代码取代;请补填 18 位代码", EN: "this is an old organization code (组织机构代码), which the credit code has replaced; give the 18 characters if they are known"}}
		} else if strings.Contains(code, "-") {
			return CodeVerdict{Form: OrganizationCode, Normal: code, Kind: "check-digit", Severity: grids.SeverityError, Message: grids.Errorf(grids.Invalid, "",
				"组织机构代码的校验位不对,按前 8 位应为 %c", "the check digit of the organization code is wrong: after the first 8 characters it should be %c", want).Message}
		}
	case digits15.MatchString(code):
		if want, _ := RegistrationCheck(code[:14]); want == code[14] {
			return CodeVerdict{Form: RegistrationNo, Normal: code, Kind: "old-code", Severity: grids.SeverityWarning, Message: grids.Text{
				ZH: "这是旧的 15 位工商注册号,已由统一社会信用代码取代;请补填 18 位代码", EN: "this is an old registration number (15 digits), which the credit code has replaced; give the 18 characters if they are known"}}
		}
	}
	return CodeVerdict{Normal: text}
}

// readCredit reads 18 characters that look like a credit code.
func readCredit(code string) CodeVerdict {
	v := CodeVerdict{Form: CreditCode, Normal: code}
	want, ok := CreditCheck(code[:17])
	if ok && want == code[17] {
		return v
	}
	v.Severity = grids.SeverityError
	if guess := mistakable.Replace(code); guess != code {
		if digit, ok := CreditCheck(guess[:17]); ok && digit == guess[17] {
			v.Kind = "credit-code-letter"
			v.Message = grids.Errorf(grids.Invalid, "", "代码不含字母 I、O、S、V、Z:多半是把 0 写成了 O、1 写成了 I 等,应为 %s", "the letters I, O, S, V, Z are not in a credit code: probably O stands for 0, I for 1; it should be %s", guess).Message
			return v
		}
	}
	if !ok {
		v.Kind = "credit-code-letter"
		v.Message = grids.Text{ZH: "统一社会信用代码不含字母 I、O、S、V、Z(易与 1、0、5、U、2 混淆);请对照营业执照", EN: "a credit code has no letters I, O, S, V, Z (mistaken for 1, 0, 5, U, 2); look at the licence"}
		return v
	}
	v.Kind = "check-digit"
	v.Message = grids.Errorf(grids.Invalid, "", "统一社会信用代码的校验位不对:按前 17 位应为 %c,实为 %c;某一位写错了,请对照营业执照",
		"the check digit of the credit code is wrong: after the first 17 characters it should be %c, it is %c; one of the characters is wrong, look at the licence", want, code[17]).Message
	return v
}

func readMonitor(text string) CodeVerdict {
	if !mnLike.MatchString(text) {
		return CodeVerdict{Normal: text}
	}
	v := CodeVerdict{Form: MonitorCode, Normal: strings.ToUpper(text)}
	switch {
	case len(text) > 24:
		v.Kind, v.Severity = "mn-length", grids.SeverityError
		v.Message = grids.Errorf(grids.Invalid, "", "MN 号最多 24 位(HJ 212),实为 %d 位", "an MN code has at most 24 characters (HJ 212), this one %d", len(text)).Message
	case v.Normal != text:
		v.Kind, v.Severity = "mn-letters", grids.SeverityRepair
		v.Message = grids.Errorf(grids.Invalid, "", "MN 号用大写字母,已改为 %s", "an MN code is in capitals; taken as %s", v.Normal).Message
	case len(text) == 24 && strings.ContainsAny(text, "OI") && strings.Trim(text, "0123456789ABCDEFOI") == "":
		v.Kind, v.Severity = "mn-mistaken", grids.SeverityWarning
		v.Message = grids.Errorf(grids.Invalid, "", "除字母 O、I 外都是十六进制数字,O 多半应为 0、I 应为 1(%s)", "all but the letters O and I are hexadecimal digits: probably O stands for 0, I for 1 (%s)", mistakable.Replace(text)).Message
	}
	return v
}
