package api

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/labstack/echo/v4"
	"github.com/tus/tusd/v2/pkg/filestore"
	"github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"
	tuslog "golang.org/x/exp/slog"

	"unigrid/grids"
	"unigrid/importers"
)

const (
	// uploadsPath is where files come in by tus 1.0.
	uploadsPath = "/v1/uploads/"
	// defaultMaxUpload is the largest file in bytes where the options name none.
	defaultMaxUpload = 4 << 30
	// uploadPatience is how long an upload waits for its next bytes, or for an
	// import: importers.Expire then deletes it.
	uploadPatience = 48 * time.Hour
	// metaFile and metaTerritory are what an upload's own metadata say.
	metaFile, metaTerritory = "filename", "territory"
)

// uploadName is an upload's name and its file's in the folder: at random, with
// an ending by which readers know the format.
var uploadName = regexp.MustCompile(`^[0-9a-f]{32}(\.[a-z0-9]{1,10})?$`)

// uploads receives files. They lie flat in a folder, under names of the
// server's own; what a person calls a file is data beside it.
type uploads struct {
	folder string
	limit  int64
	store  filestore.FileStore
	tus    *handler.UnroutedHandler
}

// newUploads makes the folder; "" as folder: no files are taken, and the
// result is nil.
func newUploads(folder string, limit int64) (*uploads, error) {
	if folder == "" {
		return nil, nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("folder of uploads: %w", err)
	}
	u := &uploads{folder: folder, limit: cmp.Or(limit, defaultMaxUpload), store: filestore.New(folder)}
	u.store.FileModePerm = 0o600
	composer := handler.NewStoreComposer()
	composer.UseCore(u.store)
	composer.UseTerminater(u.store)
	memorylocker.New().UseIn(composer)
	var err error
	u.tus, err = handler.NewUnroutedHandler(handler.Config{
		StoreComposer: composer, MaxSize: u.limit, BasePath: uploadsPath, DisableDownload: true, DisableConcatenation: true,
		Cors:   &handler.CorsConfig{Disable: true},
		Logger: tuslog.New(tuslog.NewTextHandler(discard{}, nil)), // requests are recorded by observe
		PreUploadCreateCallback: func(hook handler.HookEvent) (handler.HTTPResponse, handler.FileInfoChanges, error) {
			return handler.HTTPResponse{}, beginUpload(hook.Context, hook.Upload.MetaData[metaFile]), nil
		},
	})
	return u, err
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// beginUpload names a new upload and says what is kept beside it.
func beginUpload(ctx context.Context, file string) handler.FileInfoChanges {
	name := make([]byte, 16)
	rand.Read(name) // never fails
	one, _ := ctx.Value(callKey{}).(*call)
	return handler.FileInfoChanges{
		ID:       hex.EncodeToString(name) + ending(file),
		MetaData: handler.MetaData{metaFile: fileName(file), metaTerritory: one.territory},
	}
}

// ending is the ending of a file's name, "" when it is none that a format has.
func ending(file string) string {
	end := strings.ToLower(path.Ext(fileName(file)))
	if !uploadName.MatchString(strings.Repeat("0", 32) + end) {
		return ""
	}
	return end
}

// fileName is what a person calls a file: the last part of a path, without
// what can't be shown, at most 200 characters.
func fileName(name string) string {
	name = strings.ToValidUTF8(name, "�")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, name))
	if letters := []rune(name); len(letters) > 200 {
		name = string(letters[len(letters)-200:])
	}
	if strings.Trim(name, ".") == "" {
		return ""
	}
	return name
}

// registerUploads adds the routes of tus, which speaks to the connection
// itself.
func (s *Server) registerUploads(e *echo.Echo) {
	e.POST(uploadsPath, s.postUpload)
	e.OPTIONS(uploadsPath, s.optionsUploads)
	e.HEAD(uploadsPath+":upload", s.headUpload)
	e.PATCH(uploadsPath+":upload", s.patchUpload)
	e.DELETE(uploadsPath+":upload", s.deleteUpload)
}

// isUpload tells whether a path is one of tus, which takes bodies of any size,
// in its own time, and answers HEAD.
func isUpload(path string) bool { return strings.HasPrefix(path, uploadsPath) }

var errNoUploads = grids.Errorf(grids.Unavailable, "", "本服务没有上传文件夹", "this service has no folder for uploads").
	Fix("用 UNIGRID_UPLOADS 指定", "name one with UNIGRID_UPLOADS")

func (s *Server) optionsUploads(c echo.Context) error {
	if s.uploads == nil {
		return errNoUploads
	}
	return s.serveTus(c, func(http.ResponseWriter, *http.Request) {})
}

