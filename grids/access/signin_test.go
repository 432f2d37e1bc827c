package access_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pquerna/otp/totp"

	"unigrid/grids"
	"unigrid/grids/access"
)

func (h *house) signIn(k access.Knock, want access.Outcome) access.Entry {
	h.t.Helper()
	e, err := access.SignIn(h.t.Context(), h.db, k)
	if err != nil {
		h.t.Fatal(err)
	}
	if e.Outcome != want || (e.Token != "") != (want == access.Signed) {
		h.t.Fatalf("%s signs in: %s, not %s", k.Name, e.Outcome, want)
	}
	return e
}

func (h *house) identify(token, key, territory string, want bool) access.Caller {
	h.t.Helper()
	caller, ok, err := access.Identify(h.t.Context(), h.db, token, key, territory)
	if err != nil {
		h.t.Fatal(err)
	}
	if ok != want {
		h.t.Fatalf("identified: %t", ok)
	}
	return caller
}

func TestSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	planner := h.account("planner-a", access.Person, grids.RolePlanner, h.a)
	h.local(func(ctx context.Context, tx pgx.Tx) error {
		return access.Give(ctx, tx, access.Grant{Account: planner.Account, Territory: h.a, Role: grids.RolePlanner,
			Within: []grids.Code{"430202", "430203001000"}, Layers: []grids.LayerCode{"safety"}}, grids.GB12, "430200000000")
	})
	k := access.Knock{Name: " Planner-A ", Password: password, Address: "192.0.2.1", Agent: "test"}
	first, second := h.signIn(k, access.Signed), h.signIn(k, access.Signed)
	who := h.identify(first.Token, "", "430200000000", true)
	if who.Role != grids.RolePlanner || who.Territory != h.a || strings.Join(who.Within, " ") != "430202 430203001" || len(who.Layers) != 1 || who.Name != "planner-a" || who.Session == 0 {
		t.Errorf("%+v", who)
	}
	if there := h.identify(first.Token, "", "430300000000", true); there.Role != grids.RolePublic || there.Account != planner.Account || len(there.Within) != 0 {
		t.Errorf("in another territory: %+v", there)
	}
	h.identify("nonsense", "", "", false)

	err := h.try(who.Principal, func(ctx context.Context, tx pgx.Tx) error {
		list, err := access.Sessions(ctx, tx, planner.Account)
		if len(list) != 2 || list[0].Address != "192.0.2.1" {
			t.Errorf("%+v", list)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.try(who.Principal, func(ctx context.Context, tx pgx.Tx) error { return access.EndSession(ctx, tx, who.Session) }); err != nil {
		t.Fatal(err)
	}
	h.identify(first.Token, "", "", false)
	still := h.identify(second.Token, "", "", true)
	if err := h.try(grids.Principal{Name: "other", Role: "planner", Account: 99}, func(ctx context.Context, tx pgx.Tx) error { return access.EndSession(ctx, tx, still.Session) }); !grids.IsKind(err, grids.Forbidden) {
		t.Errorf("another's session: %v", err)
	}

	third := h.signIn(k, access.Signed)
	if err := h.try(still.Principal, func(ctx context.Context, tx pgx.Tx) error {
		return access.ChangePassword(ctx, tx, still.Principal, still.Session, password, "another long phrase")
	}); err != nil {
		t.Fatal(err)
	}
	h.identify(third.Token, "", "", false)
	h.identify(second.Token, "", "", true)
	h.signIn(k, access.Wrong)

	h.owner(`UPDATE access.session SET seen_at = seen_at - interval '121 minutes'`)
	h.identify(second.Token, "", "", false)
	h.owner(`UPDATE access.session SET seen_at = now(), expires_at = now() - interval '1 second'`)
	h.identify(second.Token, "", "", false)
	h.owner(`UPDATE access.session SET expires_at = now() + interval '1 hour'`)
	h.identify(second.Token, "", "", true)
	h.owner(`SET unigrid.role = 'local'; UPDATE access.account SET disabled = true`)
	h.identify(second.Token, "", "", false)
	k.Password = "another long phrase"
	h.signIn(k, access.Closed)
	h.owner(`SET unigrid.role = 'local'; UPDATE access.account SET disabled = false`)
	h.identify(second.Token, "", "", false)
}

// TestLocking: failures lock a name for longer and longer, whether or not it is
// an account's.
func TestLocking(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.account("planner-a", access.Person, grids.RolePlanner, h.a)
	for _, name := range []string{"planner-a", "nobody-here"} {
		wrong := access.Knock{Name: name, Password: "not the password"}
		for range 5 {
			h.signIn(wrong, access.Wrong)
		}
		until := h.signIn(wrong, access.Locked).Until
		if left := time.Until(until); left < 20*time.Second || left > 31*time.Second {
			t.Errorf("%s is locked for %s", name, left)
		}
		h.owner(`UPDATE access.attempt SET locked_until = now()`)
		h.signIn(wrong, access.Wrong)
		if left := time.Until(h.signIn(wrong, access.Locked).Until); left < 50*time.Second || left > 61*time.Second {
			t.Errorf("%s is locked for %s the second time", name, left)
		}
	}
	right := access.Knock{Name: "planner-a", Password: password}
	h.signIn(access.Knock{Name: "planner-a", Password: "not the password"}, access.Wrong)
	h.signIn(right, access.Locked)
	h.owner(`UPDATE access.attempt SET locked_until = now(), failures = 1000`)
	h.signIn(access.Knock{Name: "planner-a", Password: "not the password"}, access.Wrong)
	if left := time.Until(h.signIn(right, access.Locked).Until); left < 59*time.Minute || left > 61*time.Minute {
		t.Errorf("locked for %s", left)
	}
	h.owner(`UPDATE access.attempt SET locked_until = now()`)
	h.signIn(right, access.Signed)
	h.signIn(access.Knock{Name: "planner-a", Password: "not the password"}, access.Wrong) // counted anew
	h.signIn(right, access.Signed)
}

func TestSecondFactor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	planner := h.account("planner-a", access.Person, grids.RolePlanner, h.a)
	var factor access.SecondFactor
	code := func(at time.Time) string {
		text, err := totp.GenerateCode(factor.Secret, at)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	own := func(fn func(context.Context, pgx.Tx) error) error { return h.try(planner, fn) }
	if err := own(func(ctx context.Context, tx pgx.Tx) (err error) {
		factor, err = access.BeginSecondFactor(ctx, tx, planner)
		return err
	}); err != nil || !strings.HasPrefix(factor.URL, "otpauth://totp/unigrid:planner-a?") || len(factor.Image) < 200 {
		t.Fatalf("%v %+v", err, factor)
	}
	k := access.Knock{Name: "planner-a", Password: password}
	h.signIn(k, access.Signed) // not in force yet
	if err := own(func(ctx context.Context, tx pgx.Tx) error {
		_, err := access.ConfirmSecondFactor(ctx, tx, "000000")
		return err
	}); !grids.IsKind(err, grids.Invalid) {
		t.Errorf("%v", err)
	}
	now := time.Now()
	var recovery []string
	if err := own(func(ctx context.Context, tx pgx.Tx) (err error) {
		recovery, err = access.ConfirmSecondFactor(ctx, tx, code(now.Add(-30*time.Second)))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := own(func(ctx context.Context, tx pgx.Tx) error {
		_, err := access.BeginSecondFactor(ctx, tx, planner)
		return err
	}); !grids.IsKind(err, grids.Conflict) {
		t.Errorf("a second secret: %v", err)
	}
	h.signIn(k, access.WantCode)
	k.Code = "123456"
	h.signIn(k, access.Wrong)
	k.Code = code(now.Add(10 * time.Minute))
	h.signIn(k, access.Wrong)
	k.Code = code(now)
	h.signIn(k, access.Signed)
	h.signIn(k, access.Wrong) // a code is taken once
	h.signIn(access.Knock{Name: "planner-a", Password: "wrong password", Code: code(now.Add(30 * time.Second))}, access.Wrong)

	// recovery codes: each is taken once, however it is typed, and not without the password
	left := func(want int) {
		t.Helper()
		if err := own(func(ctx context.Context, tx pgx.Tx) error {
			n, err := access.RecoveryLeft(ctx, tx)
			if n != want {
				t.Errorf("%d recovery codes are left, want %d", n, want)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	left(10)
	h.signIn(access.Knock{Name: "planner-a", Password: "wrong password", Code: recovery[0]}, access.Wrong)
	k.Code = "AAAA-AAAA-AAAA-AAAA"
	h.signIn(k, access.Wrong)
	left(10)
	k.Code = strings.ToLower(strings.ReplaceAll(recovery[0], "-", " "))
	h.signIn(k, access.Signed)
	h.signIn(k, access.Wrong)
	left(9)
	other := h.account("planner-b", access.Person, grids.RolePlanner, h.a)
	h.signIn(access.Knock{Name: "planner-b", Password: password, Code: recovery[1]}, access.Signed) // has no second factor: no code is looked at
	left(9)
	if err := h.try(other, func(ctx context.Context, tx pgx.Tx) error {
		_, err := access.RenewRecovery(ctx, tx, other, password)
		return err
	}); !grids.IsKind(err, grids.Invalid) {
		t.Errorf("codes without a second factor: %v", err)
	}
	var fresh []string
	if err := own(func(ctx context.Context, tx pgx.Tx) (err error) {
		fresh, err = access.RenewRecovery(ctx, tx, planner, password)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	k.Code = recovery[1]
	h.signIn(k, access.Wrong) // replaced
	k.Code = fresh[9]
	h.signIn(k, access.Signed)
	left(9)
	if err := own(func(ctx context.Context, tx pgx.Tx) error {
		return access.EndSecondFactor(ctx, tx, planner, planner.Account, "wrong password")
	}); !grids.IsKind(err, grids.Invalid) {
		t.Errorf("%v", err)
	}
	if err := own(func(ctx context.Context, tx pgx.Tx) error {
		return access.EndSecondFactor(ctx, tx, planner, planner.Account, password)
	}); err != nil {
		t.Fatal(err)
	}
	k.Code = ""
	h.signIn(k, access.Signed)
	left(0)
}

func TestFirstPassword(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin := h.account("admin-a", access.Person, grids.RoleAdmin, h.a)
	security := h.account("security-a", access.Person, grids.RoleSecurity, h.a)
	var id int64
	if err := h.try(admin, func(ctx context.Context, tx pgx.Tx) (err error) {
		id, err = access.CreateAccount(ctx, tx, admin, access.Account{Name: "new-one"}, "first password")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := h.try(security, func(ctx context.Context, tx pgx.Tx) error {
		return access.Give(ctx, tx, access.Grant{Account: id, Territory: h.a, Role: grids.RolePlanner}, grids.GB12, "430200000000")
	}); err != nil {
		t.Fatal(err)
	}
	e := h.signIn(access.Knock{Name: "new-one", Password: "first password"}, access.Signed)
	who := h.identify(e.Token, "", "430200000000", true)
	if !who.MustChange || strings.Join(who.Actions, " ") != "catalog own" || who.Role != grids.RolePlanner {
		t.Errorf("%+v", who)
	}
	if err := h.try(who.Principal, func(ctx context.Context, tx pgx.Tx) error {
		return access.ChangePassword(ctx, tx, who.Principal, who.Session, "first password", "a phrase of my own")
	}); err != nil {
		t.Fatal(err)
	}
	if who := h.identify(e.Token, "", "430200000000", true); who.MustChange || len(who.Actions) != 0 {
		t.Errorf("%+v", who)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	security := h.account("security-a", access.Person, grids.RoleSecurity, h.a)
	program := h.account("program", access.Service, grids.RoleAgency, h.a)
	var secret string
	if err := h.try(security, func(ctx context.Context, tx pgx.Tx) (err error) {
		secret, err = access.CreateKey(ctx, tx, access.Key{Account: program.Account, Label: "police", Actions: []string{"collections.read"}, Collections: []string{"cells"},
			Layers: []grids.LayerCode{"safety"}, PerMinute: 60, Expires: time.Now().Add(24 * time.Hour)}, time.Now())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	who := h.identify("", secret, "430200000000", true)
	if who.Role != grids.RoleAgency || who.Key == 0 || who.PerMinute != 60 || strings.Join(who.Actions, "") != "collections.read" || strings.Join(who.Collections, "") != "cells" || len(who.Layers) != 1 {
		t.Errorf("%+v", who)
	}
	for _, wrong := range []string{secret + "A", secret[:20], "ug_", "ug_aaaaaaaa_", "x" + secret, strings.ToLower(secret)} {
		h.identify("", wrong, "430200000000", false)
	}
	h.owner(`UPDATE access.key SET expires_at = now()`)
	h.identify("", secret, "430200000000", false)
	h.owner(`UPDATE access.key SET expires_at = now() + interval '1 day'`)
	if used := func() (list []access.Key) {
		if err := h.try(security, func(ctx context.Context, tx pgx.Tx) (err error) { list, err = access.Keys(ctx, tx); return err }); err != nil {
			t.Fatal(err)
		}
		return list
	}(); len(used) != 1 || used[0].Used == nil || used[0].CreatedBy != "security-a" {
		t.Errorf("%+v", used)
	}
	if err := h.try(security, func(ctx context.Context, tx pgx.Tx) error { return access.EndKey(ctx, tx, who.Key) }); err != nil {
		t.Fatal(err)
	}
	h.identify("", secret, "430200000000", false)
}

func TestSignInByOpenID(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var id int64
	h.local(func(ctx context.Context, tx pgx.Tx) (err error) {
		id, err = access.CreateAccount(ctx, tx, grids.Local, access.Account{Name: "zhang", Kind: access.OIDC, Email: "Zhang@example.org"}, "")
		return err
	})
	h.account("local-one", access.Person, grids.RolePlanner, h.a)
	for _, step := range []struct {
		claim access.Claim
		want  access.Outcome
	}{
		{access.Claim{Issuer: "i", Subject: "1", Name: "somebody"}, access.Unknown},
		{access.Claim{Issuer: "i", Subject: "1", Name: "local-one"}, access.Unknown}, // has a password
		{access.Claim{Issuer: "i", Subject: "1", Email: "zhang@example.org"}, access.Signed},
		{access.Claim{Issuer: "i", Subject: "2", Name: "zhang"}, access.Unknown}, // bound to another
		{access.Claim{Issuer: "i", Subject: "1", Name: "renamed"}, access.Signed},
		{access.Claim{Issuer: "j", Subject: "1", Name: "zhang"}, access.Unknown}, // another provider
	} {
		e, err := access.SignInOIDC(t.Context(), h.db, step.claim)
		if err != nil || e.Outcome != step.want || (step.want == access.Signed && e.Account != id) {
			t.Errorf("%+v: %v %+v", step.claim, err, e)
		}
	}
	h.signIn(access.Knock{Name: "zhang"}, access.Wrong)
	h.owner(`SET unigrid.role = 'local'; UPDATE access.account SET disabled = true`)
	if e, err := access.SignInOIDC(t.Context(), h.db, access.Claim{Issuer: "i", Subject: "1"}); err != nil || e.Outcome != access.Closed {
		t.Errorf("%v %+v", err, e)
	}
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	for password, ok := range map[string]bool{
		"short": false, "123456789": false, "1234567890": false, "aaaaaaaaaaaa": false, "my planner phrase": false, "P@ssw0rd123": false, "密码很长一共有十二个字符": true,
		"correct horse battery": true, strings.Repeat("long phrase ", 11): false, "bad\xffutf8 here": false,
	} {
		if err := access.CheckPassword(password, "Planner"); (err == nil) != ok {
			t.Errorf("%q: %v", password, err)
		}
	}
}
