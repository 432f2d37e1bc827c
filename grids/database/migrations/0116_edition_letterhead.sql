-- +goose Up
-- Whose documents about the grid are (发文机关), and to whom the report of changes
-- goes (主送机关): in both languages, '' where nobody has said so.
ALTER TABLE editions.setting
  ADD COLUMN office_zh text NOT NULL DEFAULT '' CHECK (length(office_zh) <= 200),
  ADD COLUMN office_en text NOT NULL DEFAULT '' CHECK (length(office_en) <= 200),
  ADD COLUMN addressee_zh text NOT NULL DEFAULT '' CHECK (length(addressee_zh) <= 200),
  ADD COLUMN addressee_en text NOT NULL DEFAULT '' CHECK (length(addressee_en) <= 200);
