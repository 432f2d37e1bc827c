-- +goose Up
-- What an edition changed, one record per cell: applied to the previous
-- edition's export it gives this one.
CREATE TABLE editions.change (
  territory_id int NOT NULL,
  edition      int NOT NULL,
  seq          int NOT NULL,
  uid          bigint NOT NULL,
  op           text NOT NULL CHECK (op IN ('created', 'changed', 'retired', 'split', 'merged')),
  before       jsonb,
  after        jsonb,
  successors   jsonb NOT NULL DEFAULT '[]',
  PRIMARY KEY (territory_id, edition, seq),
  FOREIGN KEY (territory_id, edition) REFERENCES editions.edition (territory_id, seq)
);
GRANT SELECT, INSERT ON editions.change TO unigrid_app;
