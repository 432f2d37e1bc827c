-- +goose Up
-- What a question was about is undone when an earlier edition is restored: it
-- lapses, without an answer of anybody.
ALTER TABLE people.question
  DROP CONSTRAINT question_answer_check,
  DROP CONSTRAINT question_answered_whole,
  ADD CONSTRAINT question_answer_check CHECK (answer IN ('kept', 'replaced', 'added', 'lapsed')),
  ADD CONSTRAINT question_answered_whole CHECK ((answered_at IS NULL) = (answered_by IS NULL) AND (answered_at IS NULL) = (answer IS NULL)
    AND (answer_person IS NOT NULL) = coalesce(answer IN ('replaced', 'added'), false));
