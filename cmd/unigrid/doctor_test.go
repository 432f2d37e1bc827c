package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"unigrid/grids/database/databasetest"
)

// TestDoctorNamesTampering changes the log as only a superuser can, and reads
// what the command says of it.
func TestDoctorNamesTampering(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		do   string
		want string
	}{
		"nothing":          {`SELECT`, ""},
		"an entry changed": {`UPDATE audit.entry SET name = 'nobody' WHERE territory_id = 1 AND seq = 2`, "430200000000: the log of territory 430200000000: entry 2 (table layers.layer, key environment, insert) does not match its hash"},
		"one taken away":   {`DELETE FROM audit.entry WHERE territory_id = 1 AND seq = 2`, "the log of territory 430200000000 lacks entries 2 to 2: they were taken away"},
		"the last one too": {`DELETE FROM audit.entry WHERE territory_id = 1 AND seq = 7`, "the log of territory 430200000000 lacks entries 7 to 7: they were taken away"},
		"of no territory":  {`UPDATE audit.entry SET at = at - interval '1 day' WHERE territory_id = 0 AND noun = 'audit' AND key = 'people.person'`, "the log of accounts and the system: entry"},
		"triggers off":     {`ALTER TABLE people.person DISABLE TRIGGER audit_delete`, "the triggers of table people.person (delete) are missing or switched off"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := databasetest.URL(t)
			args := []string{"--database-url", url}
			if got := run(t.Context(), append(args, strings.Fields("territory create --code 430200000000 --name 示例市 --crs EPSG:4547")...)); got != exitDone {
				t.Fatalf("exit code %d", got)
			}
			owner, err := pgx.Connect(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer owner.Close(t.Context())
			for _, sql := range []string{
				`INSERT INTO editions.edition (territory_id, seq, state, created_by) VALUES (1, 1, 'draft', '')`, `UPDATE editions.edition SET note = '说明'`,
				`ALTER TABLE audit.entry DISABLE TRIGGER append_only`, test.do, `ALTER TABLE audit.entry ENABLE ALWAYS TRIGGER append_only`,
			} {
				if _, err := owner.Exec(t.Context(), sql); err != nil {
					t.Fatalf("%s: %v", sql, err)
				}
			}
			want := exitDone
			if test.want != "" {
				want = exitFailed
			}
			if got := run(t.Context(), append(args, "doctor")); got != want {
				t.Errorf("exit code %d, want %d", got, want)
			}
			var out bytes.Buffer
			if err := with(t.Context(), &config{databaseURL: url}, func(a *app) error {
				d, err := a.diagnose(t.Context())
				a.printDiagnosis(&out, d)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out.String(), test.want) {
				t.Errorf("doctor says\n%s\nand nothing of %q", out.String(), test.want)
			}
		})
	}
}
