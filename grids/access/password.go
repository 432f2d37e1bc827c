package access

import (
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"unigrid/grids"
)

// Cost of a hash, as OWASP advises for Argon2id: memory in KiB, passes, lanes.
const (
	argonMemory = 46 * 1024
	argonPasses = 1
	argonLanes  = 1
)

// hashing bounds how many hashes are computed at once, and with it the memory
// that sign-in takes.
var hashing = make(chan struct{}, 4)

// HashPassword makes the hash that is kept, as a PHC string.
func HashPassword(password string) string {
	salt := make([]byte, 16)
	rand.Read(salt) // never fails
	return hashWith(fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s", argon2.Version, argonMemory, argonPasses, argonLanes,
		base64.RawStdEncoding.EncodeToString(salt)), password)
}

// noSalt is taken for a name that has none, so that the answer takes as long.
var noSalt = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s", argon2.Version, argonMemory, argonPasses, argonLanes, strings.Repeat("A", 22))

// hashWith computes a password's hash as the first four parts of a PHC string
// say; "" when they say nothing.
func hashWith(params, password string) string {
	var version int
	var memory, passes uint32
	var lanes uint8
	parts := strings.Split(params, "$")
	if len(parts) != 5 || parts[1] != "argon2id" {
		return ""
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &passes, &lanes); err != nil || version != argon2.Version {
		return ""
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return ""
	}
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return params + "$" + base64.RawStdEncoding.EncodeToString(argon2.IDKey([]byte(password), salt, passes, memory, lanes, 32))
}

// Lengths of a password in characters.
const (
	leastPassword = 10
	mostPassword  = 128
)

// common are passwords that are tried first; shorter ones are refused anyway.
//
//go:embed common.txt
var common string

// CheckPassword refuses a password that is short, the account's name, or among
// those tried first. What characters it has to hold is not prescribed (NIST SP
// 800-63B).
func CheckPassword(password, name string) error {
	bad := func(zh, en string, args ...any) error {
		return grids.Errorf(grids.Invalid, "password", zh, en, args...).
			Fix("可用几个不相干的词组成,便于记忆", "several unrelated words are easy to remember")
	}
	lower, letters := strings.ToLower(password), map[rune]bool{}
	for _, r := range lower {
		letters[r] = true
	}
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password) || n > mostPassword:
		return bad("密码最长 %d 个字符", "a password has at most %d characters", mostPassword)
	case n < leastPassword:
		return bad("密码至少 %d 个字符", "a password has at least %d characters", leastPassword)
	case name != "" && strings.Contains(lower, strings.ToLower(name)):
		return bad("密码不能包含账号名", "the account's name may not be in the password")
	case len(letters) < 5:
		return bad("密码中不同的字符太少", "there are too few different characters in the password")
	}
	for word := range strings.Lines(common) {
		if strings.TrimSpace(word) == lower {
			return bad("该密码过于常见", "the password is among those tried first")
		}
	}
	return nil
}
