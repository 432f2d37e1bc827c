// Command race lets writers race handovers against a service that it starts, and
// kills it meanwhile when it is told to; then it proves the history. .ci/race
// gives it a database.
package main

import (
	"context"
	crand "crypto/rand"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/api/racetest"
	"unigrid/grids"
	"unigrid/grids/access"
	"unigrid/grids/database"
)

func main() {
	program := flag.String("program", "bin/unigrid", "the service")
	data := flag.String("data", "", "data folder")
	database := flag.String("database", "", "where its database is")
	writers := flag.Int("writers", 64, "writers")
	cells := flag.Int("cells", 100, "cells")
	length := flag.Duration("for", time.Minute, "how long")
	kills := flag.Int("kills", 0, "how often the service is killed meanwhile")
	flag.Parse()
	if err := run(context.Background(), *program, *data, *database, *writers, *cells, *length, *kills); err != nil {
		fmt.Fprintln(os.Stderr, "race:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, program, data, database string, writers, cells int, length time.Duration, kills int) error {
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	race := racetest.Race{Writers: writers, For: length, Dies: kills > 0}
	var territory int64
	var since time.Time
	err = conn.QueryRow(ctx, `
		SELECT t.id, clock_timestamp(),
		  (SELECT array_agg(code ORDER BY code) FROM (SELECT v.code FROM cells.leaves(t.id, editions.published(t.id)) v
		     JOIN people.assignment a ON a.territory_id = t.id AND a.cell_id = v.cell_id AND a.role = 'accountable' AND a.during @> clock_timestamp() AND upper_inf(a.during)
		     ORDER BY v.code LIMIT $1) c),
		  (SELECT array_agg(id ORDER BY id) FROM (SELECT id FROM people.person WHERE territory_id = t.id ORDER BY id LIMIT 500) p)
		FROM cells.territory t ORDER BY t.id LIMIT 1`, cells).Scan(&territory, &since, &race.Cells, &race.Persons)
	if err != nil {
		return err
	}
	if len(race.Cells) < cells {
		return fmt.Errorf("only %d cells have an accountable person", len(race.Cells))
	}
	if race.Header, err = key(ctx, database, grids.TerritoryID(territory)); err != nil {
		return err
	}
	s := &service{program: program, data: data, database: database}
	if err := s.start(ctx); err != nil {
		return err
	}
	defer s.kill()
	race.Base = "http://" + s.addr
	killed := make(chan error, 1)
	go func() {
		for range kills {
			time.Sleep(time.Duration((0.5 + rand.Float64()) * float64(length) / float64(kills+1)))
			s.kill()
			if err := s.start(ctx); err != nil {
				killed <- err
				return
			}
		}
		killed <- nil
	}()
	result := race.Run(ctx)
	if err := <-killed; err != nil {
		return err
	}
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	proof, wrong, err := racetest.Prove(ctx, tx, territory, since, race.Cells, result.Answered)
	if err != nil {
		return err
	}
	wrong = append(result.Wrong, wrong...)
	fmt.Printf("%d writers, %d cells, %s, killed %d times: %d handovers answered, %d too late, %d without an answer; %d on record, %d states of knowledge looked at\n",
		writers, proof.Cells, length, kills, len(result.Answered), result.Late, result.Unanswered, proof.Handovers, proof.States)
	for i, w := range wrong {
		if i == 20 {
			break
		}
		fmt.Println("wrong:", w)
	}
	if len(wrong) > 0 || len(result.Answered) == 0 {
		return fmt.Errorf("%d things are wrong, %d handovers were answered", len(wrong), len(result.Answered))
	}
	fmt.Println("at every instant exactly one accountable person, and no update lost")
	return nil
}

// key makes an account with a key that may hand over in a territory.
func key(ctx context.Context, url string, territory grids.TerritoryID) (http.Header, error) {
	db, err := database.Open(ctx, url, 1)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var text string
	err = db.Tx(ctx, grids.Local, func(tx pgx.Tx) error {
		id, err := access.CreateAccount(ctx, tx, grids.Local, access.Account{Name: "race-" + strings.ToLower(crand.Text()[:8]), Kind: access.Service}, "")
		if err != nil {
			return err
		}
		if err := access.Give(ctx, tx, access.Grant{Account: id, Territory: territory, Role: grids.RolePlanner}, grids.GB12, ""); err != nil {
			return err
		}
		text, err = access.CreateKey(ctx, tx, access.Key{Account: id, Label: "race", PerMinute: 1_000_000, Expires: time.Now().Add(24 * time.Hour)}, time.Now())
		return err
	})
	return http.Header{"X-Api-Key": {text}}, err
}

// service is the program that is raced against, on one address for all its
// lives.
type service struct {
	program, data, database, addr string
	mu                            sync.Mutex
	running                       *exec.Cmd
}

func (s *service) start(ctx context.Context) error {
	if s.addr == "" {
		free, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		s.addr = free.Addr().String()
		if err := free.Close(); err != nil {
			return err
		}
	}
	cmd := exec.CommandContext(ctx, s.program, "--database-url", s.database, "--data", s.data, "serve", "--addr", s.addr)
	cmd.Stderr = nil
	if err := cmd.Start(); err != nil {
		return err
	}
	s.mu.Lock()
	s.running = cmd
	s.mu.Unlock()
	for range 600 {
		response, err := http.Get("http://" + s.addr + "/readyz")
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("the service did not begin at %s", s.addr)
}

func (s *service) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil {
		_ = s.running.Process.Kill() // SIGKILL
		_ = s.running.Wait()
		s.running = nil
	}
}
