-- +goose Up
-- The figures of an edition's change report, as they were when it was published:
-- people by number only, so that who is forgotten is forgotten here too.
CREATE TABLE editions.report (
  territory_id int NOT NULL,
  edition      int NOT NULL,
  figures      jsonb NOT NULL,
  PRIMARY KEY (territory_id, edition),
  FOREIGN KEY (territory_id, edition) REFERENCES editions.edition (territory_id, seq) ON DELETE CASCADE
);
GRANT SELECT, INSERT ON editions.report TO unigrid_app;
ALTER TABLE editions.report ENABLE ROW LEVEL SECURITY;
CREATE POLICY report_read ON editions.report FOR SELECT TO unigrid_app USING (access.may('editions.read') AND access.governs(territory_id));
CREATE POLICY report_insert ON editions.report FOR INSERT TO unigrid_app WITH CHECK (access.may('draft.publish') AND access.governs(territory_id));
CREATE TRIGGER keep_papers BEFORE INSERT OR DELETE OR UPDATE ON editions.report FOR EACH ROW EXECUTE FUNCTION editions.keep_papers();
