package duty

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
)

// Limits say what counts as too much or too little duty, and how suggestions
// weigh distance against load.
type Limits struct {
	MostCells     int `json:"most_cells"`     // that one person may be accountable for
	MostRounds    int `json:"most_rounds"`    // cells of which one person may be an officer
	LeastOfficers int `json:"least_officers"` // of a cell without children
	BalanceM      int `json:"balance_m"`      // metres of way that one cell more than another's load weighs
	HandoverM     int `json:"handover_m"`     // metres of way that a handover has to save
}

// Text is what a layer asks of the people of its cells. Own: the territory's
// words, not the usual ones.
type Text struct {
	Layer grids.LayerCode `json:"layer"`
	Name  grids.Text      `json:"name"`
	Text  grids.Text      `json:"text"`
	Own   bool            `json:"own"`
}

// CellHotline is the telephone for complaints that was set for a cell and all
// below it.
type CellHotline struct {
	Code  grids.Code `json:"code"`
	Cell  string     `json:"cell"` // its name
	Phone string     `json:"phone"`
	Name  grids.Text `json:"name"`
}

// Settings are a territory's, all of them.
type Settings struct {
	MapNumber string        `json:"map_number"` // 审图号
	Limits    Limits        `json:"limits"`
	Texts     []Text        `json:"texts"`
	Hotlines  []CellHotline `json:"hotlines"`
}

// Change changes settings; what is nil stays.
type Change struct {
	MapNumber *string       `json:"map_number"`
	Limits    *Limits       `json:"limits"`
	Texts     []ChangedText `json:"texts"`
	Hotlines  []CellHotline `json:"hotlines"` // without a phone: none of its own any longer
}

// ChangedText is a layer's text; nil gives the usual one back.
type ChangedText struct {
	Layer grids.LayerCode `json:"layer"`
	Text  *grids.Text     `json:"text"`
}

// ReadLimits gives a territory's limits.
func ReadLimits(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) (l Limits, err error) {
	err = tx.QueryRow(ctx, `SELECT most_cells, most_rounds, least_officers, balance_m, handover_m FROM duty.settings($1)`, territory).
		Scan(&l.MostCells, &l.MostRounds, &l.LeastOfficers, &l.BalanceM, &l.HandoverM)
	if err != nil {
		return l, fmt.Errorf("limits of duty: %w", err)
	}
	return l, nil
}

// Texts gives what the layers of a territory ask, by layer.
func Texts(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID) ([]Text, error) {
	rows, err := tx.Query(ctx, `SELECT layer, name_zh, name_en, zh, en, own FROM duty.texts($1) ORDER BY rank, layer`, territory)
	if err != nil {
		return nil, fmt.Errorf("duties of layers: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (t Text, err error) {
		err = row.Scan(&t.Layer, &t.Name.ZH, &t.Name.EN, &t.Text.ZH, &t.Text.EN, &t.Own)
		return t, err
	})
}

// ReadSettings gives a territory's settings; hotlines are those of the cells of
// an edition, by code.
func ReadSettings(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID) (s Settings, err error) {
	if err := tx.QueryRow(ctx, `SELECT map_number FROM cells.territory WHERE id = $1`, t.ID).Scan(&s.MapNumber); err != nil {
		return s, fmt.Errorf("approval number of maps: %w", err)
	}
	if s.Limits, err = ReadLimits(ctx, tx, t.ID); err != nil {
		return s, err
	}
	if s.Texts, err = Texts(ctx, tx, t.ID); err != nil {
		return s, err
	}
	rows, err := tx.Query(ctx, `SELECT v.code, v.name, h.phone, h.zh, h.en FROM duty.hotline h
		JOIN cells.of($1, $2) v ON v.cell_id = h.cell_id WHERE h.territory_id = $1 ORDER BY v.code USING ~<~`, t.ID, edition)
	if err != nil {
		return s, fmt.Errorf("telephones for complaints: %w", err)
	}
	s.Hotlines, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (h CellHotline, err error) {
		err = row.Scan(&h.Code, &h.Cell, &h.Phone, &h.Name.ZH, &h.Name.EN)
		return h, err
	})
	return s, err
}

