package access

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"unigrid/grids"
	"unigrid/grids/database"
)

// Caller is who a request acts for, and by what.
type Caller struct {
	grids.Principal
	Session    int64 // 0: by key
	Key        int64 // 0: by session
	Label      string
	MustChange bool // a password that another has set; until it is changed nothing else can be done
	Expires    time.Time
	PerMinute  int // of a key
}

// initial are the only things that may be done before a first password is
// changed.
var initial = []string{"catalog", "own"}

// Identify tells who a session's token or a key is in a territory (its code; ""
// the oldest): with the role that was given there, else as the public with an
// account. ok: false when nobody is.
func Identify(ctx context.Context, db *database.DB, token, key, territory string) (caller Caller, ok bool, err error) {
	var hash, secret []byte
	var prefix string
	if token != "" {
		hash = tokenHash(token)
	} else {
		rest, fits := strings.CutPrefix(key, keyMark)
		var text string
		if prefix, text, _ = strings.Cut(rest, "_"); !fits || text == "" {
			return caller, false, nil
		}
		secret = tokenHash(text)
	}
	err = db.Tx(ctx, grids.Public, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT session, key, account, name, label, must_change, expires, territory, role, within, layers,
			code_lengths, code_pad, actions, collections, key_layers, per_minute FROM access.identify($1, $2, $3, $4)`, hash, prefix, secret, territory)
		if err != nil {
			return err
		}
		var session, keyID *int64
		var role *grids.Role
		var pad, rate *int
		var scheme grids.CodeScheme
		var within []grids.Code
		var layers, keyLayers []grids.LayerCode
		_, err = pgx.ForEachRow(rows, []any{&session, &keyID, &caller.Account, &caller.Name, &caller.Label, &caller.MustChange, &caller.Expires,
			&caller.Territory, &role, &within, &layers, &scheme.Lengths, &pad, &caller.Actions, &caller.Collections, &keyLayers, &rate}, func() error {
			ok = true
			return nil
		})
		if err != nil || !ok {
			return err
		}
		caller.Role = grids.RolePublic
		if role != nil {
			caller.Role = *role
		}
		if session != nil {
			caller.Session = *session
		}
		if keyID != nil {
			caller.Key = *keyID
		}
		if pad != nil {
			scheme.PadTo = *pad
		}
		if rate != nil {
			caller.PerMinute = *rate
		}
		for _, code := range within {
			caller.Within = append(caller.Within, scheme.Prefix(code))
		}
		caller.Layers, ok = both(layers, keyLayers)
		return nil
	})
	if err != nil {
		return Caller{}, false, fmt.Errorf("who it is: %w", err)
	}
	if caller.MustChange {
		caller.Actions = initial
	}
	return caller, ok, nil
}

// both gives the layers that are in two lists, of which an empty one stands for
// all. ok: false when there are none.
func both(a, b []grids.LayerCode) (list []grids.LayerCode, ok bool) {
	if len(a) == 0 || len(b) == 0 {
		return append(a, b...), true
	}
	for _, layer := range a {
		for _, other := range b {
			if layer == other {
				list = append(list, layer)
			}
		}
	}
	return list, len(list) > 0
}
