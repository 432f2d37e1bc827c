-- +goose Up
-- Draws by lines, of atoms and from cells that are there; options hold what
-- beside method, number and seed it takes to make a draw again.
ALTER TABLE drawing.draw DROP CONSTRAINT draw_method_check;
ALTER TABLE drawing.draw ADD CONSTRAINT draw_method_check CHECK (method IN ('nearest', 'balanced', 'split'));
ALTER TABLE drawing.draw ADD COLUMN options jsonb NOT NULL DEFAULT '{}';