func (s *Server) postUpload(c echo.Context) error {
	if s.uploads == nil {
		return errNoUploads
	}
	meta := handler.ParseMetadataHeader(c.Request().Header.Get("Upload-Metadata"))
	if fileName(meta[metaFile]) == "" {
		return grids.Errorf(grids.Invalid, "Upload-Metadata", "没有文件名", "the file has no name").
			Fix("在 Upload-Metadata 中以 filename 给出", "give it as filename in Upload-Metadata")
	}
	if c.Request().Header.Get("Upload-Length") == "0" {
		return grids.Errorf(grids.Invalid, "Upload-Length", "文件 %q 是空的", "the file %q is empty", fileName(meta[metaFile]))
	}
	if err := s.read(c, func(context.Context, reading) error { return nil }); err != nil { // is there such a territory?
		return err
	}
	return s.serveTus(c, s.uploads.tus.PostFile)
}

func (s *Server) headUpload(c echo.Context) error {
	if err := s.ownUpload(c); err != nil {
		return err
	}
	return s.serveTus(c, s.uploads.tus.HeadFile)
}

func (s *Server) patchUpload(c echo.Context) error {
	if err := s.ownUpload(c); err != nil {
		return err
	}
	if err := s.uploads.touch(c.Param("upload")); err != nil {
		return err
	}
	return s.serveTus(c, s.uploads.tus.PatchFile)
}

func (s *Server) deleteUpload(c echo.Context) error {
	if err := s.ownUpload(c); err != nil {
		return err
	}
	err := s.read(c, func(ctx context.Context, r reading) error { return importers.Unused(ctx, r.tx, c.Param("upload")) })
	if err != nil {
		return err
	}
	return s.serveTus(c, s.uploads.tus.DelFile)
}

// ownUpload refuses an upload of another territory as if there were none.
func (s *Server) ownUpload(c echo.Context) error {
	if s.uploads == nil {
		return errNoUploads
	}
	return s.read(c, func(ctx context.Context, r reading) error {
		_, err := s.uploads.find(ctx, c.Param("upload"), r.territory.code)
		return err
	})
}

// find gives what is known of an upload of a territory.
func (u *uploads) find(ctx context.Context, name, territory string) (handler.FileInfo, error) {
	missing := grids.Errorf(grids.NotFound, "upload", "没有上传文件 %q", "there is no upload %q", name)
	missing.Value = name
	missing.Fix("上传后两天内未用的文件会被删除,请重新上传", "a file that is not used within two days is deleted; upload it again")
	if !uploadName.MatchString(name) {
		return handler.FileInfo{}, missing
	}
	found, err := u.store.GetUpload(ctx, name)
	if errors.Is(err, handler.ErrNotFound) {
		return handler.FileInfo{}, missing
	}
	if err != nil {
		return handler.FileInfo{}, fmt.Errorf("upload %s: %w", name, err)
	}
	info, err := found.GetInfo(ctx)
	if err != nil {
		return info, fmt.Errorf("upload %s: %w", name, err)
	}
	if info.MetaData[metaTerritory] != territory {
		return handler.FileInfo{}, missing
	}
	return info, nil
}

// finished gives an upload of a territory of which all bytes are there. name
// may be its address.
func (u *uploads) finished(ctx context.Context, name, territory string) (handler.FileInfo, error) {
	info, err := u.find(ctx, name[strings.LastIndexByte(name, '/')+1:], territory)
	if err == nil && info.Offset < info.Size {
		return info, grids.Errorf(grids.Conflict, "upload", "文件尚未传完:%d / %d 字节", "the file has not arrived yet: %d of %d bytes", info.Offset, info.Size).
			Fix("传完后再导入", "import it once all of it is there")
	}
	return info, err
}

// path is where an upload lies.
func (u *uploads) path(name string) string { return filepath.Join(u.folder, name) }

// touch makes what is known of an upload as young as its bytes are: files that
// no import names are deleted by their age.
func (u *uploads) touch(name string) error {
	now := time.Now()
	if err := os.Chtimes(u.path(name)+".info", now, now); err != nil {
		return fmt.Errorf("upload %s: %w", name, err)
	}
	return nil
}

// remove deletes an upload of which everything was taken.
func (u *uploads) remove(ctx context.Context, name string) error {
	found, err := u.store.GetUpload(ctx, name)
	if err != nil {
		return fmt.Errorf("upload %s: %w", name, err)
	}
	return u.store.AsTerminatableUpload(found).Terminate(ctx)
}
