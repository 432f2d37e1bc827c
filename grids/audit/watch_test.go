package audit_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/audit"
	"unigrid/grids/database/databasetest"
)

// notLogged are the tables that watched.sql leaves out, and why.
var notLogged = map[string]string{
	`audit\..*`:        "the log itself",
	`[a-z]+\.intake.*`: "a batch on its way into a room",
	`staging\.(batch|row.*|finding|difference)`:                                                   "a file on its way; who takes it in is logged with what it changes",
	`(objects|layers)\.version|people\.(person_version|assignment_past)`:                          "history that triggers write",
	`cells\.(journal|sent)|(objects|layers|people)\.sent|[a-z]+\.undone`:                          "what an import or a step was, for its undoing",
	`people\.(assignment_journal|contact_before|membership_before)`:                               "what an import replaced, for its undoing",
	`cells\.cell|(objects|layers|people)\.identity`:                                               "numbers that things have for good",
	`cells\.(lineage|display|generalised)|editions\.report|objects\.placement|people\.search_key`: "made from what is logged",
	`merge\.(crosswalk|sliver|stretch|move|seen_leaf)`:                                            "what a merge measures and proposes",
	`objects\.kind|people\.unit_kind|(duty|workdays)\.usual`:                                      "comes with migrations",
	`circulation\.(party|item|concern)`:                                                           "what a round found of the merge when it began",
	`cells\.unplaced`:                                                                             "work of a transaction",
	`access\.attempt`:                                                                             "failures by hash of a name, for a day",
	`layers\.past_name`:                                                                           "history that triggers write of layers.layer",
	`merge\.decision`:                                                                             "history that triggers write of merge.conflict",
}

// A new table is either logged or said not to be.
func TestEveryTableIsLoggedOrNot(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	err := db.Read(t.Context(), grids.Local, func(tx pgx.Tx) error {
		watched, err := audit.Nouns(t.Context(), tx)
		if err != nil {
			return err
		}
		rows, err := tx.Query(t.Context(), `
			SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'public', 'jobs') AND n.nspname NOT LIKE 'pg\_%'`)
		if err != nil {
			return err
		}
		tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		logged := "|" + strings.Join(watched, "|") + "|"
		for _, table := range tables {
			why := ""
			for pattern, reason := range notLogged {
				if regexp.MustCompile(`^(` + pattern + `)$`).MatchString(table) {
					why = reason
				}
			}
			is := strings.Contains(logged, "|"+table+"|")
			if !is && why == "" {
				t.Errorf("table %s is new: say in watched.sql how its changes are logged, or in notLogged why they are not", table)
			}
			if is && why != "" {
				t.Errorf("table %s is logged, and said not to be: %s", table, why)
			}
		}
		if len(tables) < 40 || len(watched) < 30 {
			t.Errorf("only %d tables, %d of them logged", len(tables), len(watched))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
