package access

import (
	"bytes"
	"context"
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

// ConfirmSecondFactor puts the begun second factor in force.
func ConfirmSecondFactor(ctx context.Context, tx pgx.Tx, code string) error {
	var secret *string
	if err := tx.QueryRow(ctx, `SELECT access.own_totp()`).Scan(&secret); err != nil {
		return fmt.Errorf("second factor: %w", err)
	}
	if secret == nil {
		return grids.Errorf(grids.Conflict, "", "尚未开始设置两步验证", "no second factor was begun")
	}
	step, ok := stepOf(*secret, code, time.Now())
	if !ok {
		return grids.Errorf(grids.Invalid, "code", "验证码不对", "the code is wrong").
			Fix("检查手机时间是否准确,输入当前显示的 6 位数字", "check the telephone's clock and type the six digits that it shows now")
	}
	_, err := tx.Exec(ctx, `SELECT access.confirm_totp($1)`, step)
	return err
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
