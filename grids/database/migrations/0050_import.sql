-- +goose Up

-- An import is looked at before it counts: its file is read into staging, checked
-- as often as a person changes his mind about it, applied in one transaction and
-- undone as one step. request is what the person says of the file, source what
-- reading it found, report what the last check or the applying said.
ALTER TABLE staging.batch
  ADD COLUMN state      text NOT NULL DEFAULT 'applied'
    CONSTRAINT batch_state_check CHECK (state IN ('received', 'reading', 'read', 'checking', 'ready', 'applying', 'applied', 'failed', 'undone')),
  ADD COLUMN request    jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN source     jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN mapping    jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN report     jsonb,
  ADD COLUMN error      jsonb,
  ADD COLUMN progress   jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN upload     text,          -- the kept file's name in the folder of uploads; NULL: a file of a command
  ADD COLUMN checksum   bytea,         -- SHA-256 of the file
  ADD COLUMN applied_at timestamptz,
  ADD COLUMN undone_at  timestamptz,
  ADD COLUMN expires_at timestamptz;   -- after it the file, the rows and the rejects are gone

-- What an import would change, or has changed, in things that were there.
CREATE TABLE staging.difference (
  territory_id int NOT NULL,
  batch        bigint NOT NULL,
  n            int NOT NULL,
  difference   jsonb NOT NULL,
  PRIMARY KEY (territory_id, batch, n),
  FOREIGN KEY (territory_id, batch) REFERENCES staging.batch (territory_id, id) ON DELETE CASCADE
);
GRANT SELECT, INSERT, UPDATE, DELETE ON staging.difference TO unigrid_app;

-- The row as it was sent: its attributes, without those that nobody should keep,
-- and its geometry in the file's coordinates. The rooms keep it with what they
-- made of the row, where no collection or tile reads it.
ALTER TABLE cells.intake ADD COLUMN sent jsonb, ADD COLUMN source_geom geometry;
ALTER TABLE objects.intake ADD COLUMN sent jsonb, ADD COLUMN source_geom geometry, ADD COLUMN published jsonb;
ALTER TABLE layers.intake ADD COLUMN sent jsonb, ADD COLUMN source_geom geometry, ADD COLUMN published jsonb;
ALTER TABLE people.intake_person ADD COLUMN sent jsonb;
