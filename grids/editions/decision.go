package editions

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// MaxScan is the largest scan of a decision, in bytes.
const MaxScan = 20 << 20

// Decision is by what an edition is issued: document number (文号), date, and
// perhaps a scan.
type Decision struct {
	DocumentNo string    `json:"document_no"`
	Date       string    `json:"date"` // 2006-01-02
	By         string    `json:"by"`
	At         time.Time `json:"at"`
	Scan       *Scan     `json:"scan"`
}

// Scan is the decision's paper as a file: PDF, JPEG or PNG.
type Scan struct {
	Name    string `json:"name"`
	Media   string `json:"media"`
	Size    int    `json:"size"` // bytes
	SHA256  string `json:"sha256"`
	Content []byte `json:"-"`
}

// ReadDecision gives the decision of an edition; nil when none is recorded. The
// scan is left out for who may not see it.
func ReadDecision(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID) (*Decision, error) {
	var d Decision
	var name, media, sum *string
	var size *int
	err := tx.QueryRow(ctx, `
		SELECT d.document_no, to_char(d.issued_on, 'YYYY-MM-DD'), d.recorded_by, d.at, s.name, s.media, octet_length(s.content), s.sha256
		FROM editions.decision d LEFT JOIN editions.scan s USING (territory_id, edition)
		WHERE d.territory_id = $1 AND d.edition = $2`, t.ID, edition).Scan(&d.DocumentNo, &d.Date, &d.By, &d.At, &name, &media, &size, &sum)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("decision of edition %d: %w", edition, err)
	}
	if name != nil {
		d.Scan = &Scan{Name: *name, Media: *media, Size: *size, SHA256: *sum}
	}
	return &d, nil
}

// Decide records by what the draft is to be issued, instead of what was recorded
// before. date is 2006-01-02. It fails with Invalid.
func Decide(ctx context.Context, tx pgx.Tx, t cells.Territory, draft grids.EditionID, documentNo, date string) error {
	documentNo = strings.TrimSpace(documentNo)
	if n := len([]rune(documentNo)); n == 0 || n > 100 {
		return grids.Errorf(grids.Invalid, "document_no", "文号须为 1 至 100 个字", "a document number has 1 to 100 characters")
	}
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return grids.Errorf(grids.Invalid, "date", "日期 %q 无效", "%q is no date", date).Fix("形如 2026-03-01", "such as 2026-03-01")
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO editions.decision (territory_id, edition, document_no, issued_on) VALUES ($1, $2, $3, $4::date)
		ON CONFLICT (territory_id, edition) DO UPDATE SET document_no = excluded.document_no, issued_on = excluded.issued_on,
		  recorded_by = excluded.recorded_by, at = excluded.at`, t.ID, draft, documentNo, date)
	if err != nil {
		return fmt.Errorf("decision of edition %d: %w", draft, err)
	}
	return nil
}

// Attach keeps the scan of the draft's decision, instead of the one before. What
// it is goes by its bytes, not by its name. It fails with Invalid or TooMuch.
func Attach(ctx context.Context, tx pgx.Tx, t cells.Territory, draft grids.EditionID, name string, content []byte) error {
	if len(content) > MaxScan {
		return grids.Errorf(grids.TooMuch, "scan", "扫描件超过 %d MB", "a scan has at most %d MB", MaxScan>>20)
	}
	media := http.DetectContentType(content)
	switch media {
	case "application/pdf", "image/jpeg", "image/png":
	default:
		return grids.Errorf(grids.Invalid, "scan", "扫描件须是 PDF、JPEG 或 PNG", "a scan is a PDF, JPEG or PNG file").
			Fix("文件类型按内容认定,与扩展名无关", "what counts is the content, not the name")
	}
	sum := sha256.Sum256(content)
	_, err := tx.Exec(ctx, `
		INSERT INTO editions.scan (territory_id, edition, name, media, sha256, content) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (territory_id, edition) DO UPDATE SET name = excluded.name, media = excluded.media, sha256 = excluded.sha256,
		  content = excluded.content, added_by = excluded.added_by, at = excluded.at`,
		t.ID, draft, name, media, hex.EncodeToString(sum[:]), content)
	if err != nil {
		return fmt.Errorf("scan of the decision: %w", err)
	}
	return nil
}

// ReadScan gives the scan of an edition's decision with its bytes; NotFound when
// there is none.
func ReadScan(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID) (Scan, error) {
	var s Scan
	err := tx.QueryRow(ctx, `SELECT name, media, sha256, content FROM editions.scan WHERE territory_id = $1 AND edition = $2`, t.ID, edition).
		Scan(&s.Name, &s.Media, &s.SHA256, &s.Content)
	if errors.Is(err, pgx.ErrNoRows) {
		return s, grids.Errorf(grids.NotFound, "seq", "版本 %d 没有扫描件", "edition %d has no scan", edition)
	}
	if err != nil {
		return s, fmt.Errorf("scan of edition %d: %w", edition, err)
	}
	s.Size = len(s.Content)
	return s, nil
}
