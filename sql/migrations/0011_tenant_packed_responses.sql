-- A row of survey_response holds one response or several of one crowd (docs/decisions/033).
-- members: null for one response, whose id is `id`; else 20 bytes for each response in id order: its
-- id and, in 4 bytes with the highest first, the length of its part of `answers`.
ALTER TABLE survey_response ADD COLUMN members {bytes};
