// Package racetest lets many writers race handovers of the same cells through
// the HTTP API, and proves by plain SQL over the whole history that each cell
// always had exactly one accountable person and that no update was lost.
package racetest

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// Race is a race to be run. Cells have an accountable person each.
type Race struct {
	Base    string      // address of the service, without the last slash
	Header  http.Header // of every request; nil: none
	Cells   []string    // codes
	Persons []int64     // who takes over from whom
	Writers int
	For     time.Duration
	// Dies tells that the service is killed meanwhile: requests without an
	// answer are counted, not errors.
	Dies bool
}

// Answered is a handover that the service said it made.
type Answered struct {
	Handover int64 `json:"id"`
	Replaced int64 `json:"replaced"`
	Made     int64 `json:"assignment"`
	To       int64 `json:"to"`
}

// Result counts what became of the writers' requests.
type Result struct {
	Answered   []Answered
	Late       int // refused, for somebody else was quicker
	Unanswered int // the service died
	Wrong      []string
}

// Run lets the writers loose, each at least once. Each looks who holds a cell and then hands it over,
// mostly now, sometimes later or for a time.
func (r Race) Run(ctx context.Context) Result {
	var result Result
	var mu sync.Mutex
	var wait sync.WaitGroup
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: r.Writers}}
	end := time.Now().Add(r.For)
	for range r.Writers {
		wait.Go(func() {
			for first := true; ctx.Err() == nil && (first || time.Now().Before(end)); first = false {
				done, status, err := r.handOver(ctx, client)
				mu.Lock()
				switch {
				case err != nil && r.Dies:
					result.Unanswered++
				case err != nil:
					result.Wrong = append(result.Wrong, err.Error())
				case status == http.StatusCreated:
					result.Answered = append(result.Answered, done)
				case status == http.StatusConflict:
					result.Late++
				default:
					result.Wrong = append(result.Wrong, fmt.Sprintf("status %d", status))
				}
				mu.Unlock()
				if err != nil {
					time.Sleep(50 * time.Millisecond)
				}
			}
		})
	}
	wait.Wait()
	return result
}

func (r Race) handOver(ctx context.Context, client *http.Client) (Answered, int, error) {
	cell := r.Cells[rand.IntN(len(r.Cells))]
	var seen struct {
		Assignments []struct{ ID, Person int64 }
	}
	now := time.Now().UTC().Format(time.RFC3339Nano)
	if status, err := r.ask(ctx, client, http.MethodGet, "/v1/assignments?role=accountable&cell="+cell+"&at="+now, nil, &seen); err != nil || status != http.StatusOK {
		return Answered{}, status, err
	}
	if len(seen.Assignments) != 1 {
		return Answered{}, 0, fmt.Errorf("cell %s has %d accountable people at %s", cell, len(seen.Assignments), now)
	}
	holder := seen.Assignments[0]
	to := r.Persons[rand.IntN(len(r.Persons))]
	for to == holder.Person {
		to = r.Persons[rand.IntN(len(r.Persons))]
	}
	body := map[string]any{"from": holder.Person, "to": to}
	switch rand.IntN(10) {
	case 0: // later
		body["at"] = time.Now().Add(time.Duration(1+rand.IntN(3600)) * time.Second)
	case 1: // for a time
		body["until"] = time.Now().Add(time.Duration(1+rand.IntN(3600)) * time.Second)
	}
	var done Answered
	status, err := r.ask(ctx, client, http.MethodPost, fmt.Sprintf("/v1/assignments/%d/handover", holder.ID), body, &done)
	return done, status, err
}

// ask sends a request and reads the answer to one that succeeds.
func (r Race) ask(ctx context.Context, client *http.Client, method, path string, body, into any) (int, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	request, err := http.NewRequestWithContext(ctx, method, r.Base+path, bytes.NewReader(text))
	if err != nil {
		return 0, err
	}
	for name, values := range r.Header {
		request.Header[name] = values
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err
	}
	if response.StatusCode >= 300 {
		if response.StatusCode != http.StatusConflict && !r.Dies {
			return response.StatusCode, fmt.Errorf("%s %s: %d %.300s", method, path, response.StatusCode, content)
		}
		return response.StatusCode, nil
	}
	return response.StatusCode, json.Unmarshal(content, into)
}

//go:embed history.sql
var history string

//go:embed lost.sql
var lost string

// Proof counts what Prove looked at.
type Proof struct {
	Cells     int
	States    int // that were ever known of a cell
	Handovers int
}

// Prove judges the whole history of a race's cells, as known now and as known at
// every instant before: whatever is wrong is told. Cells had their person since.
func Prove(ctx context.Context, tx pgx.Tx, territory int64, since time.Time, cells []string, answered []Answered) (Proof, []string, error) {
	var proof Proof
	wrong := []string{}
	if err := tx.QueryRow(ctx, history, territory, cells, since).Scan(&proof.Cells, &proof.States, &wrong); err != nil {
		return proof, nil, fmt.Errorf("judging the history: %w", err)
	}
	if proof.Cells != len(cells) {
		wrong = append(wrong, fmt.Sprintf("%d of %d cells have a history", proof.Cells, len(cells)))
	}
	columns := make([][]int64, 4)
	for _, a := range answered {
		for i, n := range []int64{a.Handover, a.Replaced, a.Made, a.To} {
			columns[i] = append(columns[i], n)
		}
	}
	var more []string
	if err := tx.QueryRow(ctx, lost, territory, cells, columns[0], columns[1], columns[2], columns[3]).Scan(&proof.Handovers, &more); err != nil {
		return proof, nil, fmt.Errorf("looking for lost updates: %w", err)
	}
	return proof, append(wrong, more...), nil
}
