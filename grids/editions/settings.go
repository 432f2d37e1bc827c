package editions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/people"
)

// Settings say what a territory asks for before a draft is published. Since is
// from when; zero when it never said anything, and asks for nothing.
type Settings struct {
	Since    time.Time `json:"since"`
	SignOffs []Party   `json:"sign_offs"`
	Decision bool      `json:"decision"` // document number (文号) and date
	Scan     bool      `json:"scan"`     // of the decision
	Assigned bool      `json:"assigned"` // everybody's place is taken, or its vacancy accepted by name
	// Office is whose documents about the grid are (发文机关), Addressee to whom the
	// report of changes goes (主送机关); empty where nobody has said so.
	Office    grids.Text `json:"office"`
	Addressee grids.Text `json:"addressee"`
	SetBy     string     `json:"set_by"`
}

// Party is who has to sign off: a unit, the department of a layer, or whoever
// has a role; one of the three.
type Party struct {
	Unit  people.UnitID   `json:"unit,omitempty"`
	Layer grids.LayerCode `json:"layer,omitempty"`
	Role  grids.Role      `json:"role,omitempty"`
	Name  grids.Text      `json:"name"` // for people to read
}

// key is how the database writes a party.
func (p Party) key() string {
	switch {
	case p.Unit != 0:
		return fmt.Sprintf("unit:%d", p.Unit)
	case p.Layer != "":
		return "layer:" + string(p.Layer)
	}
	return "role:" + string(p.Role)
}

// signers are the roles that may sign.
var signers = map[grids.Role]grids.Text{
	grids.RolePlanner:    {ZH: "规划员", EN: "planner"},
	grids.RoleAdmin:      {ZH: "系统管理员", EN: "system administrator"},
	grids.RoleDepartment: {ZH: "部门管理员", EN: "department"},
}

// ReadSettings gives the settings in force at an instant (zero: now, by the
// database's clock, which says when they begin).
func ReadSettings(ctx context.Context, tx pgx.Tx, t cells.Territory, at time.Time) (Settings, error) {
	list, err := listSettings(ctx, tx, t, `SELECT since, sign_offs, decision, scan, assigned, office_zh, office_en, addressee_zh, addressee_en, set_by FROM editions.settings($1, coalesce($2, clock_timestamp())) WHERE since IS NOT NULL`, at)
	if err != nil || len(list) == 0 {
		return Settings{SignOffs: []Party{}}, err
	}
	return list[0], nil
}

// PlannedSettings gives those that come into force after an instant (zero: now),
// the next first.
func PlannedSettings(ctx context.Context, tx pgx.Tx, t cells.Territory, after time.Time) ([]Settings, error) {
	return listSettings(ctx, tx, t, `SELECT since, sign_offs, decision, scan, assigned, office_zh, office_en, addressee_zh, addressee_en, set_by FROM editions.setting WHERE territory_id = $1 AND since > coalesce($2, clock_timestamp()) ORDER BY since`, after)
}

