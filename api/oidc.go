package api

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/labstack/echo/v4"
	"golang.org/x/oauth2"

	"unigrid/grids"
	"unigrid/grids/access"
)

// OIDC are the settings of signing in by OpenID Connect; without an issuer
// nobody does. The provider must know BASE/v1/oidc/end as address to return to.
type OIDC struct {
	Issuer       string
	ClientID     string
	ClientSecret string
	// NameClaim holds the name of the account that is bound at the first sign-in.
	NameClaim string
}

// oidcPatience bounds each request to the provider, and how long somebody may
// take to sign in there.
const (
	oidcPatience = 10 * time.Second
	oidcCookie   = "unigrid-oidc"
	oidcAge      = 10 * time.Minute
)

// provider is the OpenID provider, asked for its addresses when it is first
// needed: the service starts without it.
type provider struct {
	settings OIDC
	client   *http.Client
	mu       sync.Mutex
	found    *oidc.Provider
}

func (p *provider) find(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	// The provider keeps the context for fetching keys later.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.client), p.settings.Issuer)
	if err != nil {
		e := grids.Errorf(grids.Unavailable, "", "统一身份认证没有响应", "the identity service does not answer").
			Fix("稍后再试,或用本地账号登录", "try again later, or sign in with a local account")
		e.Cause = err
		return nil, e
	}
	p.found = found
	return found, nil
}

// flow is what the browser keeps while somebody signs in at the provider.
type flow struct {
	State, Nonce, Verifier, Back string
}

var errNoOIDC = grids.Errorf(grids.NotFound, "", "本服务没有接入统一身份认证", "no identity service is set up here")

func (s *Server) oauth(c echo.Context, p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: s.provider.settings.ClientID, ClientSecret: s.provider.settings.ClientSecret, Endpoint: p.Endpoint(),
		RedirectURL: callOf(c).origin + "/v1/oidc/end", Scopes: []string{oidc.ScopeOpenID, "profile", "email"}}
}

// GetOidcBegin sends a browser to the provider.
func (s *Server) GetOidcBegin(c echo.Context, params GetOidcBeginParams) error {
	if s.provider == nil {
		return errNoOIDC
	}
	found, err := s.provider.find(c.Request().Context())
	if err != nil {
		return err
	}
	f := flow{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Back: "/"}
	if params.Back != nil && isLocal(*params.Back) {
		f.Back = *params.Back
	}
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	cookie := s.oidcCookie(c)
	cookie.Value, cookie.MaxAge = base64.RawURLEncoding.EncodeToString(text), int(oidcAge/time.Second)
	c.SetCookie(cookie)
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Redirect(http.StatusFound, s.oauth(c, found).AuthCodeURL(f.State, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)))
}

// isLocal tells whether an address is a path of this service.
func isLocal(back string) bool {
	return strings.HasPrefix(back, "/") && !strings.HasPrefix(back, "//") && !strings.ContainsAny(back, "\\\r\n\t")
}

func (s *Server) oidcCookie(c echo.Context) *http.Cookie {
	cookie := s.cookie(c)
	if cookie.Name = oidcCookie; cookie.Secure {
		cookie.Name = "__Host-" + oidcCookie
	}
	return cookie
}

