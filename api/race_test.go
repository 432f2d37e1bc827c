package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/api/racetest"
)

// The race of .ci/race in small.
func TestHandoversRace(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l := s.territory("4302", "示例市", 113, 27.5, 3)
	race := racetest.Race{Base: l.server.URL, Writers: 8, For: 2 * time.Second, Header: http.Header{"Cookie": {s.cookie}}}
	since := scan[time.Time](s, `SELECT clock_timestamp()`)
	for i := range 10 {
		l.person(fmt.Sprint("R", i), fmt.Sprintf("示例人员 10%02d", i))
		race.Persons = append(race.Persons, l.who(fmt.Sprint("R", i)))
	}
	for town := range 4 {
		for village := range 3 {
			if len(race.Cells) < 10 {
				race.Cells = append(race.Cells, fmt.Sprintf("43020%d00%d00%d", 2+town/2, 1+town%2, 1+village))
			}
		}
	}
	for i, code := range race.Cells {
		l.assign(fmt.Sprint("R", i), code, "accountable", "")
	}
	result := race.Run(t.Context())
	if len(result.Wrong) > 0 || len(result.Answered) == 0 {
		t.Errorf("%d answered, wrong: %v", len(result.Answered), result.Wrong)
	}
	prove := func() (proof racetest.Proof, wrong []string) {
		s.tx(func(ctx context.Context, tx pgx.Tx) (err error) {
			proof, wrong, err = racetest.Prove(ctx, tx, int64(l.id), since, race.Cells, result.Answered)
			return err
		})
		return proof, wrong
	}
	proof, wrong := prove()
	if len(wrong) > 0 || proof.Handovers != len(result.Answered) || proof.States <= 2*len(result.Answered)/3 {
		t.Errorf("%+v of %d answered, %d late; %v", proof, len(result.Answered), result.Late, wrong)
	}
	// the proof finds what is wrong
	result.Answered = append(result.Answered, racetest.Answered{Handover: 1 << 40})
	s.exec(`UPDATE people.assignment SET during = tstzrange(lower(during), upper(during) - interval '1 microsecond')
		WHERE territory_id = $1 AND id = (SELECT min(id) FROM people.assignment WHERE territory_id = $1 AND role = 'accountable' AND NOT upper_inf(during))`, l.id)
	if _, wrong := prove(); !strings.Contains(fmt.Sprint(wrong), "nobody from") || !strings.Contains(fmt.Sprint(wrong), "not on record") {
		t.Errorf("%v", wrong)
	}
}
