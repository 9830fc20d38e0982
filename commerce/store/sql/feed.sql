-- The event feed, read by other programs.

-- name: take_turn
-- Never waits; the turn ends with the transaction. False: another process has it.
SELECT pg_try_advisory_xact_lock($1);

-- name: place
-- Gives positions to at most $1 events, in the order they were recorded, and a delivery to every
-- webhook that wants them: those of the show's host, and those of admins. What happened in a
-- rehearsal is no news: it gets no position, and is gone. Counts both. The caller has the turn.
WITH waiting AS (
    SELECT events.id, shows.rehearses IS NOT NULL AS rehearsed
    FROM (SELECT id, show_id FROM events WHERE position IS NULL ORDER BY id LIMIT $1) AS events
    LEFT JOIN shows ON shows.id = events.show_id
),
gone AS (
    DELETE FROM events USING waiting WHERE events.id = waiting.id AND waiting.rehearsed
),
numbered AS (
    SELECT id, nextval('event_positions') AS position
    FROM (SELECT id FROM waiting WHERE NOT rehearsed ORDER BY id) AS in_order
),
placed AS (
    UPDATE events SET position = numbered.position FROM numbered
    WHERE events.id = numbered.id
    RETURNING events.id, events.type, events.show_id
),
queued AS (
    INSERT INTO webhook_deliveries (webhook_id, event_id, due_at)
    SELECT
        webhooks.id, placed.id, CASE WHEN webhooks.paused_at IS NULL THEN now() END
    FROM placed
    JOIN shows ON shows.id = placed.show_id
    JOIN webhooks ON cardinality(webhooks.types) = 0 OR placed.type = ANY(webhooks.types)
    JOIN accounts ON accounts.id = webhooks.account_id
    WHERE accounts.id = shows.host_id OR accounts.kind = 'admin'
)
SELECT count(*) FROM waiting;

-- name: ends
-- The oldest position that is kept, or would be next, and the newest that was given.
SELECT
    coalesce((SELECT min(position) FROM events), last_value + is_called::integer) AS oldest,
    coalesce((SELECT max(position) FROM events), last_value - 1 + is_called::integer) AS newest
FROM event_positions;

-- name: after
-- Behind position $1, up to $2, in shows of the host $3 or of anyone (NULL), at most $4.
SELECT
    events.id, events.type, events.show_id AS show, events.subject_id AS subject,
    ms(events.recorded_at) AS at, events.position
FROM events
JOIN shows ON shows.id = events.show_id
WHERE events.position > $1 AND events.position <= $2
    AND ($3::text IS NULL OR shows.host_id = $3)
ORDER BY events.position
LIMIT $4;

-- name: of_ids
-- In the order of their ids; those that were purged are left out.
SELECT
    id, type, show_id AS show, subject_id AS subject, ms(recorded_at) AS at,
    coalesce(position, 0) AS position
FROM events
WHERE id = ANY($1::bigint[])
ORDER BY id;

-- name: purge
-- Takes only what is older than $1 seconds and has a position, and its deliveries with it.
DELETE FROM events
WHERE recorded_at < now() - $1 * interval '1 second' AND position IS NOT NULL;
