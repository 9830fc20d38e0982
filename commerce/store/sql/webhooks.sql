-- Where a host's own programs listen, and what was delivered there.

-- name: create
-- No row: the account has $6 webhooks already. Two who create at once may exceed that by one.
INSERT INTO webhooks (id, account_id, url, secret, types)
SELECT $1, $2, $3, $4, $5
WHERE (SELECT count(*) FROM webhooks WHERE account_id = $2) < $6
RETURNING
    id, account_id AS account, url, types, ms(created_at) AS created_at,
    ms(failing_since) AS failing_since, ms(paused_at) AS paused_at;

-- name: of_account
-- In the order they were made.
SELECT
    id, account_id AS account, url, types, ms(created_at) AS created_at,
    ms(failing_since) AS failing_since, ms(paused_at) AS paused_at
FROM webhooks
WHERE account_id = $1
ORDER BY id;

-- name: find
-- No row: there is none.
SELECT
    id, account_id AS account, url, types, ms(created_at) AS created_at,
    ms(failing_since) AS failing_since, ms(paused_at) AS paused_at
FROM webhooks
WHERE id = $1;

-- name: delete
-- With its deliveries. Idempotent.
DELETE FROM webhooks WHERE id = $1;

-- name: resume
-- Idempotent.
UPDATE webhooks SET paused_at = NULL, failing_since = NULL WHERE id = $1;

-- name: queue_undelivered
-- Whatever did not arrive begins anew. Idempotent.
UPDATE webhook_deliveries SET due_at = now(), attempts = 0
WHERE webhook_id = $1 AND delivered_at IS NULL;

-- name: replay
-- Deliveries of the event $2, or of all behind the position $3, arrived or not, are due again.
UPDATE webhook_deliveries SET due_at = now(), attempts = 0, delivered_at = NULL
FROM events
WHERE events.id = event_id AND webhook_id = $1
    AND (events.id = $2 OR events.position > $3)
RETURNING event_id;

-- name: deliveries
-- Newest first, before the event $2 or from the top (NULL).
SELECT
    event_id, events.type, attempts, ms(due_at) AS due_at, ms(delivered_at) AS delivered_at,
    ms(tried_at) AS tried_at, status, error
FROM webhook_deliveries JOIN events ON events.id = event_id
WHERE webhook_id = $1 AND ($2::bigint IS NULL OR event_id < $2)
ORDER BY event_id DESC
LIMIT $3;

-- name: take
-- The oldest deliveries that are due at $1 (Unix ms) at one webhook, the one that waits longest and
-- is not among $2; at most $3. Each is moved to its next try, $4[attempts] seconds on, a fifth more
-- or less, in case this one fails or its process dies. Two who do this at once take different ones.
WITH chosen AS (
    SELECT webhook_id FROM webhook_deliveries
    WHERE due_at <= moment($1) AND webhook_id <> ALL($2::text[])
    ORDER BY due_at
    LIMIT 1
),
taken AS (
    UPDATE webhook_deliveries SET
        attempts = attempts + 1,
        due_at = moment($1)
            + ($4::float8[])[least(attempts + 1, cardinality($4::float8[]))]
            * (0.8 + 0.4 * random()) * interval '1 second'
    WHERE (webhook_id, event_id) IN (
        SELECT webhook_id, event_id FROM webhook_deliveries JOIN chosen USING (webhook_id)
        WHERE due_at <= moment($1)
        ORDER BY event_id
        LIMIT $3
        FOR UPDATE OF webhook_deliveries SKIP LOCKED
    )
    RETURNING webhook_id, event_id, attempts
)
SELECT taken.webhook_id AS webhook, event_id AS event, attempts, url, secret
FROM taken JOIN webhooks ON webhooks.id = webhook_id
ORDER BY event_id;

-- name: arrived
-- Idempotent. Also what arrives after it was given up.
UPDATE webhook_deliveries SET
    delivered_at = now(), due_at = NULL, tried_at = now(), status = $3, error = NULL
WHERE webhook_id = $1 AND event_id = $2;

-- name: works
-- Idempotent.
UPDATE webhooks SET failing_since = NULL WHERE id = $1 AND failing_since IS NOT NULL;

-- name: failed
-- The next try stays as it is, unless there were $5.
UPDATE webhook_deliveries SET
    tried_at = now(), status = $3, error = $4,
    due_at = CASE WHEN attempts < $5 THEN due_at END
WHERE webhook_id = $1 AND event_id = $2 AND delivered_at IS NULL;

-- name: fails
-- Idempotent: the first failure counts.
UPDATE webhooks SET failing_since = coalesce(failing_since, now()) WHERE id = $1;

-- name: pause
-- No row: it is paused already, or has not failed for $2 seconds.
UPDATE webhooks SET paused_at = now()
WHERE id = $1 AND paused_at IS NULL AND failing_since <= now() - $2 * interval '1 second'
RETURNING true;

-- name: put_away
-- What is due waits until the webhook is resumed. Idempotent.
UPDATE webhook_deliveries SET due_at = NULL WHERE webhook_id = $1 AND due_at IS NOT NULL;
