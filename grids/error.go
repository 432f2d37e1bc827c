package grids

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Text says one thing in both languages of the product.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// In gives the text in a language tag such as "zh" or "zh-CN"; English
// otherwise.
func (t Text) In(lang string) string {
	if strings.HasPrefix(strings.ToLower(lang), "zh") {
		return t.ZH
	}
	return t.EN
}

// Textf makes a formatted Text. Both languages take the same arguments; one that
// is a Text speaks the language of each.
func Textf(zh, en string, args ...any) Text {
	chinese, english := slices.Clone(args), slices.Clone(args)
	for i, arg := range args {
		if t, ok := arg.(Text); ok {
			chinese[i], english[i] = t.ZH, t.EN
		}
	}
	return Text{ZH: fmt.Sprintf(zh, chinese...), EN: fmt.Sprintf(en, english...)}
}

// And appends another text.
func (t Text) And(other Text) Text { return Text{ZH: t.ZH + other.ZH, EN: t.EN + other.EN} }

// ErrorKind sorts errors by what the caller can do about them.
type ErrorKind string

// The kinds of error. Whatever is not an *Error is internal and is shown
// opaquely over HTTP.
const (
	Invalid     ErrorKind = "invalid"     // the input is wrong; mend it
	NotFound    ErrorKind = "not-found"   // no such thing, now or at that instant
	Gone        ErrorKind = "gone"        // it was there and has successors
	Conflict    ErrorKind = "conflict"    // the state of things forbids it
	Forbidden   ErrorKind = "forbidden"   // this principal may not
	Unsigned    ErrorKind = "unsigned"    // sign in first
	TooOften    ErrorKind = "too-often"   // wait a while
	Unavailable ErrorKind = "unavailable" // try again later
	TooMuch     ErrorKind = "too-much"    // the answer or input is over a limit
)

// Error is an error a person can act on: what is wrong, with which field, and
// what to do.
type Error struct {
	Kind    ErrorKind
	Field   string // parameter, column or flag; empty when it is none
	Value   string
	Message Text
	Fixes   []Text
	Cause   error
}

// Error gives the English text with field and value.
func (e *Error) Error() string {
	text := e.In("en")
	if e.Cause != nil {
		text += fmt.Sprintf(": %v", e.Cause)
	}
	return text
}

// In gives the text in a language, with field and value, and what to do.
func (e *Error) In(lang string) string {
	var b strings.Builder
	if e.Field != "" {
		fmt.Fprintf(&b, "%s", e.Field)
		if e.Value != "" {
			fmt.Fprintf(&b, "=%q", e.Value)
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Message.In(lang))
	for _, f := range e.Fixes {
		b.WriteString("; ")
		b.WriteString(f.In(lang))
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// IsKind tells whether err is or wraps an *Error of that kind.
func IsKind(err error, kind ErrorKind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}

// Errorf makes an *Error with a formatted English and Chinese text; both take
// the same arguments.
func Errorf(kind ErrorKind, field, zh, en string, args ...any) *Error {
	return &Error{Kind: kind, Field: field, Message: Textf(zh, en, args...)}
}

// Fix adds what to do about it.
func (e *Error) Fix(zh, en string, args ...any) *Error {
	e.Fixes = append(e.Fixes, Textf(zh, en, args...))
	return e
}
