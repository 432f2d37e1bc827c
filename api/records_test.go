package api_test

import (
	"bytes"
	"strings"
	"sync"
)

// records keeps what several requests log.
type records struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *records) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(b)
}

func (r *records) lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Split(strings.TrimSpace(r.text.String()), "\n")
}

// failure gives the last record of an internal error.
func (r *records) failure() string {
	last := ""
	for _, line := range r.lines() {
		if strings.Contains(line, `"err":`) {
			last = line
		}
	}
	return last
}
