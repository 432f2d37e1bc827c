package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/collections"
	"unigrid/grids/editions"
)

// kinds maps the kinds of error to statuses and titles.
var kinds = map[grids.ErrorKind]struct {
	status int
	title  grids.Text
}{
	grids.Invalid:     {http.StatusBadRequest, grids.Text{ZH: "请求有误", EN: "The request is wrong"}},
	grids.NotFound:    {http.StatusNotFound, grids.Text{ZH: "没有找到", EN: "Not found"}},
	grids.Gone:        {http.StatusGone, grids.Text{ZH: "已撤销", EN: "Retired"}},
	grids.Conflict:    {http.StatusConflict, grids.Text{ZH: "与现状冲突", EN: "The state of things forbids it"}},
	grids.Forbidden:   {http.StatusForbidden, grids.Text{ZH: "没有权限", EN: "Not allowed"}},
	grids.Unsigned:    {http.StatusUnauthorized, grids.Text{ZH: "需要登录", EN: "Sign in first"}},
	wantCode:          {http.StatusUnauthorized, grids.Text{ZH: "需要两步验证码", EN: "The second factor is wanted"}},
	grids.TooOften:    {http.StatusTooManyRequests, grids.Text{ZH: "过于频繁", EN: "Too often"}},
	grids.Unavailable: {http.StatusServiceUnavailable, grids.Text{ZH: "暂时不可用", EN: "Unavailable for the moment"}},
	grids.TooMuch:     {http.StatusRequestEntityTooLarge, grids.Text{ZH: "超出限额", EN: "Too much"}},
}

// outside is the error about a place outside the territory: it knows the
// nearest cell. It unwraps to a *grids.Error.
type outside struct {
	err     *grids.Error
	nearest *Nearest
}

func (o *outside) Error() string { return o.err.Error() }
func (o *outside) Unwrap() error { return o.err }

// problem answers an error as RFC 9457 problem detail in the caller's language.
func (s *Server) problem(err error, c echo.Context) {
	if c.Response().Committed {
		// Too late for a status: break the answer off rather than end it well.
		s.log.ErrorContext(c.Request().Context(), "answer broken off", "request_id", callOf(c).id, "err", err)
		panic(http.ErrAbortHandler)
	}
	p := s.problemOf(err, c)
	h := c.Response().Header()
	for _, name := range []string{"ETag", "Cache-Control", "Content-Length", "Content-Encoding"} {
		h.Del(name)
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", challenge(c))
	}
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Language", callOf(c).lang)
	if err := sendJSON(c, p.Status, "application/problem+json", p); err != nil {
		s.log.WarnContext(c.Request().Context(), "problem not sent", "request_id", callOf(c).id, "err", err)
	}
}

func (s *Server) problemOf(err error, c echo.Context) Problem {
	call := callOf(c)
	known := asKnown(err)
	if known == nil {
		status, title := http.StatusInternalServerError, grids.Text{ZH: "服务内部错误", EN: "Internal error"}
		if errors.Is(err, context.Canceled) {
			status, title = 499, grids.Text{ZH: "请求已取消", EN: "The request was cancelled"}
		} else {
			s.log.ErrorContext(c.Request().Context(), "internal error", "request_id", call.id, "path", c.Request().URL.Path, "err", err)
		}
		detail := grids.Text{ZH: "已记录,编号 " + call.id, EN: "it was logged under " + call.id}.In(call.lang)
		instance := "urn:unigrid:request:" + call.id
		return Problem{Type: "about:blank", Title: title.In(call.lang), Status: status, Detail: &detail, Instance: &instance}
	}
	kind, ok := kinds[known.Kind]
	if !ok {
		kind = kinds[grids.Invalid]
	}
	status := kind.status
	var he *echo.HTTPError
	if errors.As(err, &he) {
		status = he.Code
	}
	detail, instance := known.Message.In(call.lang), "urn:unigrid:request:"+call.id
	p := Problem{Type: "urn:unigrid:problem:" + string(known.Kind), Title: kind.title.In(call.lang), Status: status, Detail: &detail, Instance: &instance}
	fixes := []string{}
	for _, f := range known.Fixes {
		fixes = append(fixes, f.In(call.lang))
	}
	p.Fixes = &fixes
	if known.Field != "" {
		one := ProblemError{Field: &known.Field, Message: detail}
		if known.Value != "" {
			one.Value = &known.Value
		}
		p.Errors = &[]ProblemError{one}
	}
	var retired *collections.Retired
	if errors.As(err, &retired) {
		list := make([]Successor, len(retired.Successors))
		for i, s := range retired.Successors {
			list[i] = Successor{Code: s.Code, Uid: s.UID, Share: s.Share}
		}
		p.Successors = &list
	}
	var out *outside
	if errors.As(err, &out) {
		p.Nearest = out.nearest
	}
	editProblem(&p, err)
	staffingProblem(&p, err)
	peopleProblem(&p, call.lang, err)
	exportProblem(&p, err)
	conflictProblem(&p, err)
	var blocked *editions.Blocked
	if errors.As(err, &blocked) {
		p.Blocking = blocks(blocked.Findings, call.lang)
	}
	return p
}

// bound is how the generated code names a parameter that it can't read.
var bound = regexp.MustCompile(`parameter (\S+?):`)

// asKnown finds the *grids.Error in err, or makes one of what echo and the
// generated code say; nil when err is internal.
func asKnown(err error) *grids.Error {
	var known *grids.Error
	if errors.As(err, &known) {
		return known
	}
	var he *echo.HTTPError
	if !errors.As(err, &he) || he.Code >= 500 {
		return nil
	}
	switch he.Code {
	case http.StatusNotFound:
		return grids.Errorf(grids.NotFound, "", "没有这个地址", "there is nothing at this address").
			Fix("接口目录见 /api", "see /api for what there is")
	case http.StatusMethodNotAllowed:
		return grids.Errorf(grids.Invalid, "", "该地址不支持此方法", "this address does not take this method")
	case http.StatusRequestEntityTooLarge:
		return grids.Errorf(grids.TooMuch, "", "请求体过大", "the request body is too large")
	}
	text := fmt.Sprint(he.Message)
	field := ""
	if m := bound.FindStringSubmatch(text); m != nil {
		field = m[1]
	}
	return grids.Errorf(grids.Invalid, field, "参数 %s 无效", "parameter %s is invalid", field)
}

// blocks are the places that keep a draft from being published.
func blocks(found []grids.Finding, lang string) *[]Block {
	list := make([]Block, len(found))
	for i, f := range found {
		list[i] = Block{Kind: f.Kind, Message: f.Said().In(lang), Lon: f.Lon, Lat: f.Lat}
		if f.Code != "" {
			list[i].Code = &f.Code
		}
	}
	return &list
}

func unavailable(err error) error {
	e := grids.Errorf(grids.Unavailable, "", "数据库没有响应", "the database does not answer")
	e.Cause = err
	return e
}
