package duty_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"unigrid/grids"
	"unigrid/grids/database/databasetest"
	"unigrid/grids/duty"
	"unigrid/grids/editions/editionstest"
)

func TestPublicNumber(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	for phone, want := range map[string]bool{
		"12345": true, "12369": true, "110": true, "0731-28681234": true, "010-12345678": true, "0731 5868 1234": true, "(0731) 28681234": true,
		"400-820-8820": true, "0731-58681234-8001": true, "+86 731 28681234": true, "0713-98765432": true, "021-13812345": true,
		"": false, "abc": false, "12": false, "13800138000": false, "138 0013 8000": false, "138-0013-8000": false, "+86 138 0013 8000": false,
		"8613800138000": false, "0086 13800138000": false, "013800138000": false, "12345 13800138000": false, "12345/13800138000": false,
		"0731-28681234 13800138000": false, "１３８００１３８０００": false, "19912345678": false, "16612345678": false, "(138)00138000": false, "１２３４５": false,
	} {
		err := db.Read(t.Context(), grids.Local, func(tx pgx.Tx) error {
			var may bool
			err := tx.QueryRow(t.Context(), `SELECT duty.public_number($1)`, phone).Scan(&may)
			if err == nil && may != want {
				t.Errorf("%q may stand on a board: %t", phone, may)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestNoMobileNumberStandsOnABoard tries to get mobile numbers past the
// database, written as people write them.
func TestNoMobileNumberStandsOnABoard(t *testing.T) {
	t.Parallel()
	town := editionstest.New(t, databasetest.New(t), "4302", 1, 1)
	root := town.Cell(t, town.Root())
	rapid.Check(t, func(t *rapid.T) {
		digits := "1" + rapid.StringMatching(`[0-9]{10}`).Draw(t, "digits")
		var b strings.Builder
		b.WriteString(rapid.SampledFrom([]string{"", "0", "86", "+86", "0086", "86-", "+86 ", "12345 ", "(", "tel:"}).Draw(t, "before"))
		for _, d := range digits {
			b.WriteRune(d)
			b.WriteString(rapid.SampledFrom([]string{"", "", "", "-", " ", ")"}).Draw(t, "between"))
		}
		phone := b.String()
		err := town.Try(func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO duty.hotline (territory_id, cell_id, phone, changed_by) VALUES ($1, $2, $3, 'test')
				ON CONFLICT (territory_id, cell_id) DO UPDATE SET phone = excluded.phone`, town.Territory, root, phone)
			return err
		})
		if !grids.IsKind(err, grids.Conflict) {
			t.Fatalf("%q was taken: %v", phone, err)
		}
	})
}

func TestSettings(t *testing.T) {
	t.Parallel()
	town := editionstest.New(t, databasetest.New(t), "4302", 2, 2)
	town.Tx(func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO layers.layer (territory_id, code, name_zh, name_en, rank) VALUES ($1, 'safety', '安全', 'Safety', 1), ($1, 'noise', '噪声', 'Noise', 2)`, town.Territory)
		return err
	})
	planner := grids.Principal{Name: "planner", Role: grids.RolePlanner}
	set := func(who grids.Principal, change duty.Change) error {
		return town.DB.Tx(t.Context(), who, func(tx pgx.Tx) error { return duty.Set(t.Context(), tx, town.In, 1, who, change) })
	}
	read := func() (s duty.Settings) {
		town.Tx(func(ctx context.Context, tx pgx.Tx) (err error) {
			s, err = duty.ReadSettings(ctx, tx, town.In, 1)
			return err
		})
		return s
	}
	before := read()
	if len(before.Texts) != 2 || before.Texts[0].Own || before.Texts[1].Text.ZH == "" || before.Texts[0].Text == before.Texts[1].Text || before.Limits.MostCells != 1 {
		t.Fatalf("without settings: %+v", before)
	}
	number, county := "湘S(2026)012号", grids.Code("430201000000")
	if err := set(grids.Principal{Name: "admin", Role: grids.RoleAdmin}, duty.Change{MapNumber: &number}); err != nil {
		t.Fatal(err)
	}
	if err := set(planner, duty.Change{
		Limits:   &duty.Limits{MostCells: 2, MostRounds: 4, LeastOfficers: 2, BalanceM: 10, HandoverM: 20},
		Texts:    []duty.ChangedText{{Layer: "noise", Text: &grids.Text{ZH: "静", EN: "quiet"}}},
		Hotlines: []duty.CellHotline{{Code: county, Phone: "0731-28681234", Name: grids.Text{ZH: "县网格办", EN: "Grid office"}}},
	}); err != nil {
		t.Fatal(err)
	}
	after := read()
	if after.MapNumber != number || after.Limits.BalanceM != 10 || !after.Texts[1].Own || after.Texts[1].Text.ZH != "静" ||
		len(after.Hotlines) != 1 || after.Hotlines[0].Phone != "0731-28681234" || after.Hotlines[0].Cell != "示例县1" {
		t.Errorf("after: %+v", after)
	}
	for name, refused := range map[string]struct {
		who    grids.Principal
		change duty.Change
		kind   grids.ErrorKind
	}{
		"mobile":        {planner, duty.Change{Hotlines: []duty.CellHotline{{Code: county, Phone: "13800138000"}}}, grids.Invalid},
		"no such layer": {planner, duty.Change{Texts: []duty.ChangedText{{Layer: "air", Text: &grids.Text{ZH: "气", EN: "air"}}}}, grids.Invalid},
		"no such cell":  {planner, duty.Change{Hotlines: []duty.CellHotline{{Code: "430299000000", Phone: "12345"}}}, grids.NotFound},
	} {
		if err := set(refused.who, refused.change); !grids.IsKind(err, refused.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, who := range map[string]grids.Principal{
		"auditor": {Role: grids.RoleAuditor}, "another county": {Role: grids.RolePlanner, Within: []string{"430202"}},
		"another territory": {Role: grids.RolePlanner, Territory: town.Territory + 1}, "one layer": {Role: grids.RoleDepartment, Layers: []grids.LayerCode{"safety"}},
	} {
		err := set(who, duty.Change{Hotlines: []duty.CellHotline{{Code: county, Phone: "12369"}}})
		if err == nil && read().Hotlines[0].Phone == "12369" {
			t.Errorf("%s set the telephone of %s", name, county)
		}
	}
	if err := set(grids.Principal{Role: grids.RolePlanner, Within: []string{"430201"}}, duty.Change{Hotlines: []duty.CellHotline{{Code: county}}}); err != nil {
		t.Errorf("one's own county: %v", err)
	}
	if err := set(grids.Principal{Role: grids.RoleDepartment, Layers: []grids.LayerCode{"noise"}}, duty.Change{Texts: []duty.ChangedText{{Layer: "noise"}}}); err != nil {
		t.Errorf("one's own layer: %v", err)
	}
	if s := read(); len(s.Hotlines) != 0 || s.Texts[1] != before.Texts[1] {
		t.Errorf("taken back: %+v", fmt.Sprint(s))
	}
}