// GetOidcEnd takes whom the provider sends back.
func (s *Server) GetOidcEnd(c echo.Context, params GetOidcEndParams) error {
	if s.provider == nil {
		return errNoOIDC
	}
	empty := s.oidcCookie(c)
	kept, err := c.Cookie(empty.Name)
	empty.MaxAge = -1
	c.SetCookie(empty)
	c.Response().Header().Set("Cache-Control", "no-store")
	var f flow
	if err == nil {
		var text []byte
		if text, err = base64.RawURLEncoding.DecodeString(kept.Value); err == nil {
			err = json.Unmarshal(text, &f)
		}
	}
	if err != nil || f.State == "" || subtle.ConstantTimeCompare([]byte(f.State), []byte(value(params.State))) != 1 {
		return s.turnAway(c, "/", grids.Errorf(grids.Forbidden, "state", "登录请求与本浏览器不符或已过期", "this sign-in was not begun in this browser, or too long ago").
			Fix("请重新登录", "sign in again"))
	}
	back := f.Back
	if !isLocal(back) {
		back = "/"
	}
	claim, err := s.claim(c, f, params)
	if err != nil {
		return s.turnAway(c, back, err)
	}
	entry, err := access.SignInOIDC(c.Request().Context(), s.db, claim)
	if err != nil {
		return err
	}
	switch entry.Outcome {
	case access.Signed:
		return s.enter(c, entry, func() error { return c.Redirect(http.StatusSeeOther, back) })
	case access.Closed:
		return s.turnAway(c, back, grids.Errorf(grids.Forbidden, "", "该账号已停用", "the account is closed").Fix("请联系系统管理员", "ask the system administrator"))
	default:
		return s.turnAway(c, back, grids.Errorf(grids.Forbidden, "", "已认证为 %s,但这里没有对应的账号", "you are known as %s, but there is no account for you here", claim.Name).
			Fix("请系统管理员建立同名账号,类型选“统一认证”", "ask the system administrator to make an account of this name, of the kind for the identity service"))
	}
}

// claim asks the provider whom it has named.
func (s *Server) claim(c echo.Context, f flow, params GetOidcEndParams) (access.Claim, error) {
	refused := func(err error) error {
		e := grids.Errorf(grids.Forbidden, "", "统一身份认证没有成功", "the identity service did not let you in").Fix("请重新登录", "sign in again")
		e.Cause = err
		if err != nil {
			s.log.WarnContext(c.Request().Context(), "sign-in by OpenID Connect refused", "request_id", callOf(c).id, "err", err)
		}
		return e
	}
	if params.Error != nil || params.Code == nil {
		return access.Claim{}, refused(nil)
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(c.Request().Context(), s.provider.client), oidcPatience)
	defer cancel()
	found, err := s.provider.find(ctx)
	if err != nil {
		return access.Claim{}, err
	}
	tokens, err := s.oauth(c, found).Exchange(ctx, *params.Code, oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return access.Claim{}, refused(err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	id, err := found.Verifier(&oidc.Config{ClientID: s.provider.settings.ClientID}).Verify(ctx, raw)
	if err != nil {
		return access.Claim{}, refused(err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(f.Nonce)) != 1 {
		return access.Claim{}, refused(nil)
	}
	claims := map[string]any{}
	if err := id.Claims(&claims); err != nil {
		return access.Claim{}, refused(err)
	}
	if _, there := claims[s.provider.settings.NameClaim]; !there { // not every provider puts them into the token
		if info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(tokens)); err == nil && info.Subject == id.Subject {
			_ = info.Claims(&claims)
		}
	}
	claim := access.Claim{Issuer: id.Issuer, Subject: id.Subject, Address: c.RealIP(), Agent: c.Request().UserAgent()}
	claim.Name, _ = claims[s.provider.settings.NameClaim].(string)
	if verified, _ := claims["email_verified"].(bool); verified {
		claim.Email, _ = claims["email"].(string)
	}
	return claim, nil
}

// away is what a person sees whom sign-in has turned away.
var away = template.Must(template.New("away").Parse(`<!doctype html><html lang="{{.Lang}}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>unigrid</title><body style="font:16px/1.6 sans-serif;max-width:36em;margin:12vh auto;padding:0 1em">
<h1 style="font-size:1.3em">{{.Detail}}</h1>{{range .Fixes}}<p>{{.}}</p>{{end}}<p><a href="{{.Back}}">{{.Return}}</a></p></body></html>
`))

func (s *Server) turnAway(c echo.Context, back string, err error) error {
	known := asKnown(err)
	if known == nil || !prefersHTML(c.Request()) {
		return err
	}
	lang := callOf(c).lang
	var b strings.Builder
	page := struct {
		Lang, Detail, Back, Return string
		Fixes                      []string
	}{lang, known.Message.In(lang), back, grids.Text{ZH: "返回地图", EN: "back to the map"}.In(lang), nil}
	for _, fix := range known.Fixes {
		page.Fixes = append(page.Fixes, fix.In(lang))
	}
	if err := away.Execute(&b, page); err != nil {
		return err
	}
	return c.HTML(kinds[known.Kind].status, b.String())
}
