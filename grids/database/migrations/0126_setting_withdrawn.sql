-- +goose Up
-- What publishing is to ask for later can be taken back until it holds.
GRANT DELETE ON editions.setting TO unigrid_app;
CREATE POLICY setting_withdraw ON editions.setting FOR DELETE TO unigrid_app
  USING (access.may('territories.edit') AND access.governs(territory_id) AND since > clock_timestamp());
