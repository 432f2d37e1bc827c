package api

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"unigrid/grids"
	"unigrid/grids/audit"
)

// GetAudit searches the log of changes.
func (s *Server) GetAudit(c echo.Context, params GetAuditParams) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	return s.read(c, func(ctx context.Context, r reading) error {
		chain := r.territory.id
		if params.Of != nil && *params.Of == GetAuditParamsOfSystem {
			if who := principal(c); who.Territory != 0 {
				return grids.Errorf(grids.Forbidden, "of", "账号与系统的日志只供全局审计管理员查阅", "the log of accounts and the system is for auditors of all territories")
			}
			chain = 0
		}
		q := audit.Query{Name: value(params.Name), Noun: value(params.Noun), Key: value(params.Key), From: params.From, To: params.To,
			Text: value(params.Q), Limit: clampLimit(c.QueryParam("limit"), 50, 500)}
		if params.Person != nil {
			q.Person = grids.PersonID(*params.Person)
		}
		if params.Before != nil {
			q.Before = *params.Before
		}
		entries, err := audit.Search(ctx, r.tx, chain, q)
		if err != nil {
			return err
		}
		head, err := audit.ReadHead(ctx, r.tx, chain)
		if err != nil {
			return err
		}
		nouns, err := audit.Nouns(ctx, r.tx)
		if err != nil {
			return err
		}
		answer := map[string]any{"entries": entries, "head": map[string]any{"seq": head.Seq, "hash": head.Hash}, "nouns": nouns}
		if len(entries) == q.Limit {
			answer["next"] = entries[len(entries)-1].Seq
		}
		return sendJSON(c, http.StatusOK, mediaJSON, answer)
	})
}
