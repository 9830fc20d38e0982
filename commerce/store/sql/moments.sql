-- What happened in a show, for its replay.

-- name: write
-- Idempotent: a moment that is known stays as it is. Shows that do not exist are left out.
-- A chat line counts in its minute when it is written, so once, however often it is told.
WITH written AS (
    INSERT INTO moments (show_id, lane, key, at, body)
    SELECT show_id, lane, key, moment(at), body
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])
        AS told (show_id, lane, key, at, body)
    WHERE EXISTS (SELECT FROM shows WHERE id = show_id)
    ON CONFLICT DO NOTHING
    RETURNING show_id, lane, at
)
INSERT INTO minutes (show_id, minute, chat_lines)
SELECT show_id, date_trunc('minute', at), count(*)
FROM written WHERE lane = 'chat' GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (show_id, minute) DO UPDATE SET
    chat_lines = minutes.chat_lines + excluded.chat_lines;

-- name: take_away
-- Idempotent.
DELETE FROM moments WHERE show_id = $1 AND lane = 'chat' AND key = ANY($2::text[]);

-- name: take_away_said_by
-- Idempotent.
DELETE FROM moments
WHERE show_id = $1 AND lane = 'chat' AND starts_with(key, $2) AND at <= moment($3);

-- name: count
-- One row a lane that has any.
SELECT lane, count(*) AS count FROM moments WHERE show_id = $1 GROUP BY lane;

-- name: of_lane
-- In order; those of one millisecond by their key.
SELECT key, ms(at) AS at, body
FROM moments
WHERE show_id = $1 AND lane = $2 AND (at, key) > (moment($3), $4)
ORDER BY at, key
LIMIT $5;

-- name: purge
-- Takes only what happened more than $1 seconds ago.
DELETE FROM moments WHERE at < now() - $1 * interval '1 second';
