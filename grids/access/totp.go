package access

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"image/png"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"unigrid/grids"
)

// totpPeriod is how long a code of the second factor is shown, in seconds.
const totpPeriod = 30

// stepOf gives the time step of a code (RFC 6238: six digits, SHA-1, 30 s), one
// step early or late at most.
func stepOf(secret, code string, now time.Time) (int64, bool) {
	code = strings.ReplaceAll(code, " ", "")
	here := now.Unix() / totpPeriod
	for _, step := range []int64{here, here - 1, here + 1} {
		ok, err := hotp.ValidateCustom(code, uint64(step), secret, hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && ok {
			return step, true
		}
	}
	return 0, false
}

// SecondFactor is what an app that shows codes is told.
type SecondFactor struct {
	Secret string
	URL    string // otpauth://
	Image  []byte // the URL as QR code, PNG
}

// BeginSecondFactor makes a secret for the principal's account; it counts once
// ConfirmSecondFactor has seen a code of it.
func BeginSecondFactor(ctx context.Context, tx pgx.Tx, who grids.Principal) (SecondFactor, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "unigrid", AccountName: who.Name, Period: totpPeriod})
	if err != nil {
		return SecondFactor{}, fmt.Errorf("second factor: %w", err)
	}
	picture, err := key.Image(240, 240)
	if err != nil {
		return SecondFactor{}, fmt.Errorf("second factor: %w", err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return SecondFactor{}, fmt.Errorf("second factor: %w", err)
	}
	if _, err := tx.Exec(ctx, `SELECT access.begin_totp($1)`, key.Secret()); err != nil {
		return SecondFactor{}, err
	}
	return SecondFactor{Secret: key.Secret(), URL: key.URL(), Image: b.Bytes()}, nil
}

// ConfirmSecondFactor puts the begun second factor in force and gives its
// recovery codes, which nobody can read again.
func ConfirmSecondFactor(ctx context.Context, tx pgx.Tx, code string) ([]string, error) {
	var secret *string
	if err := tx.QueryRow(ctx, `SELECT access.own_totp()`).Scan(&secret); err != nil {
		return nil, fmt.Errorf("second factor: %w", err)
	}
	if secret == nil {
		return nil, grids.Errorf(grids.Conflict, "", "尚未开始设置两步验证", "no second factor was begun")
	}
	step, ok := stepOf(*secret, code, time.Now())
	if !ok {
		return nil, grids.Errorf(grids.Invalid, "code", "验证码不对", "the code is wrong").
			Fix("检查手机时间是否准确,输入当前显示的 6 位数字", "check the telephone's clock and type the six digits that it shows now")
	}
	codes, hashes := newRecovery()
	_, err := tx.Exec(ctx, `SELECT access.confirm_totp($1, $2)`, step, hashes)
	return codes, err
}

// Recovery codes (恢复码) stand in for a lost telephone: sixteen characters of
// base32, shown in fours.
const (
	recoveryCodes  = 10
	recoveryLength = 16
)

// newRecovery makes recovery codes and what is kept of them.
func newRecovery() (codes []string, hashes [][]byte) {
	for range recoveryCodes {
		code := rand.Text()[:recoveryLength]
		codes = append(codes, code[:4]+"-"+code[4:8]+"-"+code[8:12]+"-"+code[12:])
		hashes = append(hashes, tokenHash(code))
	}
	return codes, hashes
}

// plainRecovery is a recovery code as it is kept, however it was typed.
func plainRecovery(code string) string {
	return strings.NewReplacer("-", "", " ", "").Replace(strings.ToUpper(code))
}

// RenewRecovery replaces the recovery codes of the principal's account, whose
// password it takes, and gives the new ones.
func RenewRecovery(ctx context.Context, tx pgx.Tx, who grids.Principal, password string) ([]string, error) {
	hash, err := ownHash(ctx, tx, who, password)
	if err != nil {
		return nil, err
	}
	codes, hashes := newRecovery()
	var done bool
	if err := tx.QueryRow(ctx, `SELECT access.renew_recovery($1, $2)`, hash, hashes).Scan(&done); err != nil {
		return nil, fmt.Errorf("recovery codes: %w", err)
	}
	if !done {
		return nil, grids.Errorf(grids.Invalid, "password", "密码不对,或没有启用两步验证", "the password is wrong, or there is no second factor")
	}
	return codes, nil
}

// RecoveryLeft says how many recovery codes of the principal's account are left.
func RecoveryLeft(ctx context.Context, tx pgx.Tx) (int, error) {
	var left int
	err := tx.QueryRow(ctx, `SELECT access.recovery_left()`).Scan(&left)
	return left, err
}

// EndSecondFactor takes the second factor from an account: from one's own with
// the password, from another's as administrator.
func EndSecondFactor(ctx context.Context, tx pgx.Tx, who grids.Principal, account int64, password string) error {
	hash := ""
	if account == who.Account {
		var err error
		if hash, err = ownHash(ctx, tx, who, password); err != nil {
			return err
		}
	}
	var done bool
	if err := tx.QueryRow(ctx, `SELECT access.end_totp($1, $2)`, account, hash).Scan(&done); err != nil {
		return err
	}
	if !done {
		return errPassword()
	}
	return nil
}
