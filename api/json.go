package api

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/jackc/pgx/v5"
)

// marshal is json.Marshal without escaping HTML, so that addresses stay
// readable.
func marshal(value any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSpace(b.Bytes()), err
}

func isNoRows(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

// shown gives a value as the API shows it, of another type with the same JSON;
// nil when it has none.
func shown[T any](value any) *T {
	text, err := marshal(value)
	if err != nil {
		return nil
	}
	var as T
	if err := json.Unmarshal(text, &as); err != nil {
		return nil
	}
	return &as
}
