package people_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/people"
)

func TestSettle(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1, 1)
	soon := time.Now().Add(2 * time.Second)
	made, err := w.edit(people.PersonEdit{Name: ptr("张三"), StaffNo: ptr("S1"), Posts: &[]people.PostSaid{{Title: "副镇长", To: &soon}, {Title: "镇长", From: &soon}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.exec(grids.Local, `INSERT INTO people.person (territory_id, staff_no, name, provenance) VALUES ($1, 'S2', '李四', 'demo')`, w.Territory); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Until(soon) + 100*time.Millisecond)
	w.tx(func(tx pgx.Tx) error { return people.Settle(t.Context(), tx) })
	var post string
	w.tx(func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT post FROM people.person WHERE id = $1`, made[0].ID).Scan(&post)
	})
	if list, _ := w.search(people.Search{Text: "lisi"}); post != "镇长" || len(list) != 1 {
		t.Errorf("%s, %d found", post, len(list))
	}
}
