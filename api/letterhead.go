package api

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/circulation"
	"unigrid/grids/editions"
	"unigrid/importers/docx"
)

// letterhead is what a document about the grid says of itself: whose it is, to whom
// it goes, and its day, as a territory had set that then.
type letterhead struct {
	office, addressee grids.Text
	day               time.Time
	now               time.Time // when the file is made
}

func readLetterhead(ctx context.Context, tx pgx.Tx, t cells.Territory, at time.Time) (letterhead, error) {
	s, err := editions.ReadSettings(ctx, tx, t, at)
	return letterhead{office: s.Office, addressee: s.Addressee, day: at, now: at}, err
}

// address says to whom the document goes.
func (l letterhead) address(d *docx.Document, lang string) {
	if to := l.addressee.In(lang); to != "" {
		d.Addressee(inDocument(l.addressee.And(grids.Text{ZH: ":", EN: ":"}), lang))
	}
}

// sign ends the document's text.
func (l letterhead) sign(d *docx.Document, lang string) {
	d.Signature(inDocument(l.office, lang), circulation.Day(l.day).In(lang))
}