func listSettings(ctx context.Context, tx pgx.Tx, t cells.Territory, query string, at time.Time) ([]Settings, error) {
	rows, err := tx.Query(ctx, query, t.ID, orNow(at))
	if err != nil {
		return nil, fmt.Errorf("what publishing asks for: %w", err)
	}
	var keys [][]string
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s Settings, err error) {
		keys = append(keys, nil)
		return s, row.Scan(&s.Since, &keys[len(keys)-1], &s.Decision, &s.Scan, &s.Assigned, &s.Office.ZH, &s.Office.EN, &s.Addressee.ZH, &s.Addressee.EN, &s.SetBy)
	})
	if err != nil {
		return nil, fmt.Errorf("what publishing asks for: %w", err)
	}
	for i := range list {
		if list[i].SignOffs, err = parties(ctx, tx, t.ID, keys[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// orNow is nil for the zero time.
func orNow(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// SetSettings makes settings hold from s.Since on (zero: from now on) and gives the
// instant from which they do. It fails with Invalid where a party isn't one, or the
// instant lies in the past.
func SetSettings(ctx context.Context, tx pgx.Tx, t cells.Territory, s Settings) (since time.Time, err error) {
	keys := make([]string, len(s.SignOffs))
	for i, p := range s.SignOffs {
		known, err := knownParty(ctx, tx, t.ID, p)
		if err != nil {
			return since, err
		}
		if keys[i] = known.key(); slices.Contains(keys[:i], keys[i]) {
			return since, grids.Errorf(grids.Invalid, "sign_offs", "会签方重复:%s", "%s is named twice", known.Name.ZH)
		}
	}
	err = tx.QueryRow(ctx, `
		INSERT INTO editions.setting (territory_id, since, sign_offs, decision, scan, assigned, office_zh, office_en, addressee_zh, addressee_en)
		SELECT $1, coalesce($2, now), $3, $4, $5, $6, $7, $8, $9, $10 FROM clock_timestamp() AS now WHERE $2 >= now IS NOT FALSE
		RETURNING since`, t.ID, orNow(s.Since), keys, s.Decision, s.Scan, s.Assigned,
		s.Office.ZH, s.Office.EN, s.Addressee.ZH, s.Addressee.EN).Scan(&since)
	if errors.Is(err, pgx.ErrNoRows) {
		return since, grids.Errorf(grids.Invalid, "since", "生效时间不能在过去", "settings begin now or later, not in the past")
	}
	if err != nil {
		return since, fmt.Errorf("what publishing asks for: %w", err)
	}
	return since, nil
}

// WithdrawSettings takes back the settings that were to hold from an instant on. It
// fails with Conflict where they hold already, with NotFound where none begin then.
func WithdrawSettings(ctx context.Context, tx pgx.Tx, t cells.Territory, since time.Time) error {
	var begun bool
	err := tx.QueryRow(ctx, `
		WITH gone AS (DELETE FROM editions.setting WHERE territory_id = $1 AND since = $2 AND since > clock_timestamp() RETURNING since)
		SELECT NOT EXISTS (SELECT FROM gone) FROM editions.setting WHERE territory_id = $1 AND since = $2`, t.ID, since).Scan(&begun)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return grids.Errorf(grids.NotFound, "since", "没有从此时起生效的发布要求", "no settings begin at that instant").
			Fix("计划中的各项见 /v1/publication-settings 的 next", "those to come are listed as next by /v1/publication-settings")
	case err != nil:
		return fmt.Errorf("taking settings back: %w", err)
	case begun:
		return grids.Errorf(grids.Conflict, "since", "这些要求已经生效,不能撤回", "these settings hold already, and are not taken back").
			Fix("另设新的要求代替", "set others in their place")
	}
	return nil
}

// knownParty checks that there is such a party, and names it.
func knownParty(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, p Party) (Party, error) {
	given := 0
	for _, there := range []bool{p.Unit != 0, p.Layer != "", p.Role != ""} {
		if there {
			given++
		}
	}
	if given != 1 {
		return p, grids.Errorf(grids.Invalid, "sign_offs", "会签方须是单位、条线或角色之一", "a party is a unit, a layer or a role, one of them")
	}
	if _, may := signers[p.Role]; p.Role != "" && !may {
		return p, grids.Errorf(grids.Invalid, "sign_offs", "角色 %q 不能会签", "the role %q doesn't sign", p.Role).
			Fix("可用:planner、admin、department", "planner, admin and department do")
	}
	list, err := parties(ctx, tx, territory, []string{p.key()})
	if err != nil {
		return p, err
	}
	if list[0].Name.ZH == "" {
		return p, grids.Errorf(grids.Invalid, "sign_offs", "没有会签方 %s", "there is no party %s", p.key()).
			Fix("单位见 /v1/units,条线见 /v1/layers", "units are listed by /v1/units, layers by /v1/layers")
	}
	return list[0], nil
}

// parties names parties; one that is not there any more has no name.
func parties(ctx context.Context, tx pgx.Tx, territory grids.TerritoryID, keys []string) ([]Party, error) {
	rows, err := tx.Query(ctx, `
		SELECT k.kind, k.what, coalesce(u.label, l.name_zh, ''), coalesce(u.label, l.name_en, '')
		FROM (SELECT n, split_part(key, ':', 1) AS kind, split_part(key, ':', 2) AS what FROM unnest($2::text[]) WITH ORDINALITY AS k (key, n)) k
		LEFT JOIN people.unit u ON k.kind = 'unit' AND u.territory_id = $1 AND u.id::text = k.what AND u.retired_at IS NULL
		LEFT JOIN layers.layer l ON k.kind = 'layer' AND l.territory_id = $1 AND l.code = k.what
		ORDER BY k.n`, territory, keys)
	if err != nil {
		return nil, fmt.Errorf("parties of sign-offs: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Party, err error) {
		var kind, what string
		if err := row.Scan(&kind, &what, &p.Name.ZH, &p.Name.EN); err != nil {
			return p, err
		}
		switch kind {
		case "unit":
			_, err = fmt.Sscan(what, &p.Unit)
		case "layer":
			p.Layer = grids.LayerCode(what)
			if p.Name.ZH != "" {
				p.Name.ZH, p.Name.EN = p.Name.ZH+"条线", "layer "+p.Name.EN
			}
		default:
			p.Role = grids.Role(what)
			p.Name = signers[p.Role]
		}
		return p, err
	})
}

// names puts the names of parties in one line.
func names(list []Party) grids.Text {
	texts := make([]grids.Text, len(list))
	for i, p := range list {
		if texts[i] = p.Name; p.Name.ZH == "" {
			texts[i] = grids.Text{ZH: p.key(), EN: p.key()}
		}
	}
	return listed(texts)
}

// listed joins texts to a list.
func listed(texts []grids.Text) grids.Text {
	zh, en := make([]string, len(texts)), make([]string, len(texts))
	for i, t := range texts {
		zh[i], en[i] = t.ZH, t.EN
	}
	return grids.Text{ZH: strings.Join(zh, "、"), EN: strings.Join(en, ", ")}
}
