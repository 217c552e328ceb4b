-- What outlives a request: when each recurring piece of work is due, and who may do it.
-- Classes: names and outcomes are texts of the program; times and counters in clear.

CREATE TABLE job (
  name TEXT NOT NULL PRIMARY KEY,
  next_due BIGINT NOT NULL,
  last_started BIGINT NOT NULL,
  last_finished BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  failures BIGINT NOT NULL
);

-- One row: the process that runs jobs now, and until when it may.
CREATE TABLE job_lease (
  name TEXT NOT NULL PRIMARY KEY,
  holder {bytes} NOT NULL,
  held_until BIGINT NOT NULL
);
