-- +goose Up
-- The Chinese division code has a fifth tier, the unit cell (单元网格): 15 digits,
-- the village's 12 and 3 of its own. Territories that have the default scheme
-- get it; their codes stay as they are.
UPDATE cells.territory SET code_lengths = '{4,6,9,12,15}' WHERE code_lengths = '{4,6,9,12}' AND code_pad = 12;
