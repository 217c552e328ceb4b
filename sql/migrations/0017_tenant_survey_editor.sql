-- Who changed a survey last ("usr_…", "tok_…"), so that two editors learn of each other. Null for
-- surveys not changed since they were imported, and for what was changed before this step.
ALTER TABLE survey_survey ADD COLUMN updated_by TEXT;
