-- Statements of the scheduler, all in the system's space.

-- name: insert_once
INSERT INTO job (name, next_due, last_started, last_finished, outcome, failures)
VALUES ($1, $2, 0, 0, '', 0)
ON CONFLICT (name) DO NOTHING;

-- name: records
SELECT name, next_due, last_started, last_finished, outcome, failures FROM job ORDER BY name;

-- name: store_outcome
UPDATE job SET next_due = $2, last_started = $3, last_finished = $4, outcome = $5, failures = $6
WHERE name = $1;

-- name: take_lease
INSERT INTO job_lease (name, holder, held_until) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
WHERE job_lease.holder = excluded.holder OR job_lease.held_until <= $4;

-- name: keep_lease
UPDATE job_lease SET held_until = $3 WHERE name = $1 AND holder = $2;

-- name: release_lease
DELETE FROM job_lease WHERE name = $1 AND holder = $2;