// Set changes a territory's settings, on who's behalf. It refuses a telephone
// that is or may be a person's, and cells and layers that are not there.
func Set(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, who grids.Principal, change Change) error {
	if change.MapNumber != nil {
		if err := cells.SetMapNumber(ctx, tx, t.ID, *change.MapNumber); err != nil {
			return err
		}
	}
	if l := change.Limits; l != nil {
		_, err := tx.Exec(ctx, `
			INSERT INTO duty.setting (territory_id, most_cells, most_rounds, least_officers, balance_m, handover_m) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (territory_id) DO UPDATE SET most_cells = excluded.most_cells, most_rounds = excluded.most_rounds,
			  least_officers = excluded.least_officers, balance_m = excluded.balance_m, handover_m = excluded.handover_m`,
			t.ID, l.MostCells, l.MostRounds, l.LeastOfficers, l.BalanceM, l.HandoverM)
		if err != nil {
			return fmt.Errorf("limits of duty: %w", err)
		}
	}
	for _, text := range change.Texts {
		if err := setText(ctx, tx, t, who, text); err != nil {
			return err
		}
	}
	for _, h := range change.Hotlines {
		if err := setHotline(ctx, tx, t, edition, who, h); err != nil {
			return err
		}
	}
	return nil
}

func setText(ctx context.Context, tx pgx.Tx, t cells.Territory, who grids.Principal, text ChangedText) error {
	if text.Text == nil {
		_, err := tx.Exec(ctx, `DELETE FROM duty.text WHERE territory_id = $1 AND layer = $2`, t.ID, text.Layer)
		return err
	}
	done, err := tx.Exec(ctx, `
		INSERT INTO duty.text (territory_id, layer, zh, en, changed_by)
		SELECT $1, l.code, $3, $4, $5 FROM layers.layer l WHERE l.territory_id = $1 AND l.code = $2
		ON CONFLICT (territory_id, layer) DO UPDATE SET zh = excluded.zh, en = excluded.en, changed_by = excluded.changed_by, changed_at = clock_timestamp()`,
		t.ID, text.Layer, text.Text.ZH, text.Text.EN, who.Name)
	if err != nil {
		return fmt.Errorf("duties of layer %s: %w", text.Layer, err)
	}
	if done.RowsAffected() == 0 {
		return grids.Errorf(grids.Invalid, "layer", "没有条线 %q", "there is no layer %q", text.Layer)
	}
	return nil
}

func setHotline(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, who grids.Principal, h CellHotline) error {
	cell, err := cells.ByCode(ctx, tx, t, edition, h.Code)
	if err != nil {
		return err
	}
	if h.Phone == "" {
		_, err := tx.Exec(ctx, `DELETE FROM duty.hotline WHERE territory_id = $1 AND cell_id = $2`, t.ID, cell.ID)
		return err
	}
	var public bool
	if err := tx.QueryRow(ctx, `SELECT duty.public_number($1)`, h.Phone).Scan(&public); err != nil {
		return fmt.Errorf("telephone for complaints: %w", err)
	}
	if !public {
		return grids.Errorf(grids.Invalid, "phone", "投诉电话只能是单位的公开电话,不能是手机号或多个号码", "a telephone for complaints is one public number of an office, not a mobile one, and not several").
			Fix("填 12345 或办公室的座机,如 0731-12345678", "give 12345 or the office's number, such as 0731-12345678")
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO duty.hotline (territory_id, cell_id, phone, zh, en, changed_by) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (territory_id, cell_id) DO UPDATE SET phone = excluded.phone, zh = excluded.zh, en = excluded.en,
		  changed_by = excluded.changed_by, changed_at = clock_timestamp()`,
		t.ID, cell.ID, h.Phone, h.Name.ZH, h.Name.EN, who.Name)
	if err != nil {
		return fmt.Errorf("telephone for complaints: %w", err)
	}
	return nil
}
