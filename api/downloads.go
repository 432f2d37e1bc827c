package api

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path"
	"strings"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/people"
	"unigrid/importers"
)

// mediaXLSX is the media type of a workbook.
const mediaXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// mediaDOCX is that of a document.
const mediaDOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// downloadTypes are the media types of files by the ending of their names; all
// others are bytes.
var downloadTypes = map[string]string{
	".csv": "text/csv; charset=utf-8", ".xlsx": mediaXLSX, ".docx": mediaDOCX, ".zip": "application/zip", ".geojson": mediaGeoJSON, ".gpkg": "application/geopackage+sqlite3",
	".pdf": "application/pdf", ".jpg": "image/jpeg", ".png": "image/png",
}

// download answers with a file that write makes, under the name that it gives.
// The file is made whole before the answer begins, so that what fails is
// answered as a problem and not as half a file.
func download(c echo.Context, write func(io.Writer) (name string, err error)) error {
	file, err := os.CreateTemp("", "unigrid-download-*")
	if err != nil {
		return fmt.Errorf("file to download: %w", err)
	}
	defer file.Close()
	if err := os.Remove(file.Name()); err != nil { // it goes with its last reader
		return fmt.Errorf("file to download: %w", err)
	}
	name, err := write(file)
	if err != nil {
		return err
	}
	return sendFile(c, file, name)
}

// sendFile answers with a whole file, under a name.
func sendFile(c echo.Context, file *os.File, name string) error {
	size, err := file.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return fmt.Errorf("file to download: %w", err)
	}
	attach(c, name)
	c.Response().Header().Set("Content-Length", fmt.Sprint(size))
	c.Response().WriteHeader(http.StatusOK)
	_, err = io.Copy(c.Response(), file)
	return err
}

// attach says that an answer is a file to keep, of a name that may be Chinese
// (RFC 6266), which nobody keeps on the way.
func attach(c echo.Context, name string) {
	h := c.Response().Header()
	media := downloadTypes[strings.ToLower(path.Ext(name))]
	if media == "" {
		media = echo.MIMEOctetStream
	}
	h.Set(echo.HeaderContentType, media)
	h.Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
}

// GetImportRejects gives the rejected rows as a file to mend.
func (s *Server) GetImportRejects(c echo.Context, id ImportId) error {
	return s.readImport(c, id, func(ctx context.Context, o onImport) error {
		if err := o.checked(); err != nil {
			return err
		}
		if o.imp.Report.Rejected == 0 {
			return grids.Errorf(grids.NotFound, "id", "第 %d 次导入没有被拒绝的行", "import %d has no rejected rows", id)
		}
		if o.imp.Request.Target == importers.People && !o.own(c) {
			return grids.Errorf(grids.Forbidden, "id", "第 %d 次导入的退回行载有联系电话,只由上传人下载", "the rejected rows of import %d have telephone numbers; they are for who sent it", id)
		}
		return download(c, func(w io.Writer) (string, error) { return importers.WriteRejects(ctx, o.tx, o.t, id, wanted(c), w) })
	})
}

// wanted is the language that somebody asks for; "" when nothing is said.
func wanted(c echo.Context) string {
	if c.Request().Header.Get("Accept-Language") == "" {
		return ""
	}
	return callOf(c).lang
}

// checked refuses an import whose rows were not checked yet, or are gone.
func (o onImport) checked() error {
	if err := o.staged(); err != nil {
		return err
	}
	if o.imp.Report == nil {
		return wrongState(o.imp, false, nil)
	}
	return nil
}

// GetImportReport gives the findings as a table.
func (s *Server) GetImportReport(c echo.Context, id ImportId) error {
	return s.readImport(c, id, func(ctx context.Context, o onImport) error {
		if o.imp.State == importers.Received || o.imp.State == importers.Reading {
			return wrongState(o.imp, true, nil)
		}
		return download(c, func(w io.Writer) (string, error) {
			name := stem(o.imp.File) + grids.Text{ZH: "_问题清单.csv", EN: "_report.csv"}.In(callOf(c).lang)
			return name, importers.WriteReport(ctx, o.tx, o.t, id, w)
		})
	})
}

// GetImportTemplate gives a workbook to fill in, for assignments on demand with
// the present roster of a cell and all below it.
func (s *Server) GetImportTemplate(c echo.Context, target Target, params GetImportTemplateParams) error {
	kind := importers.Target(target)
	request := importers.Request{Target: kind}
	if params.Tier != nil {
		request.Tier = grids.Tier(*params.Tier)
	}
	request.Layer = grids.LayerCode(value(params.Layer))
	if kind == importers.Cells && request.Tier == 0 {
		return grids.Errorf(grids.Invalid, "tier", "网格模板需要层级", "a template of cells needs a tier").Fix("例如 tier=4", "such as tier=4")
	}
	if params.Cell != nil {
		if kind != importers.Assignments {
			return grids.Errorf(grids.Invalid, "cell", "只有任职模板可以预填现任名册", "only a template of assignments is filled from a cell's roster")
		}
		if !s.allows(callOf(c).caller, "people.read") {
			return forbidden(c, "people.read")
		}
	}
	return s.staff(c, false, func(ctx context.Context, r staffing) error {
		t, err := cells.FindTerritory(ctx, r.tx, r.territory.code)
		if err != nil {
			return err
		}
		var present []people.Assignment
		if params.Cell != nil {
			if present, err = r.roster(ctx, *params.Cell); err != nil {
				return err
			}
		}
		if int(request.Tier) > len(t.Scheme.Lengths) {
			return checkPlace(ctx, r.tx, t, importers.Request{Tier: request.Tier})
		}
		if request.Layer != "" {
			if err := checkLayer(ctx, r.reading, string(request.Layer)); err != nil {
				return err
			}
		}
		return download(c, func(w io.Writer) (string, error) {
			name := r.territory.name + kind.Label().In(callOf(c).lang) + grids.Text{ZH: "模板.xlsx", EN: " template.xlsx"}.In(callOf(c).lang)
			err := importers.Template(ctx, r.tx, t, kind, request.Tier, request.Layer, present, w)
			return name, err
		})
	})
}
