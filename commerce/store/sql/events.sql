-- What happens, recorded for the event feed. Orders record theirs together with their transitions.

-- name: record
-- Seen when the transaction commits.
INSERT INTO events (type, show_id, subject_id) VALUES ($1, $2, $3);
