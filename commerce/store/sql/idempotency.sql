-- The answers given to Idempotency-Key headers.

-- name: claim
-- One row: the key is the caller's, because it is new or because its claim is older than $4
-- seconds. No row: someone else has it, or had it.
INSERT INTO idempotency_keys (account_id, key, fingerprint) VALUES ($1, $2, $3)
ON CONFLICT (account_id, key) DO UPDATE SET created_at = clock_timestamp()
    WHERE idempotency_keys.status IS NULL
        AND idempotency_keys.fingerprint = excluded.fingerprint
        AND idempotency_keys.created_at < clock_timestamp() - $4 * interval '1 second'
RETURNING true;

-- name: find
-- No row: the key is free. A status of NULL: the request is being worked on.
SELECT fingerprint, status, body FROM idempotency_keys WHERE account_id = $1 AND key = $2;

-- name: finish
-- Changes nothing when there is an answer already.
UPDATE idempotency_keys SET status = $3, body = $4
WHERE account_id = $1 AND key = $2 AND status IS NULL;

-- name: forget
-- Never takes an answer away.
DELETE FROM idempotency_keys WHERE account_id = $1 AND key = $2 AND status IS NULL;

-- name: purge
-- Takes only keys that are older than $1 seconds.
DELETE FROM idempotency_keys WHERE created_at < now() - $1 * interval '1 second' RETURNING key;
