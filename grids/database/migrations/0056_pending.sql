-- +goose Up
ALTER TABLE objects.intake ADD COLUMN county_name text, ADD COLUMN town_name text, ADD COLUMN choice text;
ALTER TABLE people.intake_assignment ADD COLUMN county_name text, ADD COLUMN town_name text, ADD COLUMN cell_name text, ADD COLUMN choice text;
ALTER TABLE people.intake_person ADD COLUMN choice text;
GRANT SELECT (choice) ON people.intake_person TO unigrid_app;
