-- Facts for the rooms.

-- name: record
-- The notification leaves with the commit; equal ones of a transaction leave once.
WITH fact AS (
    INSERT INTO outbox (topic, show_id, subject_id) VALUES ($1, $2, $3) RETURNING id
)
SELECT pg_notify('outbox', '') FROM fact;

-- name: waiting
-- A transaction that commits late is found later, whatever its number.
SELECT id, topic, show_id AS show, subject_id AS subject
FROM outbox
WHERE relayed_at IS NULL
ORDER BY id
LIMIT $1;

-- name: mark_relayed
-- Idempotent.
UPDATE outbox SET relayed_at = now() WHERE id = ANY($1::bigint[]) AND relayed_at IS NULL;

-- name: purge
-- Takes only what was relayed more than $1 seconds ago.
DELETE FROM outbox WHERE relayed_at < now() - $1 * interval '1 second' RETURNING id;
