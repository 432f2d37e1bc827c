package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"unigrid/api"
)

// A stream ends when the service stops or nobody listens any more.
func TestEventsEnd(t *testing.T) {
	t.Parallel()
	p := newPlanner(t) // its queue stands still: nothing ends by itself
	made := readImport(t, p.post("/imports", fmt.Sprintf(`{"upload":%q,"target":"enterprises"}`,
		p.upload("/t/431000000000", "a.csv", []byte("编码,名称\nE1,甲\n")))), 201)
	ended := make(chan []api.Import)
	go func() { ended <- clerk{p}.events(made.Id) }()
	select {
	case <-ended:
		t.Fatal("ended while the import waits")
	case <-time.After(time.Second):
	}
	p.exec(`UPDATE staging.batch SET progress = '{"stage":"reading","rows":7}' WHERE id = $1`, made.Id)
	time.Sleep(time.Second)
	close(p.stop)
	if list := <-ended; len(list) != 2 || list[1].Progress.Rows != 7 {
		t.Errorf("%+v", list)
	}
	if a := p.send(http.MethodHead, fmt.Sprintf("%s/imports/%d/events", p.base, made.Id), ""); a.status != 200 {
		t.Errorf("%d", a.status)
	}
	if !strings.Contains(strings.Join(p.log.lines(), "\n"), "/events") {
		t.Error("the stream left no record")
	}
}
