package importers

import (
	"context"
	_ "embed"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/cells"
	"unigrid/grids/layers"
	"unigrid/grids/objects"
	"unigrid/grids/people"
	"unigrid/importers/table"
)

//go:embed apply_people.sql
var applyPeopleSQL string

// applyPeople hands rows to package people.
func applyPeople(ctx context.Context, tx pgx.Tx, t cells.Territory, batch int64, r Request, report *Report) error {
	if err := layers.EnsureDefaults(ctx, tx, t.ID); err != nil {
		return err
	}
	named, err := layerWords(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	layer := orNone(wordsOf(named))
	for _, v := range []values{{"layer", "unknown-word", layer}, {"supports", "unknown-word", listOf(layer)}, {"post_from", "bad-date", listOf(orNone(instantText))}} {
		if err := translate(ctx, tx, t, batch, v, report); err != nil {
			return err
		}
	}
	choices, err := r.choices()
	if err != nil {
		return err
	}
	m := report.Mapping
	if _, err := tx.Exec(ctx, applyPeopleSQL, t.ID, batch, m["staff_no"], m["name"], m["unit"], m["post"], m["phone"], r.Provenance, choices,
		m["layer"], m["supports"], m["post_from"]); err != nil {
		return err
	}
	took, err := people.TakePeople(ctx, tx, t.ID, batch)
	report.take(took)
	return err
}

//go:embed apply_assignments.sql
var applyAssignmentsSQL string

// applyAssignments hands rows to package people, words and dates as it knows
// them.
func applyAssignments(ctx context.Context, tx pgx.Tx, t cells.Territory, edition grids.EditionID, batch int64, r Request, who grids.Principal, at time.Time, report *Report) error {
	if err := layers.EnsureDefaults(ctx, tx, t.ID); err != nil {
		return err
	}
	named, err := layerWords(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	for _, v := range []values{
		{"role", "unknown-word", wordsOf(roleWords())}, {"side", "unknown-word", wordsOf(sideWords())}, {"layer", "unknown-word", wordsOf(named)},
		{"rank", "bad-number", wholeNumber}, {"from", "bad-date", instantText}, {"to", "bad-date", untilText},
	} {
		if err := translate(ctx, tx, t, batch, v, report); err != nil {
			return err
		}
	}
	choices, err := r.choices()
	if err != nil {
		return err
	}
	m := report.Mapping
	if _, err := tx.Exec(ctx, applyAssignmentsSQL, t.ID, batch, m["staff_no"], m["cell_code"], m["role"], m["layer"], m["post"], m["side"], m["rank"], m["from"], m["to"],
		m["county"], m["town"], m["village"], choices); err != nil {
		return err
	}
	if r.Roster != nil {
		took, said, err := people.Succeed(ctx, tx, t.ID, edition, batch, who.Name, r.Roster.Cell, r.Roster.At)
		report.take(took)
		report.Succession = &said
		return err
	}
	took, err := people.TakeAssignments(ctx, tx, t.ID, edition, batch, who.Name, at)
	report.take(took)
	return err
}

// wholeNumber reads a number such as 3, "３" or 3.0.
func wholeNumber(text string) (string, bool) {
	text = strings.ReplaceAll(objects.HalfWidth(text), ",", "")
	if whole, zeros, ok := strings.Cut(text, "."); ok && strings.Trim(zeros, "0") == "" {
		text = whole
	}
	n, err := strconv.Atoi(text)
	return strconv.Itoa(n), err == nil && n >= 0 && n <= 999999
}

// instantText gives a date or time as PostgreSQL reads it.
func instantText(text string) (string, bool) {
	at, ok := table.ParseDate(text)
	return at.Format(time.RFC3339Nano), ok
}

// untilText is instantText for the end of a period, which may have none.
func untilText(text string) (string, bool) {
	switch strings.TrimSpace(text) {
	case "至今", "长期", "现任", "在任", "今":
		return "infinity", true
	}
	return instantText(text)
}

// orNone is a reading of values that takes a word for none, too, as -.
func orNone(read func(string) (string, bool)) func(string) (string, bool) {
	return func(text string) (string, bool) {
		switch strings.TrimSpace(text) {
		case "-", "—", "无", "none":
			return "-", true
		}
		return read(text)
	}
}

// listOf is a reading of several values with 、 or the like between them.
func listOf(read func(string) (string, bool)) func(string) (string, bool) {
	return func(text string) (string, bool) {
		parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("、，,；;\n", r) })
		for i, p := range parts {
			value, ok := read(p)
			if !ok {
				return "", false
			}
			parts[i] = value
		}
		return strings.Join(parts, "、"), len(parts) > 0
	}
}
