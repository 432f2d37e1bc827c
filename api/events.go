package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"unigrid/importers"
)

const (
	// eventsSuffix ends the paths of streams of events.
	eventsSuffix = "/events"
	// eventPause is the least time between two events of a stream.
	eventPause = 250 * time.Millisecond
	// heartbeat is the time after which a stream says that it is alive.
	heartbeat = 15 * time.Second
	// streamPatience is how long a reader of a stream may take for an event.
	streamPatience = 30 * time.Second
)

// GetImportEvents streams an import whenever it changes, until nothing more
// happens to it by itself.
func (s *Server) GetImportEvents(c echo.Context, id ImportId) error {
	ctx := c.Request().Context()
	now, done, err := s.lookAtImport(c, id)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // proxies pass events on at once
	c.Response().WriteHeader(http.StatusOK)
	if callOf(c).head {
		return nil
	}
	stream := eventStream{c: c, connection: http.NewResponseController(c.Response())}
	if err := stream.write("retry: 2000\n\n"); err != nil {
		return nil // whoever asked went away
	}
	pause := time.NewTicker(eventPause)
	defer pause.Stop()
	var last []byte
	for {
		switch {
		case !bytes.Equal(now, last):
			if err := stream.write("event: import\ndata: " + string(now) + "\n\n"); err != nil {
				return nil
			}
			last = now
		case time.Since(stream.said) > heartbeat:
			if err := stream.write(": alive\n\n"); err != nil {
				return nil
			}
		}
		if done {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.options.Stopping:
			return nil
		case <-pause.C:
		}
		if now, done, err = s.lookAtImport(c, id); err != nil {
			if !errors.Is(err, context.Canceled) {
				s.log.WarnContext(ctx, "events of an import broken off", "request_id", callOf(c).id, "import", id, "err", err)
			}
			return nil // the client asks again after the time in retry
		}
	}
}

// lookAtImport gives an import as JSON, and whether nothing more happens to it
// by itself.
func (s *Server) lookAtImport(c echo.Context, id int64) (text []byte, done bool, err error) {
	err = s.readImport(c, id, func(ctx context.Context, o onImport) error {
		shown, err := s.showImport(ctx, c, o)
		if err != nil {
			return err
		}
		done = !o.busy && o.imp.State != importers.Received
		text, err = marshal(shown)
		return err
	})
	return text, done, err
}

// eventStream writes events to whoever listens.
type eventStream struct {
	c          echo.Context
	connection *http.ResponseController
	said       time.Time // when the last was written
}

func (e *eventStream) write(text string) error {
	e.said = time.Now()
	if err := e.connection.SetWriteDeadline(e.said.Add(streamPatience)); err != nil {
		return fmt.Errorf("stream of events: %w", err)
	}
	if _, err := e.c.Response().Write([]byte(text)); err != nil {
		return err
	}
	return e.connection.Flush()
}
