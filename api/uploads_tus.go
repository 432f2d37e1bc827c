package api

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
)

// serveTus lets the handler of tus answer. What it refuses is answered as every
// other problem of unigrid.
func (s *Server) serveTus(c echo.Context, serve http.HandlerFunc) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	w := &tusResponse{ResponseWriter: c.Response(), base: callOf(c).baseURL(), expires: time.Now().Add(uploadPatience)}
	r := c.Request().Clone(c.Request().Context())
	r.URL = &url.URL{Path: c.Param("upload")}
	r.Header.Del("X-HTTP-Method-Override") // the method is what was routed
	s.uploads.tus.Middleware(serve).ServeHTTP(w, r)
	if w.refused == 0 {
		return nil
	}
	return s.tusError(w.refused, w.text.String())
}

// tusResponse is an answer of tus on its way: it says when the upload expires,
// and keeps a refusal back.
type tusResponse struct {
	http.ResponseWriter
	base    string
	expires time.Time
	refused int
	text    strings.Builder
}

// Unwrap lets deadlines through to the connection.
func (w *tusResponse) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *tusResponse) WriteHeader(status int) {
	h := w.Header()
	if status >= 400 {
		w.refused = status
		h.Del("Content-Length")
		return
	}
	if place := h.Get("Location"); place != "" {
		h.Set("Location", w.base+uploadsPath+place[strings.LastIndexByte(place, '/')+1:])
	}
	if list := h.Get("Tus-Extension"); list != "" {
		h.Set("Tus-Extension", list+",expiration")
	}
	if status == http.StatusCreated || h.Get("Upload-Offset") != "" {
		h.Set("Upload-Expires", w.expires.UTC().Format(http.TimeFormat))
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *tusResponse) Write(p []byte) (int, error) {
	if w.refused != 0 {
		return w.text.Write(p)
	}
	return w.ResponseWriter.Write(p)
}

// tusError says in unigrid's words what tus refused. The status stays: clients
// of tus go by it.
func (s *Server) tusError(status int, text string) error {
	code, why, _ := strings.Cut(strings.TrimSpace(text), ": ")
	var e *grids.Error
	switch code {
	case "ERR_MAX_SIZE_EXCEEDED", "ERR_UPLOAD_SIZE_EXCEEDED":
		if code == "ERR_UPLOAD_SIZE_EXCEEDED" {
			e = grids.Errorf(grids.TooMuch, "Upload-Offset", "数据超出声明的文件大小", "more bytes than the file was said to have")
			break
		}
		e = grids.Errorf(grids.TooMuch, "Upload-Length", "文件超过上限 %s", "the file is larger than %s", sizeText(s.uploads.limit)).
			Fix("拆分或压缩后再传,或由管理员调大 UNIGRID_MAX_UPLOAD", "split or zip it, or let an administrator raise UNIGRID_MAX_UPLOAD")
	case "ERR_MISMATCHED_OFFSET":
		e = grids.Errorf(grids.Conflict, "Upload-Offset", "断点与已收到的字节数不符", "the offset is not where the upload stands").
			Fix("先用 HEAD 查询断点", "ask for it with HEAD")
	case "ERR_UPLOAD_LOCKED", "ERR_LOCK_TIMEOUT":
		e = grids.Errorf(grids.Conflict, "", "该文件正由另一个请求上传", "another request is sending this file")
	case "ERR_UNSUPPORTED_VERSION":
		e = grids.Errorf(grids.Invalid, "Tus-Resumable", "需要 Tus-Resumable: 1.0.0", "Tus-Resumable: 1.0.0 is needed")
	case "ERR_UPLOAD_NOT_FOUND":
		e = grids.Errorf(grids.NotFound, "upload", "没有这个上传文件", "there is no such upload")
	case "ERR_CONNECTION_RESET", "ERR_READ_TIMEOUT", "ERR_UNEXPECTED_EOF", "ERR_UPLOAD_INTERRUPTED":
		e = grids.Errorf(grids.Invalid, "", "上传中断,已收到的部分保留", "the upload was interrupted; what has arrived is kept").
			Fix("续传即可", "go on from where it stands")
	default:
		if status >= 500 {
			return echo.NewHTTPError(status, text)
		}
		e = grids.Errorf(grids.Invalid, "", "上传请求有误(%s)", "the upload is refused (%s)", why)
	}
	e.Cause = echo.NewHTTPError(status, text)
	return e
}
